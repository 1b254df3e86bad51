#include "import/quantities.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::import {
namespace {

constexpr std::uint64_t longest = 30ULL * 24 * 3600 * 1000;

// Thousandths of a decimal number; nothing for what is none or is past a million million.
std::optional<std::uint64_t> thousandths(std::string_view s) {
  const auto point = s.find('.');
  const auto whole = text::parse_number(s.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : s.substr(point + 1));
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  const bool digits = std::ranges::all_of(fraction, [](char c) { return c >= '0' && c <= '9'; });
  fraction.resize(3, '0');
  if (!whole || !digits || *whole > 1'000'000'000'000ULL) return std::nullopt;
  return *whole * 1000 + *text::parse_number(fraction);
}

std::optional<std::uint64_t> bounded(std::uint64_t milliseconds) {
  return milliseconds >= 1 && milliseconds <= longest ? std::optional(milliseconds) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> read_seconds(std::string_view s) {
  const auto value = thousandths(s);
  return value ? bounded(*value) : std::nullopt;
}

std::optional<std::uint64_t> read_go_duration(std::string_view s) {
  struct Unit {
    std::string_view word;
    std::uint64_t microseconds;
  };
  constexpr Unit units[] = {{"ns", 0},        {"us", 1},         {"µs", 1},           {"ms", 1'000},
                            {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};
  std::uint64_t total = 0;
  for (bool any = false; !s.empty() || !any; any = true) {
    const auto end = std::min(s.find_first_not_of("0123456789."), s.size());
    const auto amount = thousandths(s.substr(0, end));
    s.remove_prefix(end);
    const auto word = s.substr(0, std::min(s.find_first_of("0123456789."), s.size()));
    const auto* unit = std::ranges::find(units, word, &Unit::word);
    if (!amount || *amount > longest * 1000 || unit == std::end(units)) return std::nullopt;
    total += *amount / 1000 > longest * 1000 / std::max<std::uint64_t>(unit->microseconds, 1)
                 ? longest * 1000 + 1000
                 : *amount * unit->microseconds / 1000;
    if (total > longest * 1000) return std::nullopt;
    s.remove_prefix(word.size());
  }
  return bounded(total / 1000);
}

std::string duration_text(std::uint64_t milliseconds) {
  return milliseconds % 1000 == 0 ? fmt::format("{}s", milliseconds / 1000) : fmt::format("{}ms", milliseconds);
}

std::optional<std::uint64_t> read_docker_size(std::string_view s) {
  const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
  const auto amount = text::parse_number(s.substr(0, end));
  const std::string word = text::lower(s.substr(end));
  unsigned shift = 0;
  if (word == "k" || word == "kb") shift = 10;
  if (word == "m" || word == "mb") shift = 20;
  if (word == "g" || word == "gb") shift = 30;
  if (shift == 0 && !word.empty() && word != "b") return std::nullopt;
  if (!amount || *amount == 0 || *amount > (1ULL << 40) >> shift) return std::nullopt;
  return *amount << shift;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& [shift, word] : {std::pair{30U, "GiB"}, {20U, "MiB"}, {10U, "KiB"}})
    if (bytes >> shift != 0 && bytes % (1ULL << shift) == 0) return fmt::format("{}{}", bytes >> shift, word);
  return std::to_string(bytes);
}

}  // namespace apigw::import
