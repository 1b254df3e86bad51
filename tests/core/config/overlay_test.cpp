#include "config/overlay.h"

#include <doctest/doctest.h>

#include "core/config/world.h"

using namespace apigw;
using namespace apigw::config;
using namespace apigw::config::testing;

namespace {

constexpr std::string_view shop = R"(apigw: 1
include: [services/*/apigw.yaml]
services: { web: http://127.0.0.1:1 }
routes: { /web: web }
)";

World with_fragment(std::string fragment) {
  World world{std::string(shop)};
  world.files.content["services/orders/apigw.yaml"] = std::move(fragment);
  return world;
}

}  // namespace

TEST_CASE("a fragment adds what belongs to it, and its paths start at its own folder") {
  World world = with_fragment(
      "services: { orders: { run: ./orders } }\nroutes: { /orders: orders }\nconsumers: { o: { key: file:key } }\n");
  const auto loaded = world.load();
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->services.size() == 2);
  CHECK(loaded.plan->services[1].run->directory == "services/orders/");
  CHECK(loaded.plan->consumers[0].key.name == "services/orders/key");
  CHECK(loaded.files == std::vector<std::string>{"apigw.yaml", "services/orders/apigw.yaml"});
}

TEST_CASE("findings in a fragment stand in the fragment, and names are checked across files") {
  const auto loaded =
      with_fragment(
          "services: { orders: { url: http://127.0.0.1:2, timeuot: 1s } }\nroutes: { /o: ordres, /w: web }\n")
          .load();
  CHECK(codes(loaded) == "AGW201 AGW322");
  for (const auto& finding : loaded.report.all())
    CHECK(loaded.sources.name(finding.where().source) == "services/orders/apigw.yaml");
}

TEST_CASE("a fragment cannot change the gateway, include more, or repeat names") {
  struct Row {
    std::string_view name, text, codes;
  };
  for (const Row& row :
       {Row{"listen", "listen: 127.0.0.1:1\n", "AGW217"},
        {"include", "include: ../../apigw.yaml\n", "AGW217"},
        {"profiles", "profiles: {}\n", "AGW217"},
        {"unknown", "servics: {}\n", "AGW201"},
        {"repeated service", "services: { web: http://127.0.0.1:2 }\n", "AGW333"},
        {"repeated route", "routes: { /web: web }\n", "AGW333"},
        {"same requests under another key", "routes: { GET   /web: web, GET /web: web }\n", "AGW331"},
        {"empty", "", ""},
        {"own version line", "apigw: 1\n", ""},
        {"no mapping", "- a\n", "AGW202"},
        {"broken", "a: [\n", "AGW105"}}) {
    CAPTURE(row.name);
    const auto loaded = with_fragment(std::string(row.text)).load();
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
  }
}

TEST_CASE("files together are bounded") {
  World world{std::string(shop)};
  for (int i = 0; i < 5; ++i)
    world.files.content[fmt::format("services/s{}/apigw.yaml", i)] = "# " + std::string(9u << 20, 'x') + "\n";
  CHECK(codes(world.load()) == "AGW114");
}

TEST_CASE("a profile replaces whole fields") {
  World world(R"(apigw: 1
listen: 127.0.0.1:1
services: { a: http://127.0.0.1:2 }
routes: { /a: a }
profiles:
  dev: { services: { a: { url: http://127.0.0.1:3, timeout: 1s } } }
  prod: { listen: 0.0.0.0:8080, defaults: { auth: key } }
)");
  CHECK(world.load().plan->listeners[0].port == 1);
  world.request.profile = "prod";
  CHECK(world.load().plan->listeners[0].port == 8080);
  CHECK(world.load().plan->profile == "prod");
  world.request.profile = "dev";
  CHECK(world.load().plan->services[0].instances[0].port == 3);
}

TEST_CASE("every profile is checked whichever is chosen, and shared findings are said once") {
  World world(R"(apigw: 1
servics: {}
profiles:
  one: { listen: 0.0.0.0:8080 }
  two: { caps: { body: much } }
)");
  for (const std::string_view profile : {"", "one", "two"}) {
    CAPTURE(profile);
    world.request.profile = profile;
    const auto loaded = world.load();
    CHECK(codes(loaded) == "AGW201 AGW203");
    CHECK(loaded.report.all().size() == 2);
  }
}

TEST_CASE("what one profile uses is not unused") {
  CHECK(load_text("apigw: 1\nproviders: { openai: {} }\nprofiles: { prod: { models: { chat: openai/x } } }\n")
            .report.all()
            .empty());
  CHECK(codes(load_text("apigw: 1\nproviders: { openai: {} }\nprofiles: { prod: { models: { chat: mock/x } } }\n")) ==
        "AGW335");
}

TEST_CASE("--set reaches fields, wins over profiles, and is judged by the same rows") {
  World world(
      "apigw: 1\nservices: { a: { url: http://127.0.0.1:2 } }\nroutes: { /a.b: a }\nmodels: { gpt-4.1: mock/a "
      "}\nprofiles: { p: { listen: 127.0.0.1:5 } }\n");
  world.request.profile = "p";
  world.request.sets = {{"listen", "127.0.0.1:7"},
                        {"caps.body", "1MiB"},
                        {"services.a.timeout", "2s"},
                        {"models.gpt-4.1", "[mock/b, mock/c]"},
                        {"routes./a.b", "{to: a, timeout: 3s}"}};
  auto loaded = world.load();
  INFO(rendered(loaded));
  REQUIRE(loaded.plan != nullptr);
  CHECK(loaded.plan->listeners[0].port == 7);
  CHECK(loaded.plan->caps.body == 1u << 20);
  CHECK(loaded.plan->services[0].timeouts.first_byte == std::chrono::seconds(2));
  CHECK(loaded.plan->models[0].targets.size() == 2);
  CHECK(loaded.plan->routes[0].timeout == std::chrono::seconds(3));
  world.request.sets = {{"caps.bdoy", "1MiB"}, {"caps.body", "much"}, {"listen.x", "1"}, {"", "1"}, {"timeouts", ""}};
  loaded = world.load();
  CHECK(codes(loaded) == "AGW201 AGW202 AGW203 AGW222");
  CHECK(loaded.sources.name(loaded.report.all()[0].where().source).starts_with("<--set "));
}

TEST_CASE("what --set has wrong is shown where it stands in it") {
  struct Row {
    std::string_view name, field, value, says;
  };
  for (const Row& row :
       {Row{"a value", "listen", "1:1", "<--set listen>:1:8: error[AGW302]: '1:1' is no address"},
        Row{"its line", "listen", "1:1", "  1 | listen=1:1\n    |        ^^^\n"},
        Row{"a field", "listn", "1", "<--set listn>:1:1: error[AGW201]: "},
        Row{"the last part of a field", "caps.bdoy", "1MiB", "<--set caps.bdoy>:1:6: error[AGW201]: "},
        Row{"its line", "caps.bdoy", "1MiB", "  1 | caps.bdoy=1MiB\n    |      ^^^^"},
        Row{"what is out of reach", "models.chat.x.y", "1", "<--set models.chat.x.y>:1:13: error[AGW222]: "},
        Row{"a list's item", "models.chat", "[mock/a, nosuch/b]", "<--set models.chat>:1:22: error[AGW321]: "},
        Row{"a block of lines", "timeouts", "\n  drain: 1x\n", "<--set timeouts>:3:10: error[AGW203]: "},
        Row{"no field", "", "1", "<--set >:1:1: error[AGW222]: "},
        Row{"a field of odd characters", "a\x1b", "1", "<--set a\\u001b>:1:1: error[AGW201]: "}}) {
    CAPTURE(row.name);
    World world("apigw: 1\nmodels: { chat: mock/a }\n");
    world.request.sets = {{std::string(row.field), std::string(row.value)}};
    const auto loaded = world.load();
    CHECK_MESSAGE(rendered(loaded).contains(row.says), rendered(loaded));
  }
  World block("apigw: 1\nmodels: { chat: mock/a }\n");
  block.request.sets = {{"timeouts", "drain: 1s\ntls: 2s\n"}};
  const auto loaded = block.load();
  REQUIRE_MESSAGE(loaded.plan != nullptr, rendered(loaded));
  CHECK(loaded.plan->timeouts.drain == std::chrono::seconds(1));
}

TEST_CASE("stdin has no folder, and a missing config is a finding with its name") {
  World world("");
  world.request.path = "-";
  world.request.text = "apigw: 1\nlisten: { address: 127.0.0.1:1, tls: { cert: c, key: k } }\n";
  CHECK(world.load().plan->listeners[0].tls->cert_file == "c");
  world.request.path = "else/apigw.yaml";
  world.request.text.reset();
  const auto loaded = world.load();
  CHECK(codes(loaded) == "AGW220");
  CHECK(rendered(loaded).find("else/apigw.yaml") != std::string::npos);
}
