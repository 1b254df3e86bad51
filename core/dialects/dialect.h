// What a dialect is to the gateway: its endpoints, and pure functions on the bytes that clients and providers send.
//
// This is the same-dialect path: a request is read in place and edited by splices, every byte that no edit names goes
// through untouched, and a stream is watched frame by frame. A dialect knows nothing of routes, targets or sockets
// and never tests a provider's name. One row of dialects.txt and one file make one.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "chat/usage.h"
#include "wire/sse.h"

namespace apigw::dialects {

// An address that the gateway serves to clients of the dialect.
struct Endpoint {
  std::string_view method;     // "POST"
  std::string_view path;       // "/v1/chat/completions", a route pattern
  std::string_view operation;  // "chat"
  std::string_view upstream;   // below the provider's base address; empty: the gateway answers itself
};

// `text` in place of the bytes [begin, end) of a body.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;  // static
};

// What the line of rooms must know of a request body; the places are those of the body that was read.
struct RequestFacts {
  std::string model;     // as the client named it, decoded
  json::Slice model_at;  // its value in the body, quotes included
  bool stream = false;
  bool wants_usage = false;      // the client itself asked for the usage frame of a stream
  std::optional<Splice> forced;  // makes the provider report the usage of a stream
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
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  [[nodiscard]] virtual FrameVerdict feed(const wire::SseFrame& frame) = 0;
  // Whether the answer came to its end: without it, an upstream that closes has cut the stream, however cleanly.
  [[nodiscard]] virtual bool complete() const = 0;
  // Counted so far; `partial` while the stream is not complete.
  [[nodiscard]] virtual chat::Usage usage() const = 0;
  // What a failed frame said, for logs; never shown to clients.
  [[nodiscard]] virtual std::string_view failure() const = 0;
};

// An error for a client, before the dialect gives it its shape.
struct ClientError {
  int status = 500;
  std::string_view code;     // a stable word: "model_not_found"
  std::string_view message;  // for people: what to do, never a secret or an upstream's address
  std::string_view param = {};
};

// A model as the lists show it.
struct ListedModel {
  std::string_view id;
  std::int64_t created = 0;  // seconds since 1970
  std::string_view owner = "apigw";
};

struct Dialect {
  std::span<const Endpoint> endpoints;
  // How a provider's key travels: the header's name and what stands before the key in its value.
  std::string_view credential_header;
  std::string_view credential_prefix;

  // Errors: invalid (the client's fault, `what` is for the client) and too_large.
  Result<RequestFacts> (*read_request)(std::string_view operation, std::string_view body, const json::Limits& limits);
  // Usage of a whole reply with status 2xx. Error protocol when the body is no reply of the dialect: a failed
  // attempt.
  Result<chat::Usage> (*read_reply)(std::string_view operation, std::string_view body, const json::Limits& limits);
  std::unique_ptr<StreamReader> (*read_stream)(const RequestFacts& facts, const json::Limits& limits);

  std::string (*error_body)(const ClientError& error);
  // The last frame of a stream that broke after it had begun: clients raise on it. Nothing may follow.
  std::string (*broken_stream)(const ClientError& error);
  std::string (*models_body)(std::span<const ListedModel> models);
  std::string (*model_body)(const ListedModel& model);
};

struct RosterRow {
  std::string_view word;  // as `dialect:` of the config names it
  const Dialect* dialect;
};
[[nodiscard]] std::span<const RosterRow> roster();
[[nodiscard]] const Dialect* find_dialect(std::string_view word);
// The operation's endpoint; the dialect must have it.
[[nodiscard]] const Endpoint& endpoint(const Dialect& dialect, std::string_view operation);

}  // namespace apigw::dialects
