#include "gateway/attempt.h"

namespace apigw::gateway {

Result<Attempt> Attempt::to_service(const policy::GrantedCall& granted, const Compiled& compiled,
                                    const http::RequestHead& head, const routing::Match& match, std::size_t instance,
                                    const Introduction& introduction, UpstreamRequest& request) {
  auto written = write_service_request(compiled, head, match, instance, introduction, request);
  if (!written) return std::unexpected(std::move(written.error()));
  const auto id = static_cast<std::size_t>(std::get<model::ToService>(match.route->action).service);
  Attempt attempt(granted, request);
  attempt.destination_ = &compiled.services[id].destinations[instance];
  attempt.timeouts_ = &compiled.services[id].timeouts;
  attempt.upstream_ = compiled.bindings->services[id].get();
  attempt.instance_ = attempt.upstream_->instances[instance].get();
  return attempt;
}

std::variant<Attempt, policy::Refusal> Attempt::to_model(const policy::GrantedCall& granted, const Compiled& compiled,
                                                         ModelRequest& call, std::size_t target,
                                                         const Introduction& introduction, UpstreamRequest& request,
                                                         chat::Losses& losses) {
  const policy::Permit& permit = granted.permit();
  const model::Target& to = permit.target(*compiled.plan, target);
  const auto id = static_cast<std::size_t>(to.provider);
  const ProviderLine& line = compiled.providers[id];
  losses = {};
  Writing writing = write_body(compiled, call, to, permit.refuses_losses(*compiled.plan), losses);
  if (auto* no = std::get_if<policy::Refusal>(&writing)) return std::move(*no);
  Attempt attempt(granted, request);
  attempt.model_ = model_at(to, call.facts());
  attempt.written_ = std::get<WrittenBody>(std::move(writing));
  attempt.dialect_ = line.dialect;
  write_model_request(compiled, call, to, attempt.written_, introduction, line.credential.expose(), request);
  if (line.aws)
    credential::sign(*line.aws, {request.method, request.target, request.authority, attempt.written_.body},
                     introduction.now, request.headers);
  attempt.destination_ = &line.destination;
  attempt.timeouts_ = &line.timeouts;
  attempt.mock_ = line.mock;
  attempt.upstream_ = compiled.bindings->providers[id].get();
  attempt.instance_ = attempt.upstream_->instances.front().get();
  if (line.fetches_token) attempt.token_ = attempt.upstream_->token.get();
  const Bindings& bindings = *compiled.bindings;
  const auto& series = permit.model ? bindings.models[*permit.model][permit.targets[target]] : bindings.direct[id];
  attempt.series_ = series.get();
  attempt.row_ = permit.model && !to.model.empty()
                     ? compiled.rows[*permit.model][permit.targets[target]]
                     : known_row(compiled.plan->at(to.provider), attempt.model_, *compiled.models);
  return attempt;
}

void Attempt::bear(const Secret& token) const {
  request_->headers.set(dialect_->credential_header, std::string(dialect_->credential_prefix).append(token.expose()));
}

bool Attempt::go_on() {
  auto body = written_.calls->next();
  if (!body) return false;
  written_.body = std::move(*body);
  request_->content_length = written_.body.size();
  return true;
}

AttemptRecord Attempt::record() const {
  AttemptRecord record;
  record.to = upstream_->name;
  record.model = model_;
  record.address = mock_ ? std::string_view("mock:") : std::string_view(instance_->address);
  record.upstream = upstream_;
  record.series = series_;
  record.row = row_;
  return record;
}

}  // namespace apigw::gateway
