// The line of rooms: one exchange in, one Outcome out. The only place that knows in which order the rooms are walked.
//
// One a worker, on the worker's thread. A new plan is handed in with `use`; exchanges that are under way end on the
// one that they began with. The rooms never call each other; retries, fallback and streams live here, between them.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "dialects/form_request.h"
#include "gateway/attempt.h"
#include "gateway/compiled.h"
#include "gateway/ledger.h"
#include "gateway/prompt_call.h"
#include "gateway/refusals.h"
#include "gateway/watch.h"
#include "http/problem.h"

namespace apigw::gateway {

class Passage;
class Stream;
class Upload;

class Gateway {
 public:
  struct Parts {
    unsigned worker = 0;
    State& state;
    Transport& upstream;
    Transport& mock;
    const Clock& clock;
    OutcomeSink* log = nullptr;
    boost::asio::io_context& io;
    std::string instance;  // this process's name in Via, the same for all workers
  };
  Gateway(Parts parts, std::shared_ptr<const Compiled> first);
  ~Gateway();

  void use(std::shared_ptr<const Compiled> next);
  Task<void> serve(http::Exchange& exchange);
  // The body for a request that was refused before it became an exchange, in the shape that the client of its target
  // reads; `head` gets the fields that go with it. Logged like any other, for this is its only trace.
  [[nodiscard]] std::string refuse_unread(const http::RefusedRequest& refused, http::ResponseHead& head);
  // Brings the deadlines to the present; the worker does it by itself while there are any.
  void advance() { deadlines_.advance(); }

 private:
  // What the coroutines of one exchange share: views of things that outlive them all.
  struct Serving {
    http::Exchange& exchange;
    const Snapshot& snapshot;
    Ledger& ledger;
    ErrorShape shape;
    [[nodiscard]] const Compiled& house() const { return *snapshot.compiled; }
  };
  // A model call as it was read, or a call of an operation; empty for other calls to services.
  struct ReadCall {
    std::string_view body;
    bool whole = false;  // of a service: `body` is all of it, else it is still with the client
    dialects::RequestFacts facts;
    std::string_view operation = {};                     // of a model call
    std::shared_ptr<const PromptCall> prompt = nullptr;  // what stands in place of the body, where a prompt is called
    std::unique_ptr<dialects::FormRequest> rest = nullptr;  // reads what follows `body`; null: it is all
  };
  using Reading = std::variant<ReadCall, policy::Refusal>;
  // The beginning of a request's body: all of it when `last`.
  struct Piece {
    std::string_view bytes;
    bool last = true;
  };
  struct Opened {
    OpenCall call;
    const http::ResponseHead* head = nullptr;  // read already where the whole request was sent
    std::chrono::steady_clock::time_point began;
  };
  // Why an attempt came to nothing.
  struct Failure {
    policy::Refusal refusal;
    bool retryable = false;
  };
  using Asked = std::variant<chat::Reply, Failure>;
  using Returned = std::variant<std::monostate, Failure>;  // monostate: the client has what it gets

  [[nodiscard]] Books books();
  [[nodiscard]] policy::Admitted admit(const Serving& s, const model::Route& route);
  [[nodiscard]] policy::Refusal no_route(const Serving& s);
  // The prompt that a POST to a path below /prompts/ seems to mean, for a caller who may read GET /openapi.json.
  [[nodiscard]] std::optional<std::string_view> near_prompt(const Serving& s);
  [[nodiscard]] policy::Granted grant(const Serving& s, const routing::Match& match, policy::AdmittedCall call,
                                      const ReadCall& read) const;
  [[nodiscard]] Introduction introduction(const Serving& s) const;
  [[nodiscard]] Transport& transport_of(const Attempt& attempt);

  Task<Reading> read(Serving s, const routing::Match& match);
  [[nodiscard]] static Reading prompt_reading(ReadPrompt read, const dialects::RequestFacts& facts,
                                              std::string_view operation);
  // As far as the name of the model.
  Task<Reading> read_form(Serving s, std::string_view operation);
  Task<Reading> read_prompt(Serving s, const model::Prompt& prompt);
  // Holds a call against the operation that its route names.
  Task<Reading> read_operation(Serving s, const routing::Match& match);
  Task<Result<std::string_view>> read_whole(Serving s);
  Task<Result<Piece>> first_piece(Serving s);
  Task<void> refuse(Serving s, policy::Refusal refusal, End end);
  // Whether a secret of this gateway is in `text`, which then counts as blocked.
  static bool holds_secret(const Serving& s, std::string_view text);
  static void hide_secrets(const Serving& s, policy::Refusal& refusal);
  Task<void> give_answer(Serving s, policy::Answer answer);
  Task<void> dispatch(Serving s, const policy::GrantedCall& granted, const routing::Match& match, ReadCall read);

  // Writes an access token into the request where the provider takes one, once there is one. Error denied: none can
  // be had; cancelled: the leash ended the wait, which takes no longer than the fetch under way.
  Task<Result<void>> authorize(const Attempt& attempt, Leash& leash);
  // One attempt up to its head, a stale pooled connection replaced by a fresh one.
  Task<Result<Opened>> open(const Attempt& attempt, Piece piece, bool replay, Leash& leash, AttemptRecord& record);
  Task<Result<Opened>> send(const Attempt& attempt, Piece piece, bool fresh, bool replay, Leash& leash,
                            AttemptRecord& record, bool& stale);

  Task<void> call_service(Serving s, const policy::GrantedCall& granted, const routing::Match& match,
                          const ReadCall& read);
  Task<Result<Opened>> open_service(Serving s, const policy::GrantedCall& granted, const routing::Match& match,
                                    Piece piece, Leash& leash);
  Task<void> relay(Serving s, const model::Route& route, Opened& opened, Upload& upload, Leash& leash);
  Task<Result<void>> start_reply(Serving s, const http::ResponseHead& head, std::string_view body);
  Task<void> fail_call(Serving s, Error error, Upload& upload, const Leash& leash);

  Task<void> call_model(Serving s, const policy::GrantedCall& granted, const model::Route& route,
                        std::string_view operation, ReadCall read);
  Task<Returned> try_target(Serving s, const Attempt& attempt, ModelRequest& call, Stream* stream, bool last_target,
                            Leash& leash);
  // The same with the rest of a form, which goes up as it comes.
  Task<Returned> try_form(Serving s, const Attempt& attempt, ModelRequest& call, dialects::FormRequest& rest,
                          Stream* stream, Leash& leash);
  Task<Returned> return_reply(Serving s, Opened& opened, const Attempt& attempt, ModelRequest& call, Stream* stream,
                              bool last_target, const Leash& leash);
  // A call for vectors through the hub: each of its calls is an attempt, and the replies are joined. `began`: when
  // the last of them did.
  Task<Returned> embed(Serving s, Attempt& attempt, std::string_view operation, bool last_target, Leash& leash,
                       std::chrono::steady_clock::time_point& began);
  Task<Returned> return_vectors(Serving s, const Attempt& attempt, std::string_view operation,
                                const http::ResponseHead& from, chat::EmbeddingReply& whole);
  Task<Returned> return_plain(Serving s, Opened& opened, const Attempt& attempt, std::string_view operation);
  // A reply that is no JSON, as it comes; a secret in it or an upstream that breaks off cuts it.
  Task<Returned> return_bytes(Serving s, Opened& opened, const Attempt& attempt, const Leash& leash);
  Task<Returned> return_stream(Serving s, Opened& opened, const Attempt& attempt, ModelRequest& call, Stream& stream,
                               const Leash& leash);
  [[nodiscard]] static std::unique_ptr<Passage> passage_of(const Serving& s, const Attempt& attempt,
                                                           ModelRequest& call);
  [[nodiscard]] static std::optional<Failure> judge_head(const Serving& s, const http::ResponseHead& head,
                                                         bool last_target);
  Task<void> call_prompt(Serving s, const policy::GrantedCall& granted, const model::Route& route,
                         const ReadCall& read);
  // `output` is empty where the reply has none and goes to its client as it is.
  Task<void> answer_prompt(Serving s, const PromptCall& call, chat::Reply reply, std::string output);
  // The answer of the first target that gives one, whole.
  Task<Asked> ask(Serving s, const policy::GrantedCall& granted, const ReadCall& read, const chat::Request& asked,
                  bool repair, Leash& leash);
  Task<Asked> ask_target(Serving s, const Attempt& attempt, bool last_target, Leash& leash);
  Task<Result<std::string_view>> read_answer(Serving s, Opened& opened);
  Task<void> give_up(Serving s, Failure failure, Stream* stream, const Leash& leash);

  Parts parts_;
  std::shared_ptr<const Snapshot> snapshot_;
  Deadlines deadlines_;
  ScratchPool scratch_;
  IdSource ids_;
};

}  // namespace apigw::gateway
