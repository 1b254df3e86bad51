// The operations that look at one value alone.
#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "schema/evaluation.h"

namespace apigw::schema {

namespace {

struct TypeWord {
  Types bit;
  std::string_view words;
};
constexpr TypeWord type_words[] = {
    {types::string, "a string"},
    {types::number, "a number"},
    {types::whole, "a whole number"},
    {types::boolean, "true or false"},
    {types::array, "an array"},
    {types::object, "an object"},
    {types::null, "null"},
};

std::string allowed_types(Types allowed) {
  if ((allowed & types::number) != 0) allowed &= static_cast<Types>(~types::whole);
  std::vector<std::string> words;
  for (const TypeWord& type : type_words) {
    if ((allowed & type.bit) != 0) words.emplace_back(type.words);
  }
  if (words.empty()) return "of no type at all";
  const std::string last = words.back();
  words.pop_back();
  return words.empty() ? last : text::join(words, ", ") + " or " + last;
}

std::string_view type_of(json::Type type) {
  const auto bit = type_bit(type);
  return std::ranges::find(type_words, bit, &TypeWord::bit)->words;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::string wrong_type(Types allowed, const Value& value) {
  const bool fraction = value.type == json::Type::number && (allowed & types::whole) != 0;
  return fmt::format("must be {}, not {}", allowed_types(allowed),
                     fraction ? "one with a fraction" : type_of(value.type));
}

bool Evaluation::run(const op::TypeIs& op, const Value& value, const Where& where) {
  const Types bit = type_bit(value.type);
  if ((op.allowed & bit) != 0) return true;
  if (bit == types::number && (op.allowed & types::whole) != 0 && whole_number(value.text)) return true;
  return !unheard() && failed(value, where, where.keyword, wrong_type(op.allowed, value));
}

bool Evaluation::run(const op::OneOfValues& op, const Value& value, const Where& where) {
  for (const Index i : op.values) {
    if (!steps_.spend(1)) return false;
    if (equal(program_.values, program_.values[i], document_, value, steps_)) return true;
  }
  if (unheard()) return false;
  constexpr std::size_t most_shown = 10;
  std::vector<std::string> shown;
  for (const Index i : op.values) {
    if (shown.size() == most_shown) break;
    const Value& allowed = program_.values[i];
    const std::string text = text::printable(allowed.text, 60);
    shown.push_back(allowed.type == json::Type::string ? "'" + text + "'" : text);
  }
  if (op.values.size() > most_shown) shown.push_back(fmt::format("or {} more", op.values.size() - most_shown));
  return failed(value, where, where.keyword,
                fmt::format("must be {}{}", op.values.size() == 1 ? "" : "one of ", text::join(shown, ", ")));
}

bool Evaluation::run(const op::Bound& op, const Value& value, const Where& where) {
  if (!steps_.spend(value.text.size() / 64)) return false;
  const auto order = compare(decimal(value.text), op.bound);
  const bool past = op.upper ? order > 0 : order < 0;
  if (!past && !(op.exclusive && order == 0)) return true;
  if (unheard()) return false;
  const std::string_view words = op.exclusive ? (op.upper ? "below" : "above") : (op.upper ? "at most" : "at least");
  const Value* bound = program_.values.find(program_.values[where.subschema.at], where.keyword);
  return failed(value, where, where.keyword, fmt::format("must be {} {}", words, text::printable(bound->text, 40)));
}

bool Evaluation::run(const op::MultipleOf& op, const Value& value, const Where& where) {
  if (!steps_.spend(value.text.size() / 64)) return false;
  if (schema::multiple_of(decimal(value.text), op.by)) return true;
  if (unheard()) return false;
  const Value* by = program_.values.find(program_.values[where.subschema.at], where.keyword);
  return failed(value, where, where.keyword, fmt::format("must be a multiple of {}", text::printable(by->text, 40)));
}

bool Evaluation::run(const op::Size& op, const Value& value, const Where& where) {
  const bool string = value.type == json::Type::string;
  if (string && !steps_.spend(value.text.size() / 256)) return false;
  const std::uint64_t size = string ? characters(value.text) : value.count;
  if (op.upper ? size <= op.bound : size >= op.bound) return true;
  if (unheard()) return false;
  const std::string_view words = op.upper ? "must have at most" : "must have at least";
  const std::string count = string                            ? counted(op.bound, "character", "characters")
                            : value.type == json::Type::array ? counted(op.bound, "item", "items")
                                                              : counted(op.bound, "member", "members");
  return failed(value, where, where.keyword, fmt::format("{} {}, not {}", words, count, size));
}

bool Evaluation::run(const op::Matches& op, const Value& value, const Where& where) {
  const Pattern& pattern = program_.patterns[op.pattern];
  if (!steps_.spend(pattern.cost(value.text.size()))) return false;
  if (pattern.found_in(value.text)) return true;
  if (unheard()) return false;
  const Value* text = program_.values.find(program_.values[where.subschema.at], where.keyword);
  return failed(value, where, where.keyword,
                fmt::format("must match the pattern {}", text::printable(text->text, 100)));
}

}  // namespace apigw::schema
