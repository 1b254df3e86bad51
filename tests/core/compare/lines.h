// Changes as lines for tables: "breaking ~ route GET /a auth: [\"none\"] → [\"key\"]".
#pragma once
#include <string>
#include <vector>

#include <fmt/format.h>

#include "compare/change.h"

namespace apigw::testing {

inline std::vector<std::string> lines(const compare::Changes& changes) {
  std::vector<std::string> out;
  for (const compare::Change& change : changes) {
    const char sign = change.kind == compare::Kind::added ? '+' : change.kind == compare::Kind::removed ? '-' : '~';
    std::string line = fmt::format("{} {} {} {}", compare::word(change.grade), sign, change.noun, change.name);
    if (!change.field.empty()) line += " " + change.field;
    if (!change.before.empty() || !change.after.empty())
      line += fmt::format(": {} → {}", change.before, change.after);
    out.push_back(std::move(line));
  }
  return out;
}

// One text, so that a failed comparison can be read.
inline std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace apigw::testing
