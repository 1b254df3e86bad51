#include "assembly/matrix.h"

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>

#include "dialects/embedding.h"

namespace apigw::assembly {

namespace {

using gateway::Way;

constexpr std::string_view called =
    "core/assembly/matrix_test.cpp: every cell of the matrix is what a call through the gateway meets";

constexpr auto way_rows = std::to_array<WayRow>({
    {Way::bytes, "bytes", "as it came; only the model's name and what asks for usage is edited", called},
    {Way::translated, "translated", "what is lost on the way is listed in x-apigw-loss",
     "golden/dialects/CLIENT/requests/*.TARGET, golden/dialects/TARGET/replies/*.CLIENT and streams/*.CLIENT"},
    {Way::translated, "translated", "likewise, and more texts than a call takes go up in several", called, true},
    {Way::estimated, "estimated", "counted here, and flagged x-apigw-estimate", called},
    {Way::here, "here", "the gateway answers itself", called},
    {Way::refused, "501", "the target's dialect has no such operation, or none that is translated", called},
});

// An endpoint without a path of its own is told apart behind the pattern of one that leads there.
std::string path_of(const dialects::Dialect& dialect, const dialects::Endpoint& endpoint) {
  const std::size_t model = endpoint.upstream.find('{');
  if (!dialect.read_path || model == std::string_view::npos) return std::string(endpoint.path);
  const auto leads = [&](const dialects::Endpoint& e) { return e.path.ends_with("/**") && !e.upstream.empty(); };
  const auto pattern = std::ranges::find_if(dialect.endpoints, leads);
  assert(pattern != dialect.endpoints.end());
  const std::string_view before = pattern->path.substr(0, pattern->path.size() - 2);
  return fmt::format("{}MODEL{}", before, endpoint.upstream.substr(endpoint.upstream.find('}') + 1));
}

}  // namespace

namespace {

// Of the roster, and those that providers alone speak.
std::vector<dialects::RosterRow> targets() {
  std::vector<dialects::RosterRow> rows(dialects::roster().begin(), dialects::roster().end());
  rows.insert(rows.end(), dialects::of_providers().begin(), dialects::of_providers().end());
  return rows;
}

}  // namespace

std::vector<std::string_view> matrix_targets() {
  std::vector<std::string_view> words;
  for (const dialects::RosterRow& row : targets()) words.push_back(row.word);
  return words;
}

std::vector<MatrixRow> matrix() {
  std::vector<MatrixRow> rows;
  for (const dialects::RosterRow& client : dialects::roster()) {
    for (const dialects::Endpoint& endpoint : client.dialect->endpoints) {
      MatrixRow row{.dialect = client.word,
                    .endpoint = fmt::format("{} {}", endpoint.method, path_of(*client.dialect, endpoint)),
                    .operation = endpoint.operation,
                    .cells = {}};
      for (const dialects::RosterRow& target : targets())
        row.cells.push_back(gateway::way(*client.dialect, endpoint.operation, *target.dialect));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::span<const WayRow> ways() {
  return way_rows;
}

const WayRow& row_of(gateway::Way way, std::string_view operation) {
  const bool embeds = way == Way::translated && dialects::asks_vectors(operation);
  return *std::ranges::find_if(way_rows, [&](const WayRow& row) { return row.way == way && row.embeds == embeds; });
}

}  // namespace apigw::assembly
