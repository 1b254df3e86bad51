#include "explain_request.h"

#include <nlohmann/json.hpp>

#include "assembly/endpoints.h"
#include "assembly/rehearsal.h"
#include "base/json.h"
#include "base/text.h"
#include "http/framing.h"
#include "output.h"
#include "own_models.h"
#include "project.h"
#include "routing/explain.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;
using Sent = assembly::Rehearsal::Sent;

constexpr std::string_view any_host = "{host}", any_client = "{client}";  // what only a real client says

// Where a value was written: "apigw.yaml:14".
std::string place(const diag::Sources& sources, Span where) {
  return where.known()
             ? fmt::format("{}:{}", sources.name(where.source), sources.position(where.source, where.begin).line)
             : std::string{};
}

// One value of the answer and the line that set it.
struct Fact {
  std::string name, value;
  Span where;
};

std::string edit_text(const model::HeaderEdit& edit) {
  return edit.value ? fmt::format("set {}: {}", edit.name, *edit.value) : fmt::format("remove {}", edit.name);
}

// The model that the call asks for, or those that the endpoint would take as long as nobody knows: each with its
// targets in order.
void add_models(const model::Plan& plan, const assembly::Rehearsal& rehearsed, std::vector<Fact>& out) {
  if (!rehearsed.model && (!rehearsed.sent.empty() || !rehearsed.passed.empty())) return;  // it names a target itself
  for (std::uint32_t i = 0; i < plan.models.size(); ++i) {
    if (rehearsed.model.value_or(i) != i) continue;
    const model::Model& model = plan.models[i];
    std::string targets;
    for (const model::Target& target : model.targets)
      targets += fmt::format("{}{}/{}", targets.empty() ? "" : ", then ", plan.at(target.provider).name,
                             target.model.empty() ? "*" : target.model);
    out.push_back({"model", fmt::format("{} is {}", model.name, targets), model.where});
  }
}

void add_upstream(const routing::Explanation::Upstream& upstream, Span set_at, std::vector<Fact>& out) {
  const bool chosen_later = upstream.authority.ends_with(":0");  // `run` picks the port of what it starts
  out.push_back({"upstream", fmt::format("{} {}", upstream.method, upstream.target), {}});
  out.push_back({"host", chosen_later ? "the port that `apigw run` chooses" : upstream.authority, {}});
  for (const model::HeaderEdit& edit : upstream.edits) out.push_back({"header", edit_text(edit), set_at});
  if (chosen_later) return;
  for (const std::string& instance : upstream.instances) out.push_back({"instance", instance, {}});
}

Fact set_or_default(std::string name, std::string value, Span where) {
  return {std::move(name), where.known() ? std::move(value) : value + ", by default", where};
}

// What a call to a dialect's endpoint asks for.
struct AskedEndpoint {
  const model::Endpoint* endpoint = nullptr;  // null: the call goes to none
  std::optional<std::string_view> operation;  // nothing: none that is served
  bool path_names_model = false;
};

AskedEndpoint asked_endpoint(const routing::Explanation& why, std::string_view target) {
  const auto* endpoint = why.route == nullptr ? nullptr : std::get_if<model::Endpoint>(&why.route->action);
  if (endpoint == nullptr) return {};
  const auto rest = std::ranges::find(why.variables, "rest", &std::pair<std::string, std::string>::first);
  const auto mark = target.find('?');
  return {endpoint,
          assembly::operation_of(*endpoint, rest == why.variables.end() ? std::string_view() : rest->second,
                                 mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1)),
          assembly::operations(*endpoint).size() > 1};
}

std::vector<Fact> facts(const routing::Explanation& why, const AskedEndpoint& asked,
                        const assembly::Rehearsal& rehearsed, const model::Plan& plan) {
  const model::Route& route = *why.route;
  std::vector<Fact> out{{"route", route.id, route.where}, set_or_default("auth", why.auth, route.auth.where)};
  const auto* service = std::get_if<model::ToService>(&route.action);
  const auto* endpoint = asked.endpoint;
  if (endpoint != nullptr || std::holds_alternative<model::ToPrompt>(route.action)) {
    // What the client speaks; who answers depends on the model.
    out.push_back({"endpoint",
                   asked.operation ? fmt::format("{} {}", endpoint->dialect, *asked.operation) : why.target,
                   route.where});
    if (!rehearsed.sent.empty()) out.push_back({"target", rehearsed.sent.front().to, {}});
  } else {
    out.push_back({"target", why.target, service != nullptr ? plan.at(service->service).where : route.where});
  }
  for (const auto& [name, value] : why.variables) out.push_back({"{" + name + "}", value, {}});
  if (route.operation)
    out.push_back(
        {"operation", fmt::format("{}#{}", route.operation->file, route.operation->name), route.operation->where});
  if (route.timeout) out.push_back({"timeout", fmt::format("{} ms", route.timeout->count()), route.timeout_where});
  out.push_back(set_or_default("body", fmt::format("at most {} bytes", route.body_cap), route.body_where));
  if (endpoint != nullptr && endpoint->operation != "models" && endpoint->operation != "model")
    add_models(plan, rehearsed, out);
  if (why.upstream) add_upstream(*why.upstream, route.where, out);
  return out;
}

std::string losses_text(const chat::Losses& losses) {
  std::string out;
  if (!losses.empty()) out += "\n  lost on the way\n";
  for (const chat::Loss& loss : losses.list())
    out += fmt::format("    {} {}: {}\n", word(loss.kind), text::printable(loss.path), loss.why);
  if (losses.count() > losses.list().size())
    out += fmt::format("    and {} more\n", losses.count() - losses.list().size());
  return out;
}

std::string sent_text(const assembly::Rehearsal& rehearsed) {
  std::string out;
  for (const auto& [to, why] : rehearsed.passed) out += fmt::format("\nPassed over: {}\n  {}\n", to, why);
  for (const Sent& one : rehearsed.sent) {
    const bool first = &one == &rehearsed.sent.front();
    out += fmt::format("\n{} {}\n\n", first ? "Request to" : "When that fails, to", one.to);
    for (std::string_view rest = one.head; rest != "\r\n";) {
      const auto end = rest.find("\r\n");
      out += fmt::format("  {}\n", text::printable(rest.substr(0, end), std::string::npos));
      rest.remove_prefix(end + 2);
    }
    if (one.body.empty()) continue;
    out += "\n";
    for (const std::string_view line : text::split(one.body, '\n'))
      out += fmt::format("  {}\n", text::printable(line, std::string::npos));
    out += losses_text(one.losses);
  }
  return out;
}

std::string request_text(const AskedRequest& asked, const routing::Explanation& why, const std::vector<Fact>& rows,
                         const assembly::Rehearsal& rehearsed, const diag::Sources& sources) {
  std::string out =
      fmt::format("{} {}{}\n\n", asked.method, asked.target, asked.host.empty() ? "" : " at " + asked.host);
  if (!why.refusal.empty()) out += fmt::format("  refused   {} {}\n", why.status, why.refusal);
  for (const Fact& fact : rows) {
    const std::string at = place(sources, fact.where);
    out += fmt::format("  {:<9} {}{}\n", fact.name, fact.value, at.empty() ? "" : "  (" + at + ")");
  }
  if (!why.candidates.empty()) out += "\nRoutes of this path\n\n";
  for (const auto& candidate : why.candidates)
    out += fmt::format("  {} {}: {}  ({})\n", candidate.fits ? "+" : "-", candidate.route->id, candidate.why,
                       place(sources, candidate.route->where));
  return out + sent_text(rehearsed);
}

ordered_json request_json(const AskedRequest& asked, const routing::Explanation& why, const std::vector<Fact>& rows,
                          const assembly::Rehearsal& rehearsed, const diag::Sources& sources) {
  ordered_json body{
      {"method", asked.method}, {"target", asked.target}, {"host", asked.host}, {"served", why.refusal.empty()}};
  if (!why.refusal.empty()) body["refusal"] = ordered_json{{"status", why.status}, {"message", why.refusal}};
  body["values"] = ordered_json::array();
  for (const Fact& fact : rows)
    body["values"].push_back({{"name", fact.name}, {"value", fact.value}, {"set_at", place(sources, fact.where)}});
  body["routes"] = ordered_json::array();
  for (const auto& candidate : why.candidates)
    body["routes"].push_back({{"route", candidate.route->id},
                              {"fits", candidate.fits},
                              {"why", candidate.why},
                              {"set_at", place(sources, candidate.route->where)}});
  body["requests"] = ordered_json::array();
  for (const Sent& one : rehearsed.sent) {
    ordered_json losses = ordered_json::array();
    for (const chat::Loss& loss : one.losses.list())
      losses.push_back({{"kind", word(loss.kind)}, {"path", loss.path}, {"why", loss.why}});
    body["requests"].push_back(
        {{"to", one.to}, {"head", one.head}, {"body", one.body}, {"losses", std::move(losses)}});
  }
  body["passed_over"] = ordered_json::array();
  for (const auto& [to, reason] : rehearsed.passed) body["passed_over"].push_back({{"to", to}, {"why", reason}});
  return body;
}

std::expected<http::Headers, Complaint> read_headers(const std::vector<std::string>& lines) {
  http::Headers headers;
  for (const std::string& line : lines) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0)
      return std::unexpected(Complaint{
          fmt::format("--header cannot be '{}'", text::printable(line, std::string::npos)), "write 'name: value'"});
    headers.add(std::string_view{line}.substr(0, colon), text::trim(std::string_view{line}.substr(colon + 1)));
  }
  return headers;
}

// The head as a connection would hand it on; what a client always says and nobody said here stays a word.
std::expected<http::RequestHead, Complaint> read_head(const AskedRequest& asked, http::Headers headers,
                                                      const model::Plan& plan) {
  const auto refused = [](std::string_view why) {
    return std::unexpected(Complaint{fmt::format("the gateway would refuse this request: {}", why), {}});
  };
  http::RequestHead head;
  head.method = asked.method;
  auto target = http::parse_target(asked.method, asked.target);
  if (!target) return refused(target.error().what);
  head.target = std::move(target->target);
  head.headers = std::move(headers);
  head.headers.set("host", asked.host.empty() ? "localhost" : asked.host);
  if (!asked.body.empty()) {
    head.headers.set("content-length", std::to_string(asked.body.size()));
    if (!head.headers.has("content-type") && (asked.body.front() == '{' || asked.body.front() == '['))
      head.headers.add("content-type", "application/json");
  }
  if (const auto framing = http::check_framing(head, {}, 1); !framing) return refused(framing.error().reason);
  if (asked.host.empty()) head.host = any_host;
  head.client = any_client;
  head.secure = !plan.listeners.empty() && plan.listeners.front().tls.has_value();
  return head;
}

// A call to a model is written only once it is known which model.
bool body_is_missing(const routing::Explanation& why, const AskedRequest& asked) {
  const model::Action& action = why.route->action;
  const bool takes =
      std::holds_alternative<model::Endpoint>(action) || std::holds_alternative<model::ToPrompt>(action);
  return takes && asked.body.empty();
}

}  // namespace

Exit explain_request(Env& env, const Globals& globals, AskedRequest asked) {
  auto headers = read_headers(asked.headers);
  if (!headers) return complain(env, Exit::input, headers.error());
  if (!asked.body.empty() && !asked.model.empty())
    return complain(env, Exit::input, "--model and --data exclude each other", "name the model inside of the body");
  if (asked.host.empty()) asked.host = headers->find("host").value_or("");
  asked.host = text::lower(asked.host);
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  const auto router = routing::Router::compile(loaded->plan);
  if (!router) return complain(env, Exit::bug, router.error().what);
  auto why = routing::explain(*router, asked.method, asked.target, *headers, asked.host);
  const AskedEndpoint endpoint = asked_endpoint(why, asked.target);
  if (endpoint.operation && asked.body.empty() && (endpoint.path_names_model || !asked.model.empty())) {
    auto sample = assembly::sample(*endpoint.endpoint, *endpoint.operation, asked.model);
    asked.body = std::move(sample.body);
    headers->set("content-type", sample.content_type);
  }
  assembly::Rehearsal rehearsed;
  const bool unknown = endpoint.endpoint != nullptr && !endpoint.operation;  // which is refused, whatever the body
  if (why.refusal.empty() && (unknown || !body_is_missing(why, asked))) {
    const auto head = read_head(asked, *headers, *loaded->plan);
    if (!head) return complain(env, Exit::input, head.error());
    const auto models = known_models(env);
    if (!models) return models.error();
    auto walked = assembly::rehearse(loaded->plan, *head, asked.body, env.clock, {}, **models);
    if (!walked) return complain(env, Exit::bug, walked.error().what);
    rehearsed = std::move(*walked);
    why.status = rehearsed.status;
    why.refusal = rehearsed.refusal;
  }
  const auto rows = why.route != nullptr ? facts(why, endpoint, rehearsed, *loaded->plan) : std::vector<Fact>{};
  const Exit written =
      write_document(env, globals, "explanation", request_json(asked, why, rows, rehearsed, loaded->sources),
                     [&](bool) { return request_text(asked, why, rows, rehearsed, loaded->sources); });
  return written == Exit::done && !why.refusal.empty() ? Exit::no : written;
}

}  // namespace apigw::cli
