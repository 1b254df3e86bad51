// The config as written: typed, every value with its place, nothing resolved and nothing refused yet.
//
// Filled by the field tables (tables.cpp), judged by the checks, turned into a Plan by resolve. A value that is given
// but absent was unreadable and is already reported: checks pass over it, so that one cause stays one finding.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/plan.h"
#include "yaml/fields.h"

namespace apigw::config {

using model::Milliseconds;
using yaml::Given;
using yaml::Named;

using Texts = std::vector<Given<std::string>>;
using TextMap = std::vector<Named<std::string>>;

struct Url {
  enum class Scheme { http, https, dns, mock } scheme = Scheme::http;
  std::string host;
  std::uint16_t port = 0;
  std::string base_path;  // no slash at its end
};
using Urls = std::vector<Given<Url>>;

struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;  // instead of both
  [[nodiscard]] bool loopback() const;
};

struct ProxyDraft {
  model::Outbound::Proxy kind = model::Outbound::Proxy::none;
  std::string host;
  std::uint16_t port = 0;
};

struct OutboundDraft {
  Given<ProxyDraft> proxy;
  Given<std::string> ca, cert, key;
  Given<bool> verify;
};

struct TimeoutsDraft {
  Given<Milliseconds> header, body_idle, keep_alive, client_write, connect, tls, first_byte, ai_first_byte,
      between_bytes, drain, whole;
};

struct CapsDraft {
  Given<std::uint64_t> header, request_line, body, ai_body, body_rate, sse_event, upstream_body;
  Given<std::uint32_t> fields, json_depth, upstream_json_depth, connections, in_flight, upstream_connections;
};

struct AuthDraft {
  bool none = false, key = false;
};

struct DefaultsDraft {
  Given<AuthDraft> auth;
};

struct TlsDraft {
  Given<std::string> cert, key;
};

struct ListenDraft {
  Given<Address> address;
  Given<TlsDraft> tls;
  Given<AuthDraft> auth;
};

struct AdminDraft {
  Given<Address> listen;
  Given<model::SecretRef> key;
};

struct AwsDraft {
  Given<model::SecretRef> id, secret, session_token;
};

struct ProviderDraft {
  Given<std::string> dialect;
  Given<Url> url;
  Given<std::string> region, project;
  Given<model::SecretRef> key;
  Given<AwsDraft> aws;
  Given<OutboundDraft> outbound;
  Given<Milliseconds> timeout;
  Given<std::uint32_t> connections;
};

struct ModelDraft {
  Given<Texts> targets;  // "provider/model", "provider/*" in a pattern, or another model's name
  Given<bool> refuse_losses;
};

struct ScaleDraft {
  std::uint32_t least = 0, most = 0;
};

// What `emit` deploys.
struct ContainerDraft {
  Given<std::string> image;
  Given<ScaleDraft> scale;
  Given<std::uint32_t> cpu;  // thousandths of a core
  Given<std::uint64_t> memory;
};

struct ServiceDraft {
  Given<Urls> url;
  Given<std::string> run, dir;
  Given<std::uint16_t> port;
  Given<TextMap> env;
  Given<Texts> calls;
  Given<std::string> health;
  Given<Milliseconds> timeout;
  Given<std::uint32_t> connections;
  Given<OutboundDraft> outbound;
  ContainerDraft container;
};

struct WhenDraft {
  Given<TextMap> header, query;
};

struct RedirectDraft {
  Given<std::string> to;
  Given<std::uint16_t> status;
};

struct ResponseDraft {
  Given<TextMap> set;
  Given<Texts> remove;
};

// `FILE#OPERATION`, an operation of an OpenAPI document.
struct OperationDraft {
  std::string file;  // seen from the working directory
  std::string name;
};

struct RouteDraft {
  Given<std::string> to, host;
  Given<OperationDraft> operation;
  Given<WhenDraft> when;
  Given<std::string> strip, rewrite;
  Given<TextMap> set;
  Given<Texts> remove;
  Given<ResponseDraft> response;
  Given<RedirectDraft> redirect;
  Given<Milliseconds> timeout;
  Given<std::uint64_t> body, body_rate;
  Given<AuthDraft> auth;
};
using Alternatives = std::vector<Given<RouteDraft>>;

struct PromptDraft {
  Given<bool> serve;
};

struct ConsumerDraft {
  Given<model::SecretRef> key;
  Given<std::string> hash;
};

struct GatewayDraft {
  ContainerDraft container;
  Given<std::string> host;
};

struct KubernetesDraft {
  Given<std::string> name_space, tls;
};

struct PatchDraft {
  Given<std::string> to, merge, json;  // the last two as JSON
};

struct DeployDraft {
  Given<GatewayDraft> gateway;
  Given<KubernetesDraft> kubernetes;
  Given<std::vector<Given<PatchDraft>>> patches;
};

struct Draft {
  Span where;  // of the whole document
  Given<std::string> version;
  Given<Texts> include;
  Given<std::vector<Given<ListenDraft>>> listen;
  Given<Address> health;
  Given<AdminDraft> admin;
  Given<DefaultsDraft> defaults;
  Given<TimeoutsDraft> timeouts;
  Given<CapsDraft> caps;
  Given<OutboundDraft> outbound;
  Given<model::SecretRef> pepper;
  Given<std::vector<Named<ProviderDraft>>> providers;
  Given<std::vector<Named<ModelDraft>>> models;
  Given<std::vector<Named<ServiceDraft>>> services;
  Given<std::vector<Named<Alternatives>>> routes;
  Given<std::vector<Named<PromptDraft>>> prompts;  // by name or pattern; the prompts themselves are files
  Given<std::vector<Named<ConsumerDraft>>> consumers;
  Given<DeployDraft> deploy;
  Given<bool> profiles;  // judged by overlay, which replaces keys before a draft is read
};

// The entries of a map that may be absent.
template <class T>
[[nodiscard]] const std::vector<Named<T>>& entries(const Given<std::vector<Named<T>>>& map) {
  static const std::vector<Named<T>> none;
  return map.value ? *map.value : none;
}

}  // namespace apigw::config
