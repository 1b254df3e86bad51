// What a settled call costs: whose prices count, what its provider told, and where it shows.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "catalogue/table.h"
#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

// USD for a million tokens: mini 0.25 in, 2 out, 0.5 and 4 above 1,000; big 10 in, 20 out; wise 3 in, 15 out.
const catalogue::Models& prices() {
  static const auto table = catalogue::OwnTable::read(
      "openai mini - - 250000,25000,-,2000000 - >1000:500000,50000,-,4000000\n"
      "spare big - - 10000000,-,-,20000000 -\n"
      "anthropic wise - - 3000000,300000,3750000,15000000,6000000 -\n");
  REQUIRE(table);
  return (*table)->models();
}

test::PlanBuilder plan() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints();
  plan.provider("openai", 9100).provider("spare", 9200).provider("anthropic", 9300).speaks("anthropic").mock();
  plan.model("chat", {"openai/mini", "spare/big"}).model("unknown", {"openai/of-tomorrow"});
  plan.model("mini*", {"openai/"}).model("practice", {"mock/x"}).model("wise", {"anthropic/wise"});
  return plan;
}

FakeExchange call_of(std::string_view model, std::string_view more = "") {
  FakeExchange exchange("POST", "/v1/chat/completions");
  exchange.header("content-type", "application/json");
  exchange.body(fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"Hi"}}]{}}})", model, more));
  return exchange;
}

test::Script answer(std::string_view usage) {
  return test::json_reply(
      fmt::format(R"({{"id":"c1","object":"chat.completion","model":"mini","choices":[{{"index":0,"message":)"
                  R"({{"role":"assistant","content":"hello"}},"finish_reason":"stop"}}],"usage":{}}})",
                  usage));
}
constexpr std::string_view small = R"({"prompt_tokens":100,"completion_tokens":10})";

const std::string role =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hello\"}}]}\n\n";
const std::string stop = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string done = "data: [DONE]\n\n";

std::string lines_of(const std::string& page, std::string_view name) {
  std::string out;
  for (const std::string_view line : text::split(page, '\n'))
    if (line.starts_with(name)) out.append(line).append("\n");
  return out;
}

}  // namespace

TEST_CASE("the prices of the target that answered count") {
  struct Row {
    const char* what;
    const char* model;
    std::vector<test::Script> scripts;
    std::optional<std::uint64_t> cost;
  };
  const Row rows[] = {
      // 100 × 0.25 + 10 × 2 USD/M = 0.000025 + 0.00002
      {"the first target", "chat", {answer(small)}, 45'000},
      // 100 × 10 + 10 × 20 USD/M = 0.001 + 0.0002
      {"the second", "chat", {test::json_reply("{}", 503), answer(small)}, 1'200'000},
      // 1,001 × 0.50 + 1 × 4 USD/M = 0.0005005 + 0.000004
      {"a long prompt", "chat", {answer(R"({"prompt_tokens":1001,"completion_tokens":1})")}, 504'500},
      // 40 × 0.25 + 60 × 0.025 + 4 × 2 + 6 × 2 USD/M = 0.00001 + 0.0000015 + 0.000008 + 0.000012
      {"every counter",
       "chat",
       {answer(R"({"prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":60},)"
               R"("completion_tokens_details":{"reasoning_tokens":6}})")},
       31'500},
      {"the name that the client chose", "mini", {answer(small)}, 45'000},
      {"another that it chose", "mini-of-tomorrow", {answer(small)}, std::nullopt},
      {"a model without a row", "unknown", {answer(small)}, std::nullopt},
      {"a price that is not known",
       "chat",
       {answer(R"({"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cache_write_tokens":2}})")},
       std::nullopt},
      {"no usage", "chat", {answer("null")}, std::nullopt},
      {"what the provider told",
       "unknown",
       {answer(R"({"prompt_tokens":100,"completion_tokens":10,"cost":0.0125})")},
       12'500'000},
      // 40 × 3 + 20 × 0.30 + 30 × 3.75 + 10 × 15 USD/M = 0.00012 + 0.000006 + 0.0001125 + 0.00015
      {"another dialect",
       "wise",
       {test::json_reply(R"({"id":"m","type":"message","role":"assistant","model":"wise","content":[{"type":"text",)"
                         R"("text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":40,)"
                         R"("cache_read_input_tokens":20,"cache_creation_input_tokens":30,"output_tokens":10}})")},
       388'500},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    test::House house(plan(), prices());
    house.upstream.scripts = {row.scripts.begin(), row.scripts.end()};
    auto exchange = call_of(row.model);
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.status == 200);
    CHECK(outcome.charged);
    CHECK(outcome.cost == row.cost);
  }
}

TEST_CASE("the mock is free, whatever its model is called") {
  test::House house(plan(), prices());
  house.mock.scripts = {answer(small)};
  auto exchange = call_of("practice");
  const auto& outcome = house.serve(exchange);
  CHECK(outcome.cost == 0u);
}

TEST_CASE("a call that no model answered costs nothing, and is no call of unknown cost") {
  test::House house(plan(), prices());
  house.upstream.scripts = {test::json_reply("{}", 503), test::json_reply("{}", 400)};
  auto exchange = call_of("chat");
  const auto& outcome = house.serve(exchange);
  CHECK(outcome.end != End::refused);
  CHECK_FALSE(outcome.charged);
  CHECK(lines_of(house.state.metrics_text(), "apigw_cost_unknown_total{").ends_with(" 0\n"));
  auto nobody = call_of("nobody");
  CHECK_FALSE(house.serve(nobody).charged);
}

TEST_CASE("a stream is charged when its usage is known, one that was cut by what came, one that never began not") {
  const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}\n\n";
  const std::string told =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"cost\":1.5}}\n\n";
  const auto serve = [](std::vector<std::string> frames, std::optional<Error> end = {}) {
    test::House house(plan(), prices());
    auto script = test::event_stream(std::move(frames));
    script.end_error = std::move(end);
    house.upstream.scripts = {std::move(script), answer("{}")};
    auto exchange = call_of("chat", R"(,"stream":true)");
    return house.serve(exchange);
  };
  CHECK(serve({role, stop, usage, done}).cost == 45'000u);
  CHECK(serve({role, stop, told, done}).cost == 1'500'000'000u);
  const auto silent = serve({role, stop, done});
  CHECK((silent.charged && !silent.cost));
  const auto cut = serve({role}, Error{ErrorKind::closed, "c"});
  CHECK(cut.end == End::cut);
  CHECK(cut.usage.partial);
  REQUIRE(cut.cost);
  // At the prices of mini: 0.25 in, 2 out.
  CHECK(*cut.cost == cut.usage.input * 250 + cut.usage.output * 2'000);
  CHECK(*cut.cost > 0);
  const auto none = serve({}, Error{ErrorKind::closed, "c"});
  CHECK_FALSE(none.charged);
}

TEST_CASE("metrics count money by target, and calls whose cost is not known") {
  test::House house(plan(), prices());
  house.upstream.scripts = {answer(small), answer(small), answer(small), test::json_reply("{}", 503), answer(small)};
  for (const char* model : {"chat", "chat", "unknown", "chat"}) {
    auto exchange = call_of(model);
    house.serve(exchange);
  }
  const std::string page = house.state.metrics_text();
  CHECK(lines_of(page, "apigw_cost_usd_total{") ==
        "apigw_cost_usd_total{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"mini\"} 0.00009\n"
        "apigw_cost_usd_total{gen_ai_provider_name=\"spare\",gen_ai_request_model=\"big\"} 0.0012\n"
        "apigw_cost_usd_total{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"of-tomorrow\"} 0\n");
  CHECK(lines_of(page, "apigw_cost_unknown_total{") ==
        "apigw_cost_unknown_total{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"mini\"} 0\n"
        "apigw_cost_unknown_total{gen_ai_provider_name=\"spare\",gen_ai_request_model=\"big\"} 0\n"
        "apigw_cost_unknown_total{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"of-tomorrow\"} 1\n");
  const auto view = house.state.view();
  REQUIRE(view.models.size() == 3);
  CHECK(view.models[0].cost == 90'000);
  CHECK(view.models[2].cost_unknown == 1);
}

TEST_CASE("a reply tells its cost in development only, and only a cost that is known") {
  for (const bool development : {true, false}) {
    test::House house(plan().with([&](model::Plan& made) { made.development = development; }), prices());
    house.upstream.scripts = {answer(small), answer(small)};
    auto exchange = call_of("chat");
    house.serve(exchange);
    CHECK(exchange.headers.find("x-apigw-cost").value_or("none") == (development ? "0.000045" : "none"));
    auto unknown = call_of("unknown");
    house.serve(unknown);
    CHECK_FALSE(unknown.headers.has("x-apigw-cost"));
  }
}
