// DISPATCH of a prompt's call that is answered whole: asked once, and once more where the answer does not have the
// form that the prompt promises.
//
// Both tries walk the targets as any model call does; attempts of the second are marked in the Outcome, whose usage
// is that of both.
#include "gateway/prompt_call.h"

#include "gateway/gateway.h"
#include "gateway/plain_return.h"
#include "gateway/reply_head.h"
#include "http/hop_by_hop.h"

namespace apigw::gateway {
namespace {

void add(chat::Usage& sum, const chat::Usage& more) {
  sum.input += more.input;
  sum.cache_read += more.cache_read;
  sum.cache_write += more.cache_write;
  sum.output += more.output;
  sum.reasoning += more.reasoning;
  sum.known = sum.known || more.known;
  sum.partial = sum.partial || more.partial;
}

// The output as JSON, what is wrong with it, or why there is none and a second try is in vain.
using Judged = std::variant<std::string, prompt::Problems, policy::Refusal>;

Judged judge(const PromptCall& call, const chat::Reply& reply) {
  const std::string text = text_of(reply);
  const Ending ending = ending_of(reply);
  if (auto no = unfinished(call, ending, text)) return std::move(*no);
  if (!has_output(call, ending)) return std::string();
  auto output = prompt::check_answer(*call.prompt->content, text);
  if (!output) return std::move(output.error());
  return std::move(*output);
}

}  // namespace

Task<void> Gateway::call_prompt(Serving s, const policy::GrantedCall& granted, const model::Route& route,
                                const ReadCall& read) {
  const PromptCall& call = *read.prompt;
  Leash leash(s.exchange, deadlines_, route.timeout ? route.timeout : s.house().plan->timeouts.whole);
  s.exchange.body_used();
  Asked first = co_await ask(s, granted, read, call.asked, false, leash);
  if (auto* failure = std::get_if<Failure>(&first)) {
    co_await give_up(s, std::move(*failure), nullptr, leash);
    co_return;
  }
  auto reply = std::get<chat::Reply>(std::move(first));
  Judged judged = judge(call, reply);
  if (const auto* problems = std::get_if<prompt::Problems>(&judged)) {
    const chat::Request again = prompt::repair(call.asked, text_of(reply), *problems);
    Asked second = co_await ask(s, granted, read, again, true, leash);
    if (auto* failure = std::get_if<Failure>(&second)) {
      co_await give_up(s, std::move(*failure), nullptr, leash);
      co_return;
    }
    reply = std::get<chat::Reply>(std::move(second));
    judged = judge(call, reply);
    if (const auto* still = std::get_if<prompt::Problems>(&judged)) judged = misfit(*still);
  }
  if (auto* no = std::get_if<policy::Refusal>(&judged)) {
    Failure failure{std::move(*no), false};
    co_await give_up(s, std::move(failure), nullptr, leash);
    co_return;
  }
  co_await answer_prompt(s, call, std::move(reply), std::get<std::string>(judged));
}

Task<void> Gateway::answer_prompt(Serving s, const PromptCall& call, chat::Reply reply, std::string output) {
  const chat::Usage& usage = s.ledger.outcome().usage;
  if (reply.answers.size() > 1) reply.answers.resize(1);  // a prompt gives one
  std::string body;
  if (call.bare) {
    body = prompt_answer(output, usage, call.prompt->model, ending_of(reply).stop);
  } else {
    if (call.prompt->content->form == prompt::OutputForm::json && has_output(call, ending_of(reply))) {
      reply.answers.front().parts.clear();
      reply.answers.front().parts.push_back({chat::Text{output}, {}});
    }
    reply.usage = usage;
    body = s.shape->write_reply(reply, reply_facts(s.ledger, true, call.operation), s.ledger.scratch().losses);
  }
  // Decoded, it may hold what the provider's bytes did not show.
  if (holds_secret(s, body)) {
    co_await refuse(s, secret_blocked(), End::failed);
    co_return;
  }
  http::ResponseHead& head = s.ledger.scratch().reply;
  head.status = 200;
  head.content_length.reset();
  tell_model(s.ledger.outcome().model, head.headers);
  if (s.ledger.outcome().losses) tell_losses(*s.ledger.outcome().losses, head.headers);
  if (s.house().plan->development) tell_cost(s.ledger.outcome(), head.headers);
  head.headers.set("content-type", "application/json");
  head.headers.set("x-request-id", s.ledger.request_id());
  s.ledger.outcome().status = head.status;
  const auto sent = co_await s.exchange.reply(head, body);
  s.ledger.close(sent ? End::done : End::client_left, sent ? "" : "client_left");
}

Task<Gateway::Asked> Gateway::ask(Serving s, const policy::GrantedCall& granted, const ReadCall& read,
                                  const chat::Request& asked, bool repair, Leash& leash) {
  const Compiled& house = s.house();
  auto& attempts = s.ledger.outcome().attempts;
  ModelRequest request(s.exchange.head(), *s.shape, *read.prompt, asked, read.facts);
  const std::size_t targets = granted.permit().tries();
  Asked result = Failure{{502, "upstream_protocol", std::string(no_reply), {}}, false};
  for (std::size_t i = 0; i < targets; ++i) {
    auto made = Attempt::to_model(granted, house, request, i, introduction(s), s.ledger.scratch().request,
                                  s.ledger.scratch().losses);
    if (auto* no = std::get_if<policy::Refusal>(&made)) {
      s.ledger.outcome().losses = nullptr;
      if (i == 0) result = Failure{std::move(*no), true};
      continue;
    }
    const Attempt& attempt = std::get<Attempt>(made);
    s.ledger.outcome().losses = &s.ledger.scratch().losses;
    attempts.push_back(attempt.record());
    attempts.back().repair = repair;
    const auto began = s.ledger.now();
    result = co_await ask_target(s, attempt, i + 1 == targets, leash);
    leash.hold(nullptr);
    attempts.back().took = s.ledger.since(began);
    const auto* failure = std::get_if<Failure>(&result);
    if (!failure || !failure->retryable || leash.cut()) break;
  }
  co_return result;
}

Task<Gateway::Asked> Gateway::ask_target(Serving s, const Attempt& attempt, bool last_target, Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  auto opened = co_await open(attempt, {attempt.body(), true}, true, leash, record);
  if (!opened) {
    record.error = opened.error().kind;
    co_return Failure{upstream_refusal(opened.error()), true};
  }
  record.status = opened->head->status;
  if (auto unusable = judge_head(s, *opened->head, last_target)) co_return std::move(*unusable);
  http::Headers& told = s.ledger.scratch().reply.headers;  // answer_prompt adds ours
  told.clear();
  http::copy_from_provider(opened->head->headers, told);
  const auto body = co_await read_answer(s, *opened);
  if (!body) {
    record.error = body.error().kind;
    co_return Failure{upstream_refusal(body.error()), true};
  }
  s.ledger.first_byte();
  if (holds_secret(s, *body)) co_return Failure{secret_blocked(), false};
  if (record.status >= 300) {
    const auto error = attempt.dialect().read_error(record.status, opened->head->headers, *body);
    co_return Failure{refusal_of(error, *s.shape), retryable(record.status)};
  }
  const json::Limits limits{.depth = s.house().plan->caps.upstream_json_depth};
  auto reply = attempt.dialect().read_reply(*body, attempt.way_back(), limits);
  if (!reply) {
    Unusable no = no_answer(*opened->head, *body, limits, *s.shape, no_reply);
    record.error = no.error;
    co_return Failure{std::move(no.refusal), no.retryable};
  }
  add(s.ledger.outcome().usage, reply->usage);
  s.ledger.charge(reply->usage);
  co_return std::move(*reply);
}

}  // namespace apigw::gateway
