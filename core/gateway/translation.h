// READ and WRITE of a model call: the body that a client sent becomes the body that a target gets.
//
// A target of the client's own dialect gets the original bytes with the declared edits. For any other the body is
// read into the hub, once for all targets, and written anew for each; what that target cannot be told is a loss.
// Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/compiled.h"
#include "gateway/embedding_call.h"
#include "http/message.h"
#include "policy/gate.h"

namespace apigw::gateway {

struct PromptCall;

// A call to a provider as READ understood it. Views, but for the facts, which are those of `body`.
class ModelRequest {
 public:
  ModelRequest(const http::RequestHead& head, const dialects::Dialect& client, std::string_view operation,
               std::string_view body, dialects::RequestFacts facts)
      : head(head), client(client), operation(operation), body(body), facts_(std::move(facts)) {}

  // A prompt's call, which goes through the hub to every target; the prompt outlives this.
  ModelRequest(const http::RequestHead& head, const dialects::Dialect& client, const PromptCall& prompt,
               const chat::Request& asked, dialects::RequestFacts facts)
      : head(head),
        client(client),
        operation("chat"),
        prompt(&prompt),
        facts_(std::move(facts)),
        hub_(std::make_unique<Result<chat::Request>>(asked)) {}

  const http::RequestHead& head;
  const dialects::Dialect& client;
  const std::string_view operation;
  const std::string_view body;
  const PromptCall* const prompt = nullptr;  // null: `body` is what the client said
  bool has_rest = false;                     // of a form: more follows `body`, as it comes

  [[nodiscard]] const dialects::RequestFacts& facts() const { return facts_; }
  // The call in the hub's words. Errors: those of Dialect::read_request; invalid once it is forgotten.
  [[nodiscard]] const Result<chat::Request>& in_hub();
  // The same of a call for vectors.
  [[nodiscard]] const Result<chat::EmbeddingRequest>& vectors_in_hub();
  // Frees it and the body's scan before the wait for the last target's answer: nothing is written any more, and
  // `body` may be given back.
  void forget();

 private:
  dialects::RequestFacts facts_;
  std::unique_ptr<Result<chat::Request>> hub_;               // large, and needless for most calls and while one waits
  std::unique_ptr<Result<chat::EmbeddingRequest>> vectors_;  // likewise
  bool forgotten_ = false;
};

// What READ learns of a call before any target is asked.
struct CallFacts {
  std::string_view operation;
  dialects::RequestFacts facts;
};
// Behind the pattern of the call's endpoint, and behind its '?'.
struct CallPath {
  std::string_view rest, query;
};
// `operation` is that of the endpoint, unless the path names another. Refusals: no such operation (404), a body that
// cannot be read (400, 413).
[[nodiscard]] std::variant<CallFacts, policy::Refusal> read_call(const dialects::Dialect& client,
                                                                 std::string_view operation, const CallPath& path,
                                                                 std::string_view body, const json::Limits& limits);

// The same of an endpoint whose body is a form, all of which is here.
[[nodiscard]] std::variant<CallFacts, policy::Refusal> read_form_call(std::string_view operation,
                                                                      std::string_view content_type,
                                                                      std::string_view body);

// How a call reaches a target.
enum class Way : std::uint8_t {
  bytes,       // of one dialect: as it came, with the declared edits
  translated,  // through the hub; what is lost on the way is listed
  here,        // the gateway answers without a target
  estimated,   // likewise, by counting what the target's dialect cannot be asked
  refused,     // 501
};
[[nodiscard]] Way way(const dialects::Dialect& client, std::string_view operation, const dialects::Dialect& target);

struct WrittenBody {
  std::string body;
  bool translated = false;
  dialects::WayBack way_back;
  std::unique_ptr<EmbeddingCalls> calls = nullptr;  // for vectors, through the hub; `body` is that of the first
};
using Writing = std::variant<WrittenBody, policy::Refusal>;

// The body for `target`. Refusals: the target cannot be asked this (501), or cannot be told it (400, 413); another
// may. With `refuse_losses` whatever would be dropped or changed refuses.
[[nodiscard]] Writing write_body(const Compiled& compiled, ModelRequest& call, const model::Target& target,
                                 bool refuse_losses, chat::Losses& losses);

// How the provider names the model that `target` stands for.
[[nodiscard]] std::string_view model_at(const model::Target& target, const dialects::RequestFacts& facts);

// What the catalogue knows of a provider's model, as writers need it. The second for one that is asked in `spoken`: a
// variant has the models of its dialect's maker; those of a platform are what they are to their makers.
[[nodiscard]] dialects::TargetTraits target_traits(const catalogue::Models& models, std::string_view provider,
                                                   std::string_view model);
[[nodiscard]] dialects::TargetTraits target_traits(const catalogue::Models& models, const dialects::Dialect& spoken,
                                                   std::string_view provider, std::string_view model);

// Whether the gateway itself answers how many tokens the call has, since `target`'s dialect cannot be asked.
[[nodiscard]] bool counts_here(const Compiled& compiled, const ModelRequest& call, const model::Target& target);
// What a client is told of a body that cannot be read, or not be said to a target: 400, or 413 where it is too large.
[[nodiscard]] policy::Refusal unreadable(const Error& error);
// About how many: four bytes of text a token, a flat price for a picture. Never exact.
[[nodiscard]] std::uint64_t estimate_tokens(std::string_view body, const json::Document& scanned);

// Of a stream that ended before the provider told its usage: the input about as `sent` says it, the request's body as
// the provider got it, and the output as far as it came, unless the provider counted more.
void estimate_rest(chat::Usage& usage, std::string_view sent, std::uint64_t said_bytes);

// What a client is told of a provider's error: the status in its dialect's terms (529 only where it is one).
[[nodiscard]] int client_status(int status, const dialects::Dialect& client);

}  // namespace apigw::gateway
