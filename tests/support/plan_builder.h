// Builds a model::Plan in code, with the defaults that a config file would give: for tests of what walks a Plan.
//
//   PlanBuilder plan;
//   plan.service("orders", 9001).route("GET /orders/{id}", "orders").consumer("shop", "sk-shop");
//   model::PlanPtr made = plan.build();
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/plan.h"

namespace apigw::test {

class PlanBuilder {
 public:
  PlanBuilder() {
    plan_.listeners.push_back({.host = "127.0.0.1", .port = 0, .port_given = true});
    plan_.default_auth.none = true;
  }

  // A service with one instance a port, all on 127.0.0.1.
  PlanBuilder& service(std::string name, std::vector<std::uint16_t> ports, std::string base = "") {
    model::Service service;
    service.name = std::move(name);
    service.base_path = std::move(base);
    for (const auto port : ports) service.instances.push_back({false, "127.0.0.1", port});
    plan_.services.push_back(std::move(service));
    return *this;
  }
  PlanBuilder& service(std::string name, std::uint16_t port) { return service(std::move(name), std::vector{port}); }

  // "METHOD[,METHOD] /path" or "/path" to a service that was declared before.
  PlanBuilder& route(std::string_view pattern, std::string_view service) {
    model::ToService to;
    to.service = service_id(service);
    return add(pattern, std::move(to));
  }
  PlanBuilder& redirect(std::string_view pattern, std::string location, int status = 308) {
    return add(pattern, model::ToRedirect{status, std::move(location)});
  }
  PlanBuilder& endpoint(std::string_view pattern, std::string dialect, std::string operation) {
    return add(pattern, model::Endpoint{std::move(dialect), std::move(operation)});
  }
  // The endpoints of the OpenAI dialect in this version.
  PlanBuilder& openai_endpoints() {
    endpoint("POST /v1/chat/completions", "openai", "chat").endpoint("POST /v1/embeddings", "openai", "embeddings");
    return endpoint("GET /v1/models", "openai", "models").endpoint("GET /v1/models/**", "openai", "model");
  }

  // The endpoints of the Anthropic dialect; those that share a path with another dialect wait for its header.
  PlanBuilder& anthropic_endpoints() {
    endpoint("POST /v1/messages", "anthropic", "chat");
    endpoint("POST /v1/messages/count_tokens", "anthropic", "count_tokens");
    const auto wait = [](model::Route& route) {
      route.conditions.push_back({model::Condition::In::header, "anthropic-version", std::nullopt});
      route.id += " (anthropic)";
    };
    endpoint("GET /v1/models", "anthropic", "models").last_route(wait);
    return endpoint("GET /v1/models/**", "anthropic", "model").last_route(wait);
  }
  PlanBuilder& responses_endpoint() { return endpoint("POST /v1/responses", "openai-responses", "chat"); }
  PlanBuilder& gemini_endpoints() {
    endpoint("POST /v1beta/models/**", "gemini", "chat").endpoint("GET /v1beta/models", "gemini", "models");
    return endpoint("GET /v1beta/models/**", "gemini", "model");
  }
  PlanBuilder& ollama_endpoints() {
    endpoint("POST /api/chat", "ollama", "chat").endpoint("POST /api/generate", "ollama", "generate");
    endpoint("POST /api/embed", "ollama", "embeddings");
    endpoint("POST /api/embeddings", "ollama", "prompt_embedding");
    endpoint("GET /api/tags", "ollama", "models").endpoint("POST /api/show", "ollama", "model");
    return endpoint("GET /api/version", "ollama", "version");
  }
  PlanBuilder& cohere_endpoints() {
    endpoint("POST /v2/chat", "cohere", "chat").endpoint("POST /v2/rerank", "cohere", "rerank");
    endpoint("POST /v2/embed", "cohere", "embeddings");
    const auto wait = [](model::Route& route) {
      route.conditions.push_back({model::Condition::In::header, "x-fern-sdk-name", std::nullopt});
      route.id += " (cohere)";
    };
    endpoint("GET /v1/models", "cohere", "models").last_route(wait);
    return endpoint("GET /v1/models/**", "cohere", "model").last_route(wait);
  }
  // Of the provider added last.
  PlanBuilder& speaks(std::string dialect) {
    plan_.providers.back().dialect = std::move(dialect);
    return *this;
  }

  // Of the provider added last, in place of its key.
  PlanBuilder& signed_by(std::string id, std::string secret, std::string region) {
    using Kind = model::SecretRef::Kind;
    plan_.providers.back().aws =
        model::AwsKey{.id = {Kind::env, "AWS_ACCESS_KEY_ID", Secret(std::move(id)), {}},
                      .secret = {Kind::env, "AWS_SECRET_ACCESS_KEY", Secret(std::move(secret)), {}},
                      .session_token = {},
                      .region = std::move(region)};
    return *this;
  }

  PlanBuilder& provider(std::string name, std::uint16_t port, std::string key = "", std::string base = "/v1") {
    model::Provider provider;
    provider.name = std::move(name);
    provider.dialect = "openai";
    provider.origin = {false, "127.0.0.1", port};
    provider.base_path = std::move(base);
    if (!key.empty()) provider.key = {model::SecretRef::Kind::env, "KEY", Secret(std::move(key)), {}};
    plan_.providers.push_back(std::move(provider));
    return *this;
  }
  PlanBuilder& mock() {
    model::Provider provider;
    provider.name = "mock";
    provider.dialect = "openai";
    provider.mock = true;
    provider.base_path = "/v1";
    plan_.providers.push_back(std::move(provider));
    return *this;
  }
  // `targets` as in the config: "provider/model". A name with `*` is a pattern.
  PlanBuilder& model(std::string name, const std::vector<std::string>& targets) {
    model::Model model;
    model.pattern = name.find('*') != std::string::npos;
    model.name = std::move(name);
    for (const std::string& target : targets) {
      const auto slash = target.find('/');
      model.targets.push_back({provider_id(target.substr(0, slash)), target.substr(slash + 1), {}});
    }
    plan_.models.push_back(std::move(model));
    return *this;
  }
  PlanBuilder& consumer(std::string name, std::string key) {
    model::Consumer consumer;
    consumer.name = std::move(name);
    consumer.key = {model::SecretRef::Kind::env, "KEY", Secret(std::move(key)), {}};
    plan_.consumers.push_back(std::move(consumer));
    return *this;
  }
  // For what has no word of its own here.
  template <class Edit>
  PlanBuilder& with(Edit edit) {
    edit(plan_);
    return *this;
  }
  // Edits the route added last.
  template <class Edit>
  PlanBuilder& last_route(Edit edit) {
    edit(plan_.routes.back());
    return *this;
  }
  // `auth: key` on every route that exists by now and by default.
  PlanBuilder& keyed() {
    plan_.default_auth = {.none = false, .key = true};
    for (auto& route : plan_.routes) route.auth = plan_.default_auth;
    return *this;
  }

  [[nodiscard]] model::PlanPtr build() const { return std::make_shared<const model::Plan>(plan_); }

 private:
  PlanBuilder& add(std::string_view pattern, model::Action action) {
    model::Route route;
    route.id = pattern;
    const auto blank = pattern.find(' ');
    if (blank != std::string_view::npos) {
      for (const auto method : text::split(pattern.substr(0, blank), ',')) route.methods.emplace_back(method);
      pattern.remove_prefix(blank + 1);
    }
    route.path = pattern;
    route.action = std::move(action);
    route.auth = plan_.default_auth;
    plan_.routes.push_back(std::move(route));
    return *this;
  }
  [[nodiscard]] model::ServiceId service_id(std::string_view name) const {
    for (std::size_t i = 0; i < plan_.services.size(); ++i) {
      if (plan_.services[i].name == name) return static_cast<model::ServiceId>(i);
    }
    std::abort();
  }
  [[nodiscard]] model::ProviderId provider_id(std::string_view name) const {
    for (std::size_t i = 0; i < plan_.providers.size(); ++i) {
      if (plan_.providers[i].name == name) return static_cast<model::ProviderId>(i);
    }
    std::abort();
  }

  model::Plan plan_;
};

}  // namespace apigw::test
