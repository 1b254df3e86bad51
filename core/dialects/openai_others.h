// What goes to providers of OpenAI's dialect as it came: moderations, pictures and sounds; and rankings of texts,
// which OpenAI itself does not offer and servers that speak its dialect (vLLM, Jina) serve below the same address.
#pragma once
#include <memory>
#include <string_view>

#include "base/json.h"
#include "dialects/dialect.h"

namespace apigw::dialects::openai {

struct OtherOperation {
  std::string_view word;
  std::string_view answers_in;        // the member of its reply that is the answer; empty: it gives no JSON
  std::string_view usual_model = {};  // that a request without one means; empty: it must name one
  // The member that asks for a stream: `stream` with true, or one with the word `streams_by`; empty: it has none.
  std::string_view streams_in = {};
  std::string_view streams_by = {};
};
// Null: it is none of them.
[[nodiscard]] const OtherOperation* other_operation(std::string_view word);

// Whether the request asks for a stream, into `facts`. Error invalid: by a value of another type, or of an operation
// that has none.
[[nodiscard]] Result<void> scan_stream(const OtherOperation& operation, std::string_view body, RequestFacts& facts);

// A stream of events that name their type (`image_generation.completed`, `transcript.text.done`). It is whole once
// one that ends something has come, and goes on until the upstream closes.
[[nodiscard]] std::unique_ptr<StreamWatch> watch_typed_events(const json::Limits& limits);

}  // namespace apigw::dialects::openai
