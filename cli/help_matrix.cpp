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

// Two blanks stand behind the longest word of a column.
std::size_t label_width() {
  std::size_t width = 0;
  for (const std::string_view target : assembly::matrix_targets()) width = std::max(width, target.size() + 2);
  return width;
}

std::size_t width_of(const MatrixRow& row) {
  std::size_t width = row.operation.size() + 2;
  for (const Way way : row.cells) width = std::max(width, assembly::row_of(way, row.operation).word.size() + 2);
  return width;
}

// One client: its operations as columns, the kinds of providers as rows.
std::string block(std::string_view dialect, const std::vector<MatrixRow>& rows,
                  std::set<const assembly::WayRow*>& seen) {
  const auto targets = assembly::matrix_targets();
  const std::size_t label = label_width();
  std::string out = fmt::format("{:<{}}", dialect, label + 2);
  std::string endpoints;
  for (const MatrixRow& row : rows) {
    for (const Way way : row.cells) seen.insert(&assembly::row_of(way, row.operation));
    endpoints += fmt::format("  {:<{}}{}\n", answered_here(row) ? "here" : row.operation, label, row.endpoint);
    if (!answered_here(row)) out += fmt::format("{:<{}}", row.operation, width_of(row));
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::string line = fmt::format("  {:<{}}", targets[i], label);
    for (const MatrixRow& row : rows)
      if (!answered_here(row))
        line += fmt::format("{:<{}}", assembly::row_of(row.cells[i], row.operation).word, width_of(row));
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out + endpoints + '\n';
}

}  // namespace

std::string matrix_topic() {
  std::string out =
      "Clients of each dialect, what they ask, and what becomes of it at a provider of\n"
      "each kind (`dialect:` in the config). Below each table stand its endpoints.\n\n";
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
    if (variant.word != variant.dialect)
      out +=
          fmt::format("\nA provider of {} is one of {}, at addresses of its own.\n", variant.word, variant.dialect);
  return out;
}

}  // namespace apigw::cli
