#include "gateway/gateway.h"

#include <algorithm>

#include "base/text.h"
#include "contract/operation.h"
#include "gateway/operation_call.h"
#include "gateway/stream.h"
#include "routing/rewrite.h"

namespace apigw::gateway {
namespace {

constexpr std::string_view prompt_paths = "/prompts/";

routing::Query asked(const http::RequestHead& head) {
  return {head.method, head.host, head.target.path, head.target.query, &head.headers};
}

bool on_this_machine(std::string_view client) {
  return client == "::1" || client.starts_with("127.");
}

const model::Endpoint* endpoint_of(const model::Route& route) {
  return std::get_if<model::Endpoint>(&route.action);
}

const model::ToPrompt* prompt_of(const model::Route& route) {
  return std::get_if<model::ToPrompt>(&route.action);
}

bool wants_stream(const http::Headers& headers) {
  return headers.find("accept").value_or("").contains("text/event-stream");
}

policy::Answer json_answer(std::string_view body) {
  policy::Answer answer;
  answer.head.headers.add("content-type", "application/json");
  answer.body = body;
  return answer;
}

// Whether a dialect whose endpoints give way to the config's routes has all below `version` for itself.
bool alone_below(const Compiled& house, std::string_view word, std::string_view version) {
  bool served = false;
  for (const model::Route& route : house.plan->routes) {
    const auto* endpoint = endpoint_of(route);
    served = served || (endpoint && endpoint->dialect == word);
    if (!endpoint && route.path.starts_with(version)) return false;
  }
  return served;
}

// A path that nobody serves, below the version of a dialect's own, was most likely asked by an SDK, which reads
// errors in its dialect only: the one that the headers or else the path belong to, OpenAI's below /v1/ where neither
// tells.
ErrorShape shape_below_version(const Compiled& house, std::string_view path, const http::Headers& headers) {
  const auto second = path.find('/', 1);
  if (!house.has_endpoints || second == std::string_view::npos) return nullptr;
  const std::string_view version = path.substr(0, second + 1);  // "/v1/"
  const auto first = [&](const auto& fits) -> ErrorShape {
    for (const dialects::RosterRow& row : dialects::roster()) {
      if (!std::ranges::any_of(row.dialect->endpoints, fits)) continue;
      if (!row.dialect->yields || alone_below(house, row.word, version)) return row.dialect;
    }
    return nullptr;
  };
  const auto below = [&](const dialects::Endpoint& e) { return e.path.starts_with(version); };
  if (version != "/v1/") return first(below);
  const auto sent = [&](const dialects::Endpoint& e) { return !e.header.empty() && headers.has(e.header); };
  const auto own = [&](const dialects::Endpoint& e) {
    return e.header.empty() && !e.path.empty() && path.starts_with(e.path);
  };
  if (const ErrorShape shape = first(sent)) return shape;
  if (const ErrorShape shape = first(own)) return shape;
  return dialects::find_dialect("openai");
}

ErrorShape shape_of(const Compiled& house, const http::RequestHead& head, const routing::Match& match) {
  if (match) {
    if (prompt_of(*match.route)) return &prompt_client();
    const auto* endpoint = endpoint_of(*match.route);
    return endpoint ? dialects::find_dialect(endpoint->dialect) : nullptr;
  }
  return shape_below_version(house, head.target.path, head.headers);
}

policy::Granted redirect(const Compiled& house, const http::RequestHead& head, const routing::Match& match,
                         const model::ToRedirect& to) {
  auto location = routing::redirect_location(to, head.target, {house.router.variables(match.index), match.captures});
  if (!location) return policy::Refusal{500, "bad_redirect", "the route's redirect cannot be written", {}};
  policy::Answer answer;
  answer.head.status = to.status;
  answer.head.headers.add("location", *location);
  return answer;
}

}  // namespace

Gateway::Gateway(Parts parts, std::shared_ptr<const Compiled> first)
    : parts_(std::move(parts)),
      snapshot_(std::make_shared<const Snapshot>(std::move(first))),
      deadlines_(parts_.io, parts_.clock) {}

Gateway::~Gateway() = default;

void Gateway::use(std::shared_ptr<const Compiled> next) {
  snapshot_ = std::make_shared<const Snapshot>(std::move(next));
}

Books Gateway::books() {
  return {parts_.state, parts_.worker, parts_.clock, parts_.log, scratch_, ids_};
}

Introduction Gateway::introduction(const Serving& s) const {
  return {s.ledger.request_id(), s.ledger.traceparent(), parts_.instance, parts_.clock.wall()};
}

Transport& Gateway::transport_of(const Attempt& attempt) {
  return attempt.mock() ? parts_.mock : parts_.upstream;
}

Task<void> Gateway::serve(http::Exchange& exchange) {
  const auto snapshot = snapshot_;  // the exchange ends on the plan that it began with
  const Compiled& house = *snapshot->compiled;
  const http::RequestHead& head = exchange.head();
  Ledger ledger(books(), exchange, *house.bindings->no_route);  // 9 SETTLE, when it ends

  const routing::Match match = house.router.match(asked(head));  // 2 MATCH
  const Serving s{exchange, *snapshot, ledger, shape_of(house, head, match)};
  if (!match) {
    co_await refuse(s, no_route(s), End::refused);
    co_return;
  }
  ledger.outcome().route = match.route->id;
  ledger.outcome().series = house.bindings->routes[match.index].get();
  exchange.limit_body(match.route->body_cap, match.route->body_rate);

  policy::Admitted admitted = admit(s, *match.route);  // 3 ADMIT
  if (auto* no = std::get_if<policy::Refusal>(&admitted)) {
    co_await refuse(s, std::move(*no), End::refused);
    co_return;
  }

  Reading reading;  // 4 READ
  if (endpoint_of(*match.route)) reading = co_await read(s, match);
  if (const auto* to = prompt_of(*match.route)) reading = co_await read_prompt(s, house.plan->at(to->prompt));
  if (match.route->operation) reading = co_await read_operation(s, match);
  if (auto* no = std::get_if<policy::Refusal>(&reading)) {
    co_await refuse(s, std::move(*no), End::refused);
    co_return;
  }
  auto& call = std::get<ReadCall>(reading);

  policy::Granted granted = grant(s, match, std::get<policy::AdmittedCall>(std::move(admitted)), call);  // 5 GRANT
  if (auto* no = std::get_if<policy::Refusal>(&granted)) {
    co_await refuse(s, std::move(*no), End::refused);
    co_return;
  }
  if (auto* answer = std::get_if<policy::Answer>(&granted)) {
    co_await give_answer(s, std::move(*answer));
    co_return;
  }
  // 6 WRITE, 7 DISPATCH, 8 RETURN
  co_await dispatch(s, std::get<policy::GrantedCall>(granted), match, std::move(call));
}

policy::Admitted Gateway::admit(const Serving& s, const model::Route& route) {
  const http::RequestHead& head = s.exchange.head();
  policy::WrongKeys& wrong_keys = parts_.state.wrong_keys();
  const policy::AdmitFacts facts{s.ledger.others(), wrong_keys.wait(head.client, s.ledger.began()), parts_.instance};
  const policy::Admission& admission = s.snapshot.admission;
  policy::Admitted admitted = admission.admit(route, head, facts);
  if (const auto* question = std::get_if<policy::Ask>(&admitted)) {
    admitted = admission.admit(route, head, facts, wrong_keys.count(question->question, s.ledger.now()));
  }
  if (const auto* call = std::get_if<policy::AdmittedCall>(&admitted))
    s.ledger.outcome().consumer = call->caller().name;
  return admitted;
}

policy::Refusal Gateway::no_route(const Serving& s) {
  const std::string allowed = s.house().router.allowed(asked(s.exchange.head()));
  if (allowed.empty()) {
    policy::Refusal no{404, "no_route", "no route serves this path", {}};
    if (const auto meant = near_prompt(s)) no.message += fmt::format("; did you mean '{}{}'?", prompt_paths, *meant);
    return no;
  }
  policy::Refusal no{405, "method_not_allowed", fmt::format("this path takes {}", allowed), {}};
  no.headers.add("allow", allowed);
  return no;
}

// A wrong key counts as at any route: the answer must not tell keys apart for free.
std::optional<std::string_view> Gateway::near_prompt(const Serving& s) {
  constexpr std::size_t longest_name = 64;
  const http::RequestHead& head = s.exchange.head();
  const std::string_view path = head.target.path;
  if (head.method != "POST" || !path.starts_with(prompt_paths)) return std::nullopt;
  const routing::Match list = s.house().router.match({"GET", head.host, "/openapi.json", {}, &head.headers});
  if (!list || !std::holds_alternative<model::ApiDocument>(list.route->action)) return std::nullopt;
  if (!std::holds_alternative<policy::AdmittedCall>(admit(s, *list.route))) return std::nullopt;
  std::vector<std::string_view> names;
  for (const model::Prompt& prompt : s.house().plan->prompts)
    if (prompt.serve) names.emplace_back(prompt.name);
  return text::closest(path.substr(prompt_paths.size(), longest_name), names);
}

Task<Gateway::Reading> Gateway::read(Serving s, const routing::Match& match) {
  const auto* endpoint = endpoint_of(*match.route);
  if (!endpoint || s.shape == nullptr) co_return ReadCall{};
  // What the gateway answers itself it is asked by the path, unless there is a body that can name a model.
  const dialects::Endpoint& asked_at = dialects::endpoint(*s.shape, endpoint->operation);
  if (asked_at.upstream.empty() && asked_at.method == "GET") co_return ReadCall{};
  if (asked_at.form) co_return co_await read_form(s, endpoint->operation);
  auto body = co_await read_whole(s);
  if (!body) co_return body_refusal(body.error());
  const json::Limits limits{.depth = s.house().plan->caps.json_depth};
  const CallPath path{match.captures.rest, s.exchange.head().target.query};
  auto read = read_call(*s.shape, endpoint->operation, path, *body, limits);
  if (auto* no = std::get_if<policy::Refusal>(&read)) co_return std::move(*no);
  auto& [operation, facts] = std::get<CallFacts>(read);
  s.ledger.scratch().model = facts.model;
  s.ledger.outcome().model = s.ledger.scratch().model;
  if (dialects::asks_answer(operation)) {
    if (auto prompt = read_prompt_model(*s.house().plan, facts, *s.shape, *body, limits))
      co_return prompt_reading(std::move(*prompt), facts, operation);
  }
  co_return ReadCall{.body = *body, .facts = std::move(facts), .operation = operation};
}

Task<Gateway::Reading> Gateway::read_prompt(Serving s, const model::Prompt& prompt) {
  s.ledger.scratch().model = fmt::format("{}{}", model::prompt_prefix, prompt.name);
  s.ledger.outcome().model = s.ledger.scratch().model;
  auto body = co_await read_whole(s);
  if (!body) co_return body_refusal(body.error());
  const json::Limits limits{.depth = s.house().plan->caps.json_depth};
  co_return prompt_reading(read_prompt_call(prompt, *body, wants_stream(s.exchange.head().headers), limits), {},
                           "chat");
}

Task<Gateway::Reading> Gateway::read_operation(Serving s, const routing::Match& match) {
  const http::RequestHead& head = s.exchange.head();
  ReadCall call;
  if (match.route->operation->content->body && head.has_body) {
    auto body = co_await read_whole(s);
    if (!body) co_return body_refusal(body.error());
    call.body = *body;
    call.whole = true;
  }
  if (auto no = misfit(s.house(), match, head, call.body)) co_return std::move(*no);
  co_return call;
}

Gateway::Reading Gateway::prompt_reading(ReadPrompt read, const dialects::RequestFacts& facts,
                                         std::string_view operation) {
  if (auto* no = std::get_if<policy::Refusal>(&read)) return std::move(*no);
  std::get<PromptCall>(read).operation = operation;
  ReadCall call;
  call.prompt = std::make_shared<const PromptCall>(std::get<PromptCall>(std::move(read)));
  call.facts.model = call.prompt->asked.model;
  call.facts.stream = call.prompt->asked.stream;
  call.facts.framing = facts.framing;
  return call;
}

// In one piece it stays where it lies: the view holds until the piece is used up.
Task<Result<std::string_view>> Gateway::read_whole(Serving s) {
  std::string& body = s.ledger.scratch().body;
  body.clear();
  s.exchange.gather_body(Scratch::most_reserved);
  for (bool first = true;; first = false) {
    auto piece = co_await s.exchange.read_body();
    if (!piece) co_return std::unexpected(std::move(piece.error()));
    const bool last = piece->empty() || s.exchange.body_done();
    if (first && last) co_return *piece;
    if (first) body.reserve(std::min(s.exchange.head().content_length.value_or(0), Scratch::most_reserved));
    body.append(*piece);
    if (!last) continue;
    s.exchange.body_used();
    co_return std::string_view(body);
  }
}

policy::Granted Gateway::grant(const Serving& s, const routing::Match& match, policy::AdmittedCall call,
                               const ReadCall& read) const {
  const Compiled& house = s.house();
  const http::RequestHead& head = s.exchange.head();
  if (const auto* to = std::get_if<model::ToRedirect>(&match.route->action)) return redirect(house, head, match, *to);
  if (std::holds_alternative<model::ApiDocument>(match.route->action)) return json_answer(house.openapi);
  if (read.prompt) return house.permission.grant(std::move(call), *read.prompt->prompt);
  const auto* endpoint = endpoint_of(*match.route);
  if (!endpoint) return house.permission.grant(std::move(call));
  if (const std::string_view same = dialects::endpoint(*s.shape, endpoint->operation).answer; !same.empty())
    return json_answer(same);
  if (endpoint->operation == "models") return house.permission.list(call, endpoint->dialect);
  if (endpoint->operation == "model") {
    const std::string& named = read.facts.model;
    const std::string name = named.empty() ? http::decode(match.captures.rest) : named;  // it may have a slash
    return house.permission.show(call, endpoint->dialect, name);
  }
  return house.permission.grant(std::move(call), read.facts.model, read.operation, on_this_machine(head.client));
}

Task<void> Gateway::dispatch(Serving s, const policy::GrantedCall& granted, const routing::Match& match,
                             ReadCall read) {
  if (read.prompt && !read.facts.stream) {
    co_await call_prompt(s, granted, *match.route, read);
  } else if (read.prompt) {
    co_await call_model(s, granted, *match.route, "chat", std::move(read));
  } else if (endpoint_of(*match.route)) {
    const std::string_view operation = read.operation;
    co_await call_model(s, granted, *match.route, operation, std::move(read));
  } else {
    co_await call_service(s, granted, match, read);
  }
}

bool Gateway::holds_secret(const Serving& s, std::string_view text) {
  const bool found = s.house().secrets.in(text);
  if (found) s.ledger.cell().secrets_blocked.add();
  return found;
}

// A provider's words may be in it.
void Gateway::hide_secrets(const Serving& s, policy::Refusal& refusal) {
  for (const std::string* said : {&refusal.message, &refusal.code, &refusal.param, &refusal.body}) {
    if (!holds_secret(s, *said)) continue;
    refusal = secret_blocked();
    return;
  }
}

Task<void> Gateway::refuse(Serving s, policy::Refusal refusal, End end) {
  if (s.exchange.client_left()) {
    s.ledger.close(End::client_left, "client_left");
    co_return;
  }
  hide_secrets(s, refusal);
  http::ResponseHead& head = s.ledger.scratch().reply;
  const std::string body = write_refusal(refusal, s.shape, s.ledger.request_id(), head);
  s.ledger.outcome().status = head.status;
  s.ledger.close(end, refusal.reason);
  const auto sent = co_await s.exchange.reply(head, body);
  if (!sent) s.ledger.close(End::client_left, "client_left");
}

std::string Gateway::refuse_unread(const http::RefusedRequest& refused, http::ResponseHead& head) {
  const http::Problem& problem = refused.problem;
  const auto made = ids_.request_id();
  const std::string_view request_id(made.data(), made.size());
  policy::Refusal no{problem.status, problem.reason, std::string(problem.detail), head.headers};
  std::string body =
      write_refusal(no, shape_below_version(*snapshot_->compiled, refused.target, {}), request_id, head);
  if (refused.logged) return body;
  Outcome outcome;
  outcome.request_id = request_id;
  outcome.started = parts_.clock.wall();
  outcome.method = refused.method;
  // Of a target in another form than a path, which may hold a password, nothing is kept; of a path not the query.
  if (refused.target.starts_with('/')) outcome.path = refused.target.substr(0, refused.target.find_first_of("?#"));
  outcome.client = refused.client;
  outcome.status = head.status;
  outcome.end = End::refused;
  outcome.reason = problem.reason;
  books().settle(outcome);
  return body;
}

Task<void> Gateway::give_answer(Serving s, policy::Answer answer) {
  answer.head.headers.set("x-request-id", s.ledger.request_id());
  s.ledger.outcome().status = answer.head.status;
  s.ledger.close(End::answered, {});
  const auto sent = co_await s.exchange.reply(answer.head, answer.body);
  if (!sent) s.ledger.close(End::client_left, "client_left");
}

}  // namespace apigw::gateway
