// How a call comes to what is called: routes, and the AI endpoints beside them; see resolving.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/resolving.h"
#include "config/route_pattern.h"

namespace apigw::config {

using namespace model;

namespace {

std::vector<Condition> conditions_of(const WhenDraft& draft) {
  std::vector<Condition> out;
  const auto value = [](const Given<std::string>& text) {
    return *text == "*" ? std::nullopt : std::optional(*text);
  };
  for (const auto& header : draft.header.value_or({}))
    out.push_back({Condition::In::header, text::lower(header.name), value(header.body)});
  for (const auto& query : draft.query.value_or({}))
    out.push_back({Condition::In::query, query.name, value(query.body)});
  return out;
}

void edit(std::vector<HeaderEdit>& edits, const Given<TextMap>& set, const Given<Texts>& remove) {
  for (const auto& header : set.value_or({})) edits.push_back({text::lower(header.name), *header.body});
  for (const auto& header : remove.value_or({})) edits.push_back({text::lower(*header), std::nullopt});
}

// Whether it takes the method and is no AI endpoint; dialects may share a path.
bool of_method(const Route& route, std::string_view method) {
  const bool any = route.methods.empty() || std::ranges::find(route.methods, method) != route.methods.end();
  return any && !std::holds_alternative<Endpoint>(route.action);
}

}  // namespace

void Resolving::routes() {
  for (const auto& entry : entries(draft_.routes)) {
    const RouteKey key = split_route_key(entry.name);
    std::size_t number = 0;
    for (const auto& alternative : *entry.body) {
      Route out = route(*alternative);
      out.id = key.methods.empty() ? key.path : fmt::format("{} {}", fmt::join(key.methods, ","), key.path);
      if (++number > 1) out.id += fmt::format(" #{}", number);
      out.methods = key.methods;
      out.path = key.path;
      out.where = entry.body->size() > 1 ? alternative.where : entry.where;
      plan_.routes.push_back(std::move(out));
    }
  }
}

Route Resolving::route(const RouteDraft& draft) const {
  Route out;
  take(out.host, draft.host);
  if (draft.when) out.conditions = conditions_of(*draft.when);
  if (draft.redirect)
    out.action = ToRedirect{draft.redirect->status.value_or(308), *draft.redirect->to};
  else
    out.action = to_service(draft);
  out.own_auth = draft.auth.given();
  out.auth = draft.auth ? auth_of(draft.auth) : plan_.default_auth;
  edit(out.request_headers, draft.set, draft.remove);
  if (draft.response) edit(out.response_headers, draft.response->set, draft.response->remove);
  limits(out, draft_.caps ? draft_.caps->body.where : Span{}, plan_.caps.body);
  if (draft.timeout) out.timeout = *draft.timeout;
  if (draft.timeout) out.timeout_where = draft.timeout.where;
  if (draft.operation) {
    diag::Report told;  // a check has asked before
    const auto& [file, name] = *draft.operation;
    out.operation = model::Operation{file, name, documents_.operation(*draft.operation, {}, told),
                                     documents_.revision(file), draft.operation.where};
  }
  take(out.body_cap, draft.body);
  if (draft.body) out.body_where = draft.body.where;
  take(out.body_rate, draft.body_rate);
  return out;
}

void Resolving::limits(Route& out, Span body_where, std::uint64_t body) const {
  out.timeout = plan_.timeouts.whole;
  if (draft_.timeouts) out.timeout_where = draft_.timeouts->whole.where;
  out.body_cap = body;
  out.body_where = body_where;
  out.body_rate = plan_.caps.body_rate;
}

ToService Resolving::to_service(const RouteDraft& draft) const {
  ToService to{.service = service_ids_.at(*draft.to)};
  take(to.strip, draft.strip);
  while (to.strip.ends_with('/')) to.strip.pop_back();
  if (draft.rewrite) to.rewrite = *draft.rewrite;
  return to;
}

void Resolving::endpoints() {
  if (plan_.models.empty() && !plan_.development) return;
  for (const KnownEndpoint& endpoint : vocabulary_.endpoints) {
    if (endpoint.yields ? taken(endpoint.method, endpoint.path) : claimed(endpoint.method, endpoint.path)) continue;
    Route& out = own_route(endpoint.method, endpoint.path,
                           Endpoint{std::string(endpoint.dialect), std::string(endpoint.operation)},
                           plan_.models.empty() ? Span{} : plan_.models[0].where);
    if (!endpoint.header.empty()) {
      out.id += fmt::format(" ({})", endpoint.dialect);  // two dialects may share the path
      out.conditions.push_back({Condition::In::header, std::string(endpoint.header), std::nullopt});
    }
  }
}

Route& Resolving::own_route(std::string_view method, std::string_view path, model::Action action, Span where) {
  Route out{.id = fmt::format("{} {}", method, path), .methods = {std::string(method)}};
  out.path = std::string(path);
  out.action = std::move(action);
  out.auth = default_auth() != nullptr ? plan_.default_auth : Auth{.none = false, .key = true, .where = {}};
  limits(out, draft_.caps ? draft_.caps->ai_body.where : Span{}, plan_.caps.ai_body);
  out.where = where;
  return plan_.routes.emplace_back(std::move(out));
}

void Resolving::prompts() {
  bool served = false;
  for (const PromptFile& file : files_) {
    const PromptDraft* settings = settings_of(draft_, file.name);
    model::Prompt out{.name = file.name, .file = file.path, .model = std::string(model_of(*file.content, draft_))};
    out.serve = !settings || settings->serve.value_or(true);
    out.content = file.content;
    out.examples = file.examples;
    out.revision = file.revision;
    out.where = file.where;
    const auto id = static_cast<model::PromptId>(plan_.prompts.size());
    if (out.serve) own_route("POST", "/prompts/" + file.name, model::ToPrompt{id}, file.where);
    served = served || out.serve;
    plan_.prompts.push_back(std::move(out));
  }
  if (claimed("GET", "/openapi.json")) return;
  if (served || !plan_.models.empty())
    own_route("GET", "/openapi.json", model::ApiDocument{}, served ? plan_.prompts[0].where : plan_.models[0].where);
  else
    describe_operations();
}

// Where there are routes alone, the document is for what their services document. It is kept as they are: by a key if
// one of them is.
void Resolving::describe_operations() {
  const Route* as = nullptr;
  for (const Route& route : plan_.routes)
    if (route.operation && (as == nullptr || as->auth.none)) as = &route;
  if (as == nullptr) return;
  const Span where = as->operation->where;
  const Auth auth = as->auth;
  const bool own_auth = as->own_auth;
  Route& route = own_route("GET", "/openapi.json", model::ApiDocument{}, where);
  route.auth = auth;
  route.own_auth = own_auth;
}

bool Resolving::claimed(std::string_view method, std::string_view path) const {
  return std::ranges::any_of(plan_.routes, [&](const Route& route) {
    return of_method(route, method) && route.host.empty() && route.conditions.empty() && route.path == path;
  });
}

bool Resolving::taken(std::string_view method, std::string_view path) const {
  return std::ranges::any_of(plan_.routes, [&](const Route& route) {
    // A route with a host goes before, there alone; one with conditions goes before at this very path.
    const bool beside = !route.host.empty() || (!route.conditions.empty() && route.path == path);
    return of_method(route, method) && !beside && takes(route.path, path);
  });
}

}  // namespace apigw::config
