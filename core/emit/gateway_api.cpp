// `emit gateway-api`: the services, and the routes as objects of the Gateway API (standard channel) in the gateway's
// place.
//
// A rule is written only where it says what the route says. One that cannot be (its key is checked by nobody, its
// path cannot be rewritten) keeps its match without a backend, which answers 500: left out, a wider rule would take
// its calls. With Envoy Gateway, keys, services by address and models are written too, as its own kinds.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/http_route.h"
#include "emit/objects.h"
#include "emit/rest.h"

namespace apigw::emit {
namespace {

constexpr std::size_t most_rules = 16;  // of one HTTPRoute
constexpr std::string_view api = "gateway.networking.k8s.io/v1", envoy = "gateway.envoyproxy.io/v1alpha1",
                           envoy_ai = "aigateway.envoyproxy.io/v1beta1", keys_secret = "apigw-keys";
// At most five digits a unit.
std::string duration(model::Milliseconds time) {
  auto left = static_cast<std::uint64_t>(time.count());
  std::string out;
  for (const auto& [unit, size] : {std::pair{"h", 3'600'000u}, {"m", 60'000u}, {"s", 1'000u}, {"ms", 1u}}) {
    if (left >= size) out += fmt::format("{}{}", left / size, unit);
    left %= size;
  }
  return out;
}

class Writing {
 public:
  Writing(const Setting& setting, diag::Report& report)
      : setting_(setting),
        plan_(setting.plan),
        envoy_(setting.options.implementation == Implementation::envoy_gateway),
        report_(report) {
    const std::string space = setting.name_space();
    name_ = space.empty() ? "apigw" : space;
  }

  std::vector<Object> take() {
    routes_ = rest_routes(plan_, program(), envoy_);
    gateway();
    for (RestRoute& route : routes_) place(route);
    for (const Group& group : groups_) write(group);
    if (envoy_) {
      for (const model::Service* service : outside_) backend(*service);
      models();
      policies();
    }
    report();
    return std::move(out_);
  }

 private:
  // Rules that may stand in one HTTPRoute: a policy is for a whole one.
  struct Group {
    std::string name, host;
    bool key = false;
    std::vector<Value> rules;
    std::vector<std::string> written;  // names of its HTTPRoutes
  };

  [[nodiscard]] std::string_view program() const { return envoy_ ? "Envoy Gateway" : "the Gateway API"; }

  void add(std::string_view version, std::string_view kind, const std::string& name, Value spec) {
    out_.push_back({"", object({{"apiVersion", version},
                                {"kind", kind},
                                {"metadata", metadata(setting_, name)},
                                {"spec", std::move(spec)}})});
  }

  void gateway() {
    const model::Deploy& deploy = plan_.deploy;
    const bool tls = !deploy.tls.empty();
    // A name on the listener would shut out routes of other names.
    const bool hosts =
        std::ranges::any_of(plan_.routes, [](const model::Route& route) { return !route.host.empty(); });
    const auto listener = [&](const char* name, std::uint16_t port, const char* protocol) {
      Value out = object({{"name", name}, {"port", number(port)}, {"protocol", protocol}});
      if (!deploy.host.empty() && !hosts) put(out, "hostname", text(deploy.host));
      put(out, "allowedRoutes", object({{"namespaces", object({{"from", "Same"}})}}));
      return out;
    };
    Value listeners = list({listener("http", 80, "HTTP")});
    if (tls) {
      Value secure = listener("https", 443, "HTTPS");
      put(secure, "tls",
          object({{"mode", "Terminate"},
                  {"certificateRefs", list({object({{"kind", "Secret"}, {"name", deploy.tls}})})}}));
      listeners.items.push_back(std::move(secure));
    }
    const std::string& asked = setting_.options.gateway_class;
    add(api, "Gateway", name_,
        object({{"gatewayClassName", !asked.empty() ? asked
                                     : envoy_       ? "eg"
                                                    : "default"},
                {"listeners", std::move(listeners)}}));
    if (!tls) return;
    add(api, "HTTPRoute", "https-redirect",
        object({{"parentRefs", list({object({{"name", name_}, {"sectionName", "http"}})})},
                {"rules",
                 list({object({{"filters",
                                list({object({{"type", "RequestRedirect"},
                                              {"requestRedirect", object({{"scheme", "https"},
                                                                          {"statusCode", number(301)}})}})})}})})}}));
  }

  Group& group_of(const RestRoute& route) {
    const std::string base = !route.closed.empty()      ? "closed"
                             : route.service != nullptr ? object_name(route.service->name)
                                                        : "redirects";
    const bool key = route.closed.empty() && route.key;
    const auto found = std::ranges::find_if(groups_, [&](const Group& group) {
      return group.name == base + (key ? "-key" : "") && group.host == route.route->host && group.key == key;
    });
    if (found != groups_.end()) return *found;
    groups_.push_back({base + (key ? "-key" : ""), route.route->host, key, {}, {}});
    return groups_.back();
  }

  void place(RestRoute& route) {
    if (envoy_ && std::holds_alternative<model::Endpoint>(route.route->action)) return;  // models() writes them
    Value matches = rule_matches(route, routes_, report_), rule = object();
    if (matches.items.empty()) return;
    Value filters = list(), backends = list();
    if (route.closed.empty()) filters = rule_filters(route);
    if (route.closed.empty() && route.service != nullptr) backends = this->backends(route);
    if (route.closed.empty()) {
      if (!filters.items.empty()) put(rule, "filters", filters);
      if (!backends.items.empty()) put(rule, "backendRefs", std::move(backends));
      if (route.route->timeout) put(rule, "timeouts", object({{"request", duration(*route.route->timeout)}}));
    }
    Group& group = group_of(route);
    std::string text;
    render::write_json(rule, text);
    // A prefix is replaced only in a rule of one match.
    const bool alone = text.contains("\"replacePrefixMatch\"");
    for (Value& match : matches.items) {
      if (!alone && &match != matches.items.data()) break;
      Value one = object({{"matches", alone ? list({match}) : matches}});
      for (const render::Member& member : rule.members) put(one, member.name, member.value);
      group.rules.push_back(std::move(one));
    }
  }

  Value backends(RestRoute& route) {
    const model::Service& service = *route.service;
    if (!route.closed.empty()) return list();
    if (!service.container.image.empty()) {
      const auto workload = std::ranges::find(setting_.bundle.workloads, object_name(service.name), &Workload::name);
      if (workload == setting_.bundle.workloads.end()) return list();  // 702 said why
      return list({object({{"name", workload->name}, {"port", number(workload->ports.front().number)}})});
    }
    if (!envoy_) {
      route.closed = "its service is outside the cluster, and the standard channel has no such backend";
      return list();
    }
    if (std::ranges::find(outside_, &service) == outside_.end()) outside_.push_back(&service);
    return list(
        {object({{"group", "gateway.envoyproxy.io"}, {"kind", "Backend"}, {"name", object_name(service.name)}})});
  }

  void write(const Group& group) {
    std::string unique = group.name;
    for (std::size_t at = 0; at < group.rules.size(); at += most_rules) {
      for (unsigned n = 2; !used_.insert(unique).second; ++n) unique = fmt::format("{}-{}", group.name, n);
      Value rules = list();
      for (std::size_t i = at; i < std::min(at + most_rules, group.rules.size()); ++i)
        rules.items.push_back(group.rules[i]);
      Value spec =
          object({{"parentRefs",
                   list({object({{"name", name_}, {"sectionName", plan_.deploy.tls.empty() ? "http" : "https"}})})}});
      if (!group.host.empty()) put(spec, "hostnames", texts({group.host}));
      put(spec, "rules", std::move(rules));
      add(api, "HTTPRoute", unique, std::move(spec));
      if (group.key) guarded_.push_back(unique);
    }
  }

  static Value endpoint(const model::Origin& at) {
    const bool address = at.host.contains(':') || at.host.find_first_not_of("0123456789.") == std::string::npos;
    return address ? object({{"ip", object({{"address", at.host}, {"port", number(at.port)}})}})
                   : object({{"fqdn", object({{"hostname", at.host}, {"port", number(at.port)}})}});
  }

  void backend(const std::string& name, const std::vector<model::Origin>& instances, const model::Outbound& outbound,
               Span where, const std::string& field) {
    Value endpoints = list();
    for (const model::Origin& at : instances) endpoints.items.push_back(endpoint(at));
    add(envoy, "Backend", name, object({{"endpoints", std::move(endpoints)}}));
    constexpr std::string_view ways[] = {"ca"};
    report_outbound(outbound, where, field, program(), ways, report_);
    if (instances.empty() || !instances.front().tls) return;
    Value validation = object();
    if (outbound.ca_file.empty()) {
      put(validation, "wellKnownCACertificates", text("System"));
    } else {
      put(validation, "caCertificateRefs",
          list({object({{"group", ""}, {"kind", "ConfigMap"}, {"name", name + "-ca"}})}));
      nearly(report_, where, field + ".outbound.ca",
             fmt::format("the certificate is expected as ca.crt in the ConfigMap {}-ca", name));
    }
    put(validation, "hostname", text(instances.front().host));
    add(api, "BackendTLSPolicy", name,
        object({{"targetRefs",
                 list({object({{"group", "gateway.envoyproxy.io"}, {"kind", "Backend"}, {"name", name}})})},
                {"validation", std::move(validation)}}));
  }

  void backend(const model::Service& service) {
    backend(object_name(service.name), service.instances, service.outbound, service.where,
            "services." + service.name);
  }

  void models() {
    std::set<std::size_t> used;
    Value rules = list();
    for (const model::Model& model : plan_.models) {
      Value refs = list();
      for (const model::Target& target : model.targets) {
        const model::Provider& provider = plan_.at(target.provider);
        if (provider.mock || !speaks(provider) || model.pattern) continue;
        used.insert(static_cast<std::size_t>(target.provider));
        Value ref = object({{"name", object_name(provider.name) + "-provider"}});
        if (target.model != model.name) put(ref, "modelNameOverride", text(target.model));
        put(ref, "priority", number(refs.items.size()));
        refs.items.push_back(std::move(ref));
      }
      if (refs.items.size() < model.targets.size())
        lost(report_, model.where, "models." + model.name,
             model.pattern ? "Envoy AI Gateway takes names and no patterns here"
                           : "a target is left out: the mock and other dialects are only apigw's");
      if (model.refuse_losses)
        lost(report_, model.where, fmt::format("models.{}.losses", model.name),
             "Envoy AI Gateway refuses no request for what a dialect cannot say");
      if (refs.items.empty()) continue;
      rules.items.push_back(object(
          {{"matches",
            list(
                {object({{"headers",
                          list({object({{"type", "Exact"}, {"name", "x-ai-eg-model"}, {"value", model.name}})})}})})},
           {"backendRefs", std::move(refs)}}));
    }
    if (rules.items.empty()) return;
    for (std::size_t i = 0; i < plan_.providers.size(); ++i)
      used.contains(i) ? provider(plan_.providers[i]) : left_out(plan_.providers[i]);
    Value spec =
        object({{"parentRefs", list({object({{"name", name_},
                                             {"kind", "Gateway"},
                                             {"group", "gateway.networking.k8s.io"},
                                             {"sectionName", plan_.deploy.tls.empty() ? "http" : "https"}})})},
                {"rules", std::move(rules)}});
    add(envoy_ai, "AIGatewayRoute", "models", std::move(spec));
    const auto asks = [&](const model::Route& route) {
      return std::holds_alternative<model::Endpoint>(route.action) && effective_auth(plan_, route, 0).key;
    };
    if (std::ranges::any_of(plan_.routes, asks))
      guarded_.emplace_back("models");  // of the HTTPRoute that is made of it
    add(envoy, "ClientTrafficPolicy", "models",
        object({{"targetRefs",
                 list({object({{"group", "gateway.networking.k8s.io"}, {"kind", "Gateway"}, {"name", name_}})})},
                {"connection", object({{"bufferLimit", fmt::format("{}Mi", std::max<std::uint64_t>(
                                                                               plan_.caps.ai_body >> 20, 1))}})}}));
  }

  void left_out(const model::Provider& provider) {
    if (provider.mock || speaks(provider)) return;
    lost(report_, provider.where, "providers." + provider.name,
         "Envoy AI Gateway is told of OpenAI's and Anthropic's dialect alone");
  }

  // Whether Envoy AI Gateway does.
  static bool speaks(const model::Provider& provider) {
    return provider.dialect == "openai" || provider.dialect == "anthropic";
  }

  void provider(const model::Provider& provider) {
    const std::string name = object_name(provider.name) + "-provider", field = "providers." + provider.name;
    if (provider.timeouts.whole != plan_.timeouts.whole)
      lost(report_, provider.where, field + ".timeout", "Envoy AI Gateway bounds no call of one provider");
    if (provider.connections != plan_.caps.upstream_connections)
      lost(report_, provider.where, field + ".connections", "the Gateway API bounds no connections");
    const bool openai = provider.dialect == "openai";
    Value schema = object({{"name", openai ? "OpenAI" : "Anthropic"}});
    if (!provider.base_path.empty() && provider.base_path != "/v1") put(schema, "prefix", text(provider.base_path));
    add(envoy_ai, "AIServiceBackend", name,
        object({{"schema", std::move(schema)},
                {"backendRef", object({{"name", name}, {"kind", "Backend"}, {"group", "gateway.envoyproxy.io"}})}}));
    backend(name, {provider.origin}, provider.outbound, provider.where, field);
    if (provider.key.kind == model::SecretRef::Kind::none) return;
    add(envoy_ai, "BackendSecurityPolicy", name,
        object(
            {{"targetRefs",
              list({object({{"group", "aigateway.envoyproxy.io"}, {"kind", "AIServiceBackend"}, {"name", name}})})},
             {"type", openai ? "APIKey" : "AnthropicAPIKey"},
             {openai ? "apiKey" : "anthropicAPIKey", object({{"secretRef", object({{"name", name}})}})}}));
    secrets_ += fmt::format("    kubectl create secret generic{} {} --from-literal=apiKey=…\n", in(), name);
  }

  void policies() {
    if (guarded_.empty()) return;
    Value targets = list();
    for (const std::string& name : guarded_)
      targets.items.push_back(
          object({{"group", "gateway.networking.k8s.io"}, {"kind", "HTTPRoute"}, {"name", name}}));
    add(envoy, "SecurityPolicy", "keys",
        object(
            {{"targetRefs", std::move(targets)},
             {"apiKeyAuth",
              object({{"credentialRefs", list({object({{"group", ""}, {"kind", "Secret"}, {"name", keys_secret}})})},
                      {"extractFrom", list({object({{"headers", texts({"Authorization", "x-api-key"})}})})},
                      {"sanitize", boolean(true)}})}}));
    std::string keys;
    for (const model::Consumer& consumer : plan_.consumers) {
      if (consumer.hash.empty()) keys += fmt::format(" --from-literal={}=…", consumer.name);
    }
    secrets_ += fmt::format("    kubectl create secret generic{} {}{}\n", in(), keys_secret, keys);
  }

  // What becomes of consumers' keys with Envoy Gateway.
  void keys() {
    for (const model::Consumer& consumer : plan_.consumers) {
      const std::string field = "consumers." + consumer.name;
      if (!consumer.hash.empty())
        lost(report_, consumer.where, field + ".hash", "Envoy Gateway compares keys and no hashes of them");
      else if (guarded_.empty())
        lost(report_, consumer.where, field + ".key", "no route that is written asks for a key");
      else
        nearly(report_, consumer.where, field + ".key",
               fmt::format("it is expected as {} in the secret {}", consumer.name, keys_secret));
    }
    if (plan_.pepper.kind != model::SecretRef::Kind::none)
      lost(report_, plan_.pepper.where, "pepper", "Envoy Gateway compares keys and no hashes of them");
  }

  void report() {
    report_closed(routes_, report_);
    constexpr std::string_view kept[] = {"timeouts.whole", "caps.ai_body"};
    report_bounds(plan_, program(), std::span(kept).first(envoy_ ? 2 : 1), report_);
    report_unjudged(plan_, program(), report_);
    if (!envoy_) {
      report_unspoken(plan_, program(), report_);
      if (setting_.options.gateway_class.empty())
        report_.add(
            712, {},
            "'--gateway-class' is written only nearly: the class of the cluster is not known, and 'default' is "
            "asked for");
    } else {
      for (const model::Prompt& prompt : plan_.prompts)
        if (prompt.serve) lost(report_, prompt.where, "prompts." + prompt.name, "Envoy Gateway fills no prompts");
      keys();
    }
    for (const model::Service& service : plan_.services)
      if (service.container.image.empty() && std::ranges::find(outside_, &service) == outside_.end())
        report_outbound(service.outbound, service.where, "services." + service.name, program(), {}, report_);
    for (const model::Service& service : plan_.services)
      if (service.connections != plan_.caps.upstream_connections)
        lost(report_, service.where, fmt::format("services.{}.connections", service.name),
             "the Gateway API bounds no connections");
    for (const model::Service& service : plan_.services)
      if (service.timeouts.first_byte != plan_.timeouts.first_byte)
        lost(report_, service.where, fmt::format("services.{}.timeout", service.name),
             "the Gateway API bounds whole exchanges and not the wait for a head; `timeout:` of a route is written");
    for (const model::Route& route : plan_.routes)
      if (route.body_cap != plan_.caps.body && std::holds_alternative<model::ToService>(route.action))
        lost(report_, route.body_where, fmt::format("routes.{}.body", route.id), "the Gateway API bounds no sizes");
    for (const Workload& workload : setting_.bundle.workloads)
      if (workload.open)
        nearly(report_, workload.where, field_of(workload),
               fmt::format(
                   "which pods speak for a Gateway is for the implementation to say: the port of '{}' is open to "
                   "all pods",
                   workload.name));
  }

  [[nodiscard]] std::string in() const {
    const std::string space = setting_.name_space();
    return space.empty() ? "" : " -n " + space;
  }

  const Setting& setting_;
  const model::Plan& plan_;
  bool envoy_;
  diag::Report& report_;
  std::string name_, secrets_;
  std::vector<RestRoute> routes_;
  std::vector<Group> groups_;
  std::vector<const model::Service*> outside_;
  std::vector<std::string> guarded_;  // HTTPRoutes whose calls need a key
  std::set<std::string> used_{"https-redirect"};
  std::vector<Object> out_;

 public:
  [[nodiscard]] const std::string& secrets() const { return secrets_; }
};

std::string read_me(const Setting& setting, const std::string& secrets, const diag::Report& report) {
  std::string out =
      "# Written by apigw emit gateway-api\n\nChange the config and write it again; a file that was edited here is "
      "not "
      "overwritten.\n\nThe cluster needs the Gateway API and a program that implements it.\n\n    kubectl apply -f "
      ".\n    "
      "kubectl get gateway,httproute\n\nA rule without a backend answers 500: its route is one that could not be "
      "written, and it keeps wider ones from\ntaking its calls.\n";
  const std::string end = read_me_end(setting, report);
  if (secrets.empty()) return out + end;
  constexpr std::string_view title = "\n## Secrets that must be there\n\n";
  if (end.starts_with(title)) return out + end.substr(0, title.size()) + secrets + end.substr(title.size());
  return out + std::string(title) + secrets + end;
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  Options own = options;
  own.gateway = false;
  const Bundle bundle = bundle_of(plan, own, report);
  const Setting setting{plan, own, bundle};
  Writing writing(setting, report);
  std::vector<Object> routing = writing.take();
  if (report.has_errors()) return {};
  const std::vector<Object> objects = all_objects(setting, report, std::move(routing));
  if (report.has_errors()) return {};
  report_losses(setting, report);
  render::FileTree tree;
  for (const Object& object : objects) tree[file_of(object)].content = document(object);
  if (options.only.empty()) tree["README.md"].content = read_me(setting, writing.secrets(), report);
  return tree;
}

}  // namespace

extern const Emitter gateway_api_emitter;
const Emitter gateway_api_emitter = {
    .summary = "the services, and Gateway API routes in the gateway's place",
    .claims = gateway_api_claims,
    .emit = emit,
};

}  // namespace apigw::emit
