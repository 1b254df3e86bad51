// What is different between two states of a thing, as its callers and operators would say it, and what it means to
// them.
//
// Meaning is compared, never text: order and comments are no difference. Every change has a grade and the reason for
// it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace apigw::compare {

enum class Grade : std::uint8_t {
  cosmetic,  // words for people; nothing behaves otherwise
  safe,      // who relied on what was there still gets it
  risky,     // behaves otherwise; whether somebody minds is not known here
  breaking,  // a call that worked is refused, goes nowhere, or gets what it cannot read
};
[[nodiscard]] std::string_view word(Grade grade);
[[nodiscard]] std::optional<Grade> grade_of(std::string_view word);

enum class Kind : std::uint8_t { added, removed, changed };
[[nodiscard]] std::string_view word(Kind kind);

struct Change {
  Grade grade = Grade::risky;
  Kind kind = Kind::changed;
  std::string noun;           // "route", "model", "operation", "Deployment"
  std::string name;           // "GET /orders/{id}"
  std::string field;          // of a change: "timeouts.connect_ms"; empty: the whole
  std::string before, after;  // as they are shown; empty: it was not there
  std::string reason;         // why it has its grade
  friend bool operator==(const Change&, const Change&) = default;
};
using Changes = std::vector<Change>;

// By noun in the order of their first change, by name, and what is graver first; the same change once.
void sort(Changes& changes);

}  // namespace apigw::compare
