// Embeddings through the hub: what a dialect that has them adds to its row, and vectors in either of their forms.
//
// A call of the client's own dialect goes around the hub; one of more inputs than its target takes is cut between
// inputs, and the replies are joined through the hub.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "chat/embedding.h"
#include "chat/loss.h"

namespace apigw::dialects {

struct Dialect;
struct ReplyFacts;

struct WrittenEmbedding {
  std::string body;
  std::string_view operation;  // of the target's endpoints, static
};

struct Embeddings {
  std::size_t most_inputs = 1;  // of one call, as the provider that made the dialect says

  // Client → hub, of a body with the operation that its path or endpoint names. Errors: invalid and too_large.
  Result<chat::EmbeddingRequest> (*read_request)(std::string_view operation, std::string_view body,
                                                 json::Document scanned);
  // Hub → target, of some of the request's inputs; the operation is the same for all of them. Error invalid: the
  // target cannot be told it.
  Result<WrittenEmbedding> (*write_request)(const chat::EmbeddingRequest& request,
                                            std::span<const chat::EmbeddingInput> inputs, std::string_view model,
                                            chat::Losses& losses);
  // Target → hub, of a reply with status 2xx, its vectors in the order of the inputs. Error protocol: a failed
  // attempt.
  Result<chat::EmbeddingReply> (*read_reply)(std::string_view body, const json::Limits& limits);
  // Hub → client. The vectors have the form that it reads.
  std::string (*write_reply)(std::string_view operation, const chat::EmbeddingReply& reply, const ReplyFacts& facts,
                             chat::Losses& losses);
  // The array of a scanned body with an element an input; nothing where its input is a single one.
  std::optional<json::Slice> (*list)(std::string_view operation, std::string_view body,
                                     const json::Document& scanned);
};

// Why a target of `speaker` cannot be given it.
[[nodiscard]] std::string not_text(const chat::EmbeddingInput& input, std::string_view speaker);

[[nodiscard]] bool asks_vectors(std::string_view operation);
// Whether targets of the dialect can be asked a client's operation.
[[nodiscard]] bool offers(const Dialect& dialect, std::string_view operation);

// Whether a JSON value, scanned, is an array of numbers alone, at least one.
[[nodiscard]] bool is_numbers(std::string_view value);
// The digits stay where the form does. Base64 becomes the shortest digits that mean the same float. False: it cannot
// be said so, as no 32-bit floats, an infinite one, or none at all.
[[nodiscard]] bool bring(chat::Vector& vector, chat::VectorForm form);
// The vector that stands in a reply, in either form; nothing when there is none.
[[nodiscard]] std::optional<chat::Vector> read_vector(std::string_view text, json::Slice slice);

// A body, cut between the elements of the array at `list`, with at most `most` of them each.
struct CutBody {
  std::string body;
  std::size_t inputs = 0;
};
[[nodiscard]] std::vector<CutBody> cut(std::string_view body, json::Slice list, std::size_t most);

}  // namespace apigw::dialects
