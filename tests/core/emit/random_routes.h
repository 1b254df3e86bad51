// Routes that overlap, from a seed: literals, variables and /** over a small alphabet, methods, hosts, conditions,
// strips, rewrites, redirects, some with a key.
#pragma once
#include <random>
#include <set>
#include <string>

#include <fmt/format.h>

#include "model/plan.h"

namespace apigw::emit::testing {

inline void add_routes(model::Plan& plan, unsigned seed, unsigned count, bool hosts = true) {
  std::mt19937 random(seed);
  const auto upto = [&](unsigned most) { return static_cast<unsigned>(random() % (most + 1)); };
  const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
  static constexpr const char* methods[] = {"GET", "POST", "HEAD", "DELETE"};
  std::set<std::string> seen;
  for (unsigned i = 0; i < count; ++i) {
    model::Route route;
    bool variable = false;
    const unsigned segments = upto(3);
    for (unsigned n = 0; n < segments; ++n) {
      const bool is_variable = chance(4);
      variable = variable || is_variable;
      route.path += is_variable ? fmt::format("/{{v{}}}", n) : fmt::format("/{}", "ab"[upto(1)]);
    }
    const bool rest = segments == 0 || chance(3);
    if (rest) route.path += "/**";
    for (const char* method : methods)
      if (chance(3)) route.methods.emplace_back(method);
    if (hosts && chance(4)) route.host = chance(2) ? "a.shop.example" : "*.shop.example";
    if (chance(4))
      route.conditions.push_back({chance(2) ? model::Condition::In::header : model::Condition::In::query, "beta",
                                  chance(2) ? std::optional<std::string>("on") : std::optional<std::string>("v*")});
    if (chance(6)) {
      route.action = model::ToRedirect{308, rest && !variable ? "https://new.example/n/{rest}" : "/new"};
    } else {
      model::ToService to;
      to.service = static_cast<model::ServiceId>(upto(static_cast<unsigned>(plan.services.size()) - 1));
      if (segments > 0 && route.path.starts_with("/a/") && chance(3)) to.strip = "/a";
      if (to.strip.empty() && chance(6)) to.rewrite = variable ? "/w/{v0}" : rest ? "/w/{rest}" : "/w";
      if (to.rewrite && to.rewrite->contains("v0") && !route.path.contains("{v0}")) to.rewrite = "/w";
      route.action = to;
    }
    route.auth.none = !chance(6);
    route.auth.key = !route.auth.none;
    route.own_auth = true;
    if (chance(5)) route.timeout = model::Milliseconds(1 + upto(100'000));
    if (chance(5)) route.request_headers = {{"x-set", "a \"b\" $c 'd' \\ e"}, {"cookie", std::nullopt}};
    if (chance(5)) route.response_headers = {{"x-out", "1; 2"}, {"server", std::nullopt}};
    std::string names;
    for (const std::string& method : route.methods) names += method + ",";
    route.id = fmt::format("{} {}{} {}", names, route.host, route.path,
                           route.conditions.empty() ? "" : route.conditions[0].value.value_or("-"));
    // As the config would refuse it: two routes of one path and conditions that share a method.
    bool fresh = true;
    for (const std::string& method : route.methods.empty() ? std::vector<std::string>{"any"} : route.methods)
      fresh = seen.insert(fmt::format("{}{}{}|{}", method, route.host, route.path,
                                      route.conditions.empty() ? "" : route.conditions[0].value.value_or("-")))
                  .second &&
              fresh;
    if (fresh) plan.routes.push_back(std::move(route));
  }
}

}  // namespace apigw::emit::testing
