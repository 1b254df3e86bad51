#include "config/resolve.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/route_pattern.h"
#include "config/targets.h"

namespace apigw::config {
namespace {

using namespace model;

template <class T>
void take(T& slot, const Given<T>& field) {
  if (field) slot = *field;
}

Timeouts timeouts_of(const Given<TimeoutsDraft>& field) {
  Timeouts out;
  if (!field) return out;
  const TimeoutsDraft& draft = *field;
  take(out.header, draft.header);
  take(out.body_idle, draft.body_idle);
  take(out.keep_alive, draft.keep_alive);
  take(out.client_write, draft.client_write);
  take(out.connect, draft.connect);
  take(out.tls, draft.tls);
  take(out.first_byte, draft.first_byte);
  take(out.ai_first_byte, draft.ai_first_byte);
  take(out.between_bytes, draft.between_bytes);
  take(out.drain, draft.drain);
  if (draft.whole) out.whole = *draft.whole;
  return out;
}

Caps caps_of(const Given<CapsDraft>& field) {
  Caps out;
  if (!field) return out;
  const CapsDraft& draft = *field;
  take(out.header, draft.header);
  take(out.fields, draft.fields);
  take(out.request_line, draft.request_line);
  take(out.body, draft.body);
  take(out.ai_body, draft.ai_body);
  take(out.body_rate, draft.body_rate);
  take(out.json_depth, draft.json_depth);
  take(out.upstream_json_depth, draft.upstream_json_depth);
  take(out.sse_event, draft.sse_event);
  take(out.upstream_body, draft.upstream_body);
  take(out.connections, draft.connections);
  take(out.in_flight, draft.in_flight);
  take(out.upstream_connections, draft.upstream_connections);
  return out;
}

Outbound outbound_of(const Given<OutboundDraft>& field, const Outbound& farther) {
  if (!field) return farther;
  Outbound out;
  if (field->proxy) {
    out.proxy = field->proxy->kind;
    out.proxy_host = field->proxy->host;
    out.proxy_port = field->proxy->port;
  }
  take(out.ca_file, field->ca);
  take(out.client_cert_file, field->cert);
  take(out.client_key_file, field->key);
  take(out.verify, field->verify);
  return out;
}

Auth auth_of(const Given<AuthDraft>& field) {
  return {field->none, field->key, field.where};
}

Origin origin_of(const Url& url) {
  return {url.scheme == Url::Scheme::https, url.host, url.port};
}

class Resolving {
 public:
  Resolving(const Draft& draft, const Request& request, const Vocabulary& vocabulary,
            const std::map<SourceId, std::string>& folders)
      : draft_(draft), request_(request), vocabulary_(vocabulary), folders_(folders) {}

  Plan take_plan() {
    plan_.file = request_.path;
    plan_.profile = request_.profile;
    plan_.development = request_.development;
    plan_.timeouts = timeouts_of(draft_.timeouts);
    plan_.caps = caps_of(draft_.caps);
    outbound_ = outbound_of(draft_.outbound, {});
    if (draft_.pepper) plan_.pepper = *draft_.pepper;
    if (default_auth() != nullptr)
      plan_.default_auth = auth_of(*default_auth());
    else
      plan_.default_auth.none = true;
    listeners();
    admin_and_health();
    providers();
    models();
    services();
    routes();
    endpoints();
    consumers();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] const Given<AuthDraft>* default_auth() const {
    return draft_.defaults && draft_.defaults->auth ? &draft_.defaults->auth : nullptr;
  }

  void listeners() {
    if (!draft_.listen)
      plan_.listeners.push_back({.host = "127.0.0.1"});
    else
      for (const auto& item : *draft_.listen) {
        Listener listener{.host = item->address->host, .port = item->address->port, .port_given = true};
        listener.where = item->address.where;
        if (item->tls) listener.tls = TlsFiles{*item->tls->cert, *item->tls->key};
        if (item->auth) listener.auth = auth_of(item->auth);
        plan_.listeners.push_back(std::move(listener));
      }
  }

  void admin_and_health() {
    plan_.admin.on = request_.development || draft_.admin.given();
    plan_.admin.where = draft_.admin.where;
    if (draft_.admin && draft_.admin->listen) {
      const Address& address = *draft_.admin->listen;
      plan_.admin.unix_path = address.unix_path;
      if (address.unix_path.empty()) plan_.admin.host = address.host;
      if (address.unix_path.empty()) plan_.admin.port = address.port;
      plan_.admin.port_given = true;
    }
    if (draft_.admin && draft_.admin->key)
      plan_.admin.key = *draft_.admin->key;
    else if (!request_.admin_key.empty())
      plan_.admin.key = {SecretRef::Kind::minted, "", request_.admin_key, {}};
    if (draft_.health) plan_.health = {true, draft_.health->host, draft_.health->port, draft_.health.where};
  }

  [[nodiscard]] const KnownProvider* known(std::string_view name) const {
    for (const KnownProvider& row : vocabulary_.providers)
      if (row.name == name) return &row;
    return nullptr;
  }

  void providers() {
    for (const auto& entry : entries(draft_.providers)) plan_.providers.push_back(provider(entry));
    const bool mock = std::ranges::any_of(plan_.providers, [](const Provider& p) { return p.name == "mock"; });
    if (!mock) plan_.providers.push_back(provider({.name = "mock", .where = {}, .body = {{}, ProviderDraft{}}}));
    for (std::size_t i = 0; i < plan_.providers.size(); ++i)
      provider_ids_.emplace(plan_.providers[i].name, static_cast<ProviderId>(i));
  }

  Provider provider(const Named<ProviderDraft>& entry) const {
    const ProviderDraft& draft = *entry.body;
    const KnownProvider* row = known(entry.name);
    Provider out{.name = entry.name, .dialect = row != nullptr ? std::string(row->dialect) : "openai"};
    out.where = entry.where;
    take(out.dialect, draft.dialect);
    Url url{.scheme = Url::Scheme::mock};
    if (draft.url)
      url = *draft.url;
    else if (row != nullptr && row->name != "mock")
      url = url_of(row->url);
    out.mock = url.scheme == Url::Scheme::mock;
    out.origin = origin_of(url);
    out.base_path = url.base_path;
    if (draft.key)
      out.key = *draft.key;
    else if (row != nullptr && !row->variable.empty() && !out.mock && out.origin == origin_of(url_of(row->url)))
      out.key = {SecretRef::Kind::env, std::string(row->variable), {}, entry.where};  // never to another address
    out.outbound = outbound_of(draft.outbound, outbound_);
    out.timeouts = plan_.timeouts;
    out.timeouts.first_byte = plan_.timeouts.ai_first_byte;
    if (draft.timeout) out.timeouts.whole = *draft.timeout;
    out.connections = draft.connections.value_or(plan_.caps.upstream_connections);
    return out;
  }

  // Of the catalogue's rows, which are well formed: a test of the vocabulary proves it.
  static Url url_of(std::string_view text) {
    if (text == "mock:") return {.scheme = Url::Scheme::mock};
    Url url{.scheme = text.starts_with("https://") ? Url::Scheme::https : Url::Scheme::http};
    text.remove_prefix(std::min(text.find("://") + 3, text.size()));
    const auto slash = std::min(text.find('/'), text.size());
    const std::string_view authority = text.substr(0, slash);
    const auto colon = authority.find(':');
    url.host = std::string(authority.substr(0, colon));
    const auto port =
        colon == std::string_view::npos ? std::nullopt : text::parse_number(authority.substr(colon + 1));
    url.port = static_cast<std::uint16_t>(port.value_or(url.scheme == Url::Scheme::https ? 443 : 80));
    url.base_path = std::string(text.substr(slash));
    return url;
  }

  void models() {
    std::unordered_map<std::string_view, const Named<ModelDraft>*> by_name;
    for (const auto& entry : entries(draft_.models)) by_name.emplace(entry.name, &entry);
    for (const auto& entry : entries(draft_.models)) {
      Model out{.name = entry.name, .pattern = entry.name.find('*') != std::string::npos, .where = entry.where};
      out.refuse_losses = refuses_losses(entry, by_name);
      for (const auto* text : flat_targets(entry, by_name, most_targets)) out.targets.push_back(target(*text));
      plan_.models.push_back(std::move(out));
    }
  }

  // A name that only stands for another one means it with its policy, unless it says its own.
  static bool refuses_losses(const Named<ModelDraft>& entry,
                             const std::unordered_map<std::string_view, const Named<ModelDraft>*>& by_name) {
    const Named<ModelDraft>* at = &entry;
    for (std::size_t steps = 0; steps <= by_name.size(); ++steps) {
      if (at->body->refuse_losses) return *at->body->refuse_losses;
      if (!at->body->targets || at->body->targets->size() != 1) return false;
      const auto next = by_name.find(*at->body->targets->front());
      if (next == by_name.end()) return false;
      at = next->second;
    }
    return false;
  }

  [[nodiscard]] Target target(const Given<std::string>& text) const {
    const auto slash = text->find('/');
    std::string name = text->substr(slash + 1);
    if (name == "*") name.clear();
    return {provider_ids_.at(text->substr(0, slash)), std::move(name), text.where};
  }

  void services() {
    for (const auto& entry : entries(draft_.services)) {
      service_ids_.emplace(entry.name, static_cast<ServiceId>(plan_.services.size()));
      plan_.services.push_back(service(entry));
    }
  }

  Service service(const Named<ServiceDraft>& entry) const {
    const ServiceDraft& draft = *entry.body;
    Service out{.name = entry.name};
    out.where = entry.where;
    out.outbound = outbound_of(draft.outbound, outbound_);
    out.timeouts = plan_.timeouts;
    take(out.timeouts.first_byte, draft.timeout);
    out.connections = draft.connections.value_or(plan_.caps.upstream_connections);
    if (draft.run) out.run = run_of(draft);
    if (out.run && (request_.development || !draft.url)) {
      out.instances.push_back({false, "127.0.0.1", out.run->port.value_or(0)});
      return out;
    }
    if (!draft.url) {
      out.instances.push_back({false, "127.0.0.1", draft.port.value_or(0)});
      return out;
    }
    for (const auto& url : *draft.url) {
      out.instances.push_back(origin_of(*url));
      out.dns = out.dns || url->scheme == Url::Scheme::dns;
      out.base_path = url->base_path;
    }
    return out;
  }

  RunSpec run_of(const ServiceDraft& draft) const {
    RunSpec run{.command = *draft.run};
    const auto folder = folders_.find(draft.run.where.source);
    run.directory = draft.dir.value_or(folder == folders_.end() ? "" : folder->second);
    if (run.directory.empty()) run.directory = ".";
    take(run.health_path, draft.health);
    for (const auto& variable : draft.env.value_or({})) run.environment[variable.name] = *variable.body;
    for (const auto& call : draft.calls.value_or({})) run.calls.push_back(*call);
    if (draft.port) run.port = *draft.port;
    return run;
  }

  void routes() {
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

  Route route(const RouteDraft& draft) const {
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
    take(out.body_cap, draft.body);
    if (draft.body) out.body_where = draft.body.where;
    take(out.body_rate, draft.body_rate);
    return out;
  }

  // What holds for all routes, and where it was set.
  void limits(Route& out, Span body_where, std::uint64_t body) const {
    out.timeout = plan_.timeouts.whole;
    if (draft_.timeouts) out.timeout_where = draft_.timeouts->whole.where;
    out.body_cap = body;
    out.body_where = body_where;
    out.body_rate = plan_.caps.body_rate;
  }

  ToService to_service(const RouteDraft& draft) const {
    ToService to{.service = service_ids_.at(*draft.to)};
    take(to.strip, draft.strip);
    while (to.strip.ends_with('/')) to.strip.pop_back();
    if (draft.rewrite) to.rewrite = *draft.rewrite;
    return to;
  }

  static std::vector<Condition> conditions_of(const WhenDraft& draft) {
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

  static void edit(std::vector<HeaderEdit>& edits, const Given<TextMap>& set, const Given<Texts>& remove) {
    for (const auto& header : set.value_or({})) edits.push_back({text::lower(header.name), *header.body});
    for (const auto& header : remove.value_or({})) edits.push_back({text::lower(*header), std::nullopt});
  }

  // The AI surface is there when a client could name a model on it.
  void endpoints() {
    if (plan_.models.empty() && !plan_.development) return;
    for (const KnownEndpoint& endpoint : vocabulary_.endpoints) {
      if (claimed(endpoint)) continue;
      Route out{.id = fmt::format("{} {}", endpoint.method, endpoint.path),
                .methods = {std::string(endpoint.method)}};
      out.path = std::string(endpoint.path);
      if (!endpoint.header.empty()) {
        out.id += fmt::format(" ({})", endpoint.dialect);  // two dialects may share the path
        out.conditions.push_back({Condition::In::header, std::string(endpoint.header), std::nullopt});
      }
      out.action = Endpoint{std::string(endpoint.dialect), std::string(endpoint.operation)};
      out.auth = default_auth() != nullptr ? plan_.default_auth : Auth{.none = false, .key = true, .where = {}};
      limits(out, draft_.caps ? draft_.caps->ai_body.where : Span{}, plan_.caps.ai_body);
      if (!plan_.models.empty()) out.where = plan_.models[0].where;
      plan_.routes.push_back(std::move(out));
    }
  }

  // Only in development without models: a config with models refuses such a route (AGW332).
  bool claimed(const KnownEndpoint& endpoint) const {
    return std::ranges::any_of(plan_.routes, [&](const Route& route) {
      const bool method =
          route.methods.empty() || std::ranges::find(route.methods, endpoint.method) != route.methods.end();
      const bool own = std::holds_alternative<Endpoint>(route.action);  // dialects may share a path
      return method && !own && route.host.empty() && route.conditions.empty() && route.path == endpoint.path;
    });
  }

  void consumers() {
    for (const auto& entry : entries(draft_.consumers)) {
      Consumer out{.name = entry.name};
      if (entry.body->key) out.key = *entry.body->key;
      take(out.hash, entry.body->hash);
      out.where = entry.where;
      plan_.consumers.push_back(std::move(out));
    }
    if (request_.development && !request_.dev_key.empty()) {
      Consumer dev{.name = "dev"};
      dev.key = {SecretRef::Kind::minted, "", request_.dev_key, {}};
      dev.dev = true;
      plan_.consumers.push_back(std::move(dev));
    }
  }

  const Draft& draft_;
  const Request& request_;
  const Vocabulary& vocabulary_;
  const std::map<SourceId, std::string>& folders_;
  Plan plan_;
  Outbound outbound_;
  std::map<std::string, ProviderId, std::less<>> provider_ids_;
  std::map<std::string, ServiceId, std::less<>> service_ids_;
};

}  // namespace

model::Plan resolve(const Draft& draft, const Request& request, const Vocabulary& vocabulary,
                    const std::map<SourceId, std::string>& folders) {
  return Resolving(draft, request, vocabulary, folders).take_plan();
}

}  // namespace apigw::config
