#include "help_matrix.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "assembly/matrix.h"
#include "assembly/vocabulary.h"

namespace apigw::cli {

namespace {

using assembly::MatrixRow;
using gateway::Way;

bool answered_here(const MatrixRow& row) {
  return std::ranges::all_of(row.cells, [](Way way) { return way == Way::here; });
}

// One client: its operations as columns, the kinds of providers as rows.
std::string block(std::string_view dialect, const std::vector<MatrixRow>& rows,
                  std::set<const assembly::WayRow*>& seen) {
  const auto targets = assembly::matrix_targets();
  std::string out = fmt::format("{:<20}", dialect);
  std::string endpoints;
  for (const MatrixRow& row : rows) {
    for (const Way way : row.cells) seen.insert(&assembly::row_of(way, row.operation));
    endpoints += fmt::format("  {:<18}{}\n", answered_here(row) ? "here" : row.operation, row.endpoint);
    if (!answered_here(row)) out += fmt::format("{:<18}", row.operation);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::string line = fmt::format("  {:<18}", targets[i]);
    for (const MatrixRow& row : rows)
      if (!answered_here(row)) line += fmt::format("{:<18}", assembly::row_of(row.cells[i], row.operation).word);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out + endpoints + '\n';
}

}  // namespace

std::string matrix_topic() {
  std::string out =
      "Clients of each dialect, what they ask, and what becomes of it at a provider of each kind (`dialect:` in the\n"
      "config). Below each table stand its endpoints.\n\n";
  const std::vector<MatrixRow> rows = assembly::matrix();
  std::set<const assembly::WayRow*> seen;
  for (auto from = rows.begin(); from != rows.end();) {
    const auto to =
        std::find_if(from, rows.end(), [&](const MatrixRow& row) { return row.dialect != from->dialect; });
    out += block(from->dialect, {from, to}, seen);
    from = to;
  }
  for (const assembly::WayRow& row : assembly::ways()) {
    if (!seen.contains(&row)) continue;
    out += fmt::format("{:<12}{}\n{:<12}shown by tests/{}\n", row.word, row.means, "", row.shown_by);
  }
  for (const config::KnownVariant& variant : assembly::vocabulary().variants)
    out += fmt::format("\nA provider of {} is one of {}, at addresses of its own.\n", variant.word, variant.dialect);
  return out;
}

}  // namespace apigw::cli
