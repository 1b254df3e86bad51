// Checks on which requests a route claims: none twice, and none that never come.
//
// Only routes with the same host, shape of path and conditions can be equally specific, so claims are grouped by
// these and compared within a group: time grows with the number of routes.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/route_pattern.h"

namespace apigw::config {

namespace {

constexpr std::string_view usual_methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

struct Claim {
  const Named<Alternatives>* route;
  Span where;  // of the key, or of the alternative in a list
  std::vector<std::string> methods;
};

std::string conditions_text(const RouteDraft& draft) {
  if (!draft.when) return {};
  std::vector<std::string> parts;
  for (const auto& header : draft.when->header.value_or({}))
    parts.push_back(fmt::format("h{}\n{}", text::lower(header.name), header.body ? *header.body : ""));
  for (const auto& query : draft.when->query.value_or({}))
    parts.push_back(fmt::format("q{}\n{}", query.name, query.body ? *query.body : ""));
  std::ranges::sort(parts);
  return text::join(parts, "\n\n");
}

// Claims on the same host, shape of path and conditions: only these can be equally specific.
using Claims = std::unordered_map<std::string, std::vector<Claim>>;

Claims claims_of(const Facts& facts) {
  Claims claims;
  claims.reserve(entries(facts.draft.routes).size());
  for (const auto& route : entries(facts.draft.routes)) {
    if (!route.body || !facts.pattern(route)) continue;
    const auto& [key, path] = *facts.pattern(route);
    for (const auto& alternative : *route.body) {
      if (!alternative || (alternative->when.given() && !alternative->when)) continue;
      const bool listed = route.body->size() > 1;
      claims[fmt::format("{}\t{}\t{}", alternative->host.value_or(""), path.shape, conditions_text(*alternative))]
          .push_back({&route, listed ? alternative.where : route.where, key.methods});
    }
  }
  return claims;
}

std::string claimed(const Claim& claim) {
  return shown(claim.route->name);
}

// The first claim on each method; later ones on the same are duplicates.
void report_duplicates(const std::vector<Claim>& claims, diag::Report& report) {
  std::unordered_map<std::string_view, const Claim*> first;
  for (const Claim& claim : claims) {
    const auto take = [&](std::string_view method) -> const Claim* {
      const auto [at, fresh] = first.emplace(method, &claim);
      return fresh ? nullptr : at->second;
    };
    const Claim* other = claim.methods.empty() ? take("*") : nullptr;
    for (const std::string& method : claim.methods) {
      const Claim* taken = take(method);
      if (other == nullptr && taken != &claim) other = taken;
    }
    if (other == nullptr) continue;
    auto& finding = report.add(
        331, claim.where, fmt::format("route '{}' takes the same requests as '{}'", claimed(claim), claimed(*other)),
        "declared again");
    finding.labels.push_back({other->where, "declared first"});
    finding.helps.push_back("keep one, or tell them apart by method, path, host or when");
  }
}

}  // namespace

void check_duplicate_route(const Facts& facts, diag::Report& report) {
  for (const auto& [key, claims] : claims_of(facts)) report_duplicates(claims, report);
}

namespace {

// A route for any method that finds each usual one taken by a route of its own.
void report_covered(const std::vector<Claim>& claims, diag::Report& report) {
  const auto any = std::ranges::find_if(claims, [](const Claim& c) { return c.methods.empty(); });
  if (any == claims.end() || claims.size() == 1) return;
  std::vector<const Claim*> takers;
  for (std::string_view method : usual_methods) {
    const auto taker = std::ranges::find_if(claims, [&](const Claim& c) {
      const auto has = [&](std::string_view m) { return std::ranges::find(c.methods, m) != c.methods.end(); };
      return has(method) || (method == "HEAD" && has("GET"));  // GET serves HEAD
    });
    if (taker == claims.end()) return;
    if (std::ranges::find(takers, &*taker) == takers.end()) takers.push_back(&*taker);
  }
  auto& finding = report.add(332, any->where, fmt::format("route '{}' is never reached", claimed(*any)),
                             "every method has a route of its own");
  for (const Claim* taker : takers) finding.labels.push_back({taker->where, "takes its methods"});
  finding.helps.push_back("remove it, or one of the others");
}

void report_endpoint(const Facts& facts, const std::vector<Claim>& claims, std::string_view shape,
                     diag::Report& report) {
  for (const KnownEndpoint& endpoint : facts.vocabulary.endpoints) {
    if (endpoint.yields || read_template(endpoint.path).shape != shape) continue;
    for (const Claim& claim : claims) {
      if (!claim.methods.empty() && std::ranges::find(claim.methods, endpoint.method) == claim.methods.end())
        continue;
      auto& finding = report.add(
          332, claim.where, fmt::format("route '{}' is never reached by {}", claimed(claim), endpoint.method),
          fmt::format("{} {} is the gateway's own AI endpoint", endpoint.method, endpoint.path));
      finding.labels.push_back({facts.draft.models.where, "these models are served there"});
      finding.helps.push_back("choose another path, or take models out of this config");
    }
  }
}

void report_prompt(const Facts& facts, const std::vector<Claim>& claims, std::string_view shape,
                   diag::Report& report) {
  for (const PromptFile& file : facts.prompts) {
    const PromptDraft* settings = settings_of(facts.draft, file.name);
    if (settings && !settings->serve.value_or(true)) continue;
    if (read_template("/prompts/" + file.name).shape != shape) continue;
    for (const Claim& claim : claims) {
      if (!claim.methods.empty() && std::ranges::find(claim.methods, "POST") == claim.methods.end()) continue;
      auto& finding = report.add(332, claim.where, fmt::format("route '{}' is never reached by POST", claimed(claim)),
                                 fmt::format("prompt '{}' is served there", shown(file.name)));
      finding.labels.push_back({file.where, "this prompt"});
      finding.helps.push_back("choose another path, or say 'serve: false' of the prompt");
    }
  }
}

// The gateway drops request headers with underscores and connection fields before it matches.
void report_dropped_header(const Named<Alternatives>& route, const RouteDraft& draft, diag::Report& report) {
  if (!draft.when || !draft.when->header) return;
  for (const auto& header : *draft.when->header) {
    if (header.name.find('_') == std::string::npos) continue;
    auto& finding = report.add(
        332, header.where,
        fmt::format("route '{}' waits for header '{}', which never arrives", shown(route.name), shown(header.name)),
        "names with '_' are dropped");
    finding.labels.push_back({route.where, "never reached"});
    std::string meant = header.name;
    std::ranges::replace(meant, '_', '-');
    finding.helps.push_back(fmt::format("replace with '{}'", shown(meant)));
    finding.fixes.push_back({header.where, meant});
  }
}

}  // namespace

void check_unreachable(const Facts& facts, diag::Report& report) {
  for (const auto& [key, claims] : claims_of(facts)) {
    report_covered(claims, report);
    const auto parts = text::split(key, '\t');
    if (!parts[0].empty() || parts.size() != 3 || !parts[2].empty()) continue;
    if (facts.draft.models.given()) report_endpoint(facts, claims, parts[1], report);
    if (parts[1].starts_with("/prompts/")) report_prompt(facts, claims, parts[1], report);
  }
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    report_dropped_header(route, draft, report);
  });
}

}  // namespace apigw::config
