#include "assembly/rehearsal.h"

#include "gateway/operation_call.h"
#include "gateway/prompt_call.h"
#include "gateway/request_ids.h"
#include "gateway/upstream_request.h"
#include "net/heads.h"

namespace apigw::assembly {
namespace {

constexpr std::string_view chosen_port = "127.0.0.1:{port}";  // of a service that `run` starts

Rehearsal refused(int status, std::string why) {
  return {.sent = {}, .status = status, .refusal = std::move(why)};
}

std::string bytes_of(const gateway::UpstreamRequest& request) {
  std::string out;
  net::write_request_head(request, {}, {}, out);
  return out;
}

// "{env:OPENAI_API_KEY}".
std::string shown(const model::SecretRef& secret) {
  return fmt::format("{{{}:{}}}", secret.kind == model::SecretRef::Kind::file ? "file" : "env", secret.name);
}

// "Bearer {env:OPENAI_API_KEY}"; empty when the provider takes no key.
std::string shown_credential(const model::Provider& provider, const dialects::Dialect& dialect) {
  if (provider.mock) return {};
  if (provider.aws)
    return fmt::format("AWS4-HMAC-SHA256 Credential={}/…/{}/bedrock/aws4_request, signed with {}",
                       shown(provider.aws->id), provider.aws->region, shown(provider.aws->secret));
  if (provider.key.kind == model::SecretRef::Kind::none) return {};
  return std::string(dialect.credential_prefix) + shown(provider.key);
}

struct Rehearsing {
  const gateway::Compiled& house;
  const http::RequestHead& head;
  std::string_view body;
  gateway::Introduction introduction;

  [[nodiscard]] Rehearsal service(const routing::Match& match) const {
    const auto& to = std::get<model::ToService>(match.route->action);
    gateway::UpstreamRequest request;
    if (const auto no = gateway::misfit(house, match, head, body)) return refused(no->status, no->message);
    const auto written = gateway::write_service_request(house, head, match, 0, introduction, request);
    if (!written) return refused(500, written.error().what);
    const model::Service& service = house.plan->at(to.service);
    if (service.instances.front().port == 0) request.authority = chosen_port;
    return {.sent = {{fmt::format("service '{}'", service.name), bytes_of(request), std::string(body)}}};
  }

  [[nodiscard]] Rehearsal model(const model::Endpoint& endpoint, std::string_view rest) const {
    const auto* dialect = dialects::find_dialect(endpoint.dialect);
    if (dialect == nullptr) return {};
    const dialects::Endpoint& asked = dialects::endpoint(*dialect, endpoint.operation);
    if (asked.upstream.empty()) return {};
    const json::Limits limits{.depth = house.plan->caps.json_depth};
    auto read =
        asked.form ? gateway::read_form_call(endpoint.operation, head.headers.find("content-type").value_or(""), body)
                   : gateway::read_call(*dialect, endpoint.operation, {rest, head.target.query}, body, limits);
    if (const auto* no = std::get_if<policy::Refusal>(&read)) return refused(no->status, no->message);
    auto& [operation, facts] = std::get<gateway::CallFacts>(read);
    const auto prompt = dialects::asks_answer(operation)
                            ? gateway::read_prompt_model(*house.plan, facts, *dialect, body, limits)
                            : std::nullopt;
    if (prompt) return walk(*prompt, *dialect);
    const auto permitted = house.permission.permit({}, facts.model, operation, true);
    if (const auto* no = std::get_if<policy::Refusal>(&permitted)) return refused(no->status, no->message);
    const auto& permit = std::get<policy::Permit>(permitted);
    gateway::ModelRequest call(head, *dialect, operation, body, std::move(facts));
    return walk(call, permit);
  }

  [[nodiscard]] Rehearsal prompt(const model::Prompt& prompt) const {
    const bool stream = head.headers.find("accept").value_or("").contains("text/event-stream");
    const auto read = gateway::read_prompt_call(prompt, body, stream, {.depth = house.plan->caps.json_depth});
    return walk(read, gateway::prompt_client());
  }

 private:
  [[nodiscard]] Rehearsal walk(const gateway::ReadPrompt& read, const dialects::Dialect& client) const {
    if (const auto* no = std::get_if<policy::Refusal>(&read)) return refused(no->status, no->message);
    const auto& call = std::get<gateway::PromptCall>(read);
    const auto permitted = house.permission.permit(*call.prompt);
    if (const auto* no = std::get_if<policy::Refusal>(&permitted)) return refused(no->status, no->message);
    dialects::RequestFacts facts;
    facts.model = call.asked.model;
    facts.stream = call.asked.stream;
    gateway::ModelRequest request(head, client, call, call.asked, std::move(facts));
    return walk(request, std::get<policy::Permit>(permitted));
  }

  [[nodiscard]] Rehearsal walk(gateway::ModelRequest& call, const policy::Permit& permit) const {
    Rehearsal out;
    out.model = permit.model;
    for (std::size_t i = 0; i < permit.tries(); ++i) {
      const model::Target& target = permit.target(*house.plan, i);
      if (gateway::counts_here(house, call, target)) return out;
      try_target(call, target, permit.refuses_losses(*house.plan), out);
    }
    if (!out.sent.empty()) {
      out.status = 0;
      out.refusal.clear();
    }
    return out;
  }

  void try_target(gateway::ModelRequest& call, const model::Target& target, bool refuse_losses,
                  Rehearsal& out) const {
    const model::Provider& provider = house.plan->at(target.provider);
    std::string to = fmt::format("{}/{}", provider.name, gateway::model_at(target, call.facts()));
    chat::Losses losses;
    gateway::Writing writing = gateway::write_body(house, call, target, refuse_losses, losses);
    if (auto* no = std::get_if<policy::Refusal>(&writing)) {
      if (out.passed.empty()) {
        out.status = no->status;
        out.refusal = no->message;
      }
      out.passed.push_back({std::move(to), std::move(no->message)});
      return;
    }
    auto& written = std::get<gateway::WrittenBody>(writing);
    gateway::UpstreamRequest request;
    gateway::write_model_request(house, call, target, written, introduction,
                                 shown_credential(provider, *dialects::find_spoken(provider.dialect)), request);
    out.sent.push_back({std::move(to), bytes_of(request), std::move(written.body), std::move(losses)});
  }
};

}  // namespace

Result<Rehearsal> rehearse(const model::PlanPtr& plan, const http::RequestHead& head, std::string_view body,
                           const Clock& clock, const Unknowns& unknowns, const catalogue::Models& models) {
  const gateway::State state(1, clock);
  const auto compiled = gateway::compile(plan, state, clock, models);
  if (!compiled) return std::unexpected(compiled.error());
  const routing::Match match =
      (*compiled)->router.match({head.method, head.host, head.target.path, head.target.query, &head.headers});
  if (!match) return refused(404, "no route serves this path");
  const std::string_view id = gateway::client_request_id(head.headers);
  const std::string_view trace = gateway::client_traceparent(head.headers);
  const Rehearsing rehearsing{
      **compiled,
      head,
      body,
      {id.empty() ? unknowns.request_id : id, trace.empty() ? unknowns.traceparent : trace, unknowns.instance}};
  const auto& action = match.route->action;
  if (std::holds_alternative<model::ToService>(action)) return rehearsing.service(match);
  if (const auto* endpoint = std::get_if<model::Endpoint>(&action))
    return rehearsing.model(*endpoint, match.captures.rest);
  if (const auto* to = std::get_if<model::ToPrompt>(&action)) return rehearsing.prompt(plan->at(to->prompt));
  return Rehearsal{};
}

}  // namespace apigw::assembly
