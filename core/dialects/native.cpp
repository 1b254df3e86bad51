#include "dialects/native.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::dialects {

namespace {

using json::Type;

json::Slice whole(const json::Raw& value) {
  constexpr auto of = [](char first) {
    switch (first) {
      case '{':
        return Type::object;
      case '[':
        return Type::array;
      case '"':
        return Type::string;
      case 'n':
        return Type::null;
      case 't':
      case 'f':
        return Type::boolean;
      default:
        return Type::number;
    }
  };
  return {.begin = 0, .end = value.text.size(), .type = of(value.text.front())};
}

bool blank(std::string_view inside) {
  return inside.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

bool asks_nothing(std::string_view text, json::Slice slice) {
  const bool closed = slice.type == Type::string || slice.type == Type::array || slice.type == Type::object;
  const std::string_view value = json::at(text, slice);
  if (slice.type == Type::string) return value.size() == 2;
  return slice.type == Type::null || (closed && blank(value.substr(1, value.size() - 2)));
}

bool tells_nothing(std::string_view text, json::Slice slice) {
  if (asks_nothing(text, slice)) return true;
  const std::string_view value = json::at(text, slice);
  const auto below = [&](json::Slice one) { return tells_nothing(text, one); };
  switch (slice.type) {
    case Type::boolean:
      return value == "false";
    case Type::number:
      return value.find_first_of("123456789") == std::string_view::npos;
    case Type::array:
      return std::ranges::all_of(json::elements(text, slice), below);
    case Type::object:
      return std::ranges::all_of(json::members(text, slice).members, below, &json::Member::value);
    default:
      return false;
  }
}

void lose_native(std::string path, std::string_view who, chat::Losses& losses) {
  losses.add(chat::Loss::Kind::dropped, std::move(path), fmt::format("{} has no place for it", who));
}

void write_native(JsonWriter& json, const chat::Native& native, std::string_view word, std::string_view who,
                  bool (&nothing)(std::string_view text, json::Slice slice), chat::Losses& losses) {
  const bool own = native.dialect == word;
  for (const chat::NativeField& field : native.fields) {
    if (own && field.path.find_first_of(".[") == std::string::npos && !json.has(field.path))
      json.member(field.path, field.value);
    else if (!field.aside && !nothing(field.value.text, whole(field.value)))
      lose_native(field.path, who, losses);
  }
}

}  // namespace apigw::dialects
