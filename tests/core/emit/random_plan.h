// Plans that a config could have made, from a seed: services with and without an address, images in every form, names
// that want translating, scales, calls, variables, secrets of each kind, providers, routes.
#pragma once
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "emit/bundle.h"
#include "model/plan.h"

namespace apigw::emit::testing {

struct RandomPlan {
  model::Plan plan;
  Options options;

  explicit RandomPlan(unsigned seed) : random_(seed) {
    const unsigned services = upto(4);
    for (unsigned i = 0; i < services; ++i) service(i);
    for (unsigned i = 0; i < plan.services.size(); ++i)
      if (chance(2)) route(i);
    const unsigned providers = upto(3);
    for (unsigned i = 0; i < providers; ++i) provider(i);
    if (chance(3)) plan.consumers.push_back({.name = "web", .key = secret("WEB_KEY")});
    if (chance(4)) plan.pepper = secret("PEPPER");
    plan.listeners.push_back({.host = "0.0.0.0", .port = 8080});
    if (chance(3))
      plan.listeners.push_back({.host = "::", .port = 8443, .tls = model::TlsFiles{"certs/a.pem", "/etc/tls/a.key"}});
    plan.health = {true, "0.0.0.0", 8082, {}};
    plan.timeouts.drain = model::Milliseconds(upto(90'000) + 1);
    plan.file = chance(2) ? "apigw.yaml" : "shop/apigw.yaml";
    container(plan.deploy.gateway, "apigw");
    if (chance(2)) plan.deploy.name_space = "shop";
    if (chance(2)) plan.deploy.host = "api.shop.example";
    if (chance(3)) plan.deploy.tls = "shop-tls";
    options.files = {{"apigw.yaml", "apigw: 1\n# " + word() + "\n"}};
    if (chance(2)) options.files.push_back({"prompts/a.prompt", "---\nmodel: chat\n---\n{{text}}\n"});
    options.sets = deployed_sets(plan);
    if (chance(3)) options.variables = {{"REGION", word()}, {"API_TOKEN", "x"}};
    options.create_namespace = chance(3);
    if (chance(4)) options.ingress = "nginx";
    options.cpu_limit = !chance(4);
    options.secrets = chance(3) ? Secrets::stub : Secrets::ref;
    options.kubernetes = {1, 27 + upto(9)};
  }

 private:
  unsigned upto(unsigned most) { return static_cast<unsigned>(random_() % (most + 1)); }
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string word() {
    static constexpr const char* words[] = {
        "yes", "no",    "0x1F", "1e3",      "2026-01-01",    "a: b",         "# c", "",
        " x ", "debug", "null", "12:30:00", "\u00e9t\u00e9", "line\nline\n", "{a}", "\"q\""};
    return words[random_() % std::size(words)];
  }
  model::SecretRef secret(std::string name) {
    if (chance(3)) return {model::SecretRef::Kind::file, "/run/secrets/" + name, {}, {}};
    return {model::SecretRef::Kind::env, std::move(name), {}, {}};
  }
  void container(model::Container& out, const std::string& name) {
    out.image = fmt::format("{}{}{}", chance(2) ? "registry.shop.example:5000/team/" : "", name,
                            chance(2) ? ":1.4.2" : ":v2_rc-1");
    if (chance(3)) out.image += "@sha256:" + std::string(64, "0123456789abcdef"[upto(15)]);
    if (chance(2)) out.scale = model::Scale{1 + upto(3), 0, {}};
    if (out.scale) out.scale->most = out.scale->least + (chance(2) ? 0 : upto(6));
    out.cpu = 1 + upto(4000);
    out.memory = chance(2) ? 128u << 20 : 1'000'000 + upto(1000);
  }
  void service(unsigned i) {
    static constexpr const char* shapes[] = {"orders", "Stock_API", "a.b", "9lives", "reviews"};
    model::Service out{.name = fmt::format("{}{}", shapes[upto(4)], i)};
    out.instances = {{false, "127.0.0.1", 0}};
    if (chance(4))
      out.instances = {{chance(2), chance(2) ? "10.1.2.3" : "reviews.internal", 9003}};
    else
      container(out.container, "svc");
    if (chance(2)) out.port = static_cast<std::uint16_t>(1024 + upto(60'000));
    if (chance(3)) out.health_path = chance(2) ? "/readyz" : "/health";
    if (chance(2)) out.environment = {{"MODE", word()}, {"DB_PASSWORD", "x"}, {"EMPTY", ""}};
    for (const model::Service& other : plan.services)
      if (chance(2)) out.calls.push_back(other.name);
    plan.services.push_back(std::move(out));
  }
  void route(unsigned i) {
    model::ToService to;
    to.service = static_cast<model::ServiceId>(i);
    plan.routes.push_back({.id = "/r", .path = "/r", .action = to});
  }
  void provider(unsigned i) {
    model::Provider out{.name = fmt::format("p{}", i), .dialect = "openai", .mock = chance(4)};
    out.origin = {!chance(3), chance(2) ? "api.example" : "10.9.8.7",
                  static_cast<std::uint16_t>(chance(2) ? 443 : 8000)};
    if (chance(2)) out.key = secret(fmt::format("P{}_KEY", i));
    if (chance(3))
      out.outbound = {.proxy = model::Outbound::Proxy::fixed,
                      .proxy_host = "proxy.internal",
                      .proxy_port = 3128,
                      .ca_file = "certs/ca.pem"};
    if (chance(5)) out.outbound.proxy = model::Outbound::Proxy::env;
    plan.providers.push_back(std::move(out));
  }

  std::mt19937 random_;
};

// Of the roster, by its word.
inline const Emitter& emitter_of(std::string_view word) {
  for (const RosterRow& row : roster())
    if (row.word == word) return *row.emitter;
  std::abort();
}

// What it makes of a Plan.
inline render::FileTree emitted(std::string_view word, const RandomPlan& made) {
  diag::Report report;
  return emitter_of(word).emit(made.plan, made.options, report);
}

}  // namespace apigw::emit::testing
