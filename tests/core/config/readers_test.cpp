#include "config/readers.h"

#include <doctest/doctest.h>

#include "config/expand.h"
#include "core/config/world.h"
#include "model/credential.h"

using namespace apigw;
using namespace apigw::config;
using namespace apigw::config::testing;

TEST_CASE("a limit is told from what is none") {
  for (const std::string_view good :
       {"600/minute per consumer", "20/minute per address", "100k tokens/day per team", "5 requests/10second per key",
        "4 at once per consumer", "600/minute per header:x-tenant burst 50", "1/2hours per route"}) {
    CAPTURE(good);
    CHECK_FALSE(limit_fault(good));
  }
  for (const std::string_view bad :
       {"", "600/minute", "600 per consumer", "600/fortnight per consumer", "many/minute per consumer",
        "600/minute per planet", "600 cats/minute per consumer", "4 at once", "4 at twice per key",
        "600/minute per consumer burst", "600/minute per consumer burst x", "600/minute per header:a b c"}) {
    CAPTURE(bad);
    CHECK(limit_fault(bad));
  }
}

TEST_CASE("what looks like a key is told from what does not") {
  for (const std::string_view key :
       {"sk-proj-0000000000EXAMPLE", "sk-ant-0000000000EXAMPLE", "agw_0000000000EXAMPLE", "AKIA0000000EXAMPLE00",
        "ghp_0000000000000EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "xoxb-000000000EXAMPLE",
        "AIza0000000000000000000000000EXAMPLE", "Bearer sk-0000000000000EXAMPLE",
        "kJ8dQ2mZx7Lw4Rt9Vb3Nc6Yp1Hs5Gf0AeUiOq"}) {
    CAPTURE(key);
    CHECK(model::looks_like_key(key));
  }
  for (const std::string_view fine :
       {"sk-short", "registry.shop.example/orders:1.4.2", "env:OPENAI_API_KEY_OF_PRODUCTION_1",
        "file:/run/secrets/sk-ant-key", "https://login.shop.example/a/very/long/path/that/goes/on/and/on",
        "a-long-name-of-a-service-in-lower-case-with-words",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "claude-haiku-4-5",
        "python3 -m http.server 9001", "hmac-sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}) {
    CAPTURE(fine);
    CHECK_FALSE(model::looks_like_key(fine));
  }
}

TEST_CASE("variables are substituted once") {
  const Environment environment{{"A", "one"}, {"EMPTY", ""}, {"NESTED", "${A}"}, {"YAML", "x: [1]"}};
  struct Row {
    std::string_view text, expanded;
  };
  for (const Row& row : {Row{"${A}", "one"},
                         {"a${A}b${A}", "aoneboneX"},
                         {"${B:-two}", "two"},
                         {"${EMPTY:-two}", "two"},
                         {"${EMPTY}", ""},
                         {"${NESTED}", "${A}"},
                         {"$${A}", "${A}"},
                         {"${B:-}", ""},
                         {"$A $ {A}", "$A $ {A}"},
                         {"${YAML}", "x: [1]"}}) {
    CAPTURE(row.text);
    const auto out = expand(row.text, environment);
    CHECK(out.faults.empty());
    CHECK(out.text + (row.expanded.ends_with("X") ? "X" : "") == row.expanded);
  }
  CHECK(expand("${B}", environment).faults.at(0).variable == "B");
  for (const std::string_view bad : {"${", "${}", "${A B}", "${1}", "${A:?no}", "${A-x}"}) {
    CAPTURE(bad);
    REQUIRE(expand(bad, environment).faults.size() == 1);
    CHECK(expand(bad, environment).faults[0].variable.empty());
  }
}

TEST_CASE("what a variable holds is never read as YAML") {
  World world("apigw: 1\nservices: { a: \"${URL}\" }\nroutes: { /a: a }\n");
  world.environment["URL"] = "http://127.0.0.1:1, b: http://127.0.0.1:2";
  CHECK(codes(world.load()) == "AGW301");
}

TEST_CASE("an unset variable warns validate and stops whoever needs it") {
  World world("apigw: 1\nlisten: 127.0.0.1:${PORT}\n");
  CHECK_FALSE(world.load().report.has_errors());
  CHECK(world.load().plan == nullptr);  // it hangs on the variable
  CHECK(codes(world.load()) == "AGW213");
  CHECK_FALSE(load_text("apigw: 1\nservices: { a: \"http://${HOST}\" }\nroutes: { /a: a }\n").report.has_errors());
  world.request.secrets = Secrets::optional;
  CHECK(world.load().plan == nullptr);
  world.environment["PORT"] = "9000";
  CHECK(world.load().plan->listeners[0].port == 9000);
}

TEST_CASE("URLs are taken apart or refused") {
  struct Row {
    std::string_view url, base;
    bool tls;
    std::uint16_t port;
  };
  for (const Row& row : {Row{"http://h", "", false, 80},
                         {"https://h/v1/", "/v1", true, 443},
                         {"http://[::1]:9001", "", false, 9001},
                         {"http://HOST:1/a/b", "/a/b", false, 1},
                         {"dns://reviews.internal:9003", "", false, 9003}}) {
    CAPTURE(row.url);
    const auto loaded = load_text(fmt::format("apigw: 1\nservices: {{ a: \"{}\" }}\nroutes: {{ /a: a }}\n", row.url));
    REQUIRE(loaded.plan != nullptr);
    const auto& service = loaded.plan->services[0];
    CHECK(service.instances[0].tls == row.tls);
    CHECK(service.instances[0].port == row.port);
    CHECK(service.base_path == row.base);
    CHECK(service.dns == row.url.starts_with("dns"));
  }
  for (const std::string_view bad :
       {"ftp://h", "http://", "http://h:0", "http://h:70000", "http://h:x", "http://a b", "http://h/?q=1",
        "http://h/#f", "http://h/../x", "http://h//x", "http://[::1", "http://::1:80", "http://-h",
        "http://256.1.1.1", "h:80", "dns://h", "http://1.2.3", "mock:x"}) {
    CAPTURE(bad);
    CHECK(codes(load_text(fmt::format("apigw: 1\nservices: {{ a: \"{}\" }}\nroutes: {{ /a: a }}\n", bad))) ==
          "AGW301");
  }
}

TEST_CASE("addresses to listen on are addresses with a port") {
  for (const std::string_view good : {"127.0.0.1:0", "localhost:8080", "[::1]:8080"})
    CHECK(load_text(fmt::format("apigw: 1\nlisten: \"{}\"\n", good)).plan != nullptr);
  for (const std::string_view bad :
       {"8080", ":8080", "127.0.0.1", "shop.example:80", "127.0.0.1:99999", "[::1]", "::1:80", "127.0.0.1:80:90"}) {
    CAPTURE(bad);
    CHECK(codes(load_text(fmt::format("apigw: 1\nlisten: \"{}\"\n", bad))) == "AGW302");
  }
}
