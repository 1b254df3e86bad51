// What a template is filled with: JSON by meaning, numbers with the digits that they came in.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace apigw::render {

struct Member;

struct Value {
  enum class Kind : std::uint8_t { none, boolean, number, text, list, object } kind = Kind::none;
  std::string text;             // of a text its characters, of a number or boolean as JSON writes it
  std::vector<Value> items;     // list
  std::vector<Member> members;  // object, in order

  [[nodiscard]] const Value* find(std::string_view name) const;  // nullptr when absent or no object
  // As `#if` sees it: none, false, 0, an empty text and an empty list are false.
  [[nodiscard]] bool truth() const;
};

struct Member {
  std::string name;
  Value value;
};

inline constexpr std::size_t most_values = 100'000;  // of one document

[[nodiscard]] Value text_value(std::string text);
// Errors as json::scan's, and too_large.
[[nodiscard]] Result<Value> read_value(std::string_view json, const json::Limits& limits = {});
// Compact JSON behind `out`.
void write_json(const Value& value, std::string& out);

}  // namespace apigw::render
