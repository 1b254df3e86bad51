// Short words for typed trees that a writer turns into a file, with keys in the order written.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/value.h"

namespace apigw::render {

[[nodiscard]] inline Value text(std::string_view s) {
  return text_value(std::string(s));
}
[[nodiscard]] inline Value number(std::uint64_t n) {
  return {Value::Kind::number, std::to_string(n), {}, {}};
}
[[nodiscard]] inline Value boolean(bool b) {
  return {Value::Kind::boolean, b ? "true" : "false", {}, {}};
}
[[nodiscard]] inline Value list(std::vector<Value> items = {}) {
  return {Value::Kind::list, {}, std::move(items), {}};
}
[[nodiscard]] Value texts(const std::vector<std::string>& items);

// One member of an object; a text may be given as it is.
struct Pair {
  std::string name;
  Value value;
  Pair(std::string key, Value of) : name(std::move(key)), value(std::move(of)) {}
  Pair(std::string key, std::string_view of) : name(std::move(key)), value(text(of)) {}
  Pair(std::string key, const std::string& of) : name(std::move(key)), value(text(of)) {}
  Pair(std::string key, const char* of) : name(std::move(key)), value(text(of)) {}
};
[[nodiscard]] Value object(std::initializer_list<Pair> pairs = {});
[[nodiscard]] Value object(const std::map<std::string, std::string>& texts);

// Adds a member, or replaces the one of that name.
void put(Value& object, std::string_view name, Value value);
[[nodiscard]] Value* find(Value& object, std::string_view name);  // nullptr when absent

}  // namespace apigw::render
