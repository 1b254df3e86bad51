// What a dialect is to the gateway: its endpoints, and pure functions on the bytes that clients and providers send.
//
// Two paths. On the same dialect a request is scanned in place and edited by splices, every byte that no edit names
// goes through untouched, and a stream is watched frame by frame (scan_*, watch_stream). Between two dialects the
// client's reads into the hub and the target's writes out of it (read_*, write_*), and the answer goes the other way.
// A dialect knows nothing of routes, targets or sockets and never tests a provider's name. One row of dialects.txt
// makes one.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "chat/loss.h"
#include "chat/reply.h"
#include "chat/request.h"
#include "chat/usage.h"
#include "dialects/embedding.h"
#include "http/headers.h"
#include "wire/framing.h"

namespace apigw::dialects {

// An address that the gateway serves to clients of the dialect.
struct Endpoint {
  std::string_view method;     // "POST"
  std::string_view path;       // "/v1/chat/completions", a route pattern; empty: Dialect::read_path leads here
  std::string_view operation;  // "chat"
  // Below the provider's base address, {model} for its name; empty: the gateway answers itself.
  std::string_view upstream;
  std::string_view header = {};    // a client of the dialect sends it: tells apart dialects that share the path
  std::string_view streamed = {};  // `upstream` of a stream, where that is another
  std::string_view answer = {};    // what the gateway answers itself, where that is always the same; JSON
  bool form = false;               // its body is a form, read as form_request.h does; else JSON
  bool any_reply = false;          // its reply may be something else than JSON, which goes on as it comes
};
// Whether an operation asks for an answer: that of a conversation, "chat", or of one prompt, "generate". Targets of
// other dialects are asked either as a chat.
[[nodiscard]] bool asks_answer(std::string_view operation);
// Whether an operation asks which of a list of texts answer a question. Its calls and replies have one form in every
// dialect that has it, so that each goes to a provider of another as it came.
[[nodiscard]] bool asks_ranking(std::string_view operation);
// Appends where a provider is asked it to the path of the provider's base address.
void append_upstream(std::string& target, const Endpoint& endpoint, std::string_view model, bool stream);

// A call whose path, behind the pattern of its endpoint, names model and operation.
struct PathCall {
  std::string model;  // as the client named it, decoded
  std::string_view operation;
  bool stream = false;
  wire::Framing framing = wire::Framing::sse;  // of its stream
};

// `text` in place of the bytes [begin, end) of a body.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;  // static
};

// What the line of rooms must know of a request body; the places are those of the body that was read.
struct RequestFacts {
  json::Document scanned;  // views into the body: until it is given back; ModelRequest::forget empties it
  std::string model;       // as the client named it, decoded
  // Its value in the body, quotes included. Without bytes: the place in a JSON object for a member that is not there;
  // at 0: the path names it.
  json::Slice model_at;
  std::vector<json::Slice> named_again;  // more such values, in order, whose name has `named_as` before it
  std::string_view named_as = {};        // static
  bool stream = false;
  wire::Framing framing = wire::Framing::sse;  // of the stream that the client gets
  bool form = false;                           // the body is one: the model's name stands in it without quotes
  bool typed_events = false;                   // of the stream: each names its type, and no end mark follows them
  bool wants_usage = false;                    // the client itself asked for the usage frame of a stream
  std::optional<Splice> forced;                // makes the provider report the usage of a stream
};

// The body for a target: the model's name and the forced edit spliced in, else the original bytes.
[[nodiscard]] std::string edited(std::string_view body, const RequestFacts& facts, std::string_view model);

// What one frame of a provider's stream means for the gateway.
struct FrameVerdict {
  enum class State : std::uint8_t {
    going,
    done,    // the dialect's end mark: nothing more is expected
    failed,  // the provider reported an error, or spoke no JSON
  } state = State::going;
  bool semantic = false;  // carries part of the answer: from here on the call is not replayed
  bool swallow = false;   // the client did not ask for it
};

// Watches the stream of one attempt.
class StreamWatch {
 public:
  virtual ~StreamWatch() = default;
  [[nodiscard]] virtual FrameVerdict feed(const wire::Frame& frame) = 0;
  // Whether the answer came to its end: without it, an upstream that closes has cut the stream, however cleanly.
  [[nodiscard]] virtual bool complete() const = 0;
  // Counted so far; `partial` while the stream is not complete.
  [[nodiscard]] virtual chat::Usage usage() const = 0;
  // Of the answer's text, thoughts and calls so far, for an estimate where the provider did not count to the end.
  [[nodiscard]] virtual std::uint64_t said_bytes() const = 0;
  // What the provider said by the frame that failed, as EventReader tells it in Failed; null: none did.
  [[nodiscard]] virtual const chat::ProviderError* error() const = 0;
};

// An error for a client, before the dialect gives it its shape.
struct ClientError {
  int status = 500;
  std::string_view code;     // a stable word: "model_not_found"
  std::string_view message;  // for people: what to do, never a secret or an upstream's address
  std::string_view param = {};
  std::string_view request_id = {};  // for dialects whose errors carry it; empty: none known
};

// A header of a dialect's own, sent to its providers only: the client's value, else `otherwise` (empty: none).
struct OwnHeader {
  std::string_view name;  // lower case
  std::string_view otherwise;
  // Globs. Of a value that is a list only the words that one of them fits go on; empty: the value goes on whole.
  std::span<const std::string_view> allowed;
};
// What `header` says to a provider when the client sent `from`; empty: nothing.
[[nodiscard]] std::string value_for_provider(const OwnHeader& header, const http::Headers& from);

// A model as the lists show it.
struct ListedModel {
  std::string_view id;
  std::int64_t created = 0;  // seconds since 1970
  std::string_view owner = "apigw";
};

/* ------------------------------- through the hub ------------------------------ */

// What a writer must know of the model that it writes for: from the catalogue and the Plan.
struct TargetTraits {
  std::string model;                        // as the provider names it
  std::optional<std::uint64_t> max_output;  // most tokens of an answer that the model gives
  bool thinks_by_effort = false;            // takes an effort word instead of a budget of tokens
  bool native_schema = true;                // takes a JSON schema for its answer; else a forced tool stands in
  bool clamp = true;                        // a value out of the dialect's range is brought into it, else refused
  bool thinks = true;                       // does at all
  bool always_thinks = false;               // cannot be told not to
  bool two_efforts = false;                 // of the words for how much, takes low and high alone
  bool fixed_sampling = false;  // refuses temperature, top_p and their like; OpenAI's also penalties and stop

  // Of servers that speak OpenAI's dialect.
  bool max_tokens_only = false;  // knows the limit of an answer by its older name
  bool stream_options = true;    // may be asked for the usage of a stream
  bool top_k = false;            // takes it
  // How a cache mark is written; a server that refuses fields it does not know gets none.
  enum class CacheMarks : std::uint8_t { none, control, breakpoint } cache_marks = CacheMarks::none;
  // By which extension earlier thoughts go back: plain text, with the signatures where there are some, or always as
  // the list of one form.
  enum class Thoughts : std::uint8_t { none, text_only, as_signed, blocks, details } thoughts = Thoughts::none;

  // Who made it ("anthropic"), where a provider serves the models of several; empty: its own, or nobody knows.
  std::string maker = {};

  bool assumed = false;  // the catalogue does not know the model: all of this is what it takes such a one for
  // Why it cannot be told something: what is known of it, else what it is taken for ("for a reasoning model, …").
  [[nodiscard]] std::string why(std::string_view known, std::string_view taken) const;
};

// What the way back must undo; made by write_request, read by the reply and the stream of the same attempt.
struct WayBack {
  struct Renamed {
    std::string sent, original;
  };
  std::vector<Renamed> tools;   // names that the target's charset does not allow
  bool answer_in_tool = false;  // the answer comes as the arguments of a tool that the client never declared
  std::string model = {};       // that was asked, where no reply of the dialect names it
};

struct WrittenRequest {
  std::string body;
  WayBack way_back;
};

// What a reply or stream to a client takes from its call rather than from the answer.
struct ReplyFacts {
  std::string_view id;                  // stands in where the provider gave none
  std::int64_t now = 0;                 // seconds since 1970, stands in likewise
  bool stream_usage = true;             // the client asked for the usage of its stream
  std::string_view operation = "chat";  // that the client asked for
};

// Reads the frames of a target's stream into events. Cutting the same bytes otherwise gives the same events.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Appends to `events`. After Finished or Failed nothing more is added.
  virtual void feed(const wire::Frame& frame, std::vector<chat::Event>& events) = 0;
  // Whether an upstream that closes now has ended the answer, in a dialect without an end mark.
  [[nodiscard]] virtual bool may_end() const { return false; }
  // The upstream closed: Failed when the answer had not come to its end, else Finished unless that was told already.
  virtual void finish(std::vector<chat::Event>& events) = 0;
  // Counted so far; `partial` until Finished.
  [[nodiscard]] virtual chat::Usage usage() const = 0;
};

// Writes events as the frames of a client's stream.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // Appends whole frames to `out`. Failed appends the dialect's error frame and no end mark.
  virtual void feed(const chat::Event& event, std::string& out, chat::Losses& losses) = 0;
  // Whether more of the answer came out of turn than can be kept until its turn: the stream is broken off.
  [[nodiscard]] virtual bool gave_up() const { return false; }
};

// The client's word for a part of its request that the hub calls otherwise.
struct OwnName {
  std::string_view hub, own;
};

// What only a client's call needs is null in a dialect that providers alone speak (`of_providers`): scan_* and
// watch_stream, read_request and write_*, is_own_error, and all that clients get.
struct Dialect {
  // The provider that made it, as the catalogue names it: whose models a request is written for where nobody says.
  std::string_view maker;
  std::span<const Endpoint> endpoints;
  // Another dialect whose providers answer this one's calls too, at this one's addresses; null: none does.
  const Dialect* also_at = nullptr;
  // The dialect of the roster that a variant speaks; null: it is one of its own.
  const Dialect* variant_of = nullptr;
  // How a provider's key travels: the header's name and what stands before the key in its value.
  std::string_view credential_header;
  std::string_view credential_prefix;
  // The provider's own list of models, below its base address: a call that needs a key and costs nothing.
  std::string_view provider_models;
  std::span<const OwnHeader> own_headers;
  // Of the streams that providers send, and of those that its events are written as.
  wire::Framing framing = wire::Framing::sse;
  // An event that says nothing but keeps a stream alive once its first event is out; empty: a comment does.
  std::string_view heartbeat = {};
  // Whether its clients' libraries pass over comments; else the heartbeat goes in their place from the start.
  bool passes_over_comments = true;
  // The frame behind a whole answer that some servers of the dialect leave out; empty: none does.
  std::string_view end_mark = {};
  // What its providers take otherwise than the dialect says it, edited into every body on its way there; null:
  // nothing.
  std::string (*edit_body)(std::string body) = nullptr;
  // Whether its providers take an access token of Google's, for which the key of a service account is exchanged.
  bool takes_google_token = false;
  // Whether 529 (overloaded) is a status of the dialect; its clients get 503 otherwise.
  bool says_overloaded = false;
  // For losses: what its clients wrote.
  std::span<const OwnName> own_names = {};
  // Its paths are those of many a service too: an endpoint gives way to a route of the config that takes its path.
  bool yields = false;

  // Where the path names model and operation: what behind its pattern is `rest` (encoded) and behind its '?' `query`.
  // Nothing: no operation of the dialect. Null: the body names the model, the endpoint the operation.
  std::optional<PathCall> (*read_path)(std::string_view rest, std::string_view query) = nullptr;

  // Errors: invalid (the client's fault, `what` is for the client) and too_large.
  Result<RequestFacts> (*scan_request)(std::string_view operation, std::string_view body, const json::Limits& limits);
  // Usage of a whole reply with status 2xx. Error protocol when the body is no reply of the dialect: a failed
  // attempt.
  Result<chat::Usage> (*scan_reply)(std::string_view operation, std::string_view body, const json::Limits& limits);
  std::unique_ptr<StreamWatch> (*watch_stream)(const RequestFacts& facts, const json::Limits& limits);

  // Client → hub. Errors: invalid (for the client: names the place) and too_large. What the dialect itself does not
  // know of rides in `native`.
  Result<chat::Request> (*read_request)(std::string_view body, json::Document scanned);
  // Hub → target: operation "chat". Error invalid: the client asked for what cannot be said and must not be dropped.
  Result<WrittenRequest> (*write_request)(const chat::Request& request, const TargetTraits& target,
                                          chat::Losses& losses);
  // Target → hub, of a reply with status 2xx. Error protocol: a failed attempt.
  Result<chat::Reply> (*read_reply)(std::string_view body, const WayBack& way_back, const json::Limits& limits);
  // Hub → client.
  std::string (*write_reply)(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
  std::unique_ptr<EventReader> (*read_events)(const WayBack& way_back, const json::Limits& limits);
  std::unique_ptr<EventWriter> (*write_events)(const ReplyFacts& facts);
  // A target's reply with a status of failure, its retry advice from the head among it. Never fails: a page of some
  // proxy gives an error that says only its status.
  chat::ProviderError (*read_error)(int status, const http::Headers& headers, std::string_view body);
  // Whether an error's body, scanned, has the shape that clients of the dialect read.
  bool (*is_own_error)(std::string_view text, const json::Document& body);

  std::string (*error_body)(const ClientError& error);
  // An error's body, on one line, as a frame.
  std::string (*error_frame)(std::string_view body);
  // The last frame of a stream that broke after it had begun: clients raise on it. Nothing may follow.
  std::string (*broken_stream)(const ClientError& error);
  std::string (*models_body)(std::span<const ListedModel> models);
  std::string (*model_body)(const ListedModel& model);
  // The answer to operation "count_tokens"; null in a dialect that has none.
  std::string (*count_body)(std::uint64_t tokens) = nullptr;
  const Embeddings* embeddings = nullptr;  // null: it has none
};

struct RosterRow {
  std::string_view word;  // as `dialect:` of the config names it
  const Dialect* dialect;
};
[[nodiscard]] std::span<const RosterRow> roster();
[[nodiscard]] const Dialect* find_dialect(std::string_view word);
// What providers alone speak: variants, which are dialects of the roster at other addresses, with the key elsewhere,
// and dialects of their own, in which all that only a client's call needs is null.
[[nodiscard]] std::span<const RosterRow> of_providers();
// What a provider speaks: a dialect, or one of `of_providers`. Null: there is none of that word.
[[nodiscard]] const Dialect* find_spoken(std::string_view word);
// The dialect of the roster in which the mock is asked in place of a provider that speaks `spoken`: a variant's own,
// OpenAI's for one that no client speaks.
[[nodiscard]] const Dialect& for_mock(const Dialect& spoken);
// The word of a dialect of the roster.
[[nodiscard]] std::string_view word_of(const Dialect& dialect);
// Client → hub, of a body that nobody has scanned yet.
[[nodiscard]] Result<chat::Request> read_request(const Dialect& dialect, std::string_view body,
                                                 const json::Limits& limits);
// The same of a body with these facts, and what its path said.
[[nodiscard]] Result<chat::Request> read_scanned(const Dialect& dialect, std::string_view body,
                                                 const RequestFacts& facts);
// Hub → target, with the losses in the words of the client, who wrote the request.
[[nodiscard]] Result<WrittenRequest> write_request(const Dialect& client, const Dialect& target,
                                                   const chat::Request& request, const TargetTraits& traits,
                                                   chat::Losses& losses);
// Null: the dialect has no such operation.
[[nodiscard]] const Endpoint* find_endpoint(const Dialect& dialect, std::string_view operation);
// The operation's endpoint; the dialect must have it.
[[nodiscard]] const Endpoint& endpoint(const Dialect& dialect, std::string_view operation);

}  // namespace apigw::dialects
