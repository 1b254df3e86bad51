#include "config/tables.h"

#include <algorithm>

#include "base/text.h"
#include "config/grammar.h"
#include "config/readers.h"

namespace apigw::config {

using yaml::Anything;
using yaml::Boolean;
using yaml::Count;
using yaml::Duration;
using yaml::field;
using yaml::KeyRule;
using yaml::known;
using yaml::List;
using yaml::Map;
using yaml::Mapping;
using yaml::OneOrMore;
using yaml::Path;
using yaml::Row;
using yaml::ShortOr;
using yaml::Size;
using yaml::Table;
using yaml::Text;
using yaml::Use;

namespace {

constexpr std::string_view name_rule = "a letter or digit, then letters, digits, '.', '_' and '-', at most 64";
constexpr std::string_view name_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
constexpr std::string_view token_pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
constexpr std::string_view any_pattern = "^";

bool always(std::string_view) {
  return true;
}

constexpr KeyRule provider_name{"a provider name", name_rule, name_pattern, is_name};
constexpr KeyRule service_name{"a service name", name_rule, name_pattern, is_name};
constexpr KeyRule consumer_name{"a consumer name", name_rule, name_pattern, is_name};
constexpr KeyRule model_name{"a model name", "letters, digits and . _ - : / @ +, with '*' in a pattern",
                             "^[A-Za-z0-9._:@+*-][A-Za-z0-9._:/@+*-]{0,127}$", is_model_name};
constexpr KeyRule prompt_name{"a prompt name", "letters, digits, '.', '_' and '-', with '*' in a pattern",
                              "^[A-Za-z0-9*][A-Za-z0-9._*-]{0,63}$", is_prompt_pattern};
constexpr KeyRule variable_name{"a variable name", "letters, digits and '_', no digit first",
                                "^[A-Za-z_][A-Za-z0-9_]*$", is_variable};
constexpr KeyRule header_name{"a header name", "letters, digits and '-', without blanks or colons", token_pattern,
                              text::is_token, 303};
constexpr KeyRule query_name{"a query parameter", "any text", any_pattern, always};
// Routes are judged by check_route_keys, which says what is wrong with which part.
constexpr KeyRule route_key{"a route", "[METHOD ]PATH", "^([A-Za-z,]+ )?/.*$", always};

using Port = Count<std::uint16_t, 1, 65535>;
using Small = Count<std::uint32_t, 1, 1'000'000>;
using Depth = Count<std::uint32_t, 1, 1'000>;

// A header's name as a value (`remove: [x-internal]`).
struct HeaderName {
  using Value = std::string;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "header name", R"s("type":"string","minLength":1)s", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading) {
    auto name = yaml::scalar(node, reading, "a header name");
    if (!name || text::is_token(*name)) return name;
    reading.wrong(303, node, "'" + *name + "' is not a header name")
        .helps.push_back("letters, digits and '-', without blanks or colons");
    return std::nullopt;
  }
};

// A service's name as a value (`/orders: orders`); whether it is declared is a check's matter.
struct ServiceName : Text {
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading) {
    return yaml::scalar(node, reading, "a service name");
  }
};

using HeaderMap = Map<HeaderValueReader, header_name>;
using Outbound = Mapping<OutboundDraft, outbound_table>;

constexpr Row tls_rows[] = {
    field<&TlsDraft::cert, Path>("cert", "PEM file with the certificate and its chain; read again when it changes",
                                 {}, "certs/shop.pem"),
    field<&TlsDraft::key, Path>("key", "PEM file with the private key of cert", {}, "certs/shop.key"),
};

constexpr Row listen_rows[] = {
    field<&ListenDraft::address, AddressReader>("address", "address and port to listen on; port 0 takes a free one",
                                                {}, "0.0.0.0:8443"),
    field<&ListenDraft::tls, Mapping<TlsDraft, tls_table>>(
        "tls", "certificate files; without it the listener speaks plain HTTP"),
    field<&ListenDraft::auth, AuthReader>(
        "auth", "who may call through this listener, over the defaults and under a route's own", {}, "key"),
};

constexpr Row admin_rows[] = {
    field<&AdminDraft::listen, AdminAddressReader>("listen", "loopback address or unix:PATH of the admin API",
                                                   "127.0.0.1:8081", "unix:/run/apigw/admin.sock"),
    field<&AdminDraft::key, SecretReader>(
        "key", "secret that every admin call must present; `apigw run` makes one when absent", {},
        "env:APIGW_ADMIN_KEY"),
};

constexpr Row defaults_rows[] = {
    field<&DefaultsDraft::auth, AuthReader>("auth",
                                            "who may call routes and models that say nothing themselves: key "
                                            "(consumers' keys), none, or a list of which any one is enough",
                                            "models: key; routes on loopback: none; refused off loopback", "key"),
    known<LimitReader>("limit", Use::later, "how often each caller may call", "600/minute per consumer"),
    known<Anything>("cache", Use::later, "how long answers are kept"),
    known<Anything>("retries", Use::later, "how often a failed call is repeated"),
    known<Anything>("idempotency", Use::later, "whether an Idempotency-Key is wanted"),
    known<Anything>("budget", Use::later, "money that may be spent"),
};

constexpr Row timeouts_rows[] = {
    field<&TimeoutsDraft::header, Duration>(
        "header", "from the first byte of a request to the end of its header section; 408", "10s"),
    field<&TimeoutsDraft::body_idle, Duration>("body_idle", "between two reads of a request body; 408", "30s"),
    field<&TimeoutsDraft::keep_alive, Duration>("keep_alive", "between two requests of a client's connection", "75s"),
    field<&TimeoutsDraft::client_write, Duration>("client_write", "how long a client may take no byte of its answer",
                                                  "30s"),
    field<&TimeoutsDraft::connect, Duration>("connect", "name look-up and TCP connection to an upstream", "5s"),
    field<&TimeoutsDraft::tls, Duration>("tls", "TLS handshake, with clients and with upstreams", "10s"),
    field<&TimeoutsDraft::first_byte, Duration>(
        "first_byte", "from the last byte of a request that a service took to the head of its answer; 504", "30s"),
    field<&TimeoutsDraft::ai_first_byte, Duration>(
        "ai_first_byte", "the same for a provider's answer; in a stream also between two events that say something",
        "120s"),
    field<&TimeoutsDraft::between_bytes, Duration>("between_bytes",
                                                   "between two reads of an upstream's body or stream", "60s"),
    field<&TimeoutsDraft::drain, Duration>("drain", "from SIGTERM until connections that are still busy are closed",
                                           "30s"),
    field<&TimeoutsDraft::whole, Duration>("whole", "the whole exchange from its head to its end", {}, "10m"),
};

constexpr Row caps_rows[] = {
    field<&CapsDraft::header, Size>("header", "bytes of a request's header section; beyond it 431", "32KiB"),
    field<&CapsDraft::fields, Small>("fields", "header fields of a request; beyond it 431", "100"),
    field<&CapsDraft::request_line, Size>("request_line", "bytes of a request line; beyond it 414", "8KiB"),
    field<&CapsDraft::body, Size>("body", "bytes of a request body; beyond it 413", "10MiB"),
    field<&CapsDraft::ai_body, Size>("ai_body", "bytes of a request body on AI endpoints; beyond it 413", "32MiB"),
    field<&CapsDraft::body_rate, Size>(
        "body_rate", "bytes a second that a request body must average after its first 10 s; below it 408", "256"),
    field<&CapsDraft::json_depth, Depth>(
        "json_depth", "arrays and objects inside each other in a client's JSON; beyond it 400", "64"),
    field<&CapsDraft::upstream_json_depth, Depth>("upstream_json_depth", "the same in an upstream's JSON", "128"),
    field<&CapsDraft::sse_event, Size>("sse_event", "bytes of one server-sent event of an upstream", "1MiB"),
    field<&CapsDraft::upstream_body, Size>("upstream_body", "bytes of an AI answer that must be read whole", "64MiB"),
    field<&CapsDraft::connections, Small>("connections", "client connections over all listeners", "20k"),
    field<&CapsDraft::in_flight, Small>("in_flight", "exchanges at once; beyond it 503 with retry-after", "10k"),
    field<&CapsDraft::upstream_connections, Small>("upstream_connections", "connections to one origin", "1024"),
};

constexpr Row outbound_rows[] = {
    field<&OutboundDraft::proxy, ProxyReader>(
        "proxy", "env (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), none, or http://host:port", "none", "env"),
    field<&OutboundDraft::ca, Path>("ca", "PEM file with certificate authorities to trust beside the system's", {},
                                    "certs/company-ca.pem"),
    field<&OutboundDraft::cert, Path>("cert", "PEM file with the client certificate and its chain, for mutual TLS",
                                      {}, "certs/client.pem"),
    field<&OutboundDraft::key, Path>("key", "PEM file with the private key of cert", {}, "certs/client.key"),
    field<&OutboundDraft::verify, Boolean>("verify", "whether certificates and host names of upstreams are verified",
                                           "true"),
};

constexpr Row aws_rows[] = {
    field<&AwsDraft::id, SecretReader>("access_key_id", "which key of AWS it is; sent", {}, "env:AWS_ACCESS_KEY_ID"),
    field<&AwsDraft::secret, SecretReader>("secret_access_key", "the key that requests are signed with; never sent",
                                           {}, "env:AWS_SECRET_ACCESS_KEY"),
    field<&AwsDraft::session_token, SecretReader>("session_token", "what comes with a temporary key", {},
                                                  "env:AWS_SESSION_TOKEN"),
};

constexpr Row provider_rows[] = {
    field<&ProviderDraft::dialect, Text>("dialect", "wire format that it speaks; a known provider name brings it", {},
                                         "openai"),
    field<&ProviderDraft::url, UrlReader>("url",
                                          "base address with its version: calls append /chat/completions, or "
                                          "/messages; mock: is the built-in model; a known "
                                          "provider name brings it",
                                          {}, "https://api.openai.com/v1"),
    field<&ProviderDraft::key, SecretReader>(
        "key", "secret sent to it and to nobody else; a known provider at its own address brings its usual variable",
        {}, "env:OPENAI_API_KEY"),
    field<&ProviderDraft::region, LabelReader>(
        "region", "where a cloud serves it, for a known provider whose address names a region, and for signatures",
        {}, "eu-central-1"),
    field<&ProviderDraft::project, LabelReader>(
        "project", "project of a cloud, for a known provider whose address names one", {}, "shop-prod"),
    field<&ProviderDraft::aws, Mapping<AwsDraft, aws_table>>(
        "aws", "in place of key: an access key of AWS, with which each request is signed"),
    field<&ProviderDraft::outbound, Outbound>("outbound",
                                              "proxy and TLS for this provider; replaces the global setting"),
    field<&ProviderDraft::timeout, Duration>("timeout", "one call of it from request to end of answer", {}, "2m"),
    field<&ProviderDraft::connections, Small>("connections", "connections to it at once", "caps.upstream_connections",
                                              "64"),
};

constexpr Row model_rows[] = {
    field<&ModelDraft::targets, OneOrMore<Text>>("targets",
                                                 "provider/model or another model's name; a list falls back in order",
                                                 {}, "[openai/gpt-5-mini, mock/small]"),
    field<&ModelDraft::refuse_losses, LossesReader>(
        "losses", "what a target of another dialect cannot be told: drop it and list it, or refuse with error",
        "drop", "error"),
    known<Anything>("output", Use::later, "most tokens of one answer", "8k tokens"),
    known<LimitReader>("limit", Use::later, "how often each caller may call", "100k tokens/minute per consumer"),
    known<Anything>("budget", Use::later, "money that may be spent"),
    known<Anything>("cache", Use::later, "how long answers are kept"),
    known<Anything>("retries", Use::later, "how often a failed call is repeated"),
};

template <class Owner, auto Member, class R>
constexpr Row container_field(std::string_view key, std::string_view doc, std::string_view fallback = {},
                              std::string_view example = {}) {
  return yaml::part_field<&Owner::container, Member, R>(key, doc, fallback, example);
}

constexpr Row service_rows[] = {
    field<&ServiceDraft::url, OneOrMore<UrlReader>>(
        "url", "where it is; several instances are called in turn; dns:// resolves again at intervals", {},
        "dns://reviews.internal:9003"),
    field<&ServiceDraft::run, Text>(
        "run", "command with which `apigw run` starts it, given to /bin/sh -c with PORT set", {}, "python3 app.py"),
    field<&ServiceDraft::dir, Path>("dir", "working directory of run, seen from this file", "the folder of this file",
                                    "services/orders"),
    field<&ServiceDraft::port, Port>(
        "port", "fixed port of run, where `apigw run` picks a free one otherwise, and of the container (8080)", {},
        "9001"),
    field<&ServiceDraft::env, Map<Text, variable_name>>(
        "env", "variables for run, beside PORT, APIGW_URL and one *_URL for each of calls"),
    field<&ServiceDraft::calls, List<Text>>(
        "calls", "services that it calls: they start first, and it gets their address as NAME_URL", {}, "[stock]"),
    field<&ServiceDraft::health, UrlPathReader>(
        "health",
        "path that answers 2xx when it is ready; without it a TCP connection is enough for `apigw run`, and `apigw "
        "emit` asks /readyz (ready) and /healthz (alive)",
        {}, "/health"),
    field<&ServiceDraft::timeout, Duration>("timeout", "from the request sent to the head of its answer",
                                            "timeouts.first_byte", "2s"),
    field<&ServiceDraft::connections, Small>("connections", "connections to each instance at once",
                                             "caps.upstream_connections", "64"),
    field<&ServiceDraft::outbound, Outbound>("outbound",
                                             "proxy and TLS for this service; replaces the global setting"),
    container_field<ServiceDraft, &ContainerDraft::image, ImageReader>(
        "image", "container image that `apigw emit` deploys: name:tag, with @sha256:… better still, never latest", {},
        "registry.shop.example/orders:1.4.2"),
    container_field<ServiceDraft, &ContainerDraft::scale, ScaleReader>(
        "scale", "for `apigw emit`: how many instances, a number or least..most; a range brings an autoscaler",
        "3..10", "2..10"),
    container_field<ServiceDraft, &ContainerDraft::cpu, CpuReader>(
        "cpu", "for `apigw emit`: what one instance asks for, in cores; it may use four times as much", "100m",
        "0.5"),
    container_field<ServiceDraft, &ContainerDraft::memory, Size>(
        "memory", "for `apigw emit`: what one instance gets, and no more", "128MiB", "512MiB"),
    known<Anything>("retries", Use::later, "how often a failed call is repeated"),
    known<LimitReader>("limit", Use::later, "how often each caller may call"),
    known<Anything>("cache", Use::later, "how long answers are kept"),
};

constexpr Row when_rows[] = {
    field<&WhenDraft::header, HeaderMap>(
        "header", "headers that must have these values; '*' stands for any run of characters", {}, "{x-version: 2*}"),
    field<&WhenDraft::query, Map<Text, query_name>>(
        "query", "query parameters that must have these values; '*' stands for any run of characters", {},
        "{debug: 'true'}"),
};

constexpr Row response_rows[] = {
    field<&ResponseDraft::set, HeaderMap>("set", "headers of the answer to set, replacing those of the same name", {},
                                          "{cache-control: no-store}"),
    field<&ResponseDraft::remove, OneOrMore<HeaderName>>("remove", "headers of the answer to take out", {},
                                                         "[server]"),
};

constexpr Row redirect_rows[] = {
    field<&RedirectDraft::to, Text>(
        "to", "where to: a path or an http(s) URL; {name} takes a path variable, {rest} what /** matched", {},
        "/v2/{rest}"),
    field<&RedirectDraft::status, StatusReader>("status", "status of the answer", "308"),
};

constexpr Row route_rows[] = {
    field<&RouteDraft::to, ServiceName>("to", "service that answers", {}, "orders"),
    field<&RouteDraft::host, HostReader>("host", "host that must be asked for; '*.' stands for one label or more", {},
                                         "api.shop.example"),
    field<&RouteDraft::when, Mapping<WhenDraft, when_table>>("when", "further conditions, all of which must hold"),
    field<&RouteDraft::strip, UrlPathReader>("strip", "prefix taken off the path before it is forwarded", {},
                                             "/stock"),
    field<&RouteDraft::rewrite, Text>(
        "rewrite", "path to forward instead; {name} takes a path variable, {rest} what /** matched", {},
        "/v1/{rest}"),
    field<&RouteDraft::set, HeaderMap>("set", "request headers to set, replacing those of the same name", {},
                                       "{x-shop: web}"),
    field<&RouteDraft::remove, OneOrMore<HeaderName>>("remove", "request headers to take out", {}, "[cookie]"),
    field<&RouteDraft::response, Mapping<ResponseDraft, response_table>>("response", "edits of the answer's headers"),
    field<&RouteDraft::redirect, ShortOr<Text, &RedirectDraft::to, Mapping<RedirectDraft, redirect_table>>>(
        "redirect", "answer with a redirect instead of a service", {}, "/v2/{rest}"),
    field<&RouteDraft::operation, OperationReader>("operation",
                                                   "operation of an OpenAPI document beside the config: parameters "
                                                   "and bodies that it does not allow are refused "
                                                   "(400, 415, 422)",
                                                   {}, "openapi.yaml#createOrder"),
    field<&RouteDraft::timeout, Duration>("timeout", "the whole exchange from its head to its end", "timeouts.whole",
                                          "5s"),
    field<&RouteDraft::body, Size>("body", "bytes of a request body; beyond it 413", "caps.body", "1MiB"),
    field<&RouteDraft::body_rate, Size>(
        "body_rate", "bytes a second that a request body must average after its first 10 s", "caps.body_rate", "1kB"),
    field<&RouteDraft::auth, AuthReader>("auth",
                                         "who may call, over the listener's and the defaults'; with key, a second "
                                         "and different key in another header is "
                                         "refused",
                                         "defaults.auth", "none"),
    known<LimitReader>("limit", Use::later, "how often each caller may call", "20/minute per consumer"),
    known<Anything>("cache", Use::later, "how long answers are kept", "30s"),
    known<Anything>("retries", Use::later, "how often a failed call is repeated"),
    known<Anything>("idempotency", Use::later, "whether an Idempotency-Key is wanted", "required"),
    known<Anything>("budget", Use::later, "money that may be spent"),
};

constexpr Row prompt_rows[] = {
    field<&PromptDraft::serve, Boolean>(
        "serve", "whether it is served, at POST /prompts/NAME and as model prompt/NAME", "true", "false"),
    known<Anything>("auth", Use::later, "who may call it"),
    known<LimitReader>("limit", Use::later, "how often each caller may call", "20/minute per consumer"),
    known<Anything>("cache", Use::later, "how long answers are kept", "1h"),
    known<Anything>("retries", Use::later, "how often a failed call is repeated"),
    known<Anything>("budget", Use::later, "money that may be spent"),
};

constexpr Row consumer_rows[] = {
    field<&ConsumerDraft::key, SecretReader>("key", "secret that the consumer presents", {}, "env:SHOP_FRONTEND_KEY"),
    field<&ConsumerDraft::hash, HashReader>("hash", "what `apigw key hash` prints for its key; needs pepper", {},
                                            "hmac-sha256:…"),
    known<Anything>("models", Use::later, "models that it may use"),
    known<LimitReader>("limit", Use::later, "how often it may call"),
};

constexpr Row deploy_gateway_rows[] = {
    container_field<GatewayDraft, &ContainerDraft::image, ImageReader>(
        "image", "container image of apigw, with the version that you tested", {},
        "registry.shop.example/apigw:1.0.0"),
    field<&GatewayDraft::host, HostReader>("host", "name under which clients reach it", {}, "api.shop.example"),
    container_field<GatewayDraft, &ContainerDraft::scale, ScaleReader>(
        "scale",
        "how many instances, a number or least..most; more than one is refused (AGW503) where each would keep limits "
        "of its own",
        "3..10, and 1 with consumers", "2..6"),
    container_field<GatewayDraft, &ContainerDraft::cpu, CpuReader>(
        "cpu", "what one instance asks for, in cores; it may use four times as much", "250m", "1"),
    container_field<GatewayDraft, &ContainerDraft::memory, Size>("memory", "what one instance gets, and no more",
                                                                 "256MiB", "1GiB"),
};

constexpr Row kubernetes_rows[] = {
    field<&KubernetesDraft::name_space, LabelReader>(
        "namespace", "namespace of every object; without it the one that kubectl works in", {}, "shop"),
    field<&KubernetesDraft::tls, LabelReader>("tls", "secret with the certificate of deploy.gateway.host", {},
                                              "shop-tls"),
};

constexpr Row patch_rows[] = {
    field<&PatchDraft::to, ObjectReader>("to", "which objects: KIND/NAME, '*' in the name for any run of characters",
                                         {}, "Deployment/orders"),
    field<&PatchDraft::merge, JsonReader>("merge",
                                          "JSON merge patch (RFC 7396): what to add or replace; null removes", {},
                                          "{spec: {template: {spec: {priorityClassName: high}}}}"),
    field<&PatchDraft::json, JsonReader>("json", "JSON patch (RFC 6902): a list of operations, in place of merge", {},
                                         "[{op: add, path: /metadata/labels/team, value: web}]"),
};

constexpr Row deploy_rows[] = {
    field<&DeployDraft::gateway, Mapping<GatewayDraft, deploy_gateway_table>>("gateway", "the gateway itself"),
    field<&DeployDraft::kubernetes, Mapping<KubernetesDraft, kubernetes_table>>("kubernetes",
                                                                                "for the targets of Kubernetes"),
    field<&DeployDraft::patches, List<Mapping<PatchDraft, patch_table>>>(
        "patches", "edits of the objects that are written, in order; one that fits no object is an error"),
};

using Listeners = OneOrMore<ShortOr<AddressReader, &ListenDraft::address, Mapping<ListenDraft, listen_table>>>;
using Providers = Map<Mapping<ProviderDraft, provider_table>, provider_name>;
using Models = Map<ShortOr<OneOrMore<Text>, &ModelDraft::targets, Mapping<ModelDraft, model_table>>, model_name>;
using Services =
    Map<ShortOr<OneOrMore<UrlReader>, &ServiceDraft::url, Mapping<ServiceDraft, service_table>>, service_name>;
using Routes = Map<OneOrMore<ShortOr<ServiceName, &RouteDraft::to, Mapping<RouteDraft, route_table>>>, route_key>;
using Prompts = Map<Mapping<PromptDraft, prompt_table>, prompt_name>;
using Consumers = Map<Mapping<ConsumerDraft, consumer_table>, consumer_name>;

// Their values are read by overlay; here only their places are kept.
struct Profiles {
  using Value = bool;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf,
                                   "mapping of profiles",
                                   R"s("type":"object","additionalProperties":{"$ref":"#/definitions/profile"})s",
                                   {}};
  static std::optional<Value> read(const yaml::Node&, yaml::Reading&) { return true; }
};

struct Version {
  using Value = std::string;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "1", R"s("const":1)s", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading& reading) {
    return yaml::scalar(node, reading, "the version of this format, 1");
  }
};

constexpr Row root_rows[] = {
    field<&Draft::version, Version>("apigw", "version of this format; the first line of every config", {}, "1"),
    field<&Draft::include, OneOrMore<Text>>("include",
                                            "more config files, by path or glob, seen from this file; each may hold "
                                            "providers, models, services, routes and consumers",
                                            {}, "services/*/apigw.yaml"),
    field<&Draft::listen, Listeners>("listen", "where clients connect: one address or a list of listeners",
                                     "127.0.0.1:8080", "0.0.0.0:8080"),
    field<&Draft::health, AddressReader>(
        "health", "address that serves /healthz, /readyz and /metrics and nothing else", {}, "0.0.0.0:8082"),
    field<&Draft::admin, Mapping<AdminDraft, admin_table>>(
        "admin", "the admin API; on in `apigw run`, in `apigw serve` only when configured"),
    field<&Draft::defaults, Mapping<DefaultsDraft, defaults_table>>(
        "defaults", "what holds for every route and model call; a nearer setting replaces, never merges"),
    field<&Draft::timeouts, Mapping<TimeoutsDraft, timeouts_table>>("timeouts", "how long to wait"),
    field<&Draft::caps, Mapping<CapsDraft, caps_table>>("caps", "how much to take"),
    field<&Draft::outbound, Outbound>("outbound", "how connections to upstreams leave this machine"),
    field<&Draft::pepper, SecretReader>("pepper", "secret behind every stored key hash; losing it voids those keys",
                                        {}, "env:APIGW_PEPPER"),
    field<&Draft::providers, Providers>(
        "providers", "AI backends; a known name brings dialect, address and key variable", {}, "{openai: {}}"),
    field<&Draft::models, Models>(
        "models", "the names that clients may use, each with its targets; a name with '*' is a pattern", {},
        "{chat: [openai/gpt-5-mini, mock/small]}"),
    field<&Draft::services, Services>("services", "your microservices", {}, "{orders: http://127.0.0.1:9001}"),
    field<&Draft::routes, Routes>(
        "routes", "public methods and paths, `[METHOD[,METHOD] ]PATH`; the most specific wins, in any order", {},
        "{GET /orders/{id}: orders}"),
    field<&Draft::prompts, Prompts>("prompts",
                                    "what differs for a file prompts/NAME.prompt beside this one, by name or pattern",
                                    {}, "{draft-*: {serve: false}}"),
    field<&Draft::consumers, Consumers>("consumers", "who may call with `auth: key`", {},
                                        "{shop-frontend: {key: env:SHOP_FRONTEND_KEY}}"),
    field<&Draft::deploy, Mapping<DeployDraft, deploy_table>>(
        "deploy", "what `apigw emit` must know beside the services; a running gateway does not read it"),
    field<&Draft::profiles, Profiles>(
        "profiles", "variants by name, chosen with --profile; a key there replaces the same key above", {},
        "{prod: {listen: 0.0.0.0:8080}}"),
    known<Anything>("auth", Use::later, "named authenticators"),
    known<Anything>("teams", Use::later, "consumers together, with their models and budgets"),
    known<Anything>("store", Use::later, "database of keys and usage"),
    known<Anything>("shared", Use::later, "limits and caches of several gateways"),
};

}  // namespace

#define APIGW_TABLE(function, rows, name, doc)     \
  const Table& function() {                        \
    static constexpr Table table{name, doc, rows}; \
    return table;                                  \
  }
APIGW_TABLE(root_table, root_rows, "the config", "One file that says what the gateway serves.")
APIGW_TABLE(listen_table, listen_rows, "a listener", "Where clients connect.")
APIGW_TABLE(tls_table, tls_rows, "tls", "Certificate and key of a listener.")
APIGW_TABLE(admin_table, admin_rows, "admin", "The admin API.")
APIGW_TABLE(defaults_table, defaults_rows, "defaults", "What holds where nothing nearer says otherwise.")
APIGW_TABLE(timeouts_table, timeouts_rows, "timeouts", "How long to wait.")
APIGW_TABLE(caps_table, caps_rows, "caps", "How much to take.")
APIGW_TABLE(outbound_table, outbound_rows, "outbound", "How connections leave this machine.")
APIGW_TABLE(aws_table, aws_rows, "aws", "An access key of AWS, which signs requests.")
APIGW_TABLE(provider_table, provider_rows, "a provider", "An AI backend.")
APIGW_TABLE(model_table, model_rows, "a model", "A name that clients call.")
APIGW_TABLE(service_table, service_rows, "a service", "A microservice of yours.")
APIGW_TABLE(route_table, route_rows, "a route", "A public method and path.")
APIGW_TABLE(when_table, when_rows, "when", "Conditions of a route.")
APIGW_TABLE(response_table, response_rows, "response", "Edits of an answer.")
APIGW_TABLE(redirect_table, redirect_rows, "redirect", "A redirect instead of a service.")
APIGW_TABLE(prompt_table, prompt_rows, "a prompt", "What differs for a prompt.")
APIGW_TABLE(consumer_table, consumer_rows, "a consumer", "A program or person with a key.")
APIGW_TABLE(deploy_table, deploy_rows, "deploy", "What `apigw emit` must know beside the services.")
APIGW_TABLE(deploy_gateway_table, deploy_gateway_rows, "the gateway's deployment", "The gateway itself.")
APIGW_TABLE(kubernetes_table, kubernetes_rows, "kubernetes", "For the targets of Kubernetes.")
APIGW_TABLE(patch_table, patch_rows, "a patch", "An edit of the objects that are written.")
#undef APIGW_TABLE

bool allowed_in_include(std::string_view key) {
  constexpr std::string_view keys[] = {"apigw", "providers", "models", "services", "routes", "consumers"};
  return std::ranges::find(keys, key) != std::end(keys);
}

}  // namespace apigw::config
