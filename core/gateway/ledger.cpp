#include "gateway/ledger.h"

namespace apigw::gateway {
namespace {

constexpr std::size_t kept_bytes = 64 << 10;  // of a buffer, from call to call

void trim(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_bytes) buffer.shrink_to_fit();
}

double seconds(std::chrono::microseconds t) {
  return static_cast<double>(t.count()) / 1e6;
}
std::uint64_t raw(std::chrono::microseconds t) {
  return static_cast<std::uint64_t>(t.count());
}

void count_attempt(const AttemptRecord& attempt, unsigned worker) {
  if (!attempt.upstream) return;
  UpstreamCell& cell = attempt.upstream->cells->at(worker);
  cell.attempts[static_cast<std::size_t>(attempt_end(attempt))].add();
  cell.duration.observe(seconds(attempt.took), raw(attempt.took));
}

void count_model(const Outcome& outcome, ModelCell& cell) {
  const chat::Usage& usage = outcome.usage;
  cell.duration.observe(seconds(outcome.took), raw(outcome.took));
  if (outcome.first_byte) cell.first_token.observe(seconds(*outcome.first_byte), raw(*outcome.first_byte));
  if (outcome.charged && outcome.cost) cell.cost.add(*outcome.cost);
  if (outcome.charged && !outcome.cost) cell.cost_unknown.add();
  if (!usage.known) return;
  cell.input.add(usage.input);
  cell.cache_read.add(usage.cache_read);
  cell.cache_write.add(usage.cache_write);
  cell.output.add(usage.output);
  cell.reasoning.add(usage.reasoning);
  if (usage.partial) cell.partial.add();
  const std::uint64_t in = usage.prompt(), out = usage.answer();
  cell.input_tokens.observe(static_cast<double>(in), in);
  cell.output_tokens.observe(static_cast<double>(out), out);
}

}  // namespace

void Scratch::clear() {
  trim(body);
  trim(answer);
  attempts.clear();
  losses = {};
  reply.headers.clear();
  reply.content_length.reset();
  model.clear();
}

std::unique_ptr<Scratch> ScratchPool::take() {
  if (free_.empty()) return std::make_unique<Scratch>();
  auto scratch = std::move(free_.back());
  free_.pop_back();
  return scratch;
}

void ScratchPool::give(std::unique_ptr<Scratch> scratch) {
  if (free_.size() >= most) return;
  scratch->clear();
  free_.push_back(std::move(scratch));
}

void Books::settle(const Outcome& outcome) const {
  if (log) log->settle(outcome);
  if (Recent* const recent = state.recent()) recent->settle(outcome);
}

Ledger::Ledger(Books books, const http::Exchange& exchange, RouteSeries& no_route)
    : books_(books),
      exchange_(exchange),
      scratch_(books.scratch.take()),
      began_(books.clock.now()),
      others_(books.state.enter()) {
  cell().begun.add();
  const http::RequestHead& head = exchange.head();
  name(head);
  outcome_.attempts = std::move(scratch_->attempts);
  outcome_.started = books_.clock.wall();
  outcome_.request_id = scratch_->request_id;
  outcome_.method = head.method;
  outcome_.path = head.target.path;
  outcome_.host = head.host;
  outcome_.client = head.client;
  outcome_.series = &no_route;
  // Until somebody knows better: a torn-down exchange was cut.
  outcome_.end = End::cut;
  outcome_.reason = "stopped";
}

void Ledger::name(const http::RequestHead& head) {
  scratch_->request_id = client_request_id(head.headers);
  if (scratch_->request_id.empty()) {
    const auto made = books_.ids.request_id();
    scratch_->request_id.assign(made.data(), made.size());
  }
  scratch_->traceparent = client_traceparent(head.headers);
  if (scratch_->traceparent.empty()) {
    const auto made = books_.ids.traceparent();
    scratch_->traceparent.assign(made.data(), made.size());
  }
}

Ledger::~Ledger() {
  outcome_.took = since_begin();
  outcome_.bytes_in = exchange_.bytes_in();
  outcome_.bytes_out = exchange_.bytes_out();
  count();
  books_.settle(outcome_);
  scratch_->attempts = std::move(outcome_.attempts);
  books_.scratch.give(std::move(scratch_));
  books_.state.leave();
}

std::chrono::microseconds Ledger::since(std::chrono::steady_clock::time_point begin) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(books_.clock.now() - begin);
}

void Ledger::charge(const chat::Usage& usage) {
  const auto cost = catalogue::cost_of(usage, outcome_.attempts.back().row);
  if (!outcome_.charged)
    outcome_.cost = cost;
  else if (outcome_.cost)
    outcome_.cost = cost ? std::optional(catalogue::sum(*outcome_.cost, *cost)) : std::nullopt;
  outcome_.charged = true;
}

void Ledger::count() {
  WorkerCell& totals = cell();
  totals.ended.add();
  if (outcome_.end == End::cut) totals.cut.add();
  if (outcome_.end == End::client_left) totals.clients_left.add();
  RouteCell& route = outcome_.series->cells.at(books_.worker);
  const auto family = static_cast<std::size_t>(outcome_.status / 100);
  route.by_class[family < route.by_class.size() ? family : 0].add();
  route.duration.observe(seconds(outcome_.took), raw(outcome_.took));
  route.bytes_in.add(outcome_.bytes_in);
  route.bytes_out.add(outcome_.bytes_out);
  for (const AttemptRecord& attempt : outcome_.attempts) count_attempt(attempt, books_.worker);
  if (!outcome_.attempts.empty() && outcome_.attempts.back().series) {
    count_model(outcome_, outcome_.attempts.back().series->cells.at(books_.worker));
  }
}

}  // namespace apigw::gateway
