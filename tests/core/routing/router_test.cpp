#include "routing/router.h"

#include <algorithm>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "base/text.h"
#include "routing/conditions.h"
#include "support/plan_builder.h"

using namespace apigw;

namespace {

struct Asked {
  std::string method = "GET", host, path, query;
  http::Headers headers;
  [[nodiscard]] routing::Query query_of() const { return {method, host, path, query, &headers}; }
};

routing::Router compile(const model::PlanPtr& plan) {
  auto router = routing::Router::compile(plan);
  REQUIRE(router);
  return std::move(*router);
}

// The id of the route that serves it, or "".
std::string chosen(const routing::Router& router, const Asked& asked) {
  const auto match = router.match(asked.query_of());
  return match ? match.route->id : "";
}

test::PlanBuilder shop() {
  test::PlanBuilder plan;
  plan.service("s", 9001);
  for (const std::string_view pattern :
       {"GET /orders/{id}", "POST /orders", "GET /orders/new", "/orders/**", "/stock/**", "/", "GET /a/{x}/c",
        "GET /a/b/{y}", "GET /a/{x}/{z}", "HEAD /orders/new", "PURGE /cache/{key}", "DELETE,PUT /orders/{id}"}) {
    plan.route(pattern, "s");
  }
  return plan;
}

}  // namespace

TEST_CASE("the most specific path wins") {
  const auto router = compile(shop().build());
  struct Row {
    std::string_view name, method, path, route;
  };
  for (const Row& row : {
           Row{"variable", "GET", "/orders/7", "GET /orders/{id}"},
           {"literal over variable", "GET", "/orders/new", "GET /orders/new"},
           {"a method that the literal lacks falls through", "DELETE", "/orders/new", "DELETE,PUT /orders/{id}"},
           {"rest behind a variable", "GET", "/orders/7/items", "/orders/**"},
           {"rest takes what no method takes", "PATCH", "/orders/7", "/orders/**"},
           {"rest matches nothing too", "GET", "/stock", "/stock/**"},
           {"rest matches a slash", "GET", "/stock/", "/stock/**"},
           {"rest does not match a longer word", "GET", "/stocks", ""},
           {"root", "GET", "/", "/"},
           {"literal first, then back to the variable", "GET", "/a/b/c", "GET /a/b/{y}"},
           {"back out of a literal that leads nowhere", "GET", "/a/q/c", "GET /a/{x}/c"},
           {"two variables", "GET", "/a/q/r", "GET /a/{x}/{z}"},
           {"a variable is never empty", "GET", "/orders/", "/orders/**"},
           {"HEAD of its own", "HEAD", "/orders/new", "HEAD /orders/new"},
           {"HEAD by GET", "HEAD", "/orders/7", "GET /orders/{id}"},
           {"a method of one's own", "PURGE", "/cache/k", "PURGE /cache/{key}"},
           {"a method of nobody", "BREW", "/cache/k", ""},
           {"case matters", "GET", "/Orders/7", ""},
           {"the server itself is no path", "OPTIONS", "*", ""},
       }) {
    CAPTURE(row.name);
    CHECK(chosen(router, {.method = std::string(row.method), .path = std::string(row.path)}) == row.route);
  }
}

TEST_CASE("the path's variables are views into it, in order") {
  const auto router = compile(shop().build());
  const Asked asked{.path = "/a/q/r"};
  const auto match = router.match(asked.query_of());
  REQUIRE(match);
  REQUIRE(match.captures.size == 2);
  CHECK(match.captures.values[0] == "q");
  CHECK(match.captures.values[0].data() == asked.path.data() + 3);
  CHECK(match.captures.values[1] == "r");
  CHECK(router.variables(match.index) == std::vector<std::string>{"x", "z"});
  const Asked rest{.path = "/stock/a/b"};
  CHECK(router.match(rest.query_of()).captures.rest == "a/b");
}

TEST_CASE("a missing method is told apart from a missing path") {
  const auto router = compile(shop().build());
  CHECK(router.allowed(Asked{.method = "BREW", .path = "/cache/k"}.query_of()) == "PURGE");
  CHECK(router.allowed(Asked{.method = "POST", .path = "/a/b/c"}.query_of()) == "GET, HEAD");
  CHECK(router.allowed(Asked{.method = "POST", .path = "/nowhere"}.query_of()).empty());
}

TEST_CASE("hosts decide before paths: exact, then the longest suffix, then any") {
  test::PlanBuilder plan;
  plan.service("s", 9001);
  const auto at = [&](std::string host, std::string path) {
    plan.route(path, "s").last_route([&](model::Route& route) {
      route.id = host + " " + path;
      route.host = host;
    });
  };
  at("api.shop.example", "/**");
  at("*.shop.example", "/**");
  at("*.eu.shop.example", "/**");
  at("", "/orders");
  at("", "/**");
  const auto router = compile(plan.build());
  struct Row {
    std::string_view host, path, route;
  };
  for (const Row& row : {
           Row{"api.shop.example", "/orders", "api.shop.example /**"},
           {"api.shop.example:8080", "/orders", "api.shop.example /**"},
           {"x.shop.example", "/orders", "*.shop.example /**"},
           {"x.y.shop.example", "/orders", "*.shop.example /**"},
           {"x.eu.shop.example", "/orders", "*.eu.shop.example /**"},
           {"eu.shop.example", "/orders", "*.shop.example /**"},
           {"shop.example", "/orders", " /orders"},
           {"evilshop.example", "/x", " /**"},
           {"[::1]:8080", "/x", " /**"},
           {"", "/orders", " /orders"},
       }) {
    CAPTURE(row.host);
    CHECK(chosen(router, {.host = std::string(row.host), .path = std::string(row.path)}) == row.route);
  }
}

TEST_CASE("more conditions win, and a route whose condition fails is passed over") {
  test::PlanBuilder plan;
  plan.service("s", 9001);
  const auto when = [&](std::string id, std::vector<model::Condition> conditions) {
    plan.route("GET /a", "s").last_route([&](model::Route& route) {
      route.id = id;
      route.conditions = conditions;
    });
  };
  using In = model::Condition::In;
  when("plain", {});
  when("beta", {{In::header, "x-beta", std::nullopt}});
  when("beta two", {{In::header, "x-beta", "2*"}});
  when("beta and page", {{In::header, "x-beta", std::nullopt}, {In::query, "page", "a b"}});
  const auto router = compile(plan.build());
  const auto ask = [&](std::string query, std::vector<std::string> beta) {
    Asked asked{.path = "/a", .query = query};
    for (const auto& value : beta) asked.headers.add("X-Beta", value);
    return chosen(router, asked);
  };
  CHECK(ask("", {}) == "plain");
  CHECK(ask("page=a+b", {}) == "plain");
  CHECK(ask("", {"1"}) == "beta");
  CHECK(ask("", {"21"}) == "beta two");
  CHECK(ask("", {"1", "20"}) == "beta two");
  CHECK(ask("x=1&page=a%20b", {"1"}) == "beta and page");
}

TEST_CASE("a path where only a condition stands in the way is not found, and not a wrong method") {
  test::PlanBuilder plan;
  plan.service("s", 9001).route("GET /a", "s").last_route([](model::Route& route) {
    route.conditions = {{model::Condition::In::header, "x-beta", std::nullopt}};
  });
  const auto router = compile(plan.build());
  CHECK(router.allowed(Asked{.path = "/a"}.query_of()).empty());
  CHECK(router.allowed(Asked{.method = "POST", .path = "/a"}.query_of()) == "GET, HEAD");
}

namespace {

// The rule of the router's head comment, spelled out route by route.
struct Oracle {
  const model::Plan& plan;

  static std::optional<std::vector<int>> path_rank(std::string_view pattern, std::string_view path) {
    const auto want = text::split(pattern.substr(1), '/');
    const auto have = text::split(path.substr(1), '/');
    std::vector<int> rank;
    std::size_t i = 0;
    for (; i < want.size(); ++i) {
      if (want[i] == "**") {
        rank.push_back(2);
        return rank;
      }
      if (i >= have.size()) return std::nullopt;
      const bool variable = want[i].starts_with('{');
      if (variable ? have[i].empty() : want[i] != have[i]) return std::nullopt;
      rank.push_back(variable ? 1 : 0);
    }
    if (i != have.size()) return std::nullopt;
    rank.push_back(-1);  // ends here: before a /** that matches nothing
    return rank;
  }
  static std::optional<int> host_rank(const std::string& want, std::string_view have) {
    if (want.empty()) return 1'000;
    if (!want.starts_with("*.")) return want == have ? std::optional(0) : std::nullopt;
    const std::string_view suffix = std::string_view(want).substr(1);
    if (have.size() <= suffix.size() || !have.ends_with(suffix)) return std::nullopt;
    return 500 - static_cast<int>(suffix.size());
  }
  static std::optional<int> method_rank(const model::Route& route, const std::string& method) {
    const auto names = [&](std::string_view m) { return std::ranges::find(route.methods, m) != route.methods.end(); };
    if (route.methods.empty()) return 2;
    if (names(method)) return 0;
    return method == "HEAD" && names("GET") ? std::optional(1) : std::nullopt;
  }
  [[nodiscard]] std::string chosen(const Asked& asked) const {
    using Rank = std::tuple<int, std::vector<int>, int, int>;
    std::optional<Rank> best;
    std::string id;
    for (const auto& route : plan.routes) {
      const auto host = host_rank(route.host, asked.host);
      const auto path = path_rank(route.path, asked.path);
      const auto method = method_rank(route, asked.method);
      if (!host || !path || !method || routing::first_unmet(route.conditions, asked.headers, asked.query)) continue;
      const Rank rank{*host, *path, -static_cast<int>(route.conditions.size()), *method};
      if (best && !(rank < *best)) continue;
      best = rank;
      id = route.id;
    }
    return id;
  }
};

template <class T>
const T& one_of(std::mt19937& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

// Few words, so that patterns overlap; one route for each (host, shape, methods, conditions).
test::PlanBuilder random_plan(std::mt19937& random) {
  test::PlanBuilder plan;
  plan.service("s", 9001);
  const std::vector<std::string> words{"a", "b", "{v}", "c"},
      hosts{"", "", "h.x.example", "*.x.example", "*.example"};
  const std::vector<std::string> methods{"", "GET ", "POST ", "HEAD "};
  std::set<std::string> seen;
  for (int i = 0; i < 60; ++i) {
    std::string path;
    const unsigned depth = random() % 4;
    for (unsigned d = 0; d < depth; ++d) {
      std::string word = one_of(random, words);
      if (word == "{v}") word = "{v" + std::to_string(d) + "}";
      path += "/" + word;
    }
    if (random() % 4 == 0) path += "/**";
    if (path.empty()) path = "/";
    const std::string host = one_of(random, hosts), method = one_of(random, methods);
    const bool condition = random() % 5 == 0;
    const std::string id = host + "|" + method + path + (condition ? "|c" : "");
    if (!seen.insert(id).second) continue;
    plan.route(method + path, "s").last_route([&](model::Route& route) {
      route.id = id;
      route.host = host;
      if (condition) route.conditions = {{model::Condition::In::header, "x-c", std::nullopt}};
    });
  }
  return plan;
}

Asked random_request(std::mt19937& random) {
  Asked asked;
  asked.method = one_of<std::string>(random, {"GET", "POST", "HEAD", "PUT"});
  asked.host = one_of<std::string>(random, {"h.x.example", "k.x.example", "a.example", "other"});
  const unsigned depth = random() % 5;
  for (unsigned d = 0; d < depth; ++d) asked.path += "/" + one_of<std::string>(random, {"a", "b", "c", "d"});
  if (asked.path.empty()) asked.path = "/";
  if (random() % 2 == 0) asked.headers.add("x-c", "1");
  return asked;
}

}  // namespace

TEST_CASE("the tree answers as a search over all routes does, in whatever order they were declared") {
  std::mt19937 random(20261124);
  for (int round = 0; round < 60; ++round) {
    const auto built = random_plan(random).build();
    auto shuffled = std::make_shared<model::Plan>(*built);
    std::ranges::shuffle(shuffled->routes, random);
    const auto router = compile(built);
    const auto other = compile(shuffled);
    const Oracle oracle{*built};
    for (int i = 0; i < 200; ++i) {
      const Asked asked = random_request(random);
      CAPTURE(asked.method);
      CAPTURE(asked.host);
      CAPTURE(asked.path);
      const std::string expected = oracle.chosen(asked);
      REQUIRE(chosen(router, asked) == expected);
      REQUIRE(chosen(other, asked) == expected);
    }
  }
}
