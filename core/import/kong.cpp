// A declarative configuration of Kong (decK or DB-less) as services, routes and consumers.
//
// Entities stand inside of each other or refer by name; both forms are read. A route of Kong is a route for each of
// its paths, with an alternative for each host and value of a header. Plugins come to what routes say of keys, bodies
// and headers; the nearest scope wins.
#include "import/kong.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/route_pattern.h"
#include "import/endpoints.h"
#include "import/importer.h"
#include "import/quantities.h"

namespace apigw::import {
namespace {

using namespace kong;

// The name or id by which an entity refers to another: "orders" or {name: orders}.
std::string referred(const yaml::Node* node) {
  if (node == nullptr) return {};
  if (node->kind == yaml::Kind::scalar) return node->value;
  for (const std::string_view key : {"name", "username", "id"})
    if (const yaml::Node* found = node->find(key); found != nullptr && found->kind == yaml::Kind::scalar)
      return found->value;
  return {};
}

class Gateway {
 public:
  // `untold`: as for read_path.
  Gateway(const yaml::Node& root, bool untold, Importing& to)
      : to_(to), fields_(root, to, "the configuration"), untold_(untold) {}

  void read() {
    fields_.ignore({"_format_version", "_transform", "_info", "_workspace", "_konnect", "_comment", "_ignore"});
    for (const yaml::Node* node : fields_.list("targets"))
      by_upstream_[referred(node->find("upstream"))].push_back(node);
    for (const yaml::Node* node : fields_.list("upstreams")) upstream(*node);
    for (const yaml::Node* node : fields_.list("keyauth_credentials"))
      by_consumer_[referred(node->find("consumer"))].push_back(node);
    plugins();
    for (const yaml::Node* node : fields_.list("services")) service(*node);
    for (const yaml::Node* node : fields_.list("routes")) {
      const std::string name = referred(node->find("service"));
      const auto found = services_.find(name);
      if (found != services_.end())
        route(*node, found->second);
      else
        to_.unreadable(node->span, name.empty() ? "a route without a service"
                                                : fmt::format("a route of service '{}', which is not imported",
                                                              text::printable(name, 60)));
    }
    for (const yaml::Node* node : fields_.list("consumers")) consumer(*node);
    for (const auto& [name, nodes] : by_consumer_)  // of consumers that stand elsewhere
      for (const yaml::Node* node : nodes) key(*node, name.empty() ? "consumer" : name);
    fields_.rest();
  }

 private:
  struct Service {
    std::string name;  // in the config
    Policy policy;
  };

  // --- where services are

  void upstream(const yaml::Node& node) {
    Fields fields(node, to_, "an upstream");
    const auto name = fields.text("name");
    if (!name) return;
    auto& targets = upstreams_[*name];
    std::set<std::string> weights;
    auto items = fields.list("targets");
    for (const std::string& key : {*name, referred(node.find("id"))})
      if (const auto found = by_upstream_.find(key); !key.empty() && found != by_upstream_.end())
        items.insert(items.end(), found->second.begin(), found->second.end());
    for (const yaml::Node* item : items) {
      Fields target(*item, to_, fmt::format("a target of upstream '{}'", text::printable(*name, 60)));
      const auto at = target.text("target");
      weights.insert(target.text("weight").value_or("100"));
      target.ignore({"tags", "id", "created_at", "updated_at", "upstream"});
      if (at) targets.push_back(at->rfind(':') == std::string::npos || at->ends_with(']') ? *at + ":8000" : *at);
      target.rest();
    }
    if (weights.size() > 1)
      to_.lost(fields.key("targets"), fmt::format("'weight' of upstream '{}'", text::printable(*name, 60)),
               "instances are called in turn");
    fields.ignore({"id", "tags", "created_at", "slots"});
    fields.rest();
  }

  // The addresses of a service; empty with a finding where apigw cannot call it.
  std::vector<std::string> addresses(Fields& fields) {
    std::string protocol = fields.text("protocol").value_or("http"), host = fields.text("host").value_or("");
    std::string port = fields.text("port").value_or(""), path = fields.text("path").value_or("");
    if (const auto url = fields.text("url")) {
      const auto scheme = url->find("://");
      protocol = url->substr(0, scheme == std::string::npos ? 0 : scheme);
      const std::string_view rest = std::string_view(*url).substr(scheme == std::string::npos ? 0 : scheme + 3);
      const auto slash = std::min(rest.find('/'), rest.size());
      path = std::string(rest.substr(slash));
      const std::string_view authority = rest.substr(0, slash);
      const auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
      host = std::string(authority.substr(0, colon));
      port = colon == std::string_view::npos ? "" : std::string(authority.substr(colon + 1));
    }
    const Span at = fields.key(fields.node().find("url") != nullptr ? "url" : "host");
    if (protocol != "http" && protocol != "https") {
      to_.lost(at, fields.what(),
               fmt::format("apigw does not speak '{}' to services", text::printable(protocol, 40)));
      return {};
    }
    std::vector<std::string> hosts;
    if (const auto found = upstreams_.find(host); found != upstreams_.end())
      hosts = found->second;
    else
      hosts.push_back(port.empty() ? host : fmt::format("{}:{}", host, port));
    std::vector<std::string> out;
    for (const std::string& where : hosts) {
      std::string why;
      const auto address = read_address(fmt::format("{}://{}{}", protocol, where, path), why);
      if (address && std::ranges::find(out, address->url) == out.end() && out.size() < most_instances)
        out.push_back(literal(address->url));
      else if (!address)
        to_.unreadable(at, fmt::format("the address of {} cannot be called: {}", fields.what(), why));
    }
    return out;
  }

  void service(const yaml::Node& node) {
    const yaml::Node* named = node.find("name");
    const std::string name = named != nullptr && named->kind == yaml::Kind::scalar ? named->value : "service";
    Fields fields(node, to_, fmt::format("service '{}'", text::printable(name, 60)));
    if (node.kind != yaml::Kind::mapping) return;
    fields.ignore({"name", "id", "tags", "created_at", "updated_at", "tls_verify_depth"});
    if (!fields.boolean("enabled").value_or(true)) {
      to_.nearly(fields.key("enabled"), fields.what(), "it is switched off, and left out");
      return;
    }
    const auto urls = addresses(fields);
    if (urls.empty()) return left_out(fields, name);
    Value out = object();
    put(out, "url", urls.size() == 1 ? text(urls[0]) : texts(urls));
    timeouts(fields, out);
    fields.later("retries", "retries: N");
    if (const auto verify = fields.boolean("tls_verify"); verify && !*verify) {
      Value outbound = object();
      put(outbound, "verify", boolean(false));
      put(out, "outbound", std::move(outbound));
    } else if (!verify && urls[0].starts_with("https://") && to_.first("verify")) {
      to_.nearly(fields.node().span, fields.what(), "its certificate is verified, as every one");
    }
    Service made{to_.config.free_name("services", name), {}};
    to_.config.entry("services", made.name, fields.node().span)
        .values.push_back(out.members.size() == 1 ? out.members[0].value : std::move(out));
    own_plugins(fields, made.policy);
    for (const std::string& key : {name, referred(node.find("id"))})
      if (const auto found = by_service_.find(key); !key.empty() && found != by_service_.end())
        for (const yaml::Node* plugin : found->second) read_plugin(*plugin, fields.what(), made.policy, to_);
    made.policy = nearest(made.policy, global_);
    for (const yaml::Node* item : fields.list("routes")) route(*item, made);
    fields.rest();
    if (const std::string id = referred(node.find("id")); !id.empty()) services_.emplace(id, made);
    services_.emplace(name, std::move(made));
  }

  // What goes with a service that cannot be called; routes that only refer to it tell it themselves.
  void left_out(Fields& fields, const std::string& name) {
    const auto lost = [&](const yaml::Node& node, std::string_view kind) {
      const yaml::Node* const named = node.find("name");
      const std::string word = named == nullptr ? "" : fmt::format(" '{}'", text::printable(named->value, 60));
      to_.lost(node.span, fmt::format("{}{} of {}", kind, word, fields.what()), "the service is not imported");
    };
    for (const yaml::Node* route : fields.list("routes")) lost(*route, "route");
    for (const yaml::Node* plugin : fields.list("plugins")) lost(*plugin, "plugin");
    for (const std::string& key : {name, referred(fields.node().find("id"))})
      if (const auto found = by_service_.find(key); !key.empty() && found != by_service_.end())
        for (const yaml::Node* plugin : found->second) lost(*plugin, "plugin");
  }

  void timeouts(Fields& fields, Value& out) {
    if (const auto read = fields.number("read_timeout"); read && *read >= 1 && *read <= longest_timeout) {
      put(out, "timeout", text(duration_text(*read)));
      if (to_.first("read_timeout"))
        to_.nearly(fields.key("read_timeout"), "'read_timeout'", "it bounds the wait for the head of an answer");
    } else if (read) {
      to_.unreadable(fields.key("read_timeout"), fmt::format("'read_timeout' of {} is no timeout", fields.what()));
    }
    for (const std::string_view key : {"connect_timeout", "write_timeout"})
      fields.lost(key, "'timeouts' holds for every service");
  }

  // Plugins that stand inside of what they belong to. What is no list of them may have been a guard.
  void own_plugins(Fields& fields, Policy& policy) {
    for (const yaml::Node* plugin : fields.list("plugins")) read_plugin(*plugin, fields.what(), policy, to_);
    const yaml::Node* node = fields.take("plugins");
    policy.key = policy.key || (node != nullptr && node->kind != yaml::Kind::sequence);
  }

  // --- plugins that refer to what they belong to

  void plugins() {
    for (const yaml::Node* node : fields_.list("plugins")) {
      const std::string service = referred(node->find("service")), route = referred(node->find("route"));
      if (!referred(node->find("consumer")).empty() || !referred(node->find("consumer_group")).empty())
        to_.lost(node->span, "a plugin of a consumer", "what a config says holds for every consumer");
      else if (!route.empty())
        by_route_[route].push_back(node);
      else if (!service.empty())
        by_service_[service].push_back(node);
      else
        read_plugin(*node, "all services", global_, to_);
    }
    if (global_.key) to_.config.entry("defaults", "auth", fields_.key("plugins")).values.push_back(text("key"));
    if (global_.body)
      to_.config.entry("caps", "body", fields_.key("plugins")).values.push_back(text(size_text(*global_.body)));
  }

  // --- routes

  void route(const yaml::Node& node, const Service& service) {
    const yaml::Node* named = node.find("name");
    const std::string name = named != nullptr && named->kind == yaml::Kind::scalar ? named->value : "";
    Fields fields(node, to_,
                  name.empty() ? fmt::format("a route of service '{}'", service.name)
                               : fmt::format("route '{}'", text::printable(name, 60)));
    if (node.kind != yaml::Kind::mapping) return;
    fields.ignore({"name", "id", "tags", "created_at", "updated_at", "service", "path_handling",
                   "https_redirect_status_code", "request_buffering", "response_buffering"});
    Policy policy;
    own_plugins(fields, policy);
    for (const std::string& key : {name, referred(node.find("id"))})
      if (const auto found = by_route_.find(key); !key.empty() && found != by_route_.end())
        for (const yaml::Node* plugin : found->second) read_plugin(*plugin, fields.what(), policy, to_);
    for (const std::string_view key : {"sources", "destinations"}) {
      if (fields.take(key) == nullptr) continue;
      to_.lost(fields.key(key), fmt::format("'{}' of {}", key, fields.what()),
               "whatever it refuses, apigw asks for a consumer's key here");
      policy.key = true;
    }
    policy = nearest(policy, service.policy);
    const auto protocols = fields.texts("protocols");
    const bool plain = protocols.empty() || std::ranges::find(protocols, "http") != protocols.end();
    const bool http = plain || std::ranges::find(protocols, "https") != protocols.end();
    if (!http) {
      to_.lost(fields.key("protocols"), fields.what(), "apigw serves HTTP only");
      return;
    }
    if (!plain && to_.first("https only"))
      to_.nearly(fields.key("protocols"), "a route for https alone", "it answers on every listener");
    if (fields.boolean("preserve_host").value_or(false))
      to_.lost(fields.key("preserve_host"), fmt::format("'preserve_host' of {}", fields.what()),
               "a service is called by its own name");
    fields.lost("regex_priority", "the most specific route wins, in any order");
    const bool strip = fields.boolean("strip_path").value_or(true);
    const auto methods = methods_of(fields);
    const auto conditions = conditions_of(fields);
    if (!methods || !conditions) return;  // without them it would take more than it did
    const auto paths = fields.list("paths");
    if (paths.empty())
      add(fields, fields.key("methods"), service, policy, read_path("/"), strip, *methods, *conditions, name);
    for (const yaml::Node* path : paths)
      add(fields, path->span, service, policy, read_path(path->value, untold_), strip, *methods, *conditions, name);
    fields.rest();
  }

  void add(Fields& fields, Span at, const Service& service, const Policy& policy, const Path& path, bool strip,
           const std::string& methods, const std::vector<Value>& conditions, const std::string& name) {
    if (!path.why.empty()) {
      auto& finding = to_.lost(at, fmt::format("a path of {}", fields.what()), path.why);
      if (policy.key && !path.closed.empty()) close(path.closed, service, at, finding);
      return;
    }
    if (path.expression && to_.first("expressions"))
      to_.nearly(at, fmt::format("a path of {}", fields.what()),
                 "of an expression a route takes the segments; a variable takes any value");
    const std::string key = methods.empty() ? path.path : fmt::format("{} {}", methods, path.path);
    for (const Value& condition : conditions) {
      Value out = object();
      put(out, "to", text(service.name));
      for (const render::Member& member : condition.members) put(out, member.name, member.value);
      if (strip && !path.strip.empty()) put(out, "strip", text(path.strip));
      if (strip && path.expression) put(out, "rewrite", text(path.rewrite));
      apply(policy, out);
      std::string same;
      render::write_json(condition, same);
      if (!claims_.insert(fmt::format("{}\n{}", key, same)).second) {
        to_.unreadable(at, fmt::format("'{}' of {} is claimed by another route already", key, fields.what()));
        continue;
      }
      to_.config.entry("routes", key, at, name)
          .values.push_back(out.members.size() == 1 ? out.members[0].value : std::move(out));
    }
  }

  // No other route opens what a guarded one stood before.
  void close(const std::string& prefix, const Service& service, Span at, diag::Diagnostic& finding) {
    const std::string key = fmt::format("{}/**", prefix);
    if (config::route_key_fault(key) || to_.config.find("routes", key) != nullptr) return;
    Value out = object();
    put(out, "to", text(service.name));
    put(out, "auth", text("key"));
    to_.config.entry("routes", key, at, "closed").values.push_back(std::move(out));
    claims_.insert(fmt::format("{}\n{{}}", key));
    finding.helps.push_back(fmt::format("'{}' asks for a key, so that no other route opens it", key));
  }

  void apply(const Policy& policy, Value& out) const {
    if (policy.key && !global_.key) put(out, "auth", text("key"));
    if (policy.body && policy.body != global_.body) put(out, "body", text(size_text(*policy.body)));
    edit(policy.request, out);
    if (policy.response.empty()) return;
    Value response = object();
    edit(policy.response, response);
    put(out, "response", std::move(response));
  }

  static void edit(const HeaderEdits& edits, Value& out) {
    if (!edits.set.empty()) {
      Value set = object();
      for (const auto& [name, value] : edits.set) put(set, name, text(value));
      put(out, "set", std::move(set));
    }
    if (!edits.remove.empty()) put(out, "remove", texts(edits.remove));
  }

  // Nothing with a finding where none of the methods can be said.
  std::optional<std::string> methods_of(Fields& fields) {
    std::string out;
    std::set<std::string> seen;
    for (const std::string& method : fields.texts("methods")) {
      const auto fault = config::route_key_fault(method + " /");
      if (fault)
        to_.unreadable(fields.key("methods"), fmt::format("a method of {}: {}", fields.what(), fault->why));
      else if (seen.insert(method).second)
        out += (out.empty() ? "" : ",") + method;
    }
    const yaml::Node* given = fields.take("methods");
    const bool none =
        given != nullptr && out.empty() && !(given->kind == yaml::Kind::sequence && given->items.empty());
    return none ? std::nullopt : std::optional(out);
  }

  // Hosts times values of headers: each an alternative of the route; one without conditions where there are none.
  // Nothing with a finding where a condition cannot be said.
  std::optional<std::vector<Value>> conditions_of(Fields& fields) {
    std::vector<Value> all{object()};
    const auto times = [&](const std::vector<Value>& choices) {
      std::vector<Value> product;
      for (const Value& one : all)
        for (const Value& choice : choices) {
          if (product.size() == most_alternatives) break;
          Value both = one;
          for (const render::Member& member : choice.members) put(both, member.name, member.value);
          product.push_back(std::move(both));
        }
      if (!choices.empty()) all = std::move(product);
    };
    std::vector<Value> hosts;
    for (const std::string& host : fields.texts("hosts")) {
      const std::string_view name = std::string_view(host).substr(host.starts_with("*.") ? 2 : 0);
      const config::HostPort parts = config::split_authority(name);
      if (!parts.fault.empty() || name.contains('*')) {
        to_.lost(fields.key("hosts"), fmt::format("host '{}' of {}", text::printable(host, 60), fields.what()),
                 "a host is a name, or '*.' and a name");
        continue;
      }
      Value choice = object();
      put(choice, "host", text(fmt::format("{}{}", host.starts_with("*.") ? "*." : "", parts.host)));
      hosts.push_back(std::move(choice));
    }
    const yaml::Node* given = fields.take("hosts");
    const bool some = given != nullptr && !(given->kind == yaml::Kind::sequence && given->items.empty());
    if (some && hosts.empty()) return std::nullopt;
    times(hosts);
    const yaml::Node* headers = fields.take("headers");
    if (headers == nullptr) return all;
    Fields names(*headers, to_, fmt::format("'headers' of {}", fields.what()));
    if (headers->kind != yaml::Kind::mapping) return std::nullopt;
    std::vector<std::pair<std::string, std::vector<std::string>>> wanted;
    for (const yaml::Entry& entry : headers->entries) {
      const auto values = names.texts(entry.key->value, true);
      const bool plain = std::ranges::none_of(values, [](const std::string& v) {
        return v.starts_with("~*") || v.empty() || text::trim(v) != v || text::printable(v, 1000) != v;
      });
      if (plain && !values.empty() && text::is_token(entry.key->value) && wanted.size() < most_headers) {
        wanted.emplace_back(entry.key->value, values);
        continue;
      }
      to_.lost(entry.key->span, fields.what(), "a condition on its headers is more than a route can say");
      return std::nullopt;
    }
    std::vector<Value> combined{object()};
    for (const auto& [name, values] : wanted) {
      std::vector<Value> product;
      for (const Value& one : combined)
        for (const std::string& value : values) {
          if (product.size() == most_alternatives) break;
          Value both = one;
          put(both, name, text(literal(value)));
          product.push_back(std::move(both));
        }
      combined = std::move(product);
    }
    std::vector<Value> choices;
    for (const Value& header : combined) {
      if (header.members.empty()) continue;
      Value when = object(), choice = object();
      put(when, "header", header);
      put(choice, "when", std::move(when));
      choices.push_back(std::move(choice));
    }
    times(choices);
    return all;
  }

  // --- consumers

  void consumer(const yaml::Node& node) {
    Fields fields(node, to_, "a consumer");
    if (node.kind != yaml::Kind::mapping) return;
    std::string name = fields.text("username").value_or("");
    const auto custom = fields.text("custom_id");
    if (name.empty()) name = custom.value_or("consumer");
    auto keys = fields.list("keyauth_credentials");
    for (const std::string& own : {name, referred(node.find("id"))}) {
      const auto found = by_consumer_.find(own);
      if (own.empty() || found == by_consumer_.end()) continue;
      keys.insert(keys.end(), found->second.begin(), found->second.end());
      by_consumer_.erase(found);
    }
    for (const yaml::Node* item : keys) key(*item, name);
    if (keys.empty())
      to_.lost(node.span, fmt::format("consumer '{}'", text::printable(name, 60)),
               "without a key a config cannot tell it from others")
          .helps.push_back("consumers: { NAME: { key: env:NAME_KEY } }");
    fields.ignore({"id", "tags", "created_at", "updated_at"});
    fields.rest();
  }

  void key(const yaml::Node& node, const std::string& name) {
    Fields credential(node, to_, fmt::format("a key of consumer '{}'", text::printable(name, 60)));
    const yaml::Node* value = credential.take("key");
    credential.ignore({"id", "tags", "created_at", "updated_at", "consumer"});
    if (value == nullptr || value->kind != yaml::Kind::scalar) {
      to_.unreadable(credential.node().span, fmt::format("{} is not there", credential.what()));
      return;
    }
    const std::string own = to_.config.free_name("consumers", name == "dev" ? "dev-consumer" : name);
    Value consumer = object();
    put(consumer, "key", text(to_.secret(*value, own + "_KEY")));
    to_.config.entry("consumers", own, credential.node().span).values.push_back(std::move(consumer));
    credential.rest();
  }

  static constexpr std::size_t most_instances = 64, most_alternatives = 64, most_headers = 4;
  static constexpr std::uint64_t longest_timeout = 30ULL * 24 * 3600 * 1000;  // milliseconds

  Importing& to_;
  Fields fields_;
  bool untold_;
  Policy global_;
  std::map<std::string, std::vector<std::string>, std::less<>> upstreams_;  // targets by name
  // What refers to an entity by name or id: plugins, targets, credentials.
  std::map<std::string, std::vector<const yaml::Node*>> by_service_, by_route_, by_upstream_, by_consumer_;
  std::map<std::string, Service> services_;  // by name and id of the source
  std::set<std::string> claims_;
};

void read_kong(const yaml::Node& root, Importing& to) {
  const yaml::Node* version = root.find("_format_version");
  if (version == nullptr) {
    to.refuse(root.span, "this is no configuration of Kong", "no '_format_version' stands at its top");
    return;
  }
  const std::string_view major = std::string_view(version->value).substr(0, version->value.find('.'));
  if (major != "1" && major != "2" && major != "3") {
    to.refuse(version->span, fmt::format("format version '{}' of Kong is not read", to.shown(*version)))
        .helps.push_back("1.1, 2.1 and 3.0 are");
    return;
  }
  Gateway(root, major != "3", to).read();
}

}  // namespace

extern const Importer kong_importer;
const Importer kong_importer = {.summary = "Kong's declarative configuration: services, routes, consumers",
                                .read = read_kong};

}  // namespace apigw::import
