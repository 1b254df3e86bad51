#include "dialects/reading.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace apigw::dialects {

namespace {

std::string_view a_value_of(json::Type type) {
  constexpr auto words =
      std::to_array<std::string_view>({"null", "true or false", "a number", "a string", "an array", "an object"});
  return words[static_cast<std::size_t>(type)];
}

}  // namespace

std::string inside(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string element(std::string_view path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

std::optional<json::Raw> object_of(const json::Raw& arguments) {
  if (arguments.text.find_first_not_of(" \t\r\n") == std::string::npos) return json::Raw{"{}"};
  const auto scanned = json::scan(arguments.text);
  if (!scanned || scanned->root.type != json::Type::object) return std::nullopt;
  return arguments;
}

void Reading::refuse(std::string_view path, std::string_view what) {
  if (error || tolerant) return;
  error =
      Error{ErrorKind::invalid, path.empty() ? fmt::format("the body {}", what) : fmt::format("'{}' {}", path, what)};
}

bool Reading::spend(std::size_t pieces) {
  if (pieces <= pieces_) {
    pieces_ -= pieces;
    return true;
  }
  if (!error) error = Error{ErrorKind::too_large, fmt::format("the body has more than {} parts", most_pieces)};
  return false;
}

std::vector<json::Slice> Reading::elements(json::Slice array, std::string_view path) {
  if (array.type != json::Type::array) {
    refuse(path, "must be an array");
    return {};
  }
  auto found = json::elements(text, array, pieces_, long_values_);
  if (error || !spend(found.size())) return {};
  return found;
}

void Reading::keep(std::string path, json::Slice value) {
  if (spend(1)) native.fields.push_back({std::move(path), {std::string(json::at(text, value))}});
}

Fields::Fields(Reading& reading, json::Slice object, std::string path) : reading_(reading), path_(std::move(path)) {
  if (object.type != json::Type::object) {
    reading.refuse(path_, "must be an object");
    return;
  }
  object_ = json::members(reading.text, object, reading.long_values_);
  taken_ = Taken(object_.members.size());
}

Fields::Fields(Reading& reading, json::Document root) : reading_(reading), object_(std::move(root)) {
  if (object_.root.type != json::Type::object) reading.refuse({}, "must be an object");
  reading.long_values_ = std::move(object_.long_values);
  taken_ = Taken(object_.members.size());
}

std::optional<std::size_t> Fields::position(std::string_view key) const {
  const json::Member* member = object_.find(key);
  if (member == nullptr || member->value.type == json::Type::null) return std::nullopt;
  return static_cast<std::size_t>(member - object_.members.data());
}

std::optional<json::Slice> Fields::peek(std::string_view key) const {
  const auto at = position(key);
  if (!at) return std::nullopt;
  return object_.members[*at].value;
}

std::optional<json::Slice> Fields::take(std::string_view key) {
  const auto at = position(key);
  if (!at) return std::nullopt;
  taken_.set(*at);
  return object_.members[*at].value;
}

std::optional<json::Slice> Fields::take(std::string_view key, json::Type type) {
  const auto found = peek(key);
  if (!found) return std::nullopt;
  if (found->type == type) return take(key);
  if (!reading_.tolerant) refuse(key, fmt::format("must be {}", a_value_of(type)));
  return std::nullopt;
}

std::optional<std::string> Fields::string(std::string_view key) {
  const auto found = take(key, json::Type::string);
  if (!found) return std::nullopt;
  return json::string_at(reading_.text, *found);
}

std::string Fields::required(std::string_view key) {
  if (!peek(key)) refuse(key, "must be given and be a string");
  return string(key).value_or(std::string());
}

std::optional<bool> Fields::boolean(std::string_view key) {
  const auto found = take(key, json::Type::boolean);
  if (!found) return std::nullopt;
  return json::boolean_at(reading_.text, *found);
}

std::optional<std::uint64_t> Fields::whole(std::string_view key) {
  const auto found = peek(key);
  if (!found) return std::nullopt;
  const auto number = json::number_at(reading_.text, *found);
  if (number)
    (void)take(key);
  else if (!reading_.tolerant)
    refuse(key, "must be a whole number");
  return number;
}

std::optional<std::int64_t> Fields::integer(std::string_view key) {
  const auto found = peek(key);
  if (!found) return std::nullopt;
  const std::string_view digits = json::at(reading_.text, *found);
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong == std::errc() && end == digits.data() + digits.size()) {
    (void)take(key);
    return number;
  }
  if (!reading_.tolerant) refuse(key, "must be a whole number");
  return std::nullopt;
}

std::optional<chat::Number> Fields::number(std::string_view key) {
  const auto found = take(key, json::Type::number);
  if (!found) return std::nullopt;
  chat::Number number{.text = std::string(json::at(reading_.text, *found))};
  (void)std::from_chars(number.text.data(), number.text.data() + number.text.size(), number.value);
  return number;
}

std::optional<json::Raw> Fields::raw(std::string_view key) {
  const auto found = take(key);
  if (!found) return std::nullopt;
  return json::Raw{std::string(json::at(reading_.text, *found))};
}

void Fields::keep_rest() {
  // A key with escapes rides as it was written.
  each_rest([this](const json::Member& member) { reading_.keep(inside(path_, member.key), member.value); });
}

void take_tokens(std::string_view text, const json::Document& fields, std::string_view key,
                 std::optional<std::uint64_t>& into) {
  const json::Member* member = fields.find(key);
  if (member == nullptr) return;
  if (const auto count = json::number_at(text, member->value); count && *count <= chat::Usage::most) into = count;
}

}  // namespace apigw::dialects
