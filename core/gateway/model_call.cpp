// Calls to models: the targets in order until one gives a reply that can be used, before anything was promised.
//
// A plain reply is read whole and judged before the client hears of it; a streamed one is Stream's. What the provider
// says about a client's mistake goes to the client as it is; what it says about our credential does not.
#include <algorithm>
#include <array>

#include "gateway/gateway.h"
#include "gateway/stream.h"
#include "http/hop_by_hop.h"

namespace apigw::gateway {
namespace {

// Read behind the end mark of a stream so that its connection can be kept: at most so much, for so long.
constexpr std::size_t drained = 64 << 10;
constexpr std::chrono::milliseconds drain_time{500};

// What another target may do better (translation rules, T13.05).
bool retryable(int status) {
  constexpr std::array<int, 9> statuses{408, 409, 425, 429, 500, 502, 503, 504, 529};
  return std::ranges::find(statuses, status) != statuses.end();
}

bool has_body(int status) {
  return status != 204 && status != 304;
}

bool is_event_stream(const http::ResponseHead& head) {
  return head.headers.find("content-type").value_or("").starts_with("text/event-stream");
}

bool secret_in(const http::Headers& headers, const policy::SecretSet& secrets) {
  for (const auto field : headers) {
    if (secrets.in(field.value)) return true;
  }
  return false;
}

policy::Refusal no_use(std::string_view reason, std::string_view message) {
  return {502, reason, std::string(message), {}};
}

// Ends a call that does not end by itself.
class Grace final : private TimerWheel::Entry {
 public:
  Grace(Deadlines& deadlines, UpstreamCall& call) : deadlines_(deadlines), call_(call) {
    deadlines_.enter();
    deadlines_.arm(*this, drain_time);
  }
  ~Grace() override { deadlines_.leave(); }

 private:
  void expired() override { call_.abort(); }
  Deadlines& deadlines_;
  UpstreamCall& call_;
};

// After the end mark the reply is over for the client, but the connection is good again only once its end was read.
Task<void> drain(UpstreamCall& call, Deadlines& deadlines) {
  const Grace grace(deadlines, call);
  std::size_t read = 0;
  while (read < drained) {
    const auto piece = co_await call.read_body();
    if (!piece || piece->empty()) break;
    read += piece->size();
  }
}

}  // namespace

Task<void> Gateway::call_model(Serving s, const policy::GrantedCall& granted, const model::Route& route,
                               std::string_view operation, const ReadCall& read) {
  const Compiled& house = s.house();
  auto& attempts = s.ledger.outcome().attempts;
  Leash leash(s.exchange, deadlines_, route.timeout ? route.timeout : house.plan->timeouts.whole);
  std::optional<Stream> stream;
  if (read.facts.stream) {
    stream.emplace(s.exchange, deadlines_, s.ledger, *s.shape, house.secrets, house.plan->caps.sse_event);
  }
  Stream* const streamed = stream ? &*stream : nullptr;
  const ModelRequest request{s.exchange.head(), operation, read.body, read.facts};
  const std::size_t targets = granted.permit().tries();
  Returned returned;
  for (std::size_t i = 0; i < targets; ++i) {
    const model::Target& target = granted.permit().target(*house.plan, i);
    if (house.providers[static_cast<std::size_t>(target.provider)].dialect != s.shape) {
      returned =
          Failure{no_use("other_dialect", "the model's provider speaks another dialect than this endpoint"), true};
      continue;
    }
    const Attempt attempt =
        Attempt::to_model(granted, house, request, i, introduction(s), s.ledger.scratch().request);
    if (i + 1 == targets) s.exchange.body_used();  // the attempt has its own, and none follows
    attempts.push_back(attempt.record());
    const auto began = s.ledger.now();
    returned = co_await try_target(s, attempt, operation, read, streamed, i + 1 == targets, leash);
    leash.hold(nullptr);
    attempts.back().took = s.ledger.since(began);
    const auto* failure = std::get_if<Failure>(&returned);
    if (!failure || !failure->retryable || leash.cut()) break;
  }
  if (auto* failure = std::get_if<Failure>(&returned)) co_await give_up(s, std::move(*failure), streamed, leash);
  if (streamed) co_await streamed->quiet();
}

Task<Gateway::Returned> Gateway::try_target(Serving s, const Attempt& attempt, std::string_view operation,
                                            const ReadCall& read, Stream* stream, bool last_target, Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  auto opened = co_await open(attempt, {attempt.body(), true}, true, leash, record);
  if (!opened) {
    record.error = opened.error().kind;
    co_return Failure{upstream_refusal(opened.error()), true};
  }
  const int status = record.status = opened->head->status;
  if (retryable(status) && !last_target) co_return Failure{no_use("upstream_error", "the provider failed"), true};
  if (status == 401 || status == 403) {
    co_return Failure{no_use("upstream_auth", "the provider did not accept this gateway's credential"), false};
  }
  if (status >= 300 && status < 400) {
    co_return Failure{no_use("upstream_redirect", "the provider answered with a redirect, which is not followed"),
                      false};
  }
  if (secret_in(opened->head->headers, s.house().secrets)) {
    s.ledger.cell().secrets_blocked.add();
    co_return Failure{no_use("secret_blocked", "the provider's reply held a secret of this gateway"), false};
  }
  if (stream && status < 300) co_return co_await return_stream(s, *opened, read, *stream, leash);
  co_return co_await return_plain(s, *opened, operation);
}

Task<Result<std::string_view>> Gateway::read_answer(Serving s, Opened& opened) {
  const std::uint64_t cap = s.house().plan->caps.upstream_body;
  std::string& answer = s.ledger.scratch().answer;
  answer.clear();
  if (opened.head->content_length.value_or(0) > cap) co_return fail(ErrorKind::too_large, "the provider's reply");
  opened.call->gather_body(Scratch::most_reserved);
  for (bool first = true; has_body(opened.head->status); first = false) {
    auto piece = co_await opened.call->read_body();
    if (!piece) co_return std::unexpected(std::move(piece.error()));
    if (piece->empty()) break;
    if (first && piece->size() == opened.head->content_length) co_return *piece;
    if (answer.size() + piece->size() > cap) co_return fail(ErrorKind::too_large, "the provider's reply");
    if (first) answer.reserve(std::min(opened.head->content_length.value_or(0), Scratch::most_reserved));
    answer.append(*piece);
  }
  co_return std::string_view(answer);
}

Task<Gateway::Returned> Gateway::return_plain(Serving s, Opened& opened, std::string_view operation) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  const auto body = co_await read_answer(s, opened);
  if (!body) {
    record.error = body.error().kind;
    co_return Failure{upstream_refusal(body.error()), true};
  }
  s.ledger.first_byte();
  const int status = opened.head->status;
  const json::Limits limits{.depth = s.house().plan->caps.upstream_json_depth};
  if (status < 300) {
    auto usage = s.shape->scan_reply(operation, *body, limits);
    if (!usage) {
      record.error = ErrorKind::protocol;
      co_return Failure{no_use("upstream_protocol", "the provider's reply is not one of this operation"), true};
    }
    s.ledger.outcome().usage = *usage;
  } else if (!json::scan(*body, limits)) {
    // A page of some proxy on the way: its status says enough.
    const int told = status == 529 ? 503 : status;
    co_return Failure{{told, "upstream_error", "the provider failed without saying why", {}}, retryable(status)};
  }
  if (s.house().secrets.in(*body)) {
    s.ledger.cell().secrets_blocked.add();
    co_return Failure{no_use("secret_blocked", "the provider's reply held a secret of this gateway"), false};
  }
  if (s.exchange.started()) co_return Failure{no_use("upstream_error", "the provider failed"), false};
  http::ResponseHead& head = s.ledger.scratch().reply;
  head.status = status == 529 ? 503 : status;
  head.content_length.reset();
  head.headers.clear();
  http::copy_from_provider(opened.head->headers, head.headers);
  head.headers.add("x-request-id", s.ledger.request_id());
  s.ledger.outcome().status = head.status;
  const auto sent = co_await s.exchange.reply(head, *body);
  s.ledger.close(sent ? End::done : End::client_left, sent ? "" : "client_left");
  co_return Returned{};
}

Task<Gateway::Returned> Gateway::return_stream(Serving s, Opened& opened, const ReadCall& read, Stream& stream,
                                               const Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  if (!is_event_stream(*opened.head)) {
    record.error = ErrorKind::protocol;
    co_return Failure{no_use("upstream_protocol", "the provider was asked for a stream and sent none"), true};
  }
  const json::Limits limits{.depth = s.house().plan->caps.upstream_json_depth};
  const auto reader = s.shape->watch_stream(read.facts, limits);
  const Stream::Ended ended = co_await stream.relay(*opened.call, *opened.head, *reader);
  s.ledger.outcome().usage = reader->usage();
  if (ended == Stream::Ended::whole) {
    s.ledger.close(End::done, {});
    co_await drain(*opened.call, deadlines_);
    co_return Returned{};
  }
  if (ended == Stream::Ended::client_left || leash.client_left()) {
    opened.call->abort();
    s.ledger.close(End::client_left, "client_left");
    co_return Returned{};
  }
  record.error = ErrorKind::closed;
  if (ended == Stream::Ended::not_begun) {
    co_return Failure{no_use(stream.failure(), "the provider's stream ended before its answer began"), true};
  }
  opened.call->abort();
  if (stream.failure() == "secret_blocked") s.ledger.cell().secrets_blocked.add();
  co_await stream.break_off({502, stream.failure(), "the provider's stream broke; what came so far is not whole"});
  s.ledger.close(End::cut, stream.failure());
  co_return Returned{};
}

Task<void> Gateway::give_up(Serving s, Failure failure, Stream* stream, const Leash& leash) {
  if (leash.client_left() || s.exchange.client_left()) {
    s.ledger.close(End::client_left, "client_left");
    co_return;
  }
  if (leash.timed_out()) failure.refusal = {504, "timeout", "the time for the whole exchange is over", {}};
  if (stream) co_await stream->quiet();
  if (!s.exchange.started()) {
    co_await refuse(s, std::move(failure.refusal), End::failed);
    co_return;
  }
  const policy::Refusal& why = failure.refusal;
  s.ledger.close(End::cut, why.reason);
  co_await stream->break_off({why.status, why.reason, why.message});
}

}  // namespace apigw::gateway
