// READ and WRITE of a call for vectors: one call of its client, one or several of a target. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.h"

namespace apigw::gateway {

// A request with more inputs than a target takes in one call is spread over so many calls at most.
inline constexpr std::size_t most_embedding_calls = 32;
// Bytes beside its inputs that a body may have which is cut: each of its calls repeats them.
inline constexpr std::size_t most_beside_inputs = 64 << 10;

struct EmbeddingCalls {
  std::string_view operation;              // of the target, the same for all of them; static
  std::vector<dialects::CutBody> rest;     // those behind the one that is under way, the last one first
  std::size_t inputs = 0;                  // of the one that is under way
  std::optional<chat::VectorForm> wanted;  // by the client; nothing: as they come
  // Goes on to the next call and gives its body; nothing when there is none.
  [[nodiscard]] std::optional<std::string> next();
};

// Errors: those of Embeddings::write_request, and invalid for too many inputs.
[[nodiscard]] Result<EmbeddingCalls> write_calls(const chat::EmbeddingRequest& request,
                                                 const dialects::Embeddings& target, std::string_view model,
                                                 chat::Losses& losses);
// Whether the inputs of a client's body are no more than one call of its own dialect takes.
[[nodiscard]] bool takes_at_once(const dialects::Dialect& dialect, std::string_view operation, std::string_view body,
                                 const json::Document& scanned);
// The calls of a body that is not taken at once, its declared edits made. Error invalid: too many inputs,
// or too much beside them.
[[nodiscard]] Result<EmbeddingCalls> cut_calls(const dialects::Dialect& dialect, std::string_view operation,
                                               std::string_view body, const json::Limits& limits);

}  // namespace apigw::gateway
