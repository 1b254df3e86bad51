#include "gateway/attempt.h"

#include "http/hop_by_hop.h"
#include "policy/key.h"
#include "routing/rewrite.h"

namespace apigw::gateway {
namespace {

void clear(UpstreamRequest& request) {
  request.method.clear();
  request.target.clear();
  request.authority.clear();
  request.headers.clear();
  request.content_length.reset();
  request.has_body = false;
}

void introduce(const http::RequestHead& head, const Introduction& introduction, http::Headers& headers) {
  headers.add("x-request-id", introduction.request_id);
  headers.set("traceparent", introduction.traceparent);
  if (head.headers.has("via")) {
    headers.add("via", http::via_with(head.headers, introduction.instance));
  } else {
    headers.add("via", introduction.instance.empty() ? "1.1 apigw" : fmt::format("1.1 {}", introduction.instance));
  }
}

// A key of this gateway is never the service's business, even where the route asks for none.
void drop_own_keys(http::Headers& headers) {
  for (const std::string_view name : policy::credential_headers()) {
    const auto value = headers.find(name);
    if (value && value->find(policy::key_prefix) != std::string_view::npos) headers.remove(name);
  }
}

struct Chosen {
  const model::Target* target;
  std::shared_ptr<ModelSeries> series;
};

Chosen chosen(const policy::Permit& permit, const Compiled& compiled, std::size_t nth) {
  if (!permit.model)
    return {&permit.direct, compiled.bindings->direct[static_cast<std::size_t>(permit.direct.provider)]};
  const std::uint32_t index = permit.targets[nth];
  return {&compiled.plan->models[*permit.model].targets[index], compiled.bindings->models[*permit.model][index]};
}

}  // namespace

Result<Attempt> Attempt::to_service(const policy::GrantedCall& granted, const Compiled& compiled,
                                    const http::RequestHead& head, const routing::Match& match, std::size_t instance,
                                    const Introduction& introduction, UpstreamRequest& request) {
  clear(request);
  const auto& to = std::get<model::ToService>(match.route->action);
  const auto id = static_cast<std::size_t>(to.service);
  const model::Service& service = compiled.plan->services[id];
  auto target = routing::upstream_target(to, service.base_path, head.target,
                                         {compiled.router.variables(match.index), match.captures});
  if (!target) return std::unexpected(std::move(target.error()));
  request.method = head.method;
  request.target = std::move(*target);
  request.authority = service.instances[instance].authority();
  request.content_length = head.content_length;
  request.has_body = head.has_body;
  const bool keep = policy::effective_auth(*compiled.plan, *match.route, head.listener).none;
  http::copy_to_service(head.headers, keep ? http::Credentials::keep : http::Credentials::drop, request.headers);
  if (keep) drop_own_keys(request.headers);
  request.headers.add("x-forwarded-for", head.client);
  request.headers.add("x-forwarded-proto", head.secure ? "https" : "http");
  if (!head.host.empty()) request.headers.add("x-forwarded-host", head.host);
  introduce(head, introduction, request.headers);
  for (const auto& edit : match.route->request_headers) {
    edit.value ? request.headers.set(edit.name, *edit.value) : request.headers.remove(edit.name);
  }
  Attempt attempt(granted, request);
  attempt.destination_ = &compiled.services[id].destinations[instance];
  attempt.timeouts_ = &compiled.services[id].timeouts;
  attempt.upstream_ = compiled.bindings->services[id].get();
  attempt.instance_ = attempt.upstream_->instances[instance].get();
  return attempt;
}

Attempt Attempt::to_model(const policy::GrantedCall& granted, const Compiled& compiled, const ModelRequest& call,
                          std::size_t target, const Introduction& introduction, UpstreamRequest& request) {
  clear(request);
  const Chosen to = chosen(granted.permit(), compiled, target);
  const auto id = static_cast<std::size_t>(to.target->provider);
  const ProviderLine& line = compiled.providers[id];
  Attempt attempt(granted, request);
  attempt.model_ = to.target->model.empty() ? std::string_view(call.facts.model) : std::string_view(to.target->model);
  attempt.body_ = dialects::edited(call.body, call.facts, attempt.model_);
  request.method = "POST";
  request.target.append(compiled.plan->providers[id].base_path);
  request.target.append(dialects::endpoint(*line.dialect, call.operation).upstream);
  request.authority = line.authority;
  request.has_body = true;
  request.content_length = attempt.body_.size();
  http::copy_to_provider(call.head.headers, request.headers);
  introduce(call.head, introduction, request.headers);
  if (!line.credential.empty()) request.headers.set(line.dialect->credential_header, line.credential.expose());
  attempt.destination_ = &line.destination;
  attempt.timeouts_ = &line.timeouts;
  attempt.mock_ = line.mock;
  attempt.upstream_ = compiled.bindings->providers[id].get();
  attempt.instance_ = attempt.upstream_->instances.front().get();
  attempt.series_ = to.series.get();
  return attempt;
}

AttemptRecord Attempt::record() const {
  AttemptRecord record;
  record.to = upstream_->name;
  record.model = model_;
  record.address = mock_ ? std::string_view("mock:") : std::string_view(instance_->address);
  record.upstream = upstream_;
  record.series = series_;
  return record;
}

}  // namespace apigw::gateway
