#include "config/resolve.h"

#include "config/resolving.h"

namespace apigw::config {

using namespace model;

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

Plan Resolving::take_plan() {
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
  prompts();
  consumers();
  deploy();
  return std::move(plan_);
}

const Given<AuthDraft>* Resolving::default_auth() const {
  return draft_.defaults && draft_.defaults->auth ? &draft_.defaults->auth : nullptr;
}

void Resolving::listeners() {
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

void Resolving::admin_and_health() {
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

void Resolving::consumers() {
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

model::Plan resolve(const Draft& draft, const Request& request, const Vocabulary& vocabulary,
                    const std::map<SourceId, std::string>& folders, const std::vector<PromptFile>& prompts,
                    Documents& documents) {
  return Resolving(draft, request, vocabulary, folders, prompts, documents).take_plan();
}

}  // namespace apigw::config
