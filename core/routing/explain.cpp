#include "routing/explain.h"

#include <algorithm>

#include "base/text.h"
#include "http/target.h"
#include "routing/conditions.h"
#include "routing/rewrite.h"

namespace apigw::routing {
namespace {

bool path_fits(const Pattern& pattern, std::string_view path) {
  const auto pieces = text::split(path.substr(1), '/');
  if (pieces.size() < pattern.segments.size() || (!pattern.rest && pieces.size() > pattern.segments.size()))
    return false;
  for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
    const Segment& segment = pattern.segments[i];
    if (segment.kind == Segment::Kind::literal ? segment.text != pieces[i] : pieces[i].empty()) return false;
  }
  return true;
}

bool host_fits(const model::Route& route, std::string_view host) {
  if (route.host.empty()) return true;
  const std::string_view name = host.substr(0, host.rfind(':'));
  if (!route.host.starts_with("*.")) return route.host == name;
  return name.size() > route.host.size() - 1 && name.ends_with(std::string_view(route.host).substr(1));
}

bool method_fits(const model::Route& route, std::string_view method) {
  const auto names = [&](std::string_view one) {
    return std::ranges::find(route.methods, one) != route.methods.end();
  };
  return route.methods.empty() || names(method) || (method == "HEAD" && names("GET"));
}

std::string unmet(const model::Condition& condition) {
  const std::string_view kind = condition.in == model::Condition::In::header ? "header" : "query parameter";
  if (!condition.value) return fmt::format("{} '{}' is missing", kind, condition.name);
  return fmt::format("{} '{}' is not '{}'", kind, condition.name, *condition.value);
}

// Empty when the route takes the request.
std::string misfit(const model::Route& route, const Query& query) {
  if (!host_fits(route, query.host)) return fmt::format("serves host '{}' only", route.host);
  if (!method_fits(route, query.method)) return fmt::format("takes {} only", text::join(route.methods, ", "));
  const auto* condition = first_unmet(route.conditions, *query.headers, query.query);
  return condition ? unmet(*condition) : std::string{};
}

std::vector<Explanation::Candidate> candidates(const Router& router, const Query& query, const model::Route* chosen) {
  std::vector<Explanation::Candidate> out;
  for (const auto& route : router.plan().routes) {
    const auto pattern = parse_pattern(route.path);
    if (!pattern || !path_fits(*pattern, query.path)) continue;
    std::string why = misfit(route, query);
    const bool fits = why.empty();
    if (fits) why = &route == chosen ? "chosen" : fmt::format("less specific than '{}'", chosen ? chosen->id : "");
    out.push_back({&route, fits, std::move(why)});
  }
  // Equal ones keep the order of the config: routes of one plan compare by their place in it.
  const auto rank = [&](const auto& c) { return std::pair(c.route == chosen ? 0 : c.fits ? 1 : 2, c.route); };
  std::ranges::sort(out, {}, rank);
  return out;
}

std::string auth_text(const model::Auth& auth) {
  return auth.key ? "key" : auth.none ? "none" : "nobody";
}

void describe(const model::ToService& to, const Router& router, const Query& query, const http::Target& target,
              const Variables& variables, Explanation& out) {
  const model::Service& service = router.plan().at(to.service);
  out.target = fmt::format("service '{}'", service.name);
  auto path = upstream_target(to, service.base_path, target, variables);
  if (!path) {
    out.refusal = path.error().what;
    return;
  }
  Explanation::Upstream upstream{std::string(query.method), std::move(*path), {}, out.route->request_headers, {}};
  for (const auto& origin : service.instances) upstream.instances.push_back(origin.text());
  if (!service.instances.empty()) upstream.authority = service.instances.front().authority();
  out.upstream = std::move(upstream);
}

void describe_action(const Router& router, const Query& query, const http::Target& target, const Variables& variables,
                     Explanation& out) {
  const auto& action = out.route->action;
  if (const auto* to = std::get_if<model::ToService>(&action)) {
    describe(*to, router, query, target, variables, out);
  } else if (const auto* redirect = std::get_if<model::ToRedirect>(&action)) {
    const auto location = redirect_location(*redirect, target, variables);
    out.target = fmt::format("redirect {} to {}", redirect->status, location ? *location : location.error().what);
  } else if (const auto* endpoint = std::get_if<model::Endpoint>(&action)) {
    out.target = fmt::format("{} {}", endpoint->dialect, endpoint->operation);
  } else if (const auto* prompt = std::get_if<model::ToPrompt>(&action)) {
    out.target = fmt::format("prompt '{}'", router.plan().at(prompt->prompt).name);
  } else if (std::holds_alternative<model::ApiDocument>(action)) {
    out.target = "the description of this API";
  }
}

void describe_miss(const Router& router, const Query& query, Explanation& out) {
  out.allow = router.allowed(query);
  out.status = out.allow.empty() ? 404 : 405;
  out.refusal = out.allow.empty() ? "no route serves this host and path"
                                  : fmt::format("the path takes {}, not {}", out.allow, query.method);
}

}  // namespace

Explanation explain(const Router& router, std::string_view method, std::string_view target,
                    const http::Headers& headers, std::string_view host) {
  Explanation out;
  const auto parsed = http::parse_target(method, target);
  if (!parsed) {
    out.status = 400;
    out.refusal = parsed.error().what;
    return out;
  }
  const http::Target& asked = parsed->target;
  const Query query{method, host, asked.path, asked.query, &headers};
  const Match match = router.match(query);
  out.route = match.route;
  out.candidates = candidates(router, query, match.route);
  if (!match) {
    describe_miss(router, query, out);
    return out;
  }
  const auto& names = router.variables(match.index);
  for (std::size_t i = 0; i < names.size(); ++i) out.variables.emplace_back(names[i], match.captures.values[i]);
  if (match.route->path.ends_with("/**")) out.variables.emplace_back("rest", match.captures.rest);
  out.auth = auth_text(model::effective_auth(router.plan(), *match.route, 0));
  describe_action(router, query, asked, {names, match.captures}, out);
  return out;
}

}  // namespace apigw::routing
