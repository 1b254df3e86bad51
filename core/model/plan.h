// The validated config: immutable, resolved, without optionals left over from the file format.
//
// Built only by config::resolve. Holds names and settings; what changes while the gateway runs (pools, breakers,
// counters, health) is State, in gateway/. Indices (ServiceId …) point into the vectors of the same Plan. Spans say
// which line set a thing, for `explain`, and are the only trace of the file.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "base/span.h"

namespace apigw::prompt {
struct Prompt;
}
namespace apigw::contract {
struct Operation;
}

namespace apigw::model {

using Milliseconds = std::chrono::milliseconds;

enum class ProviderId : std::uint32_t {};
enum class ServiceId : std::uint32_t {};
enum class ConsumerId : std::uint32_t {};
enum class PromptId : std::uint32_t {};

// How long to wait, each with the default of the security promises. Zero never means "for ever": `whole` alone may be
// absent, the others are at least 1 ms.
struct Timeouts {
  Milliseconds header{10'000};        // from the first byte of a request to the end of its header section
  Milliseconds body_idle{30'000};     // between two reads of a request body
  Milliseconds keep_alive{75'000};    // between two requests of a connection
  Milliseconds client_write{30'000};  // a client that takes no byte
  Milliseconds connect{5'000};        // TCP to an upstream, name look-up included
  Milliseconds tls{10'000};           // handshake, either side
  Milliseconds first_byte{30'000};    // from the request sent to the head of the answer; AI routes 120 s
  Milliseconds ai_first_byte{120'000};
  Milliseconds between_bytes{60'000};  // between two reads of an upstream body
  Milliseconds drain{30'000};          // SIGTERM to forced close
  std::optional<Milliseconds> whole;   // the exchange from head to end
};

// How much to take, in bytes unless the name says otherwise.
struct Caps {
  std::uint64_t header = 32 << 10;       // header section, 431
  std::uint32_t fields = 100;            // header fields, 431
  std::uint64_t request_line = 8 << 10;  // 414
  std::uint64_t body = 10 << 20;         // 413
  std::uint64_t ai_body = 32 << 20;      // 413 on AI endpoints
  std::uint64_t body_rate = 256;         // bytes a second that a request body must average after its first 10 s, 408
  std::uint32_t json_depth = 64;
  std::uint32_t upstream_json_depth = 128;
  std::uint64_t sse_event = 1 << 20;
  std::uint64_t upstream_body = 64 << 20;      // a plain AI answer that must be read whole
  std::uint32_t connections = 20'000;          // of clients, over all listeners
  std::uint32_t in_flight = 10'000;            // exchanges at once; beyond it 503 with retry-after
  std::uint32_t upstream_connections = 1'024;  // to one origin
};

// `env:NAME` or `file:PATH` and, once loaded, its value. validate leaves `value` empty.
struct SecretRef {
  enum class Kind { none, env, file, minted } kind = Kind::none;
  std::string name;
  Secret value;
  Span where;
  [[nodiscard]] bool loaded() const { return !value.empty(); }
};

// Where an upstream is: scheme, host and port and nothing a request could change. A credential is bound to it.
struct Origin {
  bool tls = false;
  std::string host;  // name, IPv4 or IPv6 without brackets; for `dns://` the name to resolve
  std::uint16_t port = 80;
  [[nodiscard]] std::string authority() const;  // host[:port] as a Host field, the default port left out
  [[nodiscard]] std::string text() const;       // scheme://host:port
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

// How connections leave this machine.
struct Outbound {
  enum class Proxy { none, env, fixed } proxy = Proxy::none;  // env: HTTPS_PROXY, HTTP_PROXY, NO_PROXY
  std::string proxy_host;                                     // fixed
  std::uint16_t proxy_port = 0;
  std::string ca_file;           // private CA in PEM, added to the system's
  std::string client_cert_file;  // PEM chain and key for mutual TLS
  std::string client_key_file;
  bool verify = true;  // false is loud at start
  friend bool operator==(const Outbound&, const Outbound&) = default;
};

// A key of AWS, which signs requests and is not sent.
struct AwsKey {
  SecretRef id, secret;
  SecretRef session_token;  // of temporary keys; kind none: there is none
  std::string region;       // "eu-central-1"
  [[nodiscard]] bool loaded() const { return id.loaded() && secret.loaded(); }
};

struct Provider {
  std::string name;     // its key in the config
  std::string dialect;  // a word of the dialect roster: "openai"
  bool mock = false;    // url: mock: — the built-in Transport
  Origin origin;
  std::string base_path;      // "/v1": no slash at its end
  SecretRef key;              // kind none where the provider takes none
  std::optional<AwsKey> aws;  // in place of `key`
  std::string off;            // why it cannot be called ("OPENAI_API_KEY is not set"); empty when ready
  Outbound outbound;
  Timeouts timeouts;  // connect, tls, first_byte, between_bytes, whole
  std::uint32_t connections = 1'024;
  Span where;
};

// Every secret of a provider with the field that names it; those that it has not have kind none.
template <class P>
[[nodiscard]] auto secrets_of(P& provider) {
  std::vector<std::pair<std::string_view, decltype(&provider.key)>> out{{"key", &provider.key}};
  if (!provider.aws) return out;
  out.emplace_back("aws.access_key_id", &provider.aws->id);
  out.emplace_back("aws.secret_access_key", &provider.aws->secret);
  out.emplace_back("aws.session_token", &provider.aws->session_token);
  return out;
}

struct Target {
  ProviderId provider{};
  std::string model;  // the provider's name of it; "" in a pattern means the name the client used
  Span where;
};

// A name that clients may use. `gpt-*: chat` is a pattern whose targets are those of `chat`.
struct Model {
  std::string name;
  bool pattern = false;         // has a `*`
  std::vector<Target> targets;  // in order of preference
  bool refuse_losses = false;   // what a translation would drop or change is a 400, not a note in the reply
  Span where;
};

// How `apigw run` starts a service.
struct RunSpec {
  std::string command;  // given to /bin/sh -c
  std::string directory;
};

// How many instances: fixed where both are the same.
struct Scale {
  std::uint32_t least = 0, most = 0;  // 1 to 1,000
  Span where;
};

// What `emit` deploys; nothing where the image is empty.
struct Container {
  std::string image;                 // name:tag, name@sha256:…, or both; never the tag latest
  std::optional<Scale> scale;        // absent: the target's default
  std::uint32_t cpu = 100;           // thousandths of a core that one instance asks for
  std::uint64_t memory = 128 << 20;  // bytes that one instance gets, and no more
  Span where;                        // of the image
};

// A conversation and what the mock says to it: from the test cases of a prompt.
struct Example {
  std::vector<std::pair<std::string, std::string>> turns;  // role and text
  std::string answer;
};

// A `.prompt` file beside the config. The Plan only hands its content on: prompt/ reads and fills it.
inline constexpr std::string_view prompt_prefix = "prompt/";  // of a model's name that means a prompt

struct Prompt {
  std::string name;   // of the file, without its ending
  std::string file;   // as it was found
  std::string model;  // a name of `models`, or provider/model
  bool serve = true;  // at POST /prompts/NAME, and as model prompt/NAME
  std::shared_ptr<const prompt::Prompt> content;
  std::vector<Example> examples;
  std::uint64_t revision = 0;  // of the texts of file and tests: another one is another prompt
  Span where;
};

struct Service {
  std::string name;
  std::vector<Origin> instances;  // round robin; one placeholder (port 0) for a service that `run` starts
  bool dns = false;               // dns:// — resolved again at intervals, every address an instance
  std::string base_path;          // of its url, put before the forwarded path; no slash at its end
  std::string health_path;        // answers 2xx when it is ready; empty: not said
  std::map<std::string, std::string> environment;  // its `env:` of the config
  std::vector<std::string> calls;                  // services (or prompts/NAME), for start order and *_URL
  std::optional<std::uint16_t> port;               // fixed; else chosen
  std::optional<RunSpec> run;
  Container container;
  Outbound outbound;
  Timeouts timeouts;
  std::uint32_t connections = 1'024;
  Span where;
};

// `auth:` of a listener, route or the defaults: any one of them. Empty never reaches a Plan on a listener off
// loopback.
struct Auth {
  bool none = false;  // `auth: none`, stands alone
  bool key = false;   // consumers' keys
  Span where;
};

struct Consumer {
  std::string name;
  SecretRef key;                    // plain keys are compared by their HMAC too
  std::string hash;                 // "hmac-sha256:…" as `apigw key hash` prints it, or empty
  std::vector<std::string> models;  // reserved for teams: empty means every model
  bool dev = false;                 // the consumer minted by `run`
  Span where;
};

// One condition on a header or query parameter; all of a route's must hold.
struct Condition {
  enum class In { header, query } in = In::header;
  std::string name;                  // header names lower case
  std::optional<std::string> value;  // absent: must only be present; `*` globs
};

struct HeaderEdit {
  std::string name;                  // lower case
  std::optional<std::string> value;  // absent: remove
};

struct ToService {
  ServiceId service{};
  std::string strip;                   // prefix taken off the path: "/stock"
  std::optional<std::string> rewrite;  // new path; {name} takes a path variable, {rest} what /** matched
};
struct ToRedirect {
  int status = 308;
  std::string location;  // {name} and {rest} as in rewrite
};
struct Endpoint {         // AI surface that the gateway itself serves
  std::string dialect;    // "openai"
  std::string operation;  // a word of the dialect: "chat", "embeddings", "models", "model"
};
struct ToPrompt {
  PromptId prompt{};
};
struct ApiDocument {};  // what the routes and prompts are, as OpenAPI
using Action = std::variant<ToService, ToRedirect, Endpoint, ToPrompt, ApiDocument>;

// An operation of an OpenAPI document, which requests of a route must fit. The Plan only hands its content on:
// contract/ reads it and judges by it.
struct Operation {
  std::string file, name;
  std::shared_ptr<const contract::Operation> content;  // never null
  std::uint64_t revision = 0;                          // of the file's text
  Span where;
};

struct Route {
  std::string id;                    // "GET /orders/{id}": stable name in logs, metrics and explain; unique
  std::vector<std::string> methods;  // empty: any
  std::string host;                  // lower case; empty: any; "*.example.com" one label or more
  std::string path;                  // "/orders/{id}", "/stock/**"
  std::vector<Condition> conditions;
  Action action;
  Auth auth;              // its own, else from the defaults, else `key` on AI endpoints and `none` elsewhere
  bool own_auth = false;  // the route says it itself: a listener's auth replaces only what is not
  std::vector<HeaderEdit> request_headers;
  std::vector<HeaderEdit> response_headers;
  std::optional<Milliseconds> timeout;  // whole exchange
  std::uint64_t body_cap = 10 << 20;
  std::uint64_t body_rate = 256;
  std::optional<Operation> operation;  // absent: requests are not judged
  Span where;
  Span timeout_where, body_where;  // the field that set it, its own or the one for all; unknown: the default
};

struct TlsFiles {
  std::string cert_file, key_file;
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// The variable that tells a service where `service` is: STOCK_URL for stock, A_B_URL for a-b, _9_URL for 9.
[[nodiscard]] std::string url_variable(std::string_view service);

struct Listener {
  std::string host;  // IPv4, IPv6 without brackets, or "localhost"
  std::uint16_t port = 8080;
  bool port_given = false;  // an explicit busy port is exit 3, a default one moves on
  std::optional<TlsFiles> tls;
  std::optional<Auth> auth;  // over `defaults`, under a route's own
  Span where;
  [[nodiscard]] bool loopback() const;
  [[nodiscard]] std::string text() const;  // "127.0.0.1:8080", "[::1]:8080"
};

struct Admin {
  bool on = false;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8081;
  bool port_given = false;
  std::string unix_path;  // instead of host and port when not empty
  SecretRef key;          // minted by `run` when none is given
  Span where;
};

struct Health {
  bool on = false;
  std::string host;
  std::uint16_t port = 0;
  Span where;
};

// An edit of what `emit` writes, as JSON: an RFC 7396 merge patch, or the operations of RFC 6902.
struct Patch {
  std::string to;  // "Deployment/orders"
  bool merge = true;
  std::string json;
  Span where;
};

// `deploy:` of the config; only `emit` reads it.
struct Deploy {
  Container gateway{.cpu = 250, .memory = 256 << 20};
  std::string host;  // public name of the gateway; empty: none
  Span host_where;
  std::string name_space;  // of Kubernetes; empty: whatever is current
  std::string tls;         // Kubernetes secret with the certificate of host; empty: none
  Span tls_where;
  std::vector<Patch> patches;
};

struct Plan {
  std::string file;          // the config's path as given; empty when made from the environment alone
  std::string profile;       // chosen with --profile, or empty
  bool development = false;  // made for `run`: loopback callers may name provider/model
  std::vector<Listener> listeners;
  Admin admin;
  Health health;
  Timeouts timeouts;
  Caps caps;
  Auth default_auth;
  SecretRef pepper;
  std::vector<Provider> providers;  // `mock` always among them
  std::vector<Model> models;
  std::vector<Service> services;
  std::vector<Route> routes;  // the AI endpoints included
  std::vector<Consumer> consumers;
  std::vector<Prompt> prompts;  // by name
  Deploy deploy;

  [[nodiscard]] const Provider& at(ProviderId id) const { return providers[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Service& at(ServiceId id) const { return services[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Consumer& at(ConsumerId id) const { return consumers[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const Prompt& at(PromptId id) const { return prompts[static_cast<std::size_t>(id)]; }
};

using PlanPtr = std::shared_ptr<const Plan>;

// The auth that holds for a call on that listener: the route's own, else the listener's, else what the route was
// resolved to.
[[nodiscard]] Auth effective_auth(const Plan& plan, const Route& route, std::uint32_t listener);

}  // namespace apigw::model
