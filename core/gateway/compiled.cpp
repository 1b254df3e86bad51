#include "gateway/compiled.h"

#include "api/openapi.h"

namespace apigw::gateway {
namespace {

std::map<std::string, policy::ModelWords, std::less<>> model_words(std::int64_t created) {
  std::map<std::string, policy::ModelWords, std::less<>> out;
  for (const auto& row : dialects::roster()) {
    const dialects::Dialect* dialect = row.dialect;
    policy::ModelWords words;
    words.list = [dialect, created](std::span<const std::string_view> names) {
      std::vector<dialects::ListedModel> models;
      for (const auto name : names) models.push_back({.id = name, .created = created});
      return dialect->models_body(models);
    };
    words.one = [dialect, created](std::string_view name) {
      return dialect->model_body({.id = name, .created = created});
    };
    out.emplace(row.word, std::move(words));
  }
  return out;
}

// What translates between dialects, and what the gateway answers itself where a target cannot, goes to all of them.
bool offers(std::string_view dialect, std::string_view operation) {
  if (dialects::asks_answer(operation) || operation == "count_tokens") return true;
  const dialects::Dialect* found = dialects::find_spoken(dialect);
  return found && dialects::offers(*found, operation);
}

ServiceLine line_of(const model::Service& service) {
  ServiceLine line{{}, service.timeouts};
  for (const auto& origin : service.instances) {
    line.destinations.push_back({origin, service.outbound, service.connections, service.dns});
  }
  return line;
}

credential::AwsKey aws_key(const model::AwsKey& key) {
  return {.id = key.id.value,
          .secret = key.secret.value,
          .session_token = key.session_token.value,
          .region = key.region,
          .service = "bedrock"};
}

Result<ProviderLine> line_of(const model::Provider& provider) {
  ProviderLine line;
  line.dialect = dialects::find_spoken(provider.dialect);
  if (!line.dialect) {
    return fail(ErrorKind::invalid, fmt::format("provider '{}' speaks '{}', which no dialect here does",
                                                provider.name, provider.dialect));
  }
  if (provider.mock) line.dialect = &dialects::for_mock(*line.dialect);
  line.destination = {provider.origin, provider.outbound, provider.connections};
  line.timeouts = provider.timeouts;
  line.timeouts.first_byte = provider.timeouts.ai_first_byte;
  line.authority = provider.mock ? "mock" : provider.origin.authority();
  line.mock = provider.mock;
  if (provider.mock) return line;
  line.fetches_token = line.dialect->takes_google_token && credential::is_account(provider.key.value);
  if (provider.key.loaded() && !line.fetches_token) {
    line.credential = Secret(std::string(line.dialect->credential_prefix).append(provider.key.value.expose()));
  }
  if (provider.aws && provider.aws->loaded()) line.aws = aws_key(*provider.aws);
  return line;
}

}  // namespace

const catalogue::ModelRow* known_row(const model::Provider& provider, std::string_view model,
                                     const catalogue::Models& models) {
  if (provider.mock) return &catalogue::free_of_charge;
  return model.empty() ? nullptr : models.find(provider.name, model);
}

Result<std::shared_ptr<const Compiled>> compile(const model::PlanPtr& plan, const State& state, const Clock& clock,
                                                const catalogue::Models& models) {
  auto router = routing::Router::compile(plan);
  if (!router) return std::unexpected(std::move(router.error()));
  const auto created = std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count();
  auto made =
      std::make_shared<Compiled>(Compiled{.plan = plan,
                                          .router = std::move(*router),
                                          .permission = policy::Permission(plan, model_words(created), offers),
                                          .secrets = policy::SecretSet::of(*plan),
                                          .models = &models});
  for (const auto& service : plan->services) made->services.push_back(line_of(service));
  for (const auto& provider : plan->providers) {
    auto line = line_of(provider);
    if (!line) return std::unexpected(std::move(line.error()));
    made->providers.push_back(std::move(*line));
  }
  for (const auto& model : plan->models) {
    auto& rows = made->rows.emplace_back();
    for (const auto& target : model.targets)
      rows.push_back(known_row(plan->at(target.provider), target.model, models));
  }
  for (const auto& route : plan->routes) {
    made->has_endpoints = made->has_endpoints || std::holds_alternative<model::Endpoint>(route.action);
    if (std::holds_alternative<model::ApiDocument>(route.action)) made->openapi = api::openapi_document(*plan);
  }
  made->bindings = state.bind(*plan);
  return made;
}

}  // namespace apigw::gateway
