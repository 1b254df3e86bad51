// KrakenD's configuration, version 3, as services, routes and consumers.
//
// An endpoint with one backend is a route to the service of that backend's hosts, its url_pattern a rewrite. An
// endpoint that merges several answers, changes the method or calls something else than HTTP is a loss: half of it
// would be another API. What shapes answers is a loss of its own, for apigw passes them as they come.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/route_pattern.h"
#include "import/endpoints.h"
#include "import/importer.h"
#include "import/importing.h"
#include "import/quantities.h"

namespace apigw::import {
namespace {

enum class Meaning : std::uint8_t {
  token,    // asks for a key until tokens are checked
  key,      // asks for a key
  other,    // another proof of who calls: asks for a key instead
  limit,    // of requests
  cache,    // of answers
  later,    // something else that is not enforced yet
  foreign,  // a backend that is not called over HTTP
  ignore,   // for readers
  lost,
};

// krakend.io/docs: namespaces of extra_config, the longest start that fits.
struct Row {
  std::string_view start;
  Meaning meaning;
};
constexpr Row namespaces[] = {
    {"auth/", Meaning::other},
    {"auth/validator", Meaning::token},
    {"auth/api-keys", Meaning::key},
    {"auth/aws-sigv4", Meaning::lost},  // these prove the gateway to its backend
    {"auth/client-credentials", Meaning::lost},
    {"auth/gcp", Meaning::lost},
    {"auth/ntlm", Meaning::lost},
    {"auth/signer", Meaning::lost},
    {"backend/", Meaning::foreign},
    {"backend/http", Meaning::lost},
    {"documentation/", Meaning::ignore},
    // The same in the words of KrakenD 1, which files of version 3 still have.
    {"github_com/devopsfaith/krakend-amqp", Meaning::foreign},
    {"github_com/devopsfaith/krakend-cel", Meaning::other},
    {"github_com/devopsfaith/krakend-httpcache", Meaning::cache},
    {"github_com/devopsfaith/krakend-jose/signer", Meaning::lost},
    {"github_com/devopsfaith/krakend-jose/validator", Meaning::token},
    {"github_com/devopsfaith/krakend-jsonschema", Meaning::later},
    {"github_com/devopsfaith/krakend-lambda", Meaning::foreign},
    {"github_com/devopsfaith/krakend-pubsub", Meaning::foreign},
    {"github_com/devopsfaith/krakend-ratelimit", Meaning::limit},
    {"qos/http-cache", Meaning::cache},
    {"qos/ratelimit/", Meaning::limit},
    {"security/policies", Meaning::other},
    {"validation/cel", Meaning::other},
    {"validation/json-schema", Meaning::later},
};

Meaning meaning_of(std::string name) {
  if (name.starts_with("github.com/")) name.replace(0, 10, "github_com");
  Meaning meaning = Meaning::lost;
  std::size_t longest = 0;
  for (const Row& row : namespaces)
    if (name.starts_with(row.start) && row.start.size() > longest) {
      longest = row.start.size();
      meaning = row.meaning;
    }
  return meaning;
}

// "50/10minute": a rate in the grammar of limits.
std::string rate(std::string_view count, std::uint64_t milliseconds) {
  struct Unit {
    std::uint64_t milliseconds;
    std::string_view word;
  };
  constexpr Unit units[] = {{86'400'000, "day"}, {3'600'000, "hour"}, {60'000, "minute"}, {1'000, "second"}};
  for (const Unit& unit : units) {
    const std::uint64_t n = milliseconds / unit.milliseconds;
    if (n == 0 || milliseconds % unit.milliseconds != 0) continue;
    return n == 1 ? fmt::format("{}/{}", count, unit.word) : fmt::format("{}/{}{}", count, n, unit.word);
  }
  return fmt::format("{}/second", count);
}

class Gateway {
 public:
  Gateway(const yaml::Node& root, Importing& to) : to_(to), fields_(root, to, "the configuration") {}

  void read() {
    fields_.ignore({"$schema", "version", "name", "echo_endpoint", "debug_endpoint", "sequential_start"});
    listen();
    duration(fields_, "timeout", "timeouts", "whole");
    duration(fields_, "read_header_timeout", "timeouts", "header");
    duration(fields_, "idle_timeout", "timeouts", "keep_alive");
    fields_.later("cache_ttl", "defaults: { cache: … }");
    hosts_ = fields_.list("host", true);
    no_op_ = fields_.text("output_encoding").value_or("json") == "no-op";
    if (const yaml::Node* extra = fields_.take("extra_config")) service_extra(*extra);
    const auto endpoints = fields_.list("endpoints");
    for (const yaml::Node* node : endpoints) endpoint(*node);
    if (endpoints.empty())
      to_.unreadable(fields_.node().span, "the configuration has no endpoints: nothing was imported");
    fields_.lost("async_agent", "apigw reads no queues");
    fields_.lost("plugin", "apigw loads no programs of others");
    fields_.rest();
  }

 private:
  void listen() {
    fields_.ignore({"listen_ip"});
    const auto port = fields_.number("port");
    if (!port || *port == 8080) return;
    if (*port < 1 || *port > 65535) {
      to_.unreadable(fields_.key("port"), fmt::format("'{}' is no port", *port));
      return;
    }
    to_.config.set("listen", text(fmt::format("127.0.0.1:{}", *port)), fields_.key("port"));
    to_.nearly(fields_.key("port"), "'port'", "the gateway listens on loopback until 'listen' names another address");
  }

  // A duration as `member` of `section`; "0s" means none.
  void duration(Fields& fields, std::string_view key, std::string_view section, std::string_view member) {
    if (const auto value = milliseconds(fields, key))
      to_.config.entry(section, member, fields.key(key)).values.push_back(text(duration_text(*value)));
  }

  std::optional<std::uint64_t> milliseconds(Fields& fields, std::string_view key) {
    const auto written = fields.text(key);
    if (!written || written->starts_with("0")) return std::nullopt;
    const auto value = read_go_duration(*written);
    if (!value)
      to_.unreadable(fields.key(key), fmt::format("'{}' of {} is no duration: '{}'", key, fields.what(),
                                                  to_.shown(*fields.take(key))));
    return value;
  }

  // --- what stands at the top for all endpoints

  void service_extra(const yaml::Node& node) {
    Fields extra(node, to_, "extra_config");
    for (const yaml::Entry& entry : node.entries) {
      const std::string& name = entry.key->value;
      const Meaning meaning = meaning_of(name);
      extra.ignore({name});
      if (name == "auth/api-keys")
        keys(*entry.value);
      else if (meaning == Meaning::limit)
        limit(entry, "the configuration");
      else if (meaning != Meaning::ignore)
        to_.lost(entry.key->span, fmt::format("'{}' of extra_config", text::printable(name, 60)),
                 "apigw has no counterpart");
    }
  }

  void keys(const yaml::Node& node) {
    Fields settings(node, to_, "auth/api-keys");
    settings.ignore({"strategy", "identifier", "hash", "salt", "propagate_role"});
    std::size_t number = 0;
    for (const yaml::Node* item : settings.list("keys")) {
      Fields one(*item, to_, "a key of auth/api-keys");
      const yaml::Node* key = one.take("key");
      if (key == nullptr || key->kind != yaml::Kind::scalar) {
        to_.unreadable(item->span, "a key of auth/api-keys has no 'key'");
        continue;
      }
      const std::string name = to_.config.free_name("consumers", fmt::format("client-{}", ++number));
      Value consumer = object();
      put(consumer, "key", text(to_.secret(*key, name + "_KEY")));
      to_.config.entry("consumers", name, item->span, one.text("description").value_or(""))
          .values.push_back(std::move(consumer));
      one.lost("roles", "a key opens every route that asks for one");
      one.ignore({"enabled", "@description"});
      one.rest();
    }
    settings.rest();
  }

  void limit(const yaml::Entry& entry, const std::string& of) {
    Fields settings(*entry.value, to_, fmt::format("'{}' of {}", text::printable(entry.key->value, 60), of));
    std::uint64_t every = 1000;
    if (const auto value = milliseconds(settings, "every")) every = *value;
    const std::string strategy = settings.text("strategy").value_or("ip");
    const std::string key = settings.text("key").value_or("NAME");
    std::string limits;
    if (const auto all = settings.text("max_rate")) limits = rate(text::printable(*all, 20), every) + " per route";
    if (const auto each = settings.text("client_max_rate"))
      limits += fmt::format("{}{} per {}", limits.empty() ? "" : ", ", rate(text::printable(*each, 20), every),
                            strategy == "header" ? "header:" + text::printable(key, 60) : "address");
    to_.later(entry.key->span, settings.what(), limits.empty() ? "" : fmt::format("limit: [{}]", limits));
  }

  // --- endpoints

  void endpoint(const yaml::Node& node) {
    const yaml::Node* path = node.find("endpoint");
    const std::string written = path != nullptr && path->kind == yaml::Kind::scalar ? path->value : "";
    Fields fields(node, to_,
                  written.empty() ? "an endpoint" : fmt::format("endpoint '{}'", text::printable(written, 80)));
    if (node.kind != yaml::Kind::mapping) return;
    fields.ignore({"endpoint", "@comment"});
    const std::string method = fields.text("method").value_or("GET");
    const auto backends = fields.list("backend");
    const bool wildcard = written.ends_with("/*");
    RoutePath route = route_path(wildcard ? written + "*" : written);
    if (!route.rest.empty())
      route.why = fmt::format("'{}' is no variable of one segment", text::printable(route.rest, 60));
    const std::string key = fmt::format("{} {}", method, route.path);
    if (route.why.empty())
      if (const auto fault = config::route_key_fault(key)) route.why = fault->why;
    if (!route.why.empty()) {
      to_.lost(path == nullptr ? node.span : path->span, fields.what(), route.why);
      return;
    }
    if (backends.size() != 1) {
      to_.lost(path->span, fields.what(),
               backends.empty() ? std::string("it has no backend")
                                : fmt::format("it merges the answers of {} backends", backends.size()));
      return;
    }
    const auto [first, fresh] = claims_.try_emplace({method, config::read_template(route.path).shape}, key);
    if (!fresh) {
      to_.unreadable(path->span, first->second == key ? fmt::format("'{}' stands there already", key)
                                                      : fmt::format("'{}' is left out: '{}' takes the same requests",
                                                                    key, first->second));
      return;
    }
    Value out = object();
    bool keyed = false;
    if (!backend(*backends[0], fields, route, method, wildcard, out, keyed)) return;
    extra(fields, keyed);
    if (keyed) put(out, "auth", text("key"));
    if (const auto value = milliseconds(fields, "timeout")) put(out, "timeout", text(duration_text(*value)));
    to_.config.entry("routes", key, path->span)
        .values.push_back(out.members.size() == 1 ? out.members[0].value : std::move(out));
    passed(fields);
    fields.later("cache_ttl", "cache: …");
    fields.lost("concurrent_calls", "a request is sent once");
    fields.rest();
  }

  // What KrakenD lets through and apigw does, once for all endpoints.
  void passed(Fields& fields) {
    for (const std::string_view key : {"input_headers", "input_query_strings"}) {
      const auto names = fields.texts(key);
      const bool all = std::ranges::find(names, "*") != names.end();
      if (!all && to_.first("passed"))
        to_.nearly(fields.key(key), "which headers and parameters go on",
                   "a service gets all of a request but what is between two hops");
    }
    const bool no_op = fields.text("output_encoding").value_or(no_op_ ? "no-op" : "json") == "no-op";
    if (!no_op && to_.first("encoding"))
      to_.nearly(fields.key("output_encoding"), "answers that are decoded and written anew",
                 "an answer is passed as it comes");
  }

  void extra(Fields& fields, bool& keyed) {
    const yaml::Node* node = fields.take("extra_config");
    if (node == nullptr) return;
    keyed = keyed || node->kind != yaml::Kind::mapping;  // it may have been a guard
    if (node->kind != yaml::Kind::mapping)
      to_.unreadable(node->span,
                     fmt::format("extra_config of {} must be a mapping, not {}", fields.what(), kind_of(*node)));
    for (const yaml::Entry& entry : node->entries) {
      const std::string what = fmt::format("'{}' of {}", text::printable(entry.key->value, 60), fields.what());
      switch (meaning_of(entry.key->value)) {
        case Meaning::token:
          keyed = true;
          to_.later(entry.key->span, what, "auth: { NAME: { jwt: ISSUER } }, and its name in 'auth' of the route")
              .helps.push_back("until then a consumer's key is asked for");
          break;
        case Meaning::key:
          keyed = true;
          if (to_.first("api keys"))
            to_.nearly(entry.key->span, what, "every consumer's key opens the route, without roles");
          break;
        case Meaning::other:
          keyed = true;
          to_.lost(entry.key->span, what, "whatever it refuses, apigw asks for a consumer's key here");
          break;
        case Meaning::limit:
          limit(entry, fields.what());
          break;
        case Meaning::cache:
          to_.later(entry.key->span, what, "cache: …");
          break;
        case Meaning::later:
          to_.later(entry.key->span, what, "");
          break;
        case Meaning::ignore:
          break;
        case Meaning::foreign:
        case Meaning::lost:
          to_.lost(entry.key->span, what, "apigw has no counterpart");
      }
    }
  }

  // False with a finding where the endpoint cannot be a route.
  bool backend(const yaml::Node& node, Fields& endpoint, const RoutePath& route, const std::string& method,
               bool wildcard, Value& out, bool& keyed) {
    Fields fields(node, to_, fmt::format("the backend of {}", endpoint.what()));
    if (node.kind != yaml::Kind::mapping) return false;
    const auto cannot = [&](Span where, std::string_view why) {
      to_.lost(where, endpoint.what(), why);
      return false;
    };
    const yaml::Node* settings = node.find("extra_config");
    for (const yaml::Entry& entry : settings == nullptr ? std::vector<yaml::Entry>{} : settings->entries)
      if (meaning_of(entry.key->value) == Meaning::foreign)
        return cannot(entry.key->span, "its backend is not called over HTTP");
    if (const auto own = fields.text("method"); own && *own != method)
      return cannot(fields.key("method"),
                    fmt::format("its backend is called by {} and not {}", text::printable(*own, 20), method));
    if (const auto discovery = fields.text("sd"); discovery && *discovery != "static")
      return cannot(fields.key("sd"), "its hosts are looked up elsewhere");
    Value path = object();
    if (!rewrite(fields, endpoint, route, wildcard, path)) return false;
    const auto service = service_of(fields);  // once nothing else keeps the endpoint from being a route
    if (!service) return cannot(fields.node().span, "its backend has no host that apigw can call");
    put(out, "to", text(*service));
    std::ranges::move(path.members, std::back_inserter(out.members));
    for (const std::string_view key : {"allow", "deny", "mapping", "group", "target", "is_collection", "concat"})
      if (fields.take(key) != nullptr)
        to_.lost(fields.key(key), fmt::format("'{}' of {}", key, fields.what()), "an answer is passed as it comes");
    fields.ignore({"encoding", "disable_host_sanitize", "sd_scheme", "@comment"});
    extra(fields, keyed);
    fields.rest();
    return true;
  }

  std::optional<std::string> service_of(Fields& fields) {
    auto hosts = fields.list("host", true);
    if (hosts.empty()) hosts = hosts_;
    std::vector<std::string> urls;
    std::string name;
    for (const yaml::Node* host : hosts) {
      std::string why;
      const std::string url = host->value.contains("://") ? host->value : "http://" + host->value;
      const auto address = host->kind == yaml::Kind::scalar ? read_address(url, why) : std::nullopt;
      if (!address)
        to_.unreadable(host->span, fmt::format("a host of {} cannot be called: {}", fields.what(),
                                               why.empty() ? "it is no text" : why));
      else if (urls.size() < most_instances && std::ranges::find(urls, address->url) == urls.end())
        urls.push_back(literal(address->url));
      if (address && name.empty()) name = host_name(address->host);
    }
    if (urls.empty()) return std::nullopt;
    const auto [at, fresh] = services_.try_emplace(text::join(urls, " "));
    if (fresh) {
      at->second = to_.config.free_name("services", name.empty() ? "backend" : name);
      to_.config.entry("services", at->second, hosts[0]->span)
          .values.push_back(urls.size() == 1 ? text(urls[0]) : texts(urls));
    }
    return at->second;
  }

  // url_pattern as the path that is forwarded; nothing where it is the path that was asked for.
  bool rewrite(Fields& fields, Fields& endpoint, const RoutePath& route, bool wildcard, Value& out) {
    const auto pattern = fields.text("url_pattern");
    if (!pattern) return true;
    const Span at = fields.key("url_pattern");
    std::string path = pattern->substr(0, pattern->find('?'));
    if (path.size() != pattern->size())
      to_.lost(at, fmt::format("the query in url_pattern of {}", endpoint.what()), "a rewrite is a path");
    if (!path.starts_with('/')) path.insert(0, "/");
    std::string written;
    for (std::size_t i = 0; i < path.size();) {
      const auto close = path[i] == '{' ? path.find('}', i) : std::string::npos;
      if (close == std::string::npos) {
        written += path[i++];
        continue;
      }
      const std::string name = path.substr(i + 1, close - i - 1);
      const auto known = std::ranges::find(route.variables, name, &std::pair<std::string, std::string>::first);
      if (known == route.variables.end()) {
        to_.lost(at, endpoint.what(),
                 fmt::format("its backend wants '{{{}}}', which is no part of the path", text::printable(name, 60)));
        return false;
      }
      written += fmt::format("{{{}}}", known->second);
      i = close + 1;
    }
    if (wildcard && written.ends_with("/*")) written = written.substr(0, written.size() - 1) + "{rest}";
    const bool plain =
        std::ranges::none_of(written, [](unsigned char c) { return c <= 0x20 || c == 0x7f || c == '\\'; });
    if (!plain || written.starts_with("//")) {
      to_.lost(at, endpoint.what(), "its url_pattern is no path that a rewrite can say");
      return false;
    }
    const std::string same = wildcard ? route.path.substr(0, route.path.size() - 2) + "{rest}" : route.path;
    if (written != same) put(out, "rewrite", text(literal(written)));
    return true;
  }

  static constexpr std::size_t most_instances = 64;

  Importing& to_;
  Fields fields_;
  bool no_op_ = false;
  std::vector<const yaml::Node*> hosts_;                               // of backends that name none
  std::map<std::string, std::string> services_;                        // name by addresses
  std::map<std::pair<std::string, std::string>, std::string> claims_;  // key by method and shape
};

void read_krakend(const yaml::Node& root, Importing& to) {
  const yaml::Node* version = root.find("version");
  if (version == nullptr || (root.find("endpoints") == nullptr && root.find("extra_config") == nullptr)) {
    to.refuse(root.span, "this is no configuration of KrakenD", "no 'version' and 'endpoints' stand at its top");
    return;
  }
  if (version->value != "3") {
    to.refuse(version->span, fmt::format("version '{}' of KrakenD's configuration is not read", to.shown(*version)))
        .helps.push_back("version 3 is, which KrakenD 2 reads");
    return;
  }
  Gateway(root, to).read();
}

}  // namespace

extern const Importer krakend_importer;
const Importer krakend_importer = {.summary = "KrakenD's configuration, version 3: services, routes, keys",
                                   .read = read_krakend};

}  // namespace apigw::import
