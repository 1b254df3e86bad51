// Operations of OpenAI's dialect that only providers of that dialect are asked for.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using test::FakeExchange;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.endpoint("POST /v1/moderations", "openai", "moderations")
      .endpoint("POST /v1/images/generations", "openai", "images");
  plan.provider("openai", 9200, "sk-key-of-openai-here").provider("azure", 9300, "", "").speaks("azure-openai");
  plan.provider("anthropic", 9100).speaks("anthropic");
  plan.model("judge", {"openai/omni-moderation-2024-09-26"}).model("omni-moderation-latest", {"openai/other-mod"});
  plan.model("painter", {"openai/gpt-image-1"}).model("azure-painter", {"azure/painter"});
  return plan.model("claude", {"anthropic/claude-haiku-4-5"});
}

FakeExchange call_of(std::string_view path, std::string_view body) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  return std::move(exchange.body(std::string(body)));
}

const std::string judged =
    R"({"id":"modr-1","model":"omni","results":[{"flagged":false,"categories":{"violence":false}}]})";
const std::string painted =
    R"({"created":1700000000,"data":[{"b64_json":"aGk="}],"usage":{"total_tokens":100,"input_tokens":50}})";

}  // namespace

TEST_CASE("a moderation goes as it came and its answer comes back as it is, with and without a model") {
  for (
      const auto& [body, sent] :
      {std::pair(
           R"({"model":"judge","input":["a",{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]})",
           R"({"model":"omni-moderation-2024-09-26","input":["a",{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]})"),
       std::pair(R"({"input":"a"})", R"({"model":"other-mod","input":"a"})"),
       std::pair(R"({})", R"({"model":"other-mod"})"),
       std::pair(R"({"model":null,"input":"a"})", R"({"model":"other-mod","input":"a"})")}) {
    CAPTURE(body);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(judged)};
    auto exchange = call_of("/v1/moderations", body);
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->request.target == "/v1/moderations");
    CHECK(house.upstream.asked.at(0)->body == sent);
    CHECK(exchange.status == 200);
    CHECK(exchange.received == judged);
    CHECK_FALSE(outcome.usage.known);
  }
}

TEST_CASE("a picture is asked of a provider of the dialect, of Azure's deployment too") {
  for (const auto& [model, target] :
       {std::pair("painter", "/v1/images/generations"),
        std::pair("azure-painter", "/openai/deployments/painter/images/generations?api-version=2024-10-21")}) {
    CAPTURE(model);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(painted)};
    auto exchange = call_of("/v1/images/generations", fmt::format(R"({{"model":"{}","prompt":"a gate"}})", model));
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->request.target == target);
    CHECK(exchange.received == painted);
    CHECK_FALSE(outcome.usage.known);
  }
}

TEST_CASE("what cannot be served of them is said at once") {
  struct Row {
    std::string_view path, body;
    int status;
    std::string_view says;
  };
  for (const Row& row :
       {Row{"/v1/images/generations", R"({"prompt":"a gate"})", 400, "'model' must be given and be a string"},
        Row{"/v1/moderations", R"({"model":"judge","input":"x","stream":true})", 400,
            "'stream' is not served for moderations"},
        Row{"/v1/moderations", R"({"model":7,"input":"a"})", 400, "'model' must be given and be a string"},
        Row{"/v1/moderations", R"({"model":"claude","input":"a"})", 501, "does not offer moderations"},
        Row{"/v1/moderations", R"({"model":"azure-painter","input":"a"})", 501, "does not offer moderations"}}) {
    CAPTURE(row.body);
    test::House house(models());
    auto exchange = call_of(row.path, row.body);
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(exchange.received.contains(row.says));
    CHECK(house.upstream.asked.empty());
  }
}

TEST_CASE("an answer that is none of the operation is a failed attempt") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(painted)};
  auto exchange = call_of("/v1/moderations", R"({"model":"judge","input":"a"})");
  house.serve(exchange);
  CHECK(exchange.status == 502);
}
