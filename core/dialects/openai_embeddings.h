// Embeddings as OpenAI asks and answers them, and as the dialects do that grew out of its.
// Source: OpenAI's API reference, "Create embeddings"; Mistral's, "Embeddings".
#pragma once
#include "dialects/embedding.h"

namespace apigw::dialects::openai {

// What a dialect says otherwise.
struct EmbeddingForm {
  std::string_view word;     // of the dialect
  std::string_view speaker;  // as people read it
  std::string_view dimensions = "dimensions";
  bool tokens = true;           // takes lists of them for a text
  bool always_usage = false;    // its clients demand the member, be it empty, and an id
  std::string_view dtype = {};  // names the type of a vector's numbers, of which "float" is the usual one
};
extern const Embeddings embeddings;
extern const Embeddings mistral_embeddings;

// Of an embedding's reply, whose total is its prompt.
[[nodiscard]] chat::Usage embedding_usage(std::string_view text, json::Slice usage);

}  // namespace apigw::dialects::openai
