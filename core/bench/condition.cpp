#include "bench/condition.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::bench {

namespace {

std::optional<double> time_of(const Times& times, Times::Duration time) {
  if (times.count() == 0) return std::nullopt;
  return static_cast<double>(time.count());
}

template <int Permille>
std::optional<double> whole(const Outcome& outcome) {
  return time_of(outcome.whole, outcome.whole.within(Permille / 1000.0));
}
template <int Permille>
std::optional<double> first(const Outcome& outcome) {
  return time_of(outcome.first, outcome.first.within(Permille / 1000.0));
}

using enum Figure::Kind;
constexpr auto rows = std::to_array<Figure>({
    {time, "p50", "half of the good calls took at most so long", whole<500>},
    {time, "p90", "nine of ten", whole<900>},
    {time, "p95", "95 of 100", whole<950>},
    {time, "p99", "99 of 100", whole<990>},
    {time, "p99.9", "999 of 1000", whole<999>},
    {time, "max", "the longest", [](const Outcome& o) { return time_of(o.whole, o.whole.longest()); }},
    {time, "mean", "on average", [](const Outcome& o) { return time_of(o.whole, o.whole.mean()); }},
    {time, "ttft-p50", "to the first token, or the first byte of what has none: half of the good calls", first<500>},
    {time, "ttft-p95", "95 of 100", first<950>},
    {time, "ttft-p99", "99 of 100", first<990>},
    {rate, "rps", "good calls a second",
     [](const Outcome& o) { return std::optional(o.per_second(o.whole.count())); }},
    {rate, "tokens/s", "tokens of answers a second, over all connections",
     [](const Outcome& o) { return o.told == 0 ? std::nullopt : std::optional(o.per_second(o.tokens)); }},
    {share, "errors", "share of calls that failed, as in 1%",
     [](const Outcome& o) {
       const double all = static_cast<double>(o.whole.count() + o.failed);
       return all == 0 ? std::nullopt : std::optional(static_cast<double>(o.failed) / all);
     }},
});

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e15)) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view word;
  double factor;
};

std::optional<double> with_unit(std::string_view text, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.word)) continue;
    if (const auto value = number(text.substr(0, text.size() - unit.word.size()))) return *value * unit.factor;
  }
  return std::nullopt;
}

std::optional<double> limit_of(Figure::Kind kind, std::string_view text) {
  constexpr std::array times{Unit{"us", 1}, Unit{"ms", 1e3}, Unit{"s", 1e6}, Unit{"m", 60e6}};
  constexpr std::array shares{Unit{"%", 0.01}};
  if (kind == time) return with_unit(text, times);
  return kind == share ? with_unit(text, shares) : number(text);
}

std::string_view example_of(Figure::Kind kind) {
  return kind == time ? "200ms or 1.5s" : kind == share ? "1%" : "a number";
}

}  // namespace

std::span<const Figure> figures() {
  return rows;
}

bool Condition::met(const Outcome& outcome) const {
  const auto value = figure->of(outcome);
  if (!value) return true;
  if (*value == limit) return or_equal;
  return below ? *value < limit : *value > limit;
}

Result<Condition> parse_condition(std::string_view text) {
  const auto at = text.find_first_of("<>");
  if (at == std::string_view::npos) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' holds neither > nor <; write it as in 'p99>200ms'", text::printable(text, 60)));
  }
  Condition condition{.text = std::string(text::trim(text)), .below = text[at] == '<'};
  const std::string_view word = text::trim(text.substr(0, at));
  std::string_view value = text.substr(at + 1);
  condition.or_equal = value.starts_with('=');
  if (condition.or_equal) value.remove_prefix(1);
  value = text::trim(value);
  const auto row = std::ranges::find(rows, word, &Figure::word);
  if (row == rows.end()) {
    std::string words;
    for (const Figure& one : rows) words += fmt::format("{}{}", words.empty() ? "" : ", ", one.word);
    return fail(ErrorKind::invalid,
                fmt::format("there is no figure '{}'; write one of {}", text::printable(word, 60), words));
  }
  condition.figure = &*row;
  const auto limit = limit_of(row->kind, value);
  if (!limit) {
    return fail(ErrorKind::invalid, fmt::format("'{}' is no limit of {}; write {}", text::printable(value, 60), word,
                                                example_of(row->kind)));
  }
  condition.limit = *limit;
  return condition;
}

}  // namespace apigw::bench
