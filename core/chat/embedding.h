// What a client asks of a model that turns texts into vectors, and what it gets; free of any dialect.
//
// As in a chat request, what one dialect alone can say rides in `native`, absent means left to the provider, and
// numbers travel as the digits that carried them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "chat/request.h"
#include "chat/usage.h"

namespace apigw::chat {

struct EmbeddingInput {
  std::string text;
  // In the words of the dialect that it came in, where it is no text: tokens, parts with a picture.
  std::optional<json::Raw> other;
  std::string place;  // in what came in: "input[3]"
};

enum class VectorForm : std::uint8_t {
  floats,
  base64,  // of little-endian 32-bit floats, RFC 4648
};

struct EmbeddingRequest {
  std::string model;                   // as the client named it; empty: the path names it
  std::vector<EmbeddingInput> inputs;  // one vector each; at least one
  std::optional<std::uint64_t> dimensions;
  std::optional<VectorForm> form;
  Native native;
};

struct Vector {
  VectorForm form = VectorForm::floats;
  std::string text;  // a JSON array of numbers, at least one; or base64 without its quotes
};

struct EmbeddingReply {
  std::string id;
  std::string model;            // as the provider names it; empty: it does not
  std::vector<Vector> vectors;  // in the order of the inputs
  Usage usage;                  // input alone; many providers tell none
  Native native;
};

// Puts the vectors of a later part of the same inputs, and what rides beside them, behind those of `whole`. The usage
// is known when that of both is.
void join(EmbeddingReply& whole, EmbeddingReply later);

}  // namespace apigw::chat
