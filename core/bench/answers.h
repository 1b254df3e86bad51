// What the answers of models say while they are measured: when their text began, whether it is whole, its tokens.
#pragma once
#include <memory>

#include "bench/load.h"

namespace apigw::bench {

// Of a streamed chat completion.
[[nodiscard]] std::unique_ptr<Reading> chat_stream();
// Of POST /prompts/NAME, whole.
[[nodiscard]] std::unique_ptr<Reading> prompt_answer();

}  // namespace apigw::bench
