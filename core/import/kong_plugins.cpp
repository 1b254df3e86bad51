// Plugins of Kong; see kong.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "import/kong.h"
#include "import/quantities.h"

namespace apigw::import::kong {
namespace {

struct Plugin {
  std::string name;
  std::string what;  // "plugin 'cors' of service 'orders'"
  Span where;        // of its name
  Fields& config;
  Policy& policy;
  Importing& to;
};

// --- who calls

void key_auth(Plugin& plugin) {
  plugin.policy.key = true;
  constexpr std::string_view heard[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};
  const auto names = plugin.config.texts("key_names", true);
  const bool all = !names.empty() && std::ranges::all_of(names, [&](const std::string& name) {
    return std::ranges::find(heard, text::lower(name)) != std::end(heard);
  });
  if (!all && plugin.to.first("key names"))
    plugin.to.nearly(plugin.where, plugin.what,
                     "a key is looked for as 'Authorization: Bearer' and 'x-api-key', under no other name");
  plugin.config.ignore(
      {"hide_credentials", "key_in_header", "key_in_query", "key_in_body", "run_on_preflight", "realm"});
  plugin.config.lost("anonymous", "who has no key is refused");
}

// Guards of other kinds: what they stood before is not left open.
void guard(Plugin& plugin) {
  plugin.policy.key = true;
  plugin.to.lost(plugin.where, plugin.what, "whatever it refuses, apigw asks for a consumer's key here");
}

void token_auth(Plugin& plugin) {
  plugin.policy.key = true;
  plugin.to.later(plugin.where, plugin.what, "auth: { NAME: { jwt: ISSUER } }, and its name in 'auth' of the routes")
      .helps.push_back("until then a consumer's key is asked for");
}

// --- how often, how large, how long kept

void rate_limiting(Plugin& plugin) {
  const std::string by = plugin.config.text("limit_by").value_or("consumer");
  const std::string header = plugin.config.text("header_name").value_or("NAME");
  const std::string per = by == "ip"           ? "address"
                          : by == "credential" ? "key"
                          : by == "header"     ? "header:" + text::printable(header, 60)
                          : by == "consumer"   ? "consumer"
                                               : "route";
  std::string limits;
  for (const std::string_view unit : {"second", "minute", "hour", "day"})
    if (const auto count = plugin.config.number(unit))
      limits += fmt::format("{}{}/{} per {}", limits.empty() ? "" : ", ", *count, unit, per);
  plugin.to.later(plugin.where, plugin.what, limits.empty() ? "" : fmt::format("limit: [{}]", limits));
  for (const std::string_view unit : {"month", "year"}) plugin.config.lost(unit, "a limit counts in days at most");
}

void proxy_cache(Plugin& plugin) {
  const auto seconds = plugin.config.number("cache_ttl");
  plugin.to.later(plugin.where, plugin.what, fmt::format("cache: {}s", seconds.value_or(300)));
}

void request_size(Plugin& plugin) {
  const std::string unit = plugin.config.text("size_unit").value_or("megabytes");
  const unsigned shift = unit == "bytes" ? 0 : unit == "kilobytes" ? 10 : 20;
  const auto size = plugin.config.text("allowed_payload_size");
  const auto number = size ? text::parse_number(*size) : std::optional<std::uint64_t>(128);
  if (number && *number >= 1 && *number <= (1ULL << 40) >> shift)
    plugin.policy.body = *number << shift;
  else
    plugin.to.unreadable(plugin.where, fmt::format("{} has no size that a body can have", plugin.what));
  plugin.config.ignore({"require_content_length"});
}

// --- headers

bool usable(const std::string& name, const std::string& value) {
  const bool printable = std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  return text::is_token(name) && !config::is_managed_header(name) && printable && !value.empty() &&
         text::trim(value) == value && !value.contains("$(");
}

void set_headers(Plugin& plugin, std::string_view verb, HeaderEdits& edits) {
  const yaml::Node* node = plugin.config.take(verb);
  if (node == nullptr) return;
  Fields part(*node, plugin.to, fmt::format("'{}' of {}", verb, plugin.what));
  for (const yaml::Node* item : part.list("headers")) {
    const auto colon = item->value.find(':');
    const std::string name = item->value.substr(0, colon);
    const std::string value(colon == std::string::npos ? ""
                                                       : text::trim(std::string_view(item->value).substr(colon + 1)));
    if (verb == "remove" && text::is_token(name) && !config::is_managed_header(name))
      edits.remove.push_back(text::lower(name));
    else if (verb != "remove" && usable(name, value))
      edits.set.emplace_back(text::lower(name), literal(value));
    else
      plugin.to.lost(item->span, fmt::format("a header in {}", part.what()), "a route cannot edit it so");
  }
  if (verb != "remove" && !edits.set.empty() && plugin.to.first("set headers"))
    plugin.to.nearly(plugin.config.key(verb), part.what(),
                     "a header that is set takes the place of one that is there");
  part.rest();
}

void transform(Plugin& plugin, HeaderEdits& edits) {
  for (const std::string_view verb : {"remove", "replace", "add"}) set_headers(plugin, verb, edits);
  plugin.config.lost("append", "a header is set or removed");
  plugin.config.lost("rename", "a header is set or removed");
}

// --- what apigw has of itself

void correlation_id(Plugin& plugin) {
  plugin.to.nearly(plugin.where, plugin.what, "every request has an x-request-id, made or taken over");
}

void prometheus(Plugin& plugin) {
  plugin.to.nearly(plugin.where, plugin.what, "/metrics is served where 'health' and 'admin' listen");
}

void without(Plugin& plugin) {
  plugin.to.lost(plugin.where, plugin.what, "apigw has no counterpart");
}

struct Row {
  std::string_view name;
  void (*read)(Plugin&);
  bool tells_all = false;  // of the plugin, not of its settings one by one
};
constexpr Row rows[] = {
    {"key-auth", key_auth},
    {"key-auth-enc", key_auth},
    {"acl", guard, true},
    {"basic-auth", guard, true},
    {"forward-auth", guard, true},
    {"ip-restriction", guard, true},
    {"opa", guard, true},
    {"request-termination", guard, true},
    {"hmac-auth", guard, true},
    {"ldap-auth", guard, true},
    {"ldap-auth-advanced", guard, true},
    {"mtls-auth", guard, true},
    {"header-cert-auth", guard, true},
    {"vault-auth", guard, true},
    {"jwt", token_auth, true},
    {"jwt-signer", token_auth, true},
    {"oauth2", token_auth, true},
    {"oauth2-introspection", token_auth, true},
    {"openid-connect", token_auth, true},
    {"saml", token_auth, true},
    {"rate-limiting", rate_limiting, true},
    {"rate-limiting-advanced", rate_limiting, true},
    {"response-ratelimiting", rate_limiting, true},
    {"proxy-cache", proxy_cache, true},
    {"proxy-cache-advanced", proxy_cache, true},
    {"request-size-limiting", request_size},
    {"request-transformer", [](Plugin& plugin) { transform(plugin, plugin.policy.request); }},
    {"request-transformer-advanced", [](Plugin& plugin) { transform(plugin, plugin.policy.request); }},
    {"response-transformer", [](Plugin& plugin) { transform(plugin, plugin.policy.response); }},
    {"response-transformer-advanced", [](Plugin& plugin) { transform(plugin, plugin.policy.response); }},
    {"correlation-id", correlation_id, true},
    {"prometheus", prometheus, true},
};

}  // namespace

void read_plugin(const yaml::Node& node, const std::string& where, Policy& policy, Importing& to) {
  Fields fields(node, to, fmt::format("a plugin of {}", where));
  if (node.kind != yaml::Kind::mapping) {
    policy.key = true;  // it may have been a guard
    return;
  }
  const auto name = fields.text("name");
  const bool enabled = fields.boolean("enabled").value_or(true);
  const yaml::Node* settings = fields.take("config");
  fields.ignore({"id", "tags", "created_at", "updated_at", "protocols", "instance_name", "service", "route"});
  if (!name) {
    to.unreadable(node.span, fmt::format("a plugin of {} has no name", where));
    policy.key = true;
    return;
  }
  const std::string what = fmt::format("plugin '{}' of {}", text::printable(*name, 60), where);
  if (!enabled) {
    to.nearly(fields.key("enabled"), what, "it is switched off, and left out");
    return;
  }
  static const yaml::Node nothing;
  Fields config(settings == nullptr ? nothing : *settings, to, fmt::format("{}", what));
  Plugin plugin{*name, what, fields.key("name"), config, policy, to};
  const auto* row = std::ranges::find(rows, *name, &Row::name);
  if (row == std::end(rows)) {
    without(plugin);
  } else {
    row->read(plugin);
    if (!row->tells_all) config.rest();
  }
  fields.rest();
}

Policy nearest(Policy nearer, const Policy& outer) {
  nearer.key = nearer.key || outer.key;
  if (!nearer.body) nearer.body = outer.body;
  if (nearer.request.empty()) nearer.request = outer.request;
  if (nearer.response.empty()) nearer.response = outer.response;
  return nearer;
}

}  // namespace apigw::import::kong
