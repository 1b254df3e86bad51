// Routes as rules of an HTTPRoute (gateway.networking.k8s.io/v1).
#include "emit/http_route.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/objects.h"

namespace apigw::emit {
namespace {

constexpr std::string_view all_methods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                            "CONNECT", "OPTIONS", "TRACE", "PATCH"};

struct Path {
  enum class Kind { exact, prefix, expression } kind = Kind::exact;
  std::string value;  // of a prefix without the slash at its end, "/" alone
};

Path path_of(const routing::Pattern& pattern) {
  const bool variable = std::ranges::any_of(
      pattern.segments, [](const auto& segment) { return segment.kind == routing::Segment::Kind::variable; });
  if (variable) return {Path::Kind::expression, path_expression(pattern, {.encoded = true})};
  std::string value;
  for (const routing::Segment& segment : pattern.segments) value += "/" + segment.text;
  return {pattern.rest ? Path::Kind::prefix : Path::Kind::exact, value.empty() ? "/" : value};
}

std::string rooted(std::string path) {
  return path.empty() ? "/" : path;
}

Value edits(std::string_view type, std::string_view member, const std::vector<model::HeaderEdit>& edits) {
  Value set = list(), remove = list(), changes = object();
  for (const model::HeaderEdit& edit : edits)
    if (edit.value)
      set.items.push_back(object({{"name", edit.name}, {"value", *edit.value}}));
    else
      remove.items.push_back(text(edit.name));
  if (!set.items.empty()) put(changes, "set", std::move(set));
  if (!remove.items.empty()) put(changes, "remove", std::move(remove));
  return object({{"type", type}, {std::string(member), std::move(changes)}});
}

Value full(std::string path) {
  return object({{"type", "ReplaceFullPath"}, {"replaceFullPath", rooted(std::move(path))}});
}
Value prefix(std::string path) {
  return object({{"type", "ReplacePrefixMatch"}, {"replacePrefixMatch", rooted(std::move(path))}});
}

// "/v2/{rest}" without its variable; nothing where it has another, or stands elsewhere.
std::optional<std::string> before_rest(std::string_view words) {
  const auto pieces = pieces_of(words);
  if (pieces.size() != 2 || pieces[0].variable || !pieces[1].variable || pieces[1].text != "rest")
    return std::nullopt;
  if (!pieces[0].text.ends_with('/')) return std::nullopt;
  return pieces[0].text.substr(0, pieces[0].text.size() - 1);
}

// Empty where the path stays; closes the route where it cannot be said.
Value rewrite(RestRoute& route) {
  const auto& to = std::get<model::ToService>(route.route->action);
  const std::string& base = route.service->base_path;
  const Path path = path_of(route.pattern);
  const std::string written = path.value == "/" && path.kind == Path::Kind::prefix ? "" : path.value;
  if (to.rewrite) {
    const std::string words = to.rewrite->starts_with('/') ? *to.rewrite : "/" + *to.rewrite;
    if (!words.contains('{') && !words.contains('?')) return full(base + words);
    if (const auto front = before_rest(words); front && path.kind == Path::Kind::prefix) return prefix(base + *front);
    route.closed = "its rewrite takes variables, and the Gateway API puts none into a path";
    return object();
  }
  std::string_view strip = to.strip;
  while (strip.ends_with('/')) strip.remove_suffix(1);
  if (strip.empty() && base.empty()) return object();
  const bool whole = written.starts_with(strip) && (written.size() == strip.size() || written[strip.size()] == '/');
  if (path.kind == Path::Kind::expression ||
      (path.kind == Path::Kind::prefix && !whole && strip.starts_with(written))) {
    route.closed = "a prefix of a path with variables is nothing that the Gateway API takes off or puts in front";
    return object();
  }
  const std::string left = whole ? written.substr(strip.size()) : written;
  return path.kind == Path::Kind::exact ? full(base + left) : prefix(base + left);
}

Value redirect(RestRoute& route) {
  const std::string& location = route.redirect->location;
  Value out = object();
  std::string_view rest = location;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string_view named = rest.substr(0, scheme);
    rest.remove_prefix(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    const auto colon = authority.find(':');
    const auto port =
        colon == std::string_view::npos ? std::nullopt : text::parse_number(authority.substr(colon + 1));
    if ((named != "http" && named != "https") || (colon != std::string_view::npos && !port)) {
      route.closed = "the Gateway API does not redirect there";
      return out;
    }
    put(out, "scheme", text(named));
    put(out, "hostname", text(text::lower(authority.substr(0, colon))));
    if (port) put(out, "port", number(*port));
  }
  const std::string words(rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest));
  if (words.contains('?') ||
      (words.contains('{') && !(before_rest(words) && path_of(route.pattern).kind == Path::Kind::prefix))) {
    route.closed = "its location has a query or variables, and the Gateway API writes none";
    return out;
  }
  put(out, "path", words.contains('{') ? prefix(*before_rest(words)) : full(words));
  put(out, "statusCode", number(static_cast<std::uint64_t>(route.redirect->status)));
  return out;
}

}  // namespace

// The order between rules is the API's own: path, method, number of headers. Where a route of any method is ahead
// of one with a method because it has conditions, it is written once for each method.
Value rule_matches(RestRoute& route, const std::vector<RestRoute>& all, diag::Report& report) {
  const model::Route& of = *route.route;
  Value base = object();
  const Path path = path_of(route.pattern);
  constexpr const char* kinds[] = {"Exact", "PathPrefix", "RegularExpression"};
  put(base, "path", object({{"type", kinds[static_cast<int>(path.kind)]}, {"value", path.value}}));
  if (path.kind == Path::Kind::expression)
    nearly(
        report, of.where, "routes." + of.id,
        "a path with a variable is a regular expression, and its rank beside other rules is for the implementation "
        "to say");
  Value headers = list(), queries = list();
  std::set<std::string> names;
  for (const model::Condition& condition : of.conditions) {
    const bool header = condition.in == model::Condition::In::header;
    if (!names.insert((header ? "h" : "q") + condition.name).second) {
      route.closed = "two conditions of one name are one too many for the Gateway API";
      continue;
    }
    const bool exact = condition.value && !condition.value->contains('*');
    (header ? headers : queries)
        .items.push_back(object({{"type", exact ? "Exact" : "RegularExpression"},
                                 {"name", condition.name},
                                 {"value", exact ? *condition.value : value_expression(condition)}}));
  }
  if (!headers.items.empty()) put(base, "headers", std::move(headers));
  if (!queries.items.empty()) put(base, "queryParams", std::move(queries));
  std::vector<std::string> methods = route.methods;
  const auto same_path = [&](const RestRoute& other) {
    return &other != &route && other.route->path == of.path && other.route->host == of.host;
  };
  if (methods.empty() && !of.conditions.empty() &&
      std::ranges::any_of(all, [&](const RestRoute& other) { return same_path(other) && !other.methods.empty(); }))
    methods.assign(std::begin(all_methods), std::end(all_methods));
  // HEAD that GET serves is left to a route that names it.
  const bool own_head = std::ranges::find(of.methods, "HEAD") != of.methods.end();
  const bool other_head = std::ranges::any_of(all, [&](const RestRoute& other) {
    return same_path(other) && other.route->conditions.size() == of.conditions.size() &&
           std::ranges::find(other.route->methods, "HEAD") != other.route->methods.end();
  });
  if (!own_head && other_head) std::erase(methods, "HEAD");
  Value out = list();
  for (const std::string& method : methods) {
    if (std::ranges::find(all_methods, method) == std::end(all_methods)) {
      lost(report, of.where, "routes." + of.id,
           fmt::format("the Gateway API knows no method {}", text::printable(method, 40)));
      continue;
    }
    Value match = base;
    put(match, "method", text(method));
    out.items.push_back(std::move(match));
  }
  if (methods.empty()) out.items.push_back(std::move(base));
  return out;
}

Value rule_filters(RestRoute& route) {
  Value out = list();
  if (route.redirect != nullptr) {
    Value to = redirect(route);
    if (route.closed.empty())
      out.items.push_back(object({{"type", "RequestRedirect"}, {"requestRedirect", std::move(to)}}));
    return out;
  }
  if (!route.route->request_headers.empty())
    out.items.push_back(edits("RequestHeaderModifier", "requestHeaderModifier", route.route->request_headers));
  if (!route.route->response_headers.empty())
    out.items.push_back(edits("ResponseHeaderModifier", "responseHeaderModifier", route.route->response_headers));
  if (Value path = rewrite(route); !path.members.empty())
    out.items.push_back(object({{"type", "URLRewrite"}, {"urlRewrite", object({{"path", std::move(path)}})}}));
  return out;
}

}  // namespace apigw::emit
