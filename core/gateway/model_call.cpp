// Calls to models: the targets in order until one gives a reply that can be used, before anything was promised.
//
// A plain reply is read whole and judged before the client hears of it (PlainReturn); a streamed one is Stream's. A
// form whose rest is with the client goes to one target alone (form_call.cpp).
// What the provider says about a client's mistake goes to the client; what it says about our credential does not.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/passage.h"
#include "gateway/plain_return.h"
#include "gateway/reply_head.h"
#include "gateway/stream.h"

namespace apigw::gateway {
namespace {

// Read behind the end mark of a stream so that its connection can be kept: at most so much, for so long.
constexpr std::size_t drained = 64 << 10;
constexpr std::chrono::milliseconds drain_time{500};
constexpr std::chrono::seconds reading_time{5};  // of what a provider says in place of a stream

// A local count of a call whose target cannot be asked. What a provider would not count is refused as there.
std::variant<policy::Answer, policy::Refusal> count_answer(ModelRequest& call) {
  if (const auto& read = call.in_hub(); !read) return unreadable(read.error());
  policy::Answer answer;
  tell_model(call.facts().model, answer.head.headers);
  answer.head.headers.add("content-type", "application/json");
  answer.head.headers.add("x-apigw-estimate", "1");
  answer.body = call.client.count_body(estimate_tokens(call.body, call.facts().scanned));
  return answer;
}

bool has_body(int status) {
  return status != 204 && status != 304;
}

bool is_stream(const http::ResponseHead& head, wire::Framing framing) {
  return wire::is_stream(head.headers.find("content-type").value_or(""), framing);
}

// JSON, which is judged; and the page of some proxy, which is no answer.
bool text_for_programs(const http::ResponseHead& head) {
  const std::string type = text::lower(head.headers.find("content-type").value_or(""));
  return type.empty() || type.starts_with("application/json") || type.starts_with("text/html");
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

policy::Refusal too_long() {
  return {504, "timeout", "the time for the whole exchange is over", {}};
}

// Ends a call that does not end by itself.
class Grace final : private TimerWheel::Entry {
 public:
  Grace(Deadlines& deadlines, UpstreamCall& call, std::chrono::milliseconds time)
      : deadlines_(deadlines), call_(call) {
    deadlines_.enter();
    deadlines_.arm(*this, time);
  }
  ~Grace() override { deadlines_.leave(); }

 private:
  void expired() override { call_.abort(); }
  Deadlines& deadlines_;
  UpstreamCall& call_;
};

// After the end mark the reply is over for the client, but the connection is good again only once its end was read.
Task<void> drain(UpstreamCall& call, Deadlines& deadlines) {
  const Grace grace(deadlines, call, drain_time);
  std::size_t read = 0;
  while (read < drained) {
    const auto piece = co_await call.read_body();
    if (!piece || piece->empty()) break;
    read += piece->size();
  }
}

}  // namespace

Task<void> Gateway::call_model(Serving s, const policy::GrantedCall& granted, const model::Route& route,
                               std::string_view operation, ReadCall read) {
  const Compiled& house = s.house();
  auto& attempts = s.ledger.outcome().attempts;
  Leash leash(s.exchange, deadlines_, route.timeout ? route.timeout : house.plan->timeouts.whole);
  std::optional<Stream> stream;
  if (read.facts.stream) {
    const model::Caps& caps = house.plan->caps;  // an event may hold a whole picture
    const std::uint64_t event =
        read.facts.typed_events ? std::max(caps.sse_event, caps.upstream_body) : caps.sse_event;
    stream.emplace(s.exchange, deadlines_, s.ledger, *s.shape, house.secrets, event, read.facts.framing);
  }
  ModelRequest request =
      read.prompt ? ModelRequest(s.exchange.head(), *s.shape, *read.prompt, read.prompt->asked, std::move(read.facts))
                  : ModelRequest(s.exchange.head(), *s.shape, operation, read.body, std::move(read.facts));
  request.has_rest = read.rest != nullptr;
  const std::size_t targets = granted.permit().tries();
  std::optional<Failure> failure;
  for (std::size_t i = 0; i < targets; ++i) {
    if (counts_here(house, request, granted.permit().target(*house.plan, i))) {
      auto counted = count_answer(request);
      if (auto* no = std::get_if<policy::Refusal>(&counted))
        co_await refuse(s, std::move(*no), End::refused);
      else
        co_await give_answer(s, std::move(std::get<policy::Answer>(counted)));
      co_return;
    }
    auto made = Attempt::to_model(granted, house, request, i, introduction(s), s.ledger.scratch().request,
                                  s.ledger.scratch().losses);
    if (auto* no = std::get_if<policy::Refusal>(&made)) {  // another target may be able to say it
      s.ledger.outcome().losses = nullptr;
      if (!failure) failure = Failure{std::move(*no), true};
      continue;
    }
    Attempt& attempt = std::get<Attempt>(made);
    if (i + 1 == targets) {  // the attempt has its own, and none follows
      request.forget();
      s.exchange.body_used();
    }
    s.ledger.outcome().losses = attempt.translated() ? &s.ledger.scratch().losses : nullptr;
    attempts.push_back(attempt.record());
    auto began = s.ledger.now();
    Returned returned =
        attempt.calls() ? co_await embed(s, attempt, request.operation, i + 1 == targets, leash, began)
        : read.rest     ? co_await try_form(s, attempt, request, *read.rest, stream ? &*stream : nullptr, leash)
                    : co_await try_target(s, attempt, request, stream ? &*stream : nullptr, i + 1 == targets, leash);
    leash.hold(nullptr);
    attempts.back().took = s.ledger.since(began);
    auto* failed = std::get_if<Failure>(&returned);
    failure = failed ? std::optional(std::move(*failed)) : std::nullopt;
    if (!failure || !failure->retryable || leash.cut()) break;
  }
  if (failure) co_await give_up(s, std::move(*failure), stream ? &*stream : nullptr, leash);
  if (stream) co_await stream->quiet();
}

Task<Gateway::Returned> Gateway::try_target(Serving s, const Attempt& attempt, ModelRequest& call, Stream* stream,
                                            bool last_target, Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  auto opened = co_await open(attempt, {attempt.body(), true}, true, leash, record);
  if (!opened) {
    record.error = opened.error().kind;
    co_return Failure{upstream_refusal(opened.error()), true};
  }
  co_return co_await return_reply(s, *opened, attempt, call, stream, last_target, leash);
}

Task<Gateway::Returned> Gateway::return_reply(Serving s, Opened& opened, const Attempt& attempt, ModelRequest& call,
                                              Stream* stream, bool last_target, const Leash& leash) {
  const http::ResponseHead& head = *opened.head;
  s.ledger.outcome().attempts.back().status = head.status;
  if (auto unusable = judge_head(s, head, last_target)) co_return std::move(*unusable);
  if (head.status < 300) {
    // A model that knows no streams answers whole where any reply will do.
    const dialects::Endpoint* const asked = dialects::find_endpoint(call.client, call.operation);
    const bool any = asked != nullptr && asked->any_reply && !attempt.translated();
    if (stream && (!any || is_stream(head, attempt.dialect().framing)))
      co_return co_await return_stream(s, opened, attempt, call, *stream, leash);
    if (any && !text_for_programs(head)) co_return co_await return_bytes(s, opened, attempt, leash);
  }
  co_return co_await return_plain(s, opened, attempt, call.operation);
}

std::optional<Gateway::Failure> Gateway::judge_head(const Serving& s, const http::ResponseHead& head,
                                                    bool last_target) {
  const int status = head.status;
  if (retryable(status) && !last_target) return Failure{no_use("upstream_error", "the provider failed"), true};
  if (status == 401 || status == 403) {
    return Failure{no_use("upstream_auth", "the provider did not accept this gateway's credential"), false};
  }
  if (status >= 300 && status < 400) {
    return Failure{no_use("upstream_redirect", "the provider answered with a redirect, which is not followed"),
                   false};
  }
  if (secret_in(head.headers, s.house().secrets)) {
    s.ledger.cell().secrets_blocked.add();
    return Failure{secret_blocked(), false};
  }
  return std::nullopt;
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

Task<Gateway::Returned> Gateway::return_plain(Serving s, Opened& opened, const Attempt& attempt,
                                              std::string_view operation) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  const auto body = co_await read_answer(s, opened);
  if (!body) {
    record.error = body.error().kind;
    co_return Failure{upstream_refusal(body.error()), true};
  }
  s.ledger.first_byte();
  PlainReturn plain(s.ledger, *s.shape, attempt, operation, s.house().plan->caps.upstream_json_depth);
  const auto judged = plain.judge(*opened.head, *body);
  if (const auto* failure = std::get_if<Unusable>(&judged)) {
    record.error = failure->error;
    co_return Failure{failure->refusal, failure->retryable};
  }
  const std::string_view out = std::get<std::string_view>(judged);
  if (holds_secret(s, out)) co_return Failure{secret_blocked(), false};
  if (s.exchange.started()) co_return Failure{no_use("upstream_error", "the provider failed"), false};
  http::ResponseHead& head = s.ledger.scratch().reply;
  if (s.house().plan->development) tell_cost(s.ledger.outcome(), head.headers);
  s.ledger.outcome().status = head.status;
  const auto sent = co_await s.exchange.reply(head, out);
  s.ledger.close(sent ? End::done : End::client_left, sent ? "" : "client_left");
  co_return Returned{};
}

Task<Gateway::Returned> Gateway::return_stream(Serving s, Opened& opened, const Attempt& attempt, ModelRequest& call,
                                               Stream& stream, const Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  const wire::Framing from = attempt.dialect().framing;
  if (!is_stream(*opened.head, from)) {
    const Grace grace(deadlines_, *opened.call, reading_time);
    const auto body = co_await read_answer(s, opened);
    Unusable no = no_answer(*opened.head, body.value_or(""), {.depth = s.house().plan->caps.upstream_json_depth},
                            *s.shape, "the provider was asked for a stream and sent none");
    record.error = no.error;
    co_return Failure{std::move(no.refusal), no.retryable};
  }
  auto passage = passage_of(s, attempt, call);
  if (call.facts().framing == wire::Framing::array) passage = in_array(std::move(passage));
  http::Headers head;
  write_reply_fields(s.ledger, attempt, opened.head->headers, head);
  const Stream::Ended ended =
      co_await stream.relay(*opened.call, from, attempt.timeouts().first_byte, head, *passage);
  chat::Usage& usage = s.ledger.outcome().usage = passage->usage();
  const bool left = ended == Stream::Ended::client_left || leash.client_left();
  // The provider counts at the end, and works until then: what it did is paid.
  if (usage.partial && (left || ended == Stream::Ended::cut))
    estimate_rest(usage, attempt.body(), passage->said_bytes());
  if (left || ended != Stream::Ended::not_begun) s.ledger.charge(usage);
  if (ended == Stream::Ended::whole) {
    s.ledger.close(End::done, {});
    co_await drain(*opened.call, deadlines_);
    co_return Returned{};
  }
  if (left) {
    opened.call->abort();
    s.ledger.close(End::client_left, "client_left");
    co_return Returned{};
  }
  const bool secret = stream.failure() == "secret_blocked";
  const policy::Refusal* own = passage->refusal();
  const bool late = leash.timed_out() && !secret && !own;
  record.error = late ? ErrorKind::cancelled : own ? upstream_fault(*own) : stream.error();
  const bool begun = ended != Stream::Ended::not_begun;
  policy::Refusal why = no_use(stream.failure(), begun ? "the provider's stream broke; what came so far is not whole"
                                                       : "the provider's stream ended before its answer began");
  if (stream.failure() == "timeout") why = upstream_refusal({ErrorKind::timeout, {}});
  if (stream.failure() == "event_too_large")
    why.message =
        fmt::format("an event of the provider's stream is larger than {} bytes (caps.sse_event)", stream.event_cap());
  const chat::ProviderError* said = passage->error();
  if (said && stream.failure() == "upstream_error") {
    why = refusal_of(*said, *s.shape);
    if (why.reason == "upstream_error") why.body = passage->error_body();
  }
  if (own) why = *own;
  if (secret) why = secret_blocked();
  if (late) why = too_long();
  if (!begun) co_return Failure{std::move(why), true};
  opened.call->abort();
  if (secret) s.ledger.cell().secrets_blocked.add();
  if (!s.exchange.started()) co_return Failure{std::move(why), false};  // of the answer nothing could be told yet
  hide_secrets(s, why);
  co_await stream.break_off(why);
  s.ledger.close(End::cut, late || own ? why.reason : stream.failure());
  co_return Returned{};
}

std::unique_ptr<Passage> Gateway::passage_of(const Serving& s, const Attempt& attempt, ModelRequest& call) {
  const json::Limits limits{.depth = s.house().plan->caps.upstream_json_depth};
  if (call.prompt) {
    auto writer =
        call.prompt->bare
            ? nullptr
            : s.shape->write_events(reply_facts(s.ledger, call.prompt->asked.stream_usage, call.prompt->operation));
    return prompt_passage(*call.prompt, attempt.dialect().read_events(attempt.way_back(), limits), std::move(writer),
                          s.house().plan->caps.upstream_body, s.ledger.scratch().losses);
  }
  if (!attempt.translated()) return pass_through(*s.shape, call.facts(), limits);
  return translate_stream(attempt.dialect(), attempt.way_back(), *s.shape,
                          reply_facts(s.ledger, call.facts().wants_usage, call.operation), limits,
                          s.ledger.scratch().losses);
}

Task<void> Gateway::give_up(Serving s, Failure failure, Stream* stream, const Leash& leash) {
  if (leash.client_left() || s.exchange.client_left()) {
    s.ledger.close(End::client_left, "client_left");
    co_return;
  }
  if (leash.timed_out()) failure.refusal = too_long();
  if (stream) co_await stream->quiet();
  if (!s.exchange.started()) {
    const bool asked = !s.ledger.outcome().attempts.empty();
    const End end = asked ? End::failed : End::refused;
    if (asked) tell_model(s.ledger.outcome().model, failure.refusal.headers);
    co_await refuse(s, std::move(failure.refusal), end);
    co_return;
  }
  policy::Refusal& why = failure.refusal;
  hide_secrets(s, why);
  s.ledger.close(End::cut, why.reason);
  co_await stream->break_off(why);
}

}  // namespace apigw::gateway
