// A call of a prompt as READ understood it: the variables filled in, and how the caller wants to be answered.
//
// Two doors lead here. POST /prompts/NAME brings the variables as its body; on an endpoint of a dialect the model
// `prompt/NAME` is meant: the text of the user's last message is the only variable that is needed, and the request's
// own `variables` are the others, or the text is a JSON object of them where several are needed; whether to stream
// and how long the answer may be are the client's too, the rest of its request is lost. From here on both are the
// same call of a model, and what the prompt says about its output is held against the answer.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "chat/loss.h"
#include "chat/reply.h"
#include "gateway/compiled.h"
#include "gateway/passage.h"
#include "policy/gate.h"
#include "prompt/prompt.h"

namespace apigw::gateway {

struct PromptCall {
  const model::Prompt* prompt;          // of the exchange's plan
  chat::Request asked;                  // for the prompt's model
  bool bare = false;                    // through POST /prompts/NAME
  std::string_view operation = "chat";  // that the client asked for
  chat::Losses unsaid = {};             // what the client says beside the variables; lost on the way to every target
};
using ReadPrompt = std::variant<PromptCall, policy::Refusal>;

// The body of POST /prompts/NAME: the variables, beside them `stream` where the prompt has no variable of that name.
[[nodiscard]] ReadPrompt read_prompt_call(const model::Prompt& prompt, std::string_view body, bool wants_stream,
                                          const json::Limits& limits);
// A client's call of the model prompt/NAME; nothing when no served prompt has the name.
[[nodiscard]] std::optional<ReadPrompt> read_prompt_model(const model::Plan& plan,
                                                          const dialects::RequestFacts& facts,
                                                          const dialects::Dialect& client, std::string_view body,
                                                          const json::Limits& limits);

// How callers of POST /prompts/NAME are spoken to: problem+json, and events of their own.
[[nodiscard]] const dialects::Dialect& prompt_client();

// {"output": …, "usage": {…}, "model": "chat", "stop": "end"}
[[nodiscard]] std::string prompt_answer(std::string_view output, const chat::Usage& usage, std::string_view model,
                                        chat::Stop stop);

// What a reply says, all text of its first answer.
[[nodiscard]] std::string text_of(const chat::Reply& reply);

// How the model ended its first answer.
struct Ending {
  chat::Stop stop = chat::Stop::end;
  std::string refusal;  // what it said in place of an answer
  [[nodiscard]] bool refused() const { return stop == chat::Stop::refusal || !refusal.empty(); }
};
[[nodiscard]] Ending ending_of(const chat::Reply& reply);
// Whether the answer is held against the prompt's output. A client of a dialect gets a refusal in its own words.
[[nodiscard]] bool has_output(const PromptCall& call, const Ending& ending);
// Why the answer cannot be the output and a second try would not help: the model refused a bare caller or called
// tools in place of an answer to one, or the limit cut a document. `text` is what the answer says.
[[nodiscard]] std::optional<policy::Refusal> unfinished(const PromptCall& call, const Ending& ending,
                                                        std::string_view text);

// The stream of a prompt's call: what the target says is put into the caller's frames, and at its end held against
// the prompt's output; an answer that does not fit, is cut or refused, or is longer than `most` bytes, breaks the
// stream. To bare callers: `delta` events with {"text": …}, then one `done` with what prompt_answer gives.
[[nodiscard]] std::unique_ptr<Passage> prompt_passage(const PromptCall& call,
                                                      std::unique_ptr<dialects::EventReader> reader,
                                                      std::unique_ptr<dialects::EventWriter> writer,
                                                      std::uint64_t most, chat::Losses& losses);

// An answer that does not fit, as a no to the caller.
[[nodiscard]] policy::Refusal misfit(const prompt::Problems& problems);

}  // namespace apigw::gateway
