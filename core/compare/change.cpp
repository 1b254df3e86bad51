#include "compare/change.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace apigw::compare {
namespace {

constexpr std::string_view grades[] = {"cosmetic", "safe", "risky", "breaking"};

}  // namespace

std::string_view word(Grade grade) {
  return grades[static_cast<std::size_t>(grade)];
}

std::optional<Grade> grade_of(std::string_view word) {
  const auto* const found = std::ranges::find(grades, word);
  if (found == std::end(grades)) return std::nullopt;
  return static_cast<Grade>(found - grades);
}

std::string_view word(Kind kind) {
  return kind == Kind::added ? "added" : kind == Kind::removed ? "removed" : "changed";
}

void sort(Changes& changes) {
  std::vector<std::string> nouns;
  for (const Change& change : changes)
    if (std::ranges::find(nouns, change.noun) == nouns.end()) nouns.push_back(change.noun);
  const auto key = [&](const Change& change) {
    return std::tuple(std::ranges::find(nouns, change.noun) - nouns.begin(), std::string_view(change.name),
                      -static_cast<int>(change.grade), std::string_view(change.field), change.kind,
                      std::string_view(change.before), std::string_view(change.after),
                      std::string_view(change.reason));
  };
  std::ranges::sort(changes, [&](const Change& a, const Change& b) { return key(a) < key(b); });
  const auto same = std::ranges::unique(changes);
  changes.erase(same.begin(), same.end());
}

}  // namespace apigw::compare
