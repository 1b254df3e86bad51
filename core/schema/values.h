// A scanned JSON text as a flat list of its values: a parent stands before its children, and nothing is altered.
//
// json::scan() has judged the text before it is walked, so there is one opinion on what is JSON. Numbers stay the
// text that they came as. Views point into the text, which the caller keeps, or into strings that Values keeps
// because they held escapes; both stay where they are when a Values is moved.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace apigw::schema {

using Index = std::uint32_t;  // of a value
inline constexpr Index no_value = 0xffffffff;

struct Value {
  std::string_view text;  // of a string: what it means, without quotes and escapes; else the bytes
  std::string_view key;   // what its object calls it, decoded
  Index parent = no_value;
  Index after = 0;  // the first value that is neither this nor inside it
  Index count = 0;  // children
  json::Type type = json::Type::null;
};

// What an evaluation may still cost. Spent beyond its end it stays spent.
class Steps {
 public:
  explicit Steps(std::uint64_t left) : left_(left) {}
  bool spend(std::uint64_t steps) {
    spent_ = spent_ || steps > left_;
    left_ -= spent_ ? left_ : steps;
    return !spent_;
  }
  [[nodiscard]] bool spent() const { return spent_; }

 private:
  std::uint64_t left_;
  bool spent_ = false;
};

class Values {
 public:
  [[nodiscard]] static Result<Values> read(std::string_view text, const json::Limits& limits, std::size_t most);

  [[nodiscard]] const Value& operator[](Index i) const { return all_[i]; }
  [[nodiscard]] const Value& root() const { return all_[0]; }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] Index index(const Value& value) const { return static_cast<Index>(&value - all_.data()); }

  // Children in order: for (Index i = first(v); i != v.after; i = values[i].after).
  [[nodiscard]] Index first(const Value& value) const { return index(value) + 1; }
  [[nodiscard]] const Value* find(const Value& object, std::string_view key) const;
  [[nodiscard]] std::vector<Index> children(const Value& value) const;

  [[nodiscard]] std::string pointer(Index value) const;
  // The value that a JSON pointer names below `from`, or no_value: it is not there, or the steps are spent.
  [[nodiscard]] Index follow(Index from, std::string_view pointer, Steps& steps) const;

 private:
  friend class Walker;
  std::vector<Value> all_;
  std::deque<std::string> decoded_;
};

// `name` as a step of a JSON pointer, with its slash.
[[nodiscard]] std::string pointer_step(std::string_view name);
// The name that the step stands for; its slash is not part of `step`.
[[nodiscard]] std::string step_name(std::string_view step);

// Equality as JSON Schema has it: numbers by value, objects whatever the order of their members. False when the steps
// are spent.
[[nodiscard]] bool equal(const Values& as, const Value& a, const Values& bs, const Value& b, Steps& steps);
// Equal values have equal hashes.
[[nodiscard]] std::uint64_t hash(const Values& values, const Value& value, Steps& steps);

}  // namespace apigw::schema
