// Calls for vectors from WRITE to RETURN: cut as the target needs it, sent one after the other, joined to one reply.
#include "gateway/embedding_call.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/gateway.h"
#include "gateway/plain_return.h"
#include "gateway/reply_head.h"

namespace apigw::gateway {
namespace {

Result<void> bounded(std::size_t inputs, std::size_t most) {
  if (inputs <= most * most_embedding_calls) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} inputs are too many: this model takes {} in a call, and one request is spread over {} "
                          "calls at most, so {} inputs",
                          inputs, most, most_embedding_calls, most * most_embedding_calls));
}

EmbeddingCalls in_order(std::vector<dialects::CutBody> calls) {
  std::ranges::reverse(calls);
  return {.operation = {}, .rest = std::move(calls), .wanted = {}};
}

// Error protocol: a vector cannot be said in the form that the client reads.
Result<std::string> write_vectors(const dialects::Dialect& client, std::string_view operation,
                                  chat::EmbeddingReply& reply, std::optional<chat::VectorForm> wanted,
                                  const dialects::ReplyFacts& facts, chat::Losses& losses) {
  for (chat::Vector& vector : reply.vectors) {
    if (wanted && !dialects::bring(vector, *wanted))
      return fail(ErrorKind::protocol, "the provider's reply holds a vector that is none of 32-bit floats");
  }
  return client.embeddings->write_reply(operation, reply, facts, losses);
}

}  // namespace

std::optional<std::string> EmbeddingCalls::next() {
  if (rest.empty()) return std::nullopt;
  inputs = rest.back().inputs;
  std::string body = std::move(rest.back().body);
  rest.pop_back();
  return body;
}

Result<EmbeddingCalls> write_calls(const chat::EmbeddingRequest& request, const dialects::Embeddings& target,
                                   std::string_view model, chat::Losses& losses) {
  const std::span<const chat::EmbeddingInput> inputs = request.inputs;
  if (auto fits = bounded(inputs.size(), target.most_inputs); !fits) return std::unexpected(std::move(fits.error()));
  std::vector<dialects::CutBody> calls;
  std::string_view operation;
  for (std::size_t from = 0; from < inputs.size(); from += target.most_inputs) {
    const auto some = inputs.subspan(from, std::min(target.most_inputs, inputs.size() - from));
    chat::Losses again;  // each call loses the same
    auto written = target.write_request(request, some, model, from == 0 ? losses : again);
    if (!written) return std::unexpected(std::move(written.error()));
    operation = written->operation;
    calls.push_back({std::move(written->body), some.size()});
  }
  EmbeddingCalls made = in_order(std::move(calls));
  made.operation = operation;
  made.wanted = request.form.value_or(chat::VectorForm::floats);
  return made;
}

bool takes_at_once(const dialects::Dialect& dialect, std::string_view operation, std::string_view body,
                   const json::Document& scanned) {
  if (!dialects::asks_vectors(operation) || dialect.embeddings == nullptr) return true;
  const std::size_t most = dialect.embeddings->most_inputs;
  const auto list = dialect.embeddings->list(operation, body, scanned);
  return !list || json::elements(body, *list, most).size() <= most;
}

Result<EmbeddingCalls> cut_calls(const dialects::Dialect& dialect, std::string_view operation, std::string_view body,
                                 const json::Limits& limits) {
  const auto scanned = json::scan(body, limits);
  if (!scanned) return std::unexpected(scanned.error());
  const std::size_t most = dialect.embeddings->most_inputs;
  const auto list = dialect.embeddings->list(operation, body, *scanned);
  if (!list) return fail(ErrorKind::invalid, "the inputs are no list");
  if (body.size() - (list->end - list->begin) > most_beside_inputs)
    return fail(ErrorKind::invalid, fmt::format("a call of more than {} inputs may have {} bytes beside them at most",
                                                most, most_beside_inputs));
  const std::size_t inputs = json::elements(body, *list).size();
  if (auto fits = bounded(inputs, most); !fits) return std::unexpected(std::move(fits.error()));
  EmbeddingCalls made = in_order(dialects::cut(body, *list, most));
  made.operation = operation;
  return made;
}

/* ------------------------------- dispatch ------------------------------- */

Task<Gateway::Returned> Gateway::embed(Serving s, Attempt& attempt, std::string_view operation, bool last_target,
                                       Leash& leash, std::chrono::steady_clock::time_point& began) {
  auto& attempts = s.ledger.outcome().attempts;
  const json::Limits limits{.depth = s.house().plan->caps.upstream_json_depth};
  std::uint64_t room = s.house().plan->caps.upstream_body;  // of all replies together
  std::optional<chat::EmbeddingReply> whole;
  for (;;) {
    AttemptRecord& record = attempts.back();
    auto opened = co_await open(attempt, {attempt.body(), true}, true, leash, record);
    if (!opened) {
      record.error = opened.error().kind;
      co_return Failure{upstream_refusal(opened.error()), true};
    }
    record.status = opened->head->status;
    if (auto unusable = judge_head(s, *opened->head, last_target)) co_return std::move(*unusable);
    if (record.status >= 300) co_return co_await return_plain(s, *opened, attempt, operation);
    auto body = co_await read_answer(s, *opened);
    if (body && body->size() > room) body = fail(ErrorKind::too_large, "the provider's replies");
    if (!body) {
      record.error = body.error().kind;
      co_return Failure{upstream_refusal(body.error()), true};
    }
    room -= body->size();
    s.ledger.first_byte();
    auto part = attempt.dialect().embeddings->read_reply(*body, limits);
    if (!part || part->vectors.size() != attempt.calls()->inputs) {
      const std::string_view otherwise =
          part ? "the provider's reply has another number of vectors than it was given inputs" : no_reply;
      Unusable no = no_answer(*opened->head, *body, limits, *s.shape, otherwise);
      record.error = no.error;
      co_return Failure{std::move(no.refusal), no.retryable};
    }
    s.ledger.charge(part->usage);
    if (whole)
      chat::join(*whole, std::move(*part));
    else
      whole = std::move(*part);
    if (!attempt.go_on()) co_return co_await return_vectors(s, attempt, operation, *opened->head, *whole);
    leash.hold(nullptr);
    if (leash.cut()) co_return Failure{upstream_refusal({ErrorKind::cancelled, "the call was cut"}), false};
    record.took = s.ledger.since(began);
    attempts.push_back(attempt.record());
    began = s.ledger.now();
  }
}

Task<Gateway::Returned> Gateway::return_vectors(Serving s, const Attempt& attempt, std::string_view operation,
                                                const http::ResponseHead& from, chat::EmbeddingReply& whole) {
  s.ledger.outcome().usage = whole.usage;
  if (whole.model.empty()) whole.model = attempt.record().model;
  chat::Losses& losses = s.ledger.scratch().losses;
  const auto written = write_vectors(*s.shape, operation, whole, attempt.calls()->wanted,
                                     reply_facts(s.ledger, true, operation), losses);
  if (!written) {
    s.ledger.outcome().attempts.back().error = written.error().kind;
    co_return Failure{{502, "upstream_protocol", written.error().what, {}}, true};
  }
  if (holds_secret(s, *written)) co_return Failure{secret_blocked(), false};
  http::ResponseHead& head = s.ledger.scratch().reply;
  head.status = 200;
  head.content_length.reset();
  head.headers.clear();
  write_reply_fields(s.ledger, attempt, from.headers, head.headers);
  head.headers.set("content-type", "application/json");
  s.ledger.outcome().losses = &losses;  // replies of the client's own dialect can lose something too when joined
  tell_losses(losses, head.headers);
  s.ledger.outcome().status = head.status;
  const auto sent = co_await s.exchange.reply(head, *written);
  s.ledger.close(sent ? End::done : End::client_left, sent ? "" : "client_left");
  co_return Returned{};
}

}  // namespace apigw::gateway
