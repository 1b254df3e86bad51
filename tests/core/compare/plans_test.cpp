// Each change between two configs, with its grade, through config::load as a user's files would go.
#include "compare/plans.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "compare/values.h"
#include "core/compare/lines.h"
#include "core/config/world.h"
#include "model/plan_json.h"

using namespace apigw;
using apigw::testing::joined;
using apigw::testing::lines;
using config::testing::World;
using Lines = std::vector<std::string>;

namespace {

struct Loaded {
  World world;
  config::Loaded loaded;
  explicit Loaded(const std::string& text) : world(text + "apigw: 1\n"), loaded(world.load()) {
    INFO(diag::render(loaded.report, loaded.sources, diag::Format::full, false));
    REQUIRE(loaded.plan != nullptr);
  }
  [[nodiscard]] compare::Side side() const {
    return {loaded.plan, [this](const std::string& path) { return world.files.read(path, 1 << 20).value_or(""); }};
  }
};

Lines compared(const std::string& before, const std::string& after) {
  const Loaded a(before), b(after);
  return lines(compare::compare_plans(a.side(), b.side()));
}

const std::string shop = "services: { a: http://127.0.0.1:1, b: http://127.0.0.1:2 }\n";

// A file of a world, as one of its directives.
std::string file(std::string_view path, std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\n");
  return fmt::format("#! file {} {}\n", path, text);
}

std::string with_prompt(std::string_view settings, std::string_view body = "{{text}}") {
  return file("prompts/mood.prompt", fmt::format("---\nmodel: chat\n{}---\n{}\n", settings, body)) +
         "models: { chat: mock/chat }\n";
}

std::string operation(std::string_view said) {
  return file("o.yaml",
              fmt::format("openapi: 3.1.0\npaths:\n  /a:\n    post:\n      operationId: make\n      {}\n  /b:\n"
                          "    get: {{ operationId: {} }}\n",
                          said, said.size())) +
         shop + "routes: { POST /a: { to: a, operation: o.yaml#make } }\n";
}

}  // namespace

TEST_CASE("order, comments and flow are no difference") {
  CHECK(compared(shop + "routes: { GET /a: a, GET /b: b }\nmodels: { x: mock/x }\n",
                 "models:\n  x: [mock/x]   # the mock\nroutes:\n  GET /b: { to: b }\n  GET /a: a\nservices:\n  b: "
                 "http://127.0.0.1:2\n  a: { url: 'http://127.0.0.1:1' }\n")
            .empty());
}

TEST_CASE("each change of a config has its grade") {
  struct Row {
    std::string_view name;
    std::string before, after;
    Lines lines;
  };
  const auto route = [](std::string_view body) { return shop + fmt::format("routes: {{ GET /a: {} }}\n", body); };
  const Row rows[] = {
      {"a route more", shop, route("a"), {"safe + route GET /a"}},
      {"a route less", route("a"), shop, {"breaking - route GET /a"}},
      {"a route less that another answers",
       shop + "routes: { 'GET /a/{x}': a, /a/**: b }\n",
       shop + "routes: { /a/**: b }\n",
       {"risky - route GET /a/{x}"}},
      {"a variable by another name",
       shop + "routes: { '/a/{id}/{x}': { to: a, rewrite: '/{x}/{id}' } }\n",
       shop + "routes: { '/a/{name}/{id}': { to: a, rewrite: '/{id}/{name}' } }\n",
       {"cosmetic ~ route /a/{name}/{id} key: /a/{id}/{x} → /a/{name}/{id}"}},
      {"a variable by another name, and its place in a rewrite by the old one",
       shop + "routes: { '/a/{id}/{x}': { to: a, rewrite: '/{x}' } }\n",
       shop + "routes: { '/a/{x}/{id}': { to: b, rewrite: '/{x}' } }\n",
       {"risky ~ route /a/{x}/{id} to.rewrite: /{#1} → /{#0}", "risky ~ route /a/{x}/{id} to.service: a → b",
        "cosmetic ~ route /a/{x}/{id} key: /a/{id}/{x} → /a/{x}/{id}"}},
      {"methods more",
       route("a"),
       shop + "routes: { 'GET,HEAD /a': a }\n",
       {"safe ~ route GET,HEAD /a key: GET /a → GET,HEAD /a"}},
      {"any method", route("a"), shop + "routes: { /a: a }\n", {"safe ~ route /a key: GET /a → /a"}},
      {"methods more that another route had",
       shop + "routes: { GET /a/b: a, /a/**: b }\n",
       shop + "routes: { 'GET,PUT /a/b': a, /a/**: b }\n",
       {"risky ~ route GET,PUT /a/b key: GET /a/b → GET,PUT /a/b"}},
      {"a host asked for",
       route("a"),
       route("{ to: a, host: a.example }"),
       {"breaking ~ route GET /a host:  → a.example"}},
      {"another host",
       route("{ to: a, host: a.example }"),
       route("{ to: a, host: b.example }"),
       {"breaking ~ route GET /a host: a.example → b.example"}},
      {"a wider host",
       route("{ to: a, host: a.shop.example }"),
       route("{ to: a, host: '*.shop.example' }"),
       {"risky ~ route GET /a host: a.shop.example → *.shop.example"}},
      {"methods less", shop + "routes: { /a: a }\n", route("a"), {"breaking - route /a", "risky + route GET /a"}},
      {"a route before another",
       shop + "routes: { /a/**: a }\n",
       shop + "routes: { /a/**: a, GET /a/b: b }\n",
       {"risky + route GET /a/b"}},
      {"another service", route("a"), route("b"), {"risky ~ route GET /a to.service: a → b"}},
      {"auth added",
       route("{ to: a, auth: none }"),
       route("{ to: a, auth: key }"),
       {"breaking ~ route GET /a auth: [\"none\"] → [\"key\"]"}},
      {"auth taken away",
       route("{ to: a, auth: key }"),
       route("{ to: a, auth: none }"),
       {"risky ~ route GET /a auth: [\"key\"] → [\"none\"]"}},
      {"auth for all",
       route("a") + "defaults: { auth: none }\n",
       route("a") + "defaults: { auth: key }\n",
       {"breaking ~ gateway defaults auth: [\"none\"] → [\"key\"]"}},
      {"auth for all that is said no more",
       "models: { x: mock/x }\ndefaults: { auth: none }\n",
       "models: { x: mock/x }\n",
       {"breaking ~ gateway defaults auth: [\"none\"] → [\"key\"]"}},
      {"a shorter time",
       route("{ to: a, timeout: 20s }"),
       route("{ to: a, timeout: 10s }"),
       {"risky ~ route GET /a timeout_ms: 20000 → 10000"}},
      {"a longer time",
       route("{ to: a, timeout: 10s }"),
       route("{ to: a, timeout: 20s }"),
       {"safe ~ route GET /a timeout_ms: 10000 → 20000"}},
      {"a smaller body",
       route("{ to: a, body: 2MiB }"),
       route("{ to: a, body: 1MiB }"),
       {"breaking ~ route GET /a body: 2097152 → 1048576"}},
      {"a larger body",
       route("{ to: a, body: 1MiB }"),
       route("{ to: a, body: 2MiB }"),
       {"safe ~ route GET /a body: 1048576 → 2097152"}},
      {"a hidden header",
       route("{ to: a, set: { x-key: '1' } }"),
       route("{ to: a, set: { x-key: '2' } }"),
       {"risky ~ route GET /a request_headers: (hidden) → (hidden)"}},
      {"a model more", "models: { x: mock/x }\n", "models: { x: mock/x, y: mock/y }\n", {"safe + model y"}},
      {"a model less", "models: { x: mock/x, y: mock/y }\n", "models: { x: mock/x }\n", {"breaking - model y"}},
      {"a model less that a pattern takes",
       "models: { x: mock/x, g-1: mock/x, g-*: x }\n",
       "models: { x: mock/x, g-*: x }\n",
       {"risky - model g-1"}},
      {"a pattern made narrower",
       "models: { x: mock/x, g-*: x }\n",
       "models: { x: mock/x, g-5*: x }\n",
       {"breaking - model g-*", "risky + model g-5*"}},
      {"a pattern made wider",
       "models: { x: mock/x, g-5*: x }\n",
       "models: { x: mock/x, g-*: x }\n",
       {"risky + model g-*", "risky - model g-5*"}},
      {"a name out of a pattern",
       "models: { x: mock/x, g-*: x }\n",
       "models: { x: mock/x, g-*: x, g-5: x }\n",
       {"risky + model g-5"}},
      {"another target",
       "models: { x: mock/x }\n",
       "models: { x: mock/y }\n",
       {"risky ~ model x targets: [\"mock/x\"] → [\"mock/y\"]"}},
      {"a fallback more",
       "models: { x: mock/x }\n",
       "models: { x: [mock/x, mock/y] }\n",
       {"safe ~ model x targets: [\"mock/x\"] → [\"mock/x\",\"mock/y\"]"}},
      {"losses refused",
       "models: { x: { targets: mock/x } }\n",
       "models: { x: { targets: mock/x, losses: error } }\n",
       {"breaking ~ model x losses: drop → error"}},
      {"a provider elsewhere",
       "providers: { p: { dialect: openai, url: 'https://a.example/v1', key: env:K } }\n",
       "providers: { p: { dialect: openai, url: 'https://b.example/v1', key: env:K } }\n",
       {"risky ~ provider p url: https://a.example:443/v1 → https://b.example:443/v1"}},
      {"a consumer less", "consumers: { w: { key: env:W } }\n", "", {"breaking - consumer w"}},
      {"another key",
       "consumers: { w: { key: env:W } }\n",
       "consumers: { w: { key: env:V } }\n",
       {"breaking ~ consumer w key.from: env:W → env:V"}},
      {"another instance",
       shop,
       "services: { a: http://127.0.0.1:1, b: http://127.0.0.1:3 }\n",
       {"risky ~ service b instances: [\"http://127.0.0.1:2\"] → [\"http://127.0.0.1:3\"]"}},
      {"a variable",
       "services: { a: { run: x, env: { A: '1' } } }\n",
       "services: { a: { run: x, env: { A: '2' } } }\n",
       {"risky ~ service a env.A: (hidden) → (hidden)"}},
      {"a listener elsewhere",
       "listen: 127.0.0.1:8080\n",
       "listen: 127.0.0.1:9090\n",
       {"breaking - listener 127.0.0.1:8080", "risky + listener 127.0.0.1:9090"}},
      {"a shorter drain",
       "timeouts: { drain: 20s }\n",
       "timeouts: { drain: 10s }\n",
       {"risky ~ gateway timeouts drain_ms: 20000 → 10000"}},
      {"larger bodies everywhere",
       shop + "caps: { body: 1MiB }\nroutes: { GET /a: a }\n",
       shop + "caps: { body: 2MiB }\nroutes: { GET /a: a }\n",
       {"safe ~ gateway caps body: 1048576 → 2097152"}},
      {"the public name",
       "deploy: { gateway: { image: 'r/a:1', host: a.example } }\n",
       "deploy: { gateway: { image: 'r/a:1', host: b.example } }\n",
       {"breaking ~ gateway deploy host: a.example → b.example"}},
      {"a prompt more", "models: { chat: mock/chat }\n", with_prompt(""), {"safe + prompt mood"}},
      {"a prompt less", with_prompt(""), "models: { chat: mock/chat }\n", {"breaking - prompt mood"}},
      {"a prompt that is served no more",
       with_prompt(""),
       with_prompt("") + "prompts: { mood: { serve: false } }\n",
       {"breaking ~ prompt mood serve: true → false"}},
      {"a prompt's words",
       with_prompt("description: a\n"),
       with_prompt("description: b\n"),
       {"cosmetic ~ prompt mood description: a → b"}},
      {"a prompt's temperature",
       with_prompt("config: { temperature: 0 }\n"),
       with_prompt("config: { temperature: 1 }\n"),
       {"risky ~ prompt mood settings.temperature: 0.0 → 1.0"}},
      {"a line of a prompt",
       with_prompt("", "a {{text}}\nb"),
       with_prompt("", "a {{text}}\nc"),
       {"risky ~ prompt mood template[2]: b → c"}},
      {"an input that is required now",
       with_prompt("input: { schema: { text: string, \"lang?\": string } }\n", "{{text}}{{lang}}"),
       with_prompt("input: { schema: { text: string, lang: string } }\n", "{{text}}{{lang}}"),
       {"breaking ~ prompt mood input.lang: optional → required",
        "breaking ~ prompt mood input.lang.type: [\"string\",\"null\"] → string"}},
      {"a required input with a default",
       with_prompt("input: { schema: { text: string } }\n", "{{text}}"),
       with_prompt("input: { schema: { text: string, lang: string }, default: { lang: en } }\n", "{{text}}{{lang}}"),
       {"risky ~ prompt mood template[1]: {{text}} → {{text}}{{lang}}",
        "safe + prompt mood input.lang:  → {\"type\":\"string\"}"}},
      {"an output field less",
       with_prompt("output: { schema: { mood: string, why: string } }\n"),
       with_prompt("output: { schema: { mood: string } }\n"),
       {"breaking - prompt mood output.why: {\"type\":\"string\"} → "}},
      {"a word more of an output",
       with_prompt("output: { schema: { mood(enum): [a] } }\n"),
       with_prompt("output: { schema: { mood(enum): [a, b] } }\n"),
       {"risky ~ prompt mood output.mood.enum: [\"a\"] → [\"a\",\"b\"]"}},
      {"JSON instead of a text",
       with_prompt(""),
       with_prompt("output: { format: json }\n"),
       {"breaking ~ prompt mood form: text → json"}},
      {"another part of an operation's document", operation("summary: x"), operation("summary: xyz"), {}},
      {"a parameter of an operation",
       operation("summary: x"),
       operation("parameters: [{ in: query, name: n, required: true, schema: { type: string } }]"),
       {"breaking + route POST /a operation.query parameter 'n':  → required"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(joined(compared(row.before, row.after)) == joined(row.lines));
    CHECK(compared(row.after, row.after).empty());
  }
}

TEST_CASE("a changed hash of a key counts and is not shown") {
  const auto consumer = [](char digit) {
    return fmt::format("pepper: env:P\nconsumers: {{ w: {{ hash: 'hmac-sha256:{}' }} }}\n", std::string(64, digit));
  };
  CHECK(joined(compared(consumer('a'), consumer('b'))) ==
        joined(Lines{"breaking ~ consumer w hash: (hidden) → (hidden)"}));
}

TEST_CASE("each field that a Plan shows has a grade of its own") {
  const std::string mood = with_prompt("output: { schema: { a: string } }\n");
  const Loaded full(
      mood.substr(0, mood.find("models:")) +
      "listen: [{ address: 127.0.0.1:8443, tls: { cert: a.pem, key: a.key }, auth: key }]\n"
      "admin: { listen: 127.0.0.1:9, key: env:A }\nhealth: 127.0.0.1:8\npepper: env:P\n"
      "providers: { p: { dialect: openai, url: 'https://a.example/v1', key: env:K, timeout: 5s } }\n"
      "models: { x: [p/a], y-*: x, chat: x }\n"
      "services: { a: { image: 'r.example/a:1', scale: 1..2, health: /h, port: 81, calls: [b] }, b: { run: x, dir: d "
      "} }\n"
      "routes:\n  GET /a: { to: a, auth: none, timeout: 1s, set: { x-a: b }, when: { header: { x-b: c } } }\n"
      "  /o/**: { redirect: /p }\nconsumers: { w: { key: env:W } }\n");
  const compare::Json json = compare::Json::parse(model::plan_json(*full.loaded.plan, [](Span) { return ""; }));
  const auto check = [](const std::string& noun, const compare::Json& thing) {
    for (const auto& difference : compare::differences(compare::Json::object(), thing)) {
      if (difference.path == "name" || difference.path == "id" || difference.path == "address" ||
          difference.path == "file" || difference.path == "revision")
        continue;
      CHECK_MESSAGE(compare::graded(noun, difference.path), noun, " ", difference.path);
    }
  };
  for (const auto& [plural, noun] : {std::pair{"listeners", "listener"},
                                     {"routes", "route"},
                                     {"providers", "provider"},
                                     {"models", "model"},
                                     {"services", "service"},
                                     {"consumers", "consumer"},
                                     {"prompts", "prompt"}}) {
    REQUIRE_FALSE(json[plural].empty());
    for (const auto& thing : json[plural]) check(noun, thing);
  }
  for (const char* const part : {"timeouts", "caps", "admin", "health", "pepper"})
    check("gateway", compare::Json{{part, json[part]}});
}
