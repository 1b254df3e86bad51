// Which client reaches which kind of provider, endpoint by endpoint: from the rosters, as the gateway decides it.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/translation.h"

namespace apigw::assembly {

struct MatrixRow {
  std::string_view dialect;  // of the client
  std::string endpoint;      // "POST /v1/chat/completions"
  std::string_view operation;
  std::vector<gateway::Way> cells;  // by target, in the order of matrix_targets
};
[[nodiscard]] std::vector<std::string_view> matrix_targets();  // words of a provider's dialect
[[nodiscard]] std::vector<MatrixRow> matrix();

struct WayRow {
  gateway::Way way;
  std::string_view word;  // as a cell says it
  std::string_view means;
  // Below tests/: what shows a cell, CLIENT and TARGET for the words of its dialects, that of a variant for it. Where
  // it is a case, its name stands behind a colon.
  std::string_view shown_by;
  bool embeds = false;  // says it of embeddings, else of all that has no row of its own
};
[[nodiscard]] std::span<const WayRow> ways();
[[nodiscard]] const WayRow& row_of(gateway::Way way, std::string_view operation);

}  // namespace apigw::assembly
