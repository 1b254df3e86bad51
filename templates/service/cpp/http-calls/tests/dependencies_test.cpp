// Calls to other services: the ids go along, and one that is away is told.

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support.h"

namespace {

const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

}  // namespace

TEST_CASE("the ids go along") {
  runtime::App other(quiet);
  runtime::Headers seen;
  other.router.add("GET", "/healthz", [&seen](const runtime::Request& request) {
    seen = request.headers;
    return runtime::Response{};
  });
  {
    Running called(other);
    const auto app = build(quiet, { {"other", runtime::Client("http://127.0.0.1:" + std::to_string(called.server.port()))} });
    Running running(*app);
    const auto answer = running.call("GET", "/dependencies", "", { {"x-request-id", "abc-1"}, {"traceparent", trace} });
    CHECK(answer.body == "{\"other\":\"up\"}\n");
  }
  CHECK(seen["x-request-id"] == "abc-1");
  CHECK(seen["traceparent"].substr(0, 35) == trace.substr(0, 35));
  CHECK(seen["traceparent"].substr(36, 16) != trace.substr(36, 16));
}

TEST_CASE("one that is away is down") {
  const auto app = build(quiet, { {"other", runtime::Client("http://127.0.0.1:1")} });
  Running running(*app);
  CHECK(running.call("GET", "/dependencies").body == "{\"other\":\"down\"}\n");
  CHECK_THROWS_AS(runtime::Client("http://127.0.0.1:1").get("/"), runtime::Problem);
}
