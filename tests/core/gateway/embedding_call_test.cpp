// Calls for vectors: to targets of other dialects through the hub, and in several calls where the inputs are more
// than a target takes in one.
#include "gateway/embedding_call.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;
using Json = nlohmann::ordered_json;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().gemini_endpoints().ollama_endpoints().cohere_endpoints();
  plan.endpoint("POST /mistral/v1/embeddings", "mistral", "embeddings");
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("mistral", 9400, "sk-key-of-mistral-here").speaks("mistral");
  plan.provider("google", 9300, "sk-key-of-google-here", "/v1beta").speaks("gemini");
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.model("on-openai", {"openai/e"}).model("on-mistral", {"mistral/e"}).model("on-google", {"google/e"});
  plan.provider("ollama", 9500, "", "/api").speaks("ollama");
  plan.provider("cohere", 9600, "", "").speaks("cohere").model("on-cohere", {"cohere/e"});
  plan.model("on-anthropic", {"anthropic/e"}).model("on-ollama", {"ollama/e"});
  plan.model("google-first", {"google/e", "openai/e"}).model("anthropic-first", {"anthropic/e", "google/e"});
  plan.model("strict", {"google/e"}).with([](model::Plan& p) {
    for (model::Model& m : p.models) m.refuse_losses = m.name == "strict";
  });
  return plan;
}

FakeExchange call_of(std::string_view path, const std::string& body) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").body(body);
  return exchange;
}
FakeExchange openai_call(std::string_view model, const Json& input, const Json& more = Json::object()) {
  Json body = {{"model", model}, {"input", input}};
  body.update(more);
  return call_of("/v1/embeddings", body.dump());
}

// Numbered from `from`: each vector names its input.
std::string openai_reply(std::size_t from, std::size_t count, std::size_t tokens) {
  Json reply = {{"object", "list"}, {"data", Json::array()}, {"model", "e-1"}};
  for (std::size_t i = 0; i < count; ++i)
    reply["data"].push_back({{"object", "embedding"}, {"index", i}, {"embedding", {from + i, 0.5}}});
  reply["usage"] = {{"prompt_tokens", tokens}, {"total_tokens", tokens}};
  return reply.dump();
}
std::string google_reply(std::size_t from, std::size_t count) {
  Json reply = {{"embeddings", Json::array()}};
  for (std::size_t i = 0; i < count; ++i) reply["embeddings"].push_back({{"values", {from + i, 0.5}}});
  return reply.dump();
}
Json texts(std::size_t count) {
  Json list = Json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(fmt::format("t{}", i));
  return list;
}
bool in_order(const Json& data, std::size_t count) {
  if (data.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const Json& vector = data[i].contains("values") ? data[i]["values"] : data[i]["embedding"];
    if (vector[0] != i || (data[i].contains("index") && data[i]["index"] != i)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a client of each dialect gets vectors from a provider of each other") {
  struct Client {
    std::string_view name, path, model_at;
    std::string body, answer;
  };
  struct Target {
    std::string_view model, path, body, reply;
  };
  const Target targets[] = {
      {"on-openai", "/v1/embeddings", R"({"model":"e","input":["a","b"]})",
       R"({"object":"list","data":[{"index":1,"embedding":[2.50,1]},{"index":0,"embedding":[1e-2]}],"model":"e-1"})"},
      {"on-mistral", "/v1/embeddings", R"({"model":"e","input":["a","b"]})",
       R"({"id":"i","object":"list","data":[{"index":0,"embedding":[1e-2]},{"index":1,"embedding":[2.50,1]}],"model":"e-1"})"},
      {"on-google", "/v1beta/models/e:batchEmbedContents",
       R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"a"}]}},{"model":"models/e","content":{"parts":[{"text":"b"}]}}]})",
       R"({"embeddings":[{"values":[1e-2]},{"values":[2.50,1]}]})"},
      {"on-ollama", "/api/embed", R"({"model":"e","input":["a","b"]})",
       R"({"model":"e-1","embeddings":[[1e-2],[2.50,1]],"total_duration":9})"},
      {"on-cohere", "/v2/embed",
       R"({"model":"e","texts":["a","b"],"embedding_types":["float"],"input_type":"search_document"})",
       R"({"id":"i","texts":["a","b"],"embeddings":{"float":[[1e-2],[2.50,1]]}})"}};
  for (const Target& target : targets) {
    const std::string plain = fmt::format(R"({{"model":"{}","input":["a","b"]}})", target.model);
    const std::string data =
        R"("data":[{"object":"embedding","index":0,"embedding":[1e-2]},{"object":"embedding","index":1,"embedding":[2.50,1]}])";
    const Client clients[] = {
        {"openai", "/v1/embeddings", {}, plain, data},
        {"mistral", "/mistral/v1/embeddings", {}, plain, data},
        {"ollama", "/api/embed", {}, plain, R"("embeddings":[[1e-2],[2.50,1]])"},
        {"cohere",
         "/v2/embed",
         {},
         fmt::format(R"({{"model":"{}","texts":["a","b"]}})", target.model),
         R"("embeddings":{"float":[[1e-2],[2.50,1]]})"},
        {"google",
         "/v1beta/models/",
         {},
         R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]})",
         R"({"embeddings":[{"values":[1e-2]},{"values":[2.50,1]}]})"}};
    for (const Client& client : clients) {
      if (target.model.ends_with(client.name)) continue;
      CAPTURE(target.model);
      CAPTURE(client.name);
      test::House house(models());
      house.upstream.scripts = {test::json_reply(std::string(target.reply))};
      const std::string path = client.name == "google"
                                   ? fmt::format("{}{}:batchEmbedContents", client.path, target.model)
                                   : std::string(client.path);
      auto exchange = call_of(path, client.body);
      const auto& outcome = house.serve(exchange);
      CHECK(exchange.status == 200);
      REQUIRE(house.upstream.asked.size() == 1);
      CHECK(house.upstream.asked[0]->request.target == target.path);
      CHECK(house.upstream.asked[0]->request.content_length == target.body.size());
      CHECK(house.upstream.asked[0]->body == target.body);
      CHECK(exchange.received.contains(client.answer));
      CHECK(exchange.header_of("content-type") == "application/json");
      CHECK(exchange.header_of("x-apigw-model") == target.model);
      // Cohere demands what the texts are for.
      CHECK(exchange.header_of("x-apigw-loss") == (target.model == "on-cohere" ? "defaulted input_type" : ""));
      CHECK(outcome.end == End::done);
      CHECK_FALSE(outcome.usage.known);
      CHECK_FALSE(exchange.received.contains("_tokens"));
      CHECK_FALSE(exchange.received.contains("_count"));
    }
  }
}

TEST_CASE("an older call of Ollama's for one vector is answered as one, elsewhere too") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply(0, 1, 4))};
  auto exchange =
      call_of("/api/embeddings", R"({"model":"on-openai","prompt":"a","keep_alive":"1m","options":{"num_ctx":9}})");
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->body == R"({"model":"e","input":["a"]})");
  CHECK(exchange.received == R"({"embedding":[0,0.5]})");
  CHECK(exchange.header_of("x-apigw-loss") == "dropped options");
  CHECK(outcome.usage.total() == 4);
}

TEST_CASE("one input of a Gemini client is answered as one, and its settings are losses elsewhere") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply(0, 1, 4))};
  auto exchange = call_of("/v1beta/models/on-openai:embedContent",
                          R"({"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","outputDimensionality":2})");
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->body == R"({"model":"e","input":["a"],"dimensions":2})");
  CHECK(exchange.received == R"({"embedding":{"values":[0,0.5]},"usageMetadata":{"promptTokenCount":4}})");
  CHECK(exchange.header_of("x-apigw-loss") == "dropped taskType");
  CHECK(outcome.losses == 1);
  CHECK(outcome.usage.total() == 4);
}

TEST_CASE("vectors come in the form that the client asked for, whichever the provider gives") {
  const std::string base64 = R"({"data":[{"index":0,"embedding":"AACAPwAAAMA="}],"model":"e-1"})";
  struct Row {
    std::string_view name, model;
    Json more;
    std::string reply;
    Json vector;
  };
  for (const Row& row :
       {Row{"base64 of floats",
            "on-google",
            {{"encoding_format", "base64"}},
            R"({"embedding":{"values":[1,-2.0]}})",
            "AACAPwAAAMA="},
        Row{"floats of base64", "on-mistral", Json::object(), base64, {1, -2}},
        Row{"floats, asked for", "on-mistral", {{"encoding_format", "float"}}, base64, {1, -2}},
        Row{"base64 as it is", "on-mistral", {{"encoding_format", "base64"}}, base64, "AACAPwAAAMA="}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(row.reply)};
    auto exchange = openai_call(row.model, "a", row.more);
    house.serve(exchange);
    REQUIRE(exchange.status == 200);
    CHECK(Json::parse(exchange.received)["data"][0]["embedding"] == row.vector);
    const bool told = house.upstream.asked.at(0)->body.contains("encoding_format");
    CHECK(told == (row.model == "on-mistral" && !row.more.empty()));
  }
  test::House house(models());
  house.upstream.scripts = {test::json_reply(R"({"embedding":{"values":[1e999]}})")};
  auto exchange = openai_call("on-google", "a", {{"encoding_format", "base64"}});
  CHECK(house.serve(exchange).reason == "upstream_protocol");
  CHECK(exchange.status == 502);
}

TEST_CASE("more inputs than a target takes go up in several calls, and come back as one") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(google_reply(0, 100)), test::json_reply(google_reply(100, 100)),
                            test::json_reply(google_reply(200, 1))};
  auto exchange = openai_call("on-google", texts(201), {{"user", "u"}});
  const auto& outcome = house.serve(exchange);
  REQUIRE(house.upstream.asked.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& asked = *house.upstream.asked[i];
    const Json requests = Json::parse(asked.body)["requests"];
    CHECK(requests.size() == (i < 2 ? 100 : 1));
    CHECK(requests[0]["content"]["parts"][0]["text"] == fmt::format("t{}", 100 * i));
    CHECK(asked.request.target.ends_with(":batchEmbedContents"));
    CHECK(asked.request.content_length == asked.body.size());
  }
  CHECK(in_order(Json::parse(exchange.received)["data"], 201));
  CHECK(outcome.attempts == std::vector<std::string>{"google/e 200", "google/e 200", "google/e 200"});
  CHECK_FALSE(outcome.usage.known);
  CHECK(exchange.header_of("x-apigw-loss-count") == "1");
}

TEST_CASE("the usage of several calls is summed up, and unknown where one of them told none") {
  Json requests = Json::array();
  for (std::size_t i = 0; i < 2049; ++i)
    requests.push_back({{"content", {{"parts", {{{"text", fmt::format("t{}", i)}}}}}}});
  for (const bool told : {true, false}) {
    test::House house(models());
    std::string last = openai_reply(2048, 1, 3);
    if (!told) last.erase(last.find(R"(,"usage")")) += "}";
    house.upstream.scripts = {test::json_reply(openai_reply(0, 2048, 5000)), test::json_reply(last)};
    auto exchange = call_of("/v1beta/models/on-openai:batchEmbedContents", Json{{"requests", requests}}.dump());
    const auto& outcome = house.serve(exchange);
    REQUIRE(exchange.status == 200);
    const Json reply = Json::parse(exchange.received);
    CHECK(in_order(reply["embeddings"], 2049));
    CHECK(outcome.usage.known == told);
    CHECK(outcome.usage.total() == (told ? 5003 : 0));
    CHECK(reply.contains("usageMetadata") == told);
  }
}

TEST_CASE("a call of the client's own dialect with too many inputs is cut between them, and else left as it is") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply(0, 256, 500)), test::json_reply(openai_reply(256, 44, 60)),
                            test::json_reply(openai_reply(0, 256, 500))};
  const auto ask = [&](std::size_t count) {
    return call_of("/mistral/v1/embeddings",
                   fmt::format(R"({{ "unheard_of":1.0,"input": {}, "model":"on-mistral"}})", texts(count).dump()));
  };
  auto exchange = ask(300);
  const auto& outcome = house.serve(exchange);
  REQUIRE(house.upstream.asked.size() == 2);
  const std::string& second = house.upstream.asked[1]->body;
  CHECK(second.starts_with(R"({ "unheard_of":1.0,"input": ["t256","t257",)"));
  CHECK(second.ends_with(R"("t299"], "model":"e"})"));
  CHECK(Json::parse(house.upstream.asked[0]->body)["input"].size() == 256);
  const Json reply = Json::parse(exchange.received);
  CHECK(in_order(reply["data"], 300));
  CHECK(reply["usage"]["total_tokens"] == 560);
  CHECK(outcome.usage.total() == 560);
  CHECK(exchange.header_of("x-apigw-loss").empty());
  auto fits = ask(256);
  house.serve(fits);
  CHECK(house.upstream.asked.size() == 3);
  CHECK(fits.received == openai_reply(0, 256, 500));
  // What several replies say beside their vectors has one place.
  std::string first = openai_reply(0, 256, 1), last = openai_reply(256, 44, 1);
  first.insert(1, R"("notes":"a","flags":7,)");
  last.insert(1, R"("notes":"b",)");
  house.upstream.scripts = {test::json_reply(first), test::json_reply(last)};
  auto noted = ask(300);
  CHECK(house.serve(noted).losses == 1);
  CHECK(noted.received.contains(R"("notes":"a","flags":7)"));
  CHECK(noted.header_of("x-apigw-loss") == "dropped notes");

  house.upstream.scripts = {test::json_reply(google_reply(0, 100)), test::json_reply(google_reply(100, 50))};
  Json requests = Json::array();
  for (std::size_t i = 0; i < 150; ++i)
    requests.push_back({{"model", "models/on-google"}, {"content", {{"parts", Json::array()}}}, {"title", "t"}});
  auto google = call_of("/v1beta/models/on-google:batchEmbedContents", Json{{"requests", requests}}.dump());
  house.serve(google);
  REQUIRE(house.upstream.asked.size() == 7);
  const Json sent = Json::parse(house.upstream.asked[6]->body)["requests"];
  CHECK(sent.size() == 50);
  CHECK(sent[49] == Json{{"model", "models/e"}, {"content", {{"parts", Json::array()}}}, {"title", "t"}});
  CHECK(in_order(Json::parse(google.received)["embeddings"], 150));
}

TEST_CASE("a call of Cohere's with too many texts is cut where its vectors can be joined") {
  const auto reply = [](std::size_t from, std::size_t count, std::string_view type) {
    Json vectors = Json::array();
    for (std::size_t i = 0; i < count; ++i) vectors.push_back({from + i, 0.5});
    return Json{
        {"id", "i"}, {"embeddings", {{type, vectors}}}, {"meta", {{"billed_units", {{"input_tokens", count}}}}}};
  };
  const auto ask = [&](std::string_view type) {
    return call_of("/v2/embed", fmt::format(R"({{"model":"on-cohere","texts":{},"input_type":"search_query",)"
                                            R"("embedding_types":["{}"]}})",
                                            texts(100).dump(), type));
  };
  test::House house(models());
  house.upstream.scripts = {test::json_reply(reply(0, 96, "float").dump()),
                            test::json_reply(reply(96, 4, "float").dump())};
  auto exchange = ask("float");
  const auto& outcome = house.serve(exchange);
  REQUIRE(house.upstream.asked.size() == 2);
  CHECK(house.upstream.asked[1]->body ==
        R"({"model":"e","texts":["t96","t97","t98","t99"],"input_type":"search_query","embedding_types":["float"]})");
  const Json joined = Json::parse(exchange.received);
  CHECK(joined["embeddings"]["float"].size() == 100);
  CHECK(joined["embeddings"]["float"][99][0] == 99);
  CHECK(joined["meta"]["billed_units"]["input_tokens"] == 100);
  CHECK(outcome.usage.total() == 100);
  // Of whole numbers it goes as it came, and the provider has its say.
  const std::string whole = reply(0, 100, "int8").dump();
  house.upstream.scripts = {test::json_reply(whole)};
  auto other = ask("int8");
  CHECK(house.serve(other).usage.total() == 100);
  CHECK(house.upstream.asked.size() == 3);
  CHECK(other.received == whole);
}

TEST_CASE("one of several calls that fails is a failed attempt of the whole") {
  const auto good = test::json_reply(google_reply(0, 100));
  struct Row {
    std::string_view name;
    test::Script second;
    std::string attempt;
  };
  for (const Row& row :
       {Row{"a status", test::json_reply(R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})", 503),
            "google/e 503"},
        Row{"no connection", test::unreachable(), "google/e connect"},
        Row{"another number of vectors", test::json_reply(google_reply(100, 49)), "google/e protocol"},
        Row{"no vectors", test::json_reply(R"({"candidates":[]})"), "google/e protocol"}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {good, row.second, test::json_reply(openai_reply(0, 150, 9))};
    auto exchange = openai_call("google-first", texts(150));
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.status == 200);  // the next target gets all of it, with the client's own bytes
    CHECK(Json::parse(house.upstream.asked.at(2)->body)["input"].size() == 150);
    CHECK(exchange.received == openai_reply(0, 150, 9));
    CHECK(outcome.attempts == std::vector<std::string>{"google/e 200", row.attempt, "openai/e 200"});
    CHECK(outcome.usage.total() == 9);

    test::House alone(models());
    alone.upstream.scripts = {good, row.second};
    auto failed = openai_call("on-google", texts(150));
    CHECK(alone.serve(failed).usage.total() == 0);
    CHECK(failed.status >= 500);
    CHECK(Json::parse(failed.received).contains("error"));
    CHECK_FALSE(failed.received.contains("embedding"));
  }
}

TEST_CASE("what a provider says about a client's mistake in one of several calls reaches the client in its shape") {
  test::House house(models());
  house.upstream.scripts = {
      test::json_reply(google_reply(0, 100)),
      test::json_reply(R"({"error":{"code":400,"message":"text too long","status":"INVALID_ARGUMENT"}})", 400)};
  auto exchange = openai_call("google-first", texts(150));
  house.serve(exchange);
  CHECK(exchange.status == 400);
  CHECK(Json::parse(exchange.received)["error"]["message"] == "text too long");
  CHECK(house.upstream.asked.size() == 2);
}

TEST_CASE("replies of several calls are bounded together") {
  auto plan = models();
  plan.with([](model::Plan& p) { p.caps.upstream_body = 3000; });
  test::House house(plan);
  const std::string reply = google_reply(0, 100);
  CHECK((reply.size() > 1500 && reply.size() < 3000));
  house.upstream.scripts = {test::json_reply(reply), test::json_reply(reply)};
  auto exchange = openai_call("on-google", texts(200));
  CHECK(house.serve(exchange).attempts.back() == "google/e too_large");
  CHECK(exchange.status == 502);
}

TEST_CASE("a client that leaves between two calls is not asked for any further") {
  test::House house(models());
  auto paused = test::json_reply(google_reply(100, 50));
  paused.pause = true;
  house.upstream.scripts = {test::json_reply(google_reply(0, 100)), paused};
  auto exchange = openai_call("on-google", texts(250));
  house.begin(exchange);
  CHECK(house.upstream.asked.size() == 2);
  exchange.leave();
  house.upstream.go();
  CHECK(house.end().end == End::client_left);
  CHECK(house.upstream.asked.size() == 2);
}

TEST_CASE("what a target cannot be asked for goes to the next, else is refused with the reason") {
  struct Row {
    std::string_view name, model;
    Json input, more;
    int status;
    std::string_view says;
  };
  for (const Row& row :
       {Row{"no embeddings", "on-anthropic", "a", Json::object(), 501, "'anthropic' does not offer embeddings"},
        Row{"tokens", "on-google", {1, 2}, Json::object(), 400, "Gemini embeds texts alone, and 'input' is no text"},
        Row{"no input", "on-google", Json::array(), Json::object(), 400, "'input' must not be empty"},
        Row{"losses", "strict", "a", {{"user", "u"}}, 400, "'user' would be dropped"},
        Row{"too many for another dialect", "on-google", texts(3201), Json::object(), 400,
            "takes 100 in a call, and one request is spread over 32 calls at most, so 3200 inputs"},
        Row{"too much beside them",
            "on-openai",
            texts(2049),
            {{"user", std::string(65'536, 'u')}},
            400,
            "may have 65536 bytes beside them at most"},
        Row{"too many for its own", "on-openai", texts(65'537), Json::object(), 400, "65536 inputs"}}) {
    CAPTURE(row.name);
    test::House house(models());
    auto exchange = openai_call(row.model, row.input, row.more);
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(Json::parse(exchange.received)["error"]["message"].get<std::string>().contains(row.says));
    CHECK(house.upstream.asked.empty());
  }
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply(0, 1, 2)),
                            test::json_reply(R"({"embedding":{"values":[1]}})")};
  auto tokens = openai_call("google-first", Json{1, 2});
  house.serve(tokens);
  CHECK(house.upstream.asked.at(0)->body == R"({"model":"e","input":[1,2]})");
  auto second = openai_call("anthropic-first", "a");
  house.serve(second);
  CHECK(house.upstream.asked.at(1)->request.target == "/v1beta/models/e:embedContent");
  CHECK(Json::parse(second.received)["model"] == "e");
}

TEST_CASE("a reply that holds a secret of the gateway does not leave it, translated or joined") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(R"({"data":[{"embedding":[1]}],"model":"sk-key-of-openai-here"})")};
  auto exchange = call_of("/mistral/v1/embeddings", R"({"model":"on-openai","input":"a"})");
  house.serve(exchange);
  CHECK(exchange.status == 502);
  CHECK(house.upstream.asked.size() == 1);
  CHECK_FALSE(exchange.received.contains("sk-key-of-openai-here"));
}
