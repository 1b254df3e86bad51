#include "model/plan_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace apigw::model {
namespace {

using Json = nlohmann::ordered_json;

template <class Owner, class Value>
struct Member {
  const char* name;
  Value Owner::* member;
};

constexpr Member<Timeouts, Milliseconds> timeout_members[] = {
    {"header", &Timeouts::header},
    {"body_idle", &Timeouts::body_idle},
    {"keep_alive", &Timeouts::keep_alive},
    {"client_write", &Timeouts::client_write},
    {"connect", &Timeouts::connect},
    {"tls", &Timeouts::tls},
    {"first_byte", &Timeouts::first_byte},
    {"ai_first_byte", &Timeouts::ai_first_byte},
    {"between_bytes", &Timeouts::between_bytes},
    {"drain", &Timeouts::drain},
};
constexpr Member<Caps, std::uint64_t> size_members[] = {
    {"header", &Caps::header},
    {"request_line", &Caps::request_line},
    {"body", &Caps::body},
    {"ai_body", &Caps::ai_body},
    {"body_rate", &Caps::body_rate},
    {"sse_event", &Caps::sse_event},
    {"upstream_body", &Caps::upstream_body},
};
constexpr Member<Caps, std::uint32_t> count_members[] = {
    {"fields", &Caps::fields},
    {"json_depth", &Caps::json_depth},
    {"upstream_json_depth", &Caps::upstream_json_depth},
    {"connections", &Caps::connections},
    {"in_flight", &Caps::in_flight},
    {"upstream_connections", &Caps::upstream_connections},
};

Json json_of(const Timeouts& timeouts) {
  Json json;
  for (const auto& [name, member] : timeout_members) json[std::string(name) + "_ms"] = (timeouts.*member).count();
  if (timeouts.whole) json["whole_ms"] = timeouts.whole->count();
  return json;
}

Json json_of(const Caps& caps) {
  Json json;
  for (const auto& [name, member] : size_members) json[name] = caps.*member;
  for (const auto& [name, member] : count_members) json[name] = caps.*member;
  return json;
}

Json json_of(const SecretRef& secret) {
  switch (secret.kind) {
    case SecretRef::Kind::none:
      return nullptr;
    case SecretRef::Kind::env:
      return {{"from", "env:" + secret.name}, {"loaded", secret.loaded()}};
    case SecretRef::Kind::file:
      return {{"from", "file:" + secret.name}, {"loaded", secret.loaded()}};
    case SecretRef::Kind::minted:
      return {{"from", "minted"}, {"loaded", secret.loaded()}};
  }
  return nullptr;
}

Json json_of(const Outbound& outbound) {
  Json json;
  if (outbound.proxy == Outbound::Proxy::env) json["proxy"] = "env";
  if (outbound.proxy == Outbound::Proxy::fixed)
    json["proxy"] = Origin{.host = outbound.proxy_host, .port = outbound.proxy_port}.text();
  if (!outbound.ca_file.empty()) json["ca"] = outbound.ca_file;
  if (!outbound.client_cert_file.empty()) json["cert"] = outbound.client_cert_file;
  if (!outbound.client_key_file.empty()) json["key"] = outbound.client_key_file;
  json["verify"] = outbound.verify;
  return json;
}

Json json_of(const Auth& auth) {
  Json json = Json::array();
  if (auth.key) json.push_back("key");
  if (auth.none) json.push_back("none");
  return json;
}

Json json_of(const Plan&, const Listener& listener) {
  Json json{{"address", listener.text()}};
  if (listener.tls) json["tls"] = {{"cert", listener.tls->cert_file}, {"key", listener.tls->key_file}};
  if (listener.auth) json["auth"] = json_of(*listener.auth);
  return json;
}

bool sounds_like_a_credential(const std::string& name) {
  constexpr std::string_view words[] = {"auth", "key", "token", "secret", "cookie", "password", "signature"};
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

Json json_of(const std::vector<HeaderEdit>& edits) {
  Json json = Json::array();
  for (const HeaderEdit& edit : edits) {
    if (!edit.value)
      json.push_back({{"remove", edit.name}});
    else
      json.push_back({{"set", edit.name}, {"value", sounds_like_a_credential(edit.name) ? "(hidden)" : *edit.value}});
  }
  return json;
}

Json json_of(const std::vector<Condition>& conditions) {
  Json json = Json::array();
  for (const Condition& condition : conditions) {
    const bool hidden = condition.value && sounds_like_a_credential(condition.name);
    json.push_back({{condition.in == Condition::In::header ? "header" : "query", condition.name},
                    {"value", condition.value ? Json(hidden ? "(hidden)" : *condition.value) : Json()}});
  }
  return json;
}

Json json_of(const Plan& plan, const Action& action) {
  if (const auto* to = std::get_if<ToService>(&action)) {
    Json json{{"service", plan.at(to->service).name}};
    if (!to->strip.empty()) json["strip"] = to->strip;
    if (to->rewrite) json["rewrite"] = *to->rewrite;
    return json;
  }
  if (const auto* to = std::get_if<ToRedirect>(&action)) return {{"redirect", to->location}, {"status", to->status}};
  if (const auto* to = std::get_if<ToPrompt>(&action)) return {{"prompt", plan.at(to->prompt).name}};
  if (std::holds_alternative<ApiDocument>(action)) return {{"document", "openapi"}};
  const Endpoint& endpoint = std::get<Endpoint>(action);
  return {{"dialect", endpoint.dialect}, {"operation", endpoint.operation}};
}

Json json_of(const Plan& plan, const Route& route) {
  Json json{{"id", route.id}, {"methods", route.methods}, {"host", route.host}, {"path", route.path}};
  if (!route.conditions.empty()) json["when"] = json_of(route.conditions);
  json["to"] = json_of(plan, route.action);
  json["auth"] = json_of(route.auth);
  json["own_auth"] = route.own_auth;
  if (!route.request_headers.empty()) json["request_headers"] = json_of(route.request_headers);
  if (!route.response_headers.empty()) json["response_headers"] = json_of(route.response_headers);
  if (route.operation)
    json["operation"] = {{"name", route.operation->file + "#" + route.operation->name},
                         {"revision", fmt::format("{:016x}", route.operation->revision)}};
  if (route.timeout) json["timeout_ms"] = route.timeout->count();
  json["body"] = route.body_cap;
  json["body_rate"] = route.body_rate;
  return json;
}

Json json_of(const Plan&, const Provider& provider) {
  Json json{{"name", provider.name}, {"dialect", provider.dialect}};
  json["url"] = provider.mock ? "mock:" : provider.origin.text() + provider.base_path;
  json["key"] = json_of(provider.key);
  if (provider.aws)
    json["aws"] = {{"access_key_id", json_of(provider.aws->id)},
                   {"secret_access_key", json_of(provider.aws->secret)},
                   {"session_token", json_of(provider.aws->session_token)},
                   {"region", provider.aws->region}};
  json["off"] = provider.off.empty() ? Json() : Json(provider.off);
  json["outbound"] = json_of(provider.outbound);
  json["timeouts"] = json_of(provider.timeouts);
  json["connections"] = provider.connections;
  return json;
}

Json json_of(const Plan& plan, const Model& model) {
  Json targets = Json::array();
  for (const Target& target : model.targets)
    targets.push_back(plan.at(target.provider).name + "/" + (target.model.empty() ? "*" : target.model));
  return {{"name", model.name},
          {"pattern", model.pattern},
          {"targets", targets},
          {"losses", model.refuse_losses ? "error" : "drop"}};
}

Json json_of(const Container& container) {
  Json json{{"image", container.image}, {"cpu_millicores", container.cpu}, {"memory", container.memory}};
  if (container.scale) json["scale"] = {{"least", container.scale->least}, {"most", container.scale->most}};
  return json;
}

Json json_of(const Plan&, const Service& service) {
  Json instances = Json::array();
  for (const Origin& origin : service.instances) instances.push_back(origin.text() + service.base_path);
  Json json{{"name", service.name}, {"instances", instances}, {"dns", service.dns}};
  if (service.run) json["run"] = {{"command", service.run->command}, {"dir", service.run->directory}};
  if (!service.environment.empty()) {
    Json& variables = json["env"] = Json::array();
    for (const auto& [name, value] : service.environment) variables.push_back(name);
  }
  if (!service.calls.empty()) json["calls"] = service.calls;
  if (!service.health_path.empty()) json["health"] = service.health_path;
  if (service.port) json["port"] = *service.port;
  if (!service.container.image.empty()) json["container"] = json_of(service.container);
  json["outbound"] = json_of(service.outbound);
  json["timeouts"] = json_of(service.timeouts);
  json["connections"] = service.connections;
  return json;
}

Json json_of(const Plan&, const Consumer& consumer) {
  Json json{{"name", consumer.name}, {"key", json_of(consumer.key)}, {"hash", !consumer.hash.empty()}};
  if (!consumer.models.empty()) json["models"] = consumer.models;
  json["dev"] = consumer.dev;
  return json;
}

Json json_of(const Plan&, const Prompt& prompt) {
  return {{"name", prompt.name},
          {"file", prompt.file},
          {"model", prompt.model},
          {"serve", prompt.serve},
          {"revision", fmt::format("{:016x}", prompt.revision)}};
}

Json json_of(const Admin& admin) {
  if (!admin.on) return nullptr;
  Json json;
  json["listen"] = admin.unix_path.empty() ? Origin{.host = admin.host, .port = admin.port}.text().substr(7)
                                           : "unix:" + admin.unix_path;
  json["key"] = json_of(admin.key);
  return json;
}

Json json_of(const Health& health) {
  if (!health.on) return nullptr;
  return {{"listen", Origin{.host = health.host, .port = health.port}.text().substr(7)}};
}

template <class Things>
Json list(const Plan& plan, const Things& things, const Place& place) {
  Json json = Json::array();
  for (const auto& thing : things) {
    Json item = json_of(plan, thing);
    if (std::string source = place(thing.where); !source.empty()) item["source"] = std::move(source);
    json.push_back(std::move(item));
  }
  return json;
}

Json with_source(Json json, const std::string& source) {
  if (!json.is_null() && !source.empty()) json["source"] = source;
  return json;
}

// Bytes of a config that are no UTF-8 must not end in an exception.
std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string plan_json(const Plan& plan, const Place& place) {
  Json json{{"file", plan.file}, {"profile", plan.profile}, {"development", plan.development}};
  json["listeners"] = list(plan, plan.listeners, place);
  json["admin"] = with_source(json_of(plan.admin), place(plan.admin.where));
  json["health"] = with_source(json_of(plan.health), place(plan.health.where));
  json["timeouts"] = json_of(plan.timeouts);
  json["caps"] = json_of(plan.caps);
  json["defaults"] = {{"auth", json_of(plan.default_auth)}};
  json["pepper"] = json_of(plan.pepper);
  json["providers"] = list(plan, plan.providers, place);
  json["models"] = list(plan, plan.models, place);
  json["services"] = list(plan, plan.services, place);
  json["routes"] = list(plan, plan.routes, place);
  json["consumers"] = list(plan, plan.consumers, place);
  json["prompts"] = list(plan, plan.prompts, place);
  return dumped(json, 2) + "\n";
}

std::string routes_json(const Plan& plan, const Place& place) {
  return dumped(Json{{"routes", list(plan, plan.routes, place)}}, 2) + "\n";
}

std::string text_of(const Plan& plan, const Listener& listener) {
  return dumped(json_of(plan, listener), -1);
}
std::string text_of(const Plan& plan, const Route& route) {
  return dumped(json_of(plan, route), -1);
}
std::string text_of(const Plan& plan, const Provider& provider) {
  return dumped(json_of(plan, provider), -1);
}
std::string text_of(const Plan& plan, const Model& model) {
  return dumped(json_of(plan, model), -1);
}
std::string text_of(const Plan& plan, const Service& service) {
  return dumped(json_of(plan, service), -1);
}
std::string text_of(const Plan& plan, const Consumer& consumer) {
  return dumped(json_of(plan, consumer), -1);
}
std::string text_of(const Plan& plan, const Prompt& prompt) {
  return dumped(json_of(plan, prompt), -1);
}
std::string text_of(const Timeouts& timeouts) {
  return dumped(json_of(timeouts), -1);
}
std::string text_of(const Caps& caps) {
  return dumped(json_of(caps), -1);
}
std::string text_of(const Admin& admin) {
  return dumped(json_of(admin), -1);
}
std::string text_of(const Health& health) {
  return dumped(json_of(health), -1);
}

}  // namespace apigw::model
