// nginx and HAProxy answer as apigw's router decides: random overlapping routes, and a table of calls asked of both.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/emit/random_plan.h"
#include "core/emit/random_routes.h"
#include "core/emit/shell.h"
#include "emit/emitter.h"
#include "emit/tree.h"
#include "http/target.h"
#include "render/yaml_writer.h"
#include "routing/rewrite.h"
#include "routing/router.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

render::FileTree emitted(std::string_view word, const model::Plan& plan, diag::Report& report) {
  for (const RosterRow& row : roster())
    if (row.word == word) return row.emitter->emit(plan, {}, report);
  std::abort();
}

std::shared_ptr<model::Plan> plan_of(unsigned seed) {
  auto plan = std::make_shared<model::Plan>();
  plan->listeners.push_back({.host = "127.0.0.1", .port = 41001});
  for (const char* base : {"", "/base"}) {
    model::Service service{.name = fmt::format("s{}", plan->services.size()),
                           .instances = {{false, "127.0.0.1", 41002}}};
    service.base_path = base;
    plan->services.push_back(std::move(service));
  }
  add_routes(*plan, seed, 30);
  for (model::Route& route : plan->routes) route.request_headers.push_back({"x-route", std::string(1, 'r')});
  for (std::size_t i = 0; i < plan->routes.size(); ++i)
    plan->routes[i].request_headers.back().value = fmt::format("n{}", i);
  return plan;
}

// What the router and the rewriting say to a call.
Value row(const routing::Router& router, const std::string& method, const std::string& target,
          const std::string& host, const std::string& beta) {
  http::Headers headers;
  if (!beta.empty()) headers.add("beta", beta);
  const auto parsed = http::parse_target(method, target);
  const http::Target& at = parsed->target;
  const routing::Query query{method, host, at.path, at.query, &headers};
  const auto match = router.match(query);
  Value out = object({{"method", method}, {"target", target}, {"host", host}});
  put(out, "headers", beta.empty() ? object() : object({{"beta", beta}}));
  std::uint64_t status = match || router.allowed(query).empty() ? 404 : 405;
  Value echo, location;
  if (match) {
    const model::Route& route = *match.route;
    const routing::Variables variables{router.variables(match.index), match.captures};
    if (route.auth.key) {
      status = 501;
    } else if (const auto* to = std::get_if<model::ToRedirect>(&route.action)) {
      status = static_cast<std::uint64_t>(to->status);
      location = text(*routing::redirect_location(*to, at, variables));
    } else {
      const auto& service = std::get<model::ToService>(route.action);
      status = 200;
      echo = text(fmt::format(
          "n{} {}", match.index,
          *routing::upstream_target(service, router.plan().at(service.service).base_path, at, variables)));
    }
  }
  put(out, "status", number(status));
  put(out, "echo", std::move(echo));
  put(out, "location", std::move(location));
  return out;
}

Value table(const model::PlanPtr& plan) {
  const auto router = routing::Router::compile(plan);
  Value out = list();
  for (const char* path :
       {"/", "/a", "/b", "/a/", "/c", "/a/a", "/a/b", "/a/c", "/b/a", "/a/b/a", "/a/b/c", "/b/b/b/b", "/a/a/x/y"})
    for (const char* host : {"a.shop.example", "x.shop.example", "other.example"})
      for (const char* method : {"GET", "POST", "HEAD"})
        for (const char* beta : {"", "on", "v2"}) {
          const bool query = std::string_view(host) == "other.example";
          const std::string target =
              fmt::format("{}{}", path, !query || *beta == '\0' ? "" : fmt::format("?beta={}&z=1", beta));
          out.items.push_back(row(*router, method, target, host, query ? "" : beta));
        }
  out.items.push_back(row(*router, "GET", "/a%20b/%C3%A9", "other.example", ""));
  return out;
}

// A Plan of every kind of service, listener and route, its files of certificates being `folder`'s.
RandomPlan judged_plan(unsigned seed, const fs::path& folder) {
  RandomPlan made(seed);
  if (made.plan.services.empty())
    made.plan.services.push_back({.name = "one", .instances = {{false, "10.1.2.3", 80}}});
  for (model::Listener& listener : made.plan.listeners)
    if (listener.tls) listener.tls = model::TlsFiles{folder / "a.pem", folder / "a.pem.key"};
  unsigned n = seed;
  for (model::Service& service : made.plan.services) {
    // nginx looks names up when it starts, and these are nobody's
    for (model::Origin& at : service.instances)
      if (at.host == "reviews.internal") at.host = "localhost";
    if (++n % 2 == 0) service.outbound.ca_file = folder / "a.pem";
    if (n % 3 == 0) service.outbound.client_cert_file = folder / "a.pem";
    if (n % 3 == 0) service.outbound.client_key_file = folder / "a.pem.key";
    if (n % 5 == 0) service.outbound.verify = false;
    if (n % 4 == 0) service.base_path = "/v 1$";
  }
  made.plan.routes.clear();
  add_routes(made.plan, seed, 1 + seed % 30);
  return made;
}

// Services beside a proxy are names that it looks up when it starts, and here nobody knows them.
std::string known_here(std::string text, const model::Plan& plan) {
  for (const model::Service& service : plan.services) {
    const std::string name = fmt::format(" {}:", object_name(service.name));
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
      text.replace(at, name.size(), " 127.0.0.1:");
  }
  return text;
}

// Files of random Plans, which the program only reads; `command` does so in the folder $1, and prints `fine` alone.
void judge(const std::string& program, const std::string& file, const std::string& command, const std::string& fine) {
  const fs::path root = fs::temp_directory_path() / fmt::format("apigw-emit-{}-t-{}", program, getpid());
  fs::create_directories(root);
  int status = -1;
  const std::string keys =
      shell(fmt::format("cd {} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                        "-subj /CN=localhost -keyout a.pem.key -out a.pem",
                        root.string()),
            status);
  REQUIRE_MESSAGE(status == 0, keys);
  const unsigned count = plans(program, 20);
  for (unsigned seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    diag::Report report;
    const RandomPlan made = judged_plan(seed, root);
    const auto tree = emitted(program, made.plan, report);
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    const fs::path folder = root / std::to_string(seed);
    fs::create_directories(folder);
    std::ofstream(folder / file, std::ios::binary) << known_here(tree.at(file).content, made.plan);
    std::ofstream(folder / "nginx.conf", std::ios::binary)
        << fmt::format("pid {0}/pid; error_log stderr; events {{}} http {{ access_log off; include {0}/{1}; }}",
                       folder.string(), file);
  }
  const std::string out = shell(fmt::format("cd {} && printf '%s\\0' */ | xargs -0 -n 1 -P 2 sh -c 'said=$({} 2>&1); "
                                            "[ \"$said\" = \"{}\" ] || echo \"$1: $said\"' _",
                                            root.string(), command, fine),
                                status);
  CHECK_MESSAGE((status == 0 && out.empty()), out.substr(0, 6000));
  fs::remove_all(root);
}

void ask(const std::string& program, const std::string& word) {
  const fs::path root = fs::temp_directory_path() / fmt::format("apigw-emit-{}-{}", program, getpid());
  for (unsigned seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    const auto plan = plan_of(seed);
    const fs::path folder = root / std::to_string(seed);
    fs::create_directories(folder);
    diag::Report report;
    const auto tree = emitted(word, *plan, report);
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    for (const auto& [path, file] : tree) std::ofstream(folder / path, std::ios::binary) << file.content;
    std::ofstream(folder / "table.json", std::ios::binary) << render::write_pretty_json(table(plan));
    int status = -1;
    const std::string out = shell(fmt::format("/usr/bin/python3 {}/tests/core/emit/proxy_check.py {} {}",
                                              APIGW_SOURCE_DIR, program, folder.string()),
                                  status);
    CHECK_MESSAGE(status == 0, out.substr(0, 4000));
    CHECK(out.contains("asked "));
  }
  fs::remove_all(root);
}

}  // namespace

TEST_CASE("nginx answers a table of calls as the router decides") {
  if (!apigw::test::has_program("nginx")) APIGW_SKIP("needs nginx");
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3");
  ask("nginx", "nginx");
}

TEST_CASE("HAProxy answers a table of calls as the router decides") {
  if (!apigw::test::has_program("haproxy")) APIGW_SKIP("needs haproxy");
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3");
  ask("haproxy", "haproxy");
}

TEST_CASE("random plans are files that nginx takes") {
  if (!apigw::test::has_program("nginx")) APIGW_SKIP("needs nginx");
  if (!apigw::test::has_program("openssl")) APIGW_SKIP("needs openssl");
  judge("nginx", "apigw.conf", "nginx -t -q -p $1 -c $PWD/$1/nginx.conf", "");
}

TEST_CASE("random plans are files that HAProxy takes") {
  if (!apigw::test::has_program("haproxy")) APIGW_SKIP("needs haproxy");
  if (!apigw::test::has_program("openssl")) APIGW_SKIP("needs openssl");
  judge("haproxy", "haproxy.cfg", "haproxy -c -f $1/haproxy.cfg", "Configuration file is valid");
}

TEST_CASE("a proxy's file opens no route that wants a key, and is the same twice") {
  for (const char* word : {"nginx", "haproxy"})
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(word);
      CAPTURE(seed);
      const auto plan = plan_of(seed);
      for (model::Route& route : plan->routes) route.auth = {.none = false, .key = true, .where = {}};
      diag::Report report, again;
      const auto tree = emitted(word, *plan, report);
      REQUIRE_FALSE(report.has_errors());
      for (const auto& [path, file] : tree) {
        if (path == "README.md") continue;
        CHECK_FALSE(file.content.contains("proxy_pass"));
        CHECK_FALSE(file.content.contains("\n    server "));
        CHECK_FALSE(file.content.contains("308"));
      }
      const bool same = tree == emitted(word, *plan, again);
      CHECK(same);
    }
}
