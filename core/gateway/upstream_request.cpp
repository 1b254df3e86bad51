#include "gateway/upstream_request.h"

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

bool own_key_in(const http::Headers& headers, std::string_view name, const policy::SecretSet& secrets) {
  for (const auto field : headers) {
    if (field.name != name) continue;
    if (field.value.find(policy::key_prefix) != std::string_view::npos || secrets.in(field.value)) return true;
  }
  return false;
}

// A key of this gateway is never the service's business, even where the route asks for none, and in whichever of
// several fields it stands. A consumer's key that others made and that is known by its hash alone is not recognised.
void drop_own_keys(const policy::SecretSet& secrets, http::Headers& headers) {
  for (const std::string_view name : policy::credential_headers()) {
    if (own_key_in(headers, name, secrets)) headers.remove(name);
  }
}

void add_own_headers(const dialects::Dialect& dialect, const http::Headers& from, http::Headers& to) {
  for (const dialects::OwnHeader& header : dialect.own_headers) {
    const std::string value = dialects::value_for_provider(header, from);
    if (!value.empty()) to.add(header.name, value);
  }
}

// Nothing: a form whose length the client does not tell.
std::optional<std::uint64_t> length_of(const ModelRequest& call, const WrittenBody& body) {
  if (!call.has_rest) return body.body.size();
  const auto& told = call.head.content_length;
  return told ? std::optional(*told - call.body.size() + body.body.size()) : std::nullopt;
}

}  // namespace

Result<void> write_service_request(const Compiled& compiled, const http::RequestHead& head,
                                   const routing::Match& match, std::size_t instance,
                                   const Introduction& introduction, UpstreamRequest& request) {
  clear(request);
  const auto& to = std::get<model::ToService>(match.route->action);
  const model::Service& service = compiled.plan->at(to.service);
  auto target = routing::upstream_target(to, service.base_path, head.target,
                                         {compiled.router.variables(match.index), match.captures});
  if (!target) return std::unexpected(std::move(target.error()));
  request.method = head.method;
  request.target = std::move(*target);
  request.authority = service.instances[instance].authority();
  request.content_length = head.content_length;
  request.has_body = head.has_body;
  const bool keep = model::effective_auth(*compiled.plan, *match.route, head.listener).none;
  http::copy_to_service(head.headers, keep ? http::Credentials::keep : http::Credentials::drop, request.headers);
  if (keep) drop_own_keys(compiled.secrets, request.headers);
  request.headers.add("x-forwarded-for", head.client);
  request.headers.add("x-forwarded-proto", head.secure ? "https" : "http");
  if (!head.host.empty()) request.headers.add("x-forwarded-host", head.host);
  introduce(head, introduction, request.headers);
  for (const auto& edit : match.route->request_headers) {
    edit.value ? request.headers.set(edit.name, *edit.value) : request.headers.remove(edit.name);
  }
  return {};
}

void write_model_request(const Compiled& compiled, const ModelRequest& call, const model::Target& target,
                         const WrittenBody& body, const Introduction& introduction, std::string_view credential,
                         UpstreamRequest& request) {
  clear(request);
  const ProviderLine& line = compiled.providers[static_cast<std::size_t>(target.provider)];
  request.method = "POST";
  request.target.append(compiled.plan->at(target.provider).base_path);
  const bool chats = body.translated && dialects::asks_answer(call.operation);
  const std::string_view operation = body.calls ? body.calls->operation : chats ? "chat" : call.operation;
  const bool also = !body.translated && call.client.also_at == line.dialect;
  dialects::append_upstream(request.target, dialects::endpoint(also ? call.client : *line.dialect, operation),
                            model_at(target, call.facts()), call.facts().stream);
  request.authority = line.authority;
  request.has_body = true;
  request.content_length = length_of(call, body);
  http::copy_to_provider(call.head.headers, request.headers);
  add_own_headers(*line.dialect, call.head.headers, request.headers);
  if (body.translated) request.headers.set("content-type", "application/json");
  introduce(call.head, introduction, request.headers);
  if (!credential.empty()) request.headers.set(line.dialect->credential_header, credential);
}

}  // namespace apigw::gateway
