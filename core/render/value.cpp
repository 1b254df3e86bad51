#include "render/value.h"

#include <algorithm>

namespace apigw::render {
namespace {

// As deep as the scan allowed. `left` counts down; at zero the rest is left out.
Value value_at(std::string_view text, json::Slice at, std::size_t& left) {
  if (left == 0) return {};
  --left;
  switch (at.type) {
    case json::Type::null:
      return {};
    case json::Type::boolean:
      return {Value::Kind::boolean, std::string(json::at(text, at)), {}, {}};
    case json::Type::number:
      return {Value::Kind::number, std::string(json::at(text, at)), {}, {}};
    case json::Type::string:
      return text_value(json::string_at(text, at).value_or(""));
    case json::Type::array: {
      Value list{Value::Kind::list, {}, {}, {}};
      for (const json::Slice item : json::elements(text, at, left)) list.items.push_back(value_at(text, item, left));
      return list;
    }
    case json::Type::object: {
      Value object{Value::Kind::object, {}, {}, {}};
      for (const json::Member& member : json::members(text, at).members)
        object.members.push_back({json::key_of(member), value_at(text, member.value, left)});
      return object;
    }
  }
  return {};
}

bool is_zero(std::string_view number) {
  const std::string_view digits = number.substr(0, number.find_first_of("eE"));
  return digits.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &Member::name);
  return found == members.end() ? nullptr : &found->value;
}

bool Value::truth() const {
  switch (kind) {
    case Kind::none:
      return false;
    case Kind::boolean:
      return text == "true";
    case Kind::number:
      return !is_zero(text);
    case Kind::text:
      return !text.empty();
    case Kind::list:
      return !items.empty();
    case Kind::object:
      return true;
  }
  return false;
}

Value text_value(std::string text) {
  return {Value::Kind::text, std::move(text), {}, {}};
}

Result<Value> read_value(std::string_view json, const json::Limits& limits) {
  const auto document = json::scan(json, limits);
  if (!document) return std::unexpected(document.error());
  std::size_t left = most_values + 1;
  Value value = value_at(json, document->root, left);
  if (left == 0) return fail(ErrorKind::too_large, fmt::format("JSON has more than {} values", most_values));
  return value;
}

void write_json(const Value& value, std::string& out) {
  char before = '[';
  switch (value.kind) {
    case Value::Kind::none:
      out += "null";
      return;
    case Value::Kind::boolean:
    case Value::Kind::number:
      out += value.text;
      return;
    case Value::Kind::text:
      out += json::quote(value.text);
      return;
    case Value::Kind::list:
      for (const Value& item : value.items) {
        out += std::exchange(before, ',');
        write_json(item, out);
      }
      out += value.items.empty() ? "[]" : "]";
      return;
    case Value::Kind::object:
      before = '{';
      for (const Member& member : value.members) {
        out += std::exchange(before, ',');
        out += json::quote(member.name);
        out += ':';
        write_json(member.value, out);
      }
      out += value.members.empty() ? "{}" : "}";
      return;
  }
}

}  // namespace apigw::render
