// What the gateway calls: providers with their catalogue rows, models as targets, services; see resolving.h.
#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "config/resolving.h"
#include "config/targets.h"
#include "config/upstream_url.h"
#include "credential/aws_signature.h"

namespace apigw::config {

using namespace model;

namespace {

// A name that only stands for another one means it with its policy, unless it says its own.
bool refuses_losses(const Named<ModelDraft>& entry,
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

model::AwsKey aws_of(const ProviderDraft& draft, std::string_view host) {
  model::AwsKey key;
  take(key.id, draft.aws->id);
  take(key.secret, draft.aws->secret);
  take(key.session_token, draft.aws->session_token);
  key.region = draft.region.value_or(std::string(credential::region_of(host)));
  return key;
}

}  // namespace

const KnownProvider* Resolving::known(std::string_view name) const {
  for (const KnownProvider& row : vocabulary_.providers)
    if (row.name == name) return &row;
  return nullptr;
}

void Resolving::providers() {
  for (const auto& entry : entries(draft_.providers)) plan_.providers.push_back(provider(entry));
  const bool mock = std::ranges::any_of(plan_.providers, [](const Provider& p) { return p.name == "mock"; });
  if (!mock) plan_.providers.push_back(provider({.name = "mock", .where = {}, .body = {{}, ProviderDraft{}}}));
  for (std::size_t i = 0; i < plan_.providers.size(); ++i)
    provider_ids_.emplace(plan_.providers[i].name, static_cast<ProviderId>(i));
}

Provider Resolving::provider(const Named<ProviderDraft>& entry) const {
  const ProviderDraft& draft = *entry.body;
  const KnownProvider* row = known(entry.name);
  Provider out{.name = entry.name, .dialect = row != nullptr ? std::string(row->dialect) : "openai"};
  out.where = entry.where;
  take(out.dialect, draft.dialect);
  Url url{.scheme = Url::Scheme::mock};
  if (draft.url)
    url = *draft.url;
  else if (row != nullptr && row->name != "mock")
    url = address_of(*row, draft.region.value_or(""), draft.project.value_or(""));
  out.mock = url.scheme == Url::Scheme::mock;
  out.origin = origin_of(url);
  out.base_path = url.base_path;
  if (draft.key)
    out.key = *draft.key;
  else if (draft.aws && !out.mock)
    out.aws = aws_of(draft, out.origin.host);
  else if (row != nullptr && !row->variable.empty() && !out.mock && at_home(*row, url))
    out.key = {SecretRef::Kind::env, std::string(row->variable), {}, entry.where};  // never to another address
  out.outbound = outbound_of(draft.outbound, outbound_);
  out.timeouts = plan_.timeouts;
  out.timeouts.first_byte = plan_.timeouts.ai_first_byte;
  if (draft.timeout) out.timeouts.whole = *draft.timeout;
  out.connections = draft.connections.value_or(plan_.caps.upstream_connections);
  return out;
}

void Resolving::models() {
  std::unordered_map<std::string_view, const Named<ModelDraft>*> by_name;
  for (const auto& entry : entries(draft_.models)) by_name.emplace(entry.name, &entry);
  for (const auto& entry : entries(draft_.models)) {
    Model out{.name = entry.name, .pattern = entry.name.find('*') != std::string::npos, .where = entry.where};
    out.refuse_losses = refuses_losses(entry, by_name);
    for (const auto* text : flat_targets(entry, by_name, most_targets)) out.targets.push_back(target(*text));
    plan_.models.push_back(std::move(out));
  }
}

Target Resolving::target(const Given<std::string>& text) const {
  const auto slash = text->find('/');
  std::string name = text->substr(slash + 1);
  if (name == "*") name.clear();
  return {provider_ids_.at(text->substr(0, slash)), std::move(name), text.where};
}

void Resolving::services() {
  for (const auto& entry : entries(draft_.services)) {
    service_ids_.emplace(entry.name, static_cast<ServiceId>(plan_.services.size()));
    plan_.services.push_back(service(entry));
  }
}

Service Resolving::service(const Named<ServiceDraft>& entry) const {
  const ServiceDraft& draft = *entry.body;
  Service out{.name = entry.name};
  out.where = entry.where;
  out.outbound = outbound_of(draft.outbound, outbound_);
  out.timeouts = plan_.timeouts;
  take(out.timeouts.first_byte, draft.timeout);
  out.connections = draft.connections.value_or(plan_.caps.upstream_connections);
  take(out.health_path, draft.health);
  for (const auto& variable : draft.env.value_or({})) out.environment[variable.name] = *variable.body;
  for (const auto& call : draft.calls.value_or({})) out.calls.push_back(*call);
  if (draft.port) out.port = *draft.port;
  if (draft.run) out.run = run_of(draft);
  take_container(out.container, draft.container);
  if (out.run && (request_.development || !draft.url)) {
    out.instances.push_back({false, "127.0.0.1", out.port.value_or(0)});
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

RunSpec Resolving::run_of(const ServiceDraft& draft) const {
  RunSpec run{.command = *draft.run};
  const auto folder = folders_.find(draft.run.where.source);
  run.directory = draft.dir.value_or(folder == folders_.end() ? "" : folder->second);
  if (run.directory.empty()) run.directory = ".";
  return run;
}

// --- what emit deploys

void Resolving::take_container(Container& out, const ContainerDraft& draft) {
  take(out.image, draft.image);
  out.where = draft.image.where;
  if (draft.scale) out.scale = {draft.scale->least, draft.scale->most, draft.scale.where};
  take(out.cpu, draft.cpu);
  take(out.memory, draft.memory);
}

void Resolving::deploy() {
  if (!draft_.deploy) return;
  Deploy& out = plan_.deploy;
  if (const auto& gateway = draft_.deploy->gateway) {
    take_container(out.gateway, gateway->container);
    take(out.host, gateway->host);
    out.host_where = gateway->host.where;
  }
  // Where an image is missing is where it would stand.
  if (out.gateway.image.empty())
    out.gateway.where = draft_.deploy->gateway ? draft_.deploy->gateway.where : draft_.deploy.where;
  if (const auto& kubernetes = draft_.deploy->kubernetes) {
    take(out.name_space, kubernetes->name_space);
    take(out.tls, kubernetes->tls);
    out.tls_where = kubernetes->tls.where;
  }
  for (const auto& patch : draft_.deploy->patches.value_or({}))
    out.patches.push_back(
        {*patch->to, patch->merge.given(), patch->merge ? *patch->merge : *patch->json, patch->to.where});
}

}  // namespace apigw::config
