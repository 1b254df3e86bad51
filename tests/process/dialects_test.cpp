// Clients of one dialect and providers of the other, over sockets and through the real binary.
#include <csignal>
#include <thread>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/ioctl.h>

#include "support/serving.h"

namespace {

using namespace support;
using namespace std::chrono_literals;

constexpr std::string_view config = R"(apigw: 1
listen: 127.0.0.1:{port}
defaults: { auth: key }
providers:
  up: { dialect: DIALECT, url: "{up}/v1", key: env:UPSTREAM_KEY, connections: 4000 }
models:
  MODEL: up/MODEL
  practice: mock/small
consumers:
  tester: { key: env:GATEWAY_KEY }
)";

std::string config_of(std::string_view dialect, std::string_view model) {
  std::string text(config);
  text.replace(text.find("DIALECT"), 7, dialect);
  for (auto at = text.find("MODEL"); at != std::string::npos; at = text.find("MODEL")) text.replace(at, 5, model);
  return text;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::string_view far_config = R"(apigw: 1
listen: 127.0.0.1:{port}
defaults: { auth: key }
providers:
  far: { dialect: DIALECT, url: "{up}", key: env:GATEWAY_KEY }
models:
  practice: far/practice
consumers:
  tester: { key: env:GATEWAY_KEY }
)";

std::string far_config_of(std::string_view dialect) {
  std::string text(far_config);
  text.replace(text.find("DIALECT"), 7, dialect);
  return text;
}

// One gateway whose mock speaks OpenAI's dialect, and one whose provider that gateway is, in `dialect` below `base`.
struct TwoGateways {
  TwoGateways(std::string_view dialect, std::string_view base)
      : far{far_config_of(dialect), fmt::format("http://127.0.0.1:{}{}", near.port(), base)} {}

  LoadUpstream unused;
  Serving near{config_of("openai", "unused"), unused.url()};
  Serving far;
};

Reply ask(const Serving& serving, std::string_view target, const std::string& body) {
  return request(serving.port(), "POST", target,
                 {"x-api-key: " + std::string(test_key), "content-type: application/json"}, body);
}

}  // namespace

TEST_CASE("hundreds of translated streams arrive whole and unmixed, in either direction") {
  struct Row {
    std::string_view name, dialect, form;
  };
  for (const Row& row : {Row{"Anthropic clients, OpenAI provider", "openai", "messages"},
                         Row{"OpenAI clients, Anthropic provider", "anthropic", "streams"}}) {
    CAPTURE(row.name);
    LoadUpstream upstream;
    Serving serving{config_of(row.dialect, "tok-100-10"), upstream.url()};
    const std::string streams = sanitized ? "50" : "300";
    const std::string told = run_load(
        {std::string(row.form), std::to_string(serving.port()), streams, "100", "10", std::string(test_key)}, 120s);
    CHECK_MESSAGE(told.find(fmt::format("\"ok\":{},\"failed\":0", streams)) != std::string::npos, told);
  }
}

TEST_CASE("a translated stream whose provider resets ends in the client's error and no end") {
  LoadUpstream upstream;
  const std::string body =
      R"({"model":"die-3","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"t"}]})";
  {
    Serving serving{config_of("openai", "die-3"), upstream.url()};
    const Reply reply = ask(serving, "/v1/messages", body);
    CHECK(holds(reply.body, "t:2 "));
    CHECK(holds(reply.body, "event: error"));
    CHECK_FALSE(holds(reply.body, "message_stop"));
  }
  {
    Serving serving{config_of("openai", "die-3"), upstream.url()};
    const Reply reply = ask(serving, "/v1/responses", R"({"model":"die-3","stream":true,"input":"t"})");
    CHECK(holds(reply.body, "t:2 "));
    CHECK(holds(reply.body, "event: error"));
    CHECK_FALSE(holds(reply.body, "response.completed"));
  }
  for (const bool events : {true, false}) {
    Serving serving{config_of("openai", "die-3"), upstream.url()};
    const Reply reply =
        ask(serving, fmt::format("/v1beta/models/die-3:streamGenerateContent{}", events ? "?alt=sse" : ""),
            R"({"contents":[{"role":"user","parts":[{"text":"t"}]}]})");
    CHECK(holds(reply.body, R"("text":"t:2 ")"));
    CHECK(holds(reply.body, events ? "data: {\"error\":" : ",\n{\"error\":"));
    CHECK_FALSE(holds(reply.body, "finishReason"));
    CHECK_FALSE(reply.body.ends_with("]"));
  }
  Serving serving{config_of("anthropic", "die-3"), upstream.url()};
  const Reply reply = ask(serving, "/v1/chat/completions", body);
  CHECK(holds(reply.body, "t:2 "));
  CHECK(holds(reply.body, "data: {\"error\":"));
  CHECK_FALSE(holds(reply.body, "[DONE]"));
}

TEST_CASE("a client that is slow to read gets all of a stream that broke, and the error behind it") {
  LoadUpstream upstream;
  Serving serving{config_of("openai", "die-3"), upstream.url()};
  const std::string body =
      R"({"model":"die-3","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"t"}]})";
  Connection client(serving.port());
  client.send(
      fmt::format("POST /v1/messages HTTP/1.1\r\nhost: h\r\nx-api-key: {}\r\ncontent-type: application/json\r\n"
                  "content-length: {}\r\n\r\n{}",
                  test_key, body.size(), body));
  const auto waiting = [&] {  // bytes that the kernel holds for the client
    int bytes = 0;
    return ioctl(client.fd(), FIONREAD, &bytes) == 0 ? bytes : 0;
  };
  // Everything is sent and the provider has gone, before the first byte is read.
  int before = -1;
  CHECK(eventually([&] {
    const int now = waiting();
    std::this_thread::sleep_for(200ms);
    return now > 0 && std::exchange(before, now) == now;
  }));
  const std::string all = client.read_all();
  CHECK(holds(all, "t:0 "));
  CHECK(holds(all, "t:2 "));
  CHECK(holds(all, "event: error"));
  CHECK_FALSE(holds(all, "message_stop"));
  CHECK_FALSE(all.ends_with("\r\n0\r\n\r\n"));
}

TEST_CASE("the mock answers Anthropic clients plainly, streamed, with tools and with a schema") {
  LoadUpstream upstream;
  Serving serving{config_of("openai", "unused"), upstream.url()};
  const auto body = [](std::string_view more) {
    return fmt::format(R"({{"model":"practice","max_tokens":99,"messages":[{{"role":"user","content":"Hello"}}]{}}})",
                       more);
  };
  const Reply plain = ask(serving, "/v1/messages", body(""));
  CHECK(plain.status == 200);
  CHECK(holds(plain.body, R"("type":"message")"));
  CHECK(holds(plain.body, R"("stop_reason":"end_turn")"));
  CHECK(plain.headers.at("x-apigw-mock") == "1");
  CHECK(plain.headers.at("x-apigw-model") == "practice");
  const Reply streamed = ask(serving, "/v1/messages", body(R"(,"stream":true)"));
  CHECK(holds(streamed.body, "event: message_start"));
  CHECK(streamed.body.ends_with("\"message_stop\"}\n\n"));
  const Reply tool = ask(serving, "/v1/messages",
                         body(R"(,"tools":[{"name":"weather","input_schema":{"type":"object","properties":)"
                              R"({"city":{"type":"string"}},"required":["city"]}}],"tool_choice":{"type":"any"})"));
  CHECK(holds(tool.body, R"("type":"tool_use")"));
  CHECK(holds(tool.body, R"("stop_reason":"tool_use")"));
  const Reply schema = ask(serving, "/v1/messages",
                           body(R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object",)"
                                R"("properties":{"age":{"type":"integer"}},"required":["age"]}}})"));
  CHECK(holds(schema.body, R"(\"age\")"));
}

TEST_CASE("the mock answers Responses clients plainly, streamed, with tools and with a schema") {
  LoadUpstream upstream;
  Serving serving{config_of("openai", "unused"), upstream.url()};
  const auto body = [](std::string_view more) {
    return fmt::format(R"({{"model":"practice","input":"Hello"{}}})", more);
  };
  const Reply plain = ask(serving, "/v1/responses", body(R"(,"instructions":"Be short.")"));
  CHECK(plain.status == 200);
  CHECK(holds(plain.body, R"("object":"response")"));
  CHECK(holds(plain.body, R"("status":"completed")"));
  CHECK(holds(plain.body, R"("type":"output_text")"));
  CHECK(plain.headers.at("x-apigw-mock") == "1");
  CHECK(plain.headers.at("x-apigw-model") == "practice");
  const Reply streamed = ask(serving, "/v1/responses", body(R"(,"stream":true)"));
  CHECK(streamed.body.starts_with("event: response.created\n"));
  CHECK(holds(streamed.body, "event: response.output_text.delta"));
  CHECK(holds(streamed.body, "event: response.completed"));
  CHECK(holds(streamed.body, R"("total_tokens":)"));
  CHECK_FALSE(holds(streamed.body, "[DONE]"));
  const Reply tool = ask(serving, "/v1/responses",
                         body(R"(,"tools":[{"type":"function","name":"weather","parameters":{"type":"object",)"
                              R"("properties":{"city":{"type":"string"}},"required":["city"]}}],)"
                              R"("tool_choice":"required")"));
  CHECK(holds(tool.body, R"("type":"function_call")"));
  CHECK(holds(tool.body, R"("name":"weather")"));
  const Reply schema = ask(serving, "/v1/responses",
                           body(R"(,"text":{"format":{"type":"json_schema","name":"person","schema":)"
                                R"({"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}})"));
  CHECK(holds(schema.body, R"(\"age\")"));
  const Reply stored = ask(serving, "/v1/responses", body(R"(,"previous_response_id":"resp_1")"));
  CHECK(stored.status == 400);
  CHECK(holds(stored.body, R"({"error":{"message":"'previous_response_id')"));
}

TEST_CASE("the mock answers Gemini clients plainly, streamed, as an array, with tools and with a schema") {
  LoadUpstream upstream;
  Serving serving{config_of("openai", "unused"), upstream.url()};
  const auto body = [](std::string_view more) {
    return fmt::format(R"({{"contents":[{{"role":"user","parts":[{{"text":"Hello"}}]}}]{}}})", more);
  };
  const std::string model = "/v1beta/models/practice:";
  const Reply plain =
      ask(serving, model + "generateContent", body(R"(,"systemInstruction":{"parts":[{"text":"Be short."}]})"));
  CHECK(plain.status == 200);
  CHECK(holds(plain.body, R"("role":"model"},"finishReason":"STOP")"));
  CHECK(holds(plain.body, R"("totalTokenCount":)"));
  CHECK(plain.headers.at("x-apigw-mock") == "1");
  CHECK(plain.headers.at("x-apigw-model") == "practice");
  const Reply streamed = ask(serving, model + "streamGenerateContent?alt=sse", body(""));
  CHECK(streamed.body.starts_with("data: {\"candidates\":["));
  CHECK(holds(streamed.body, R"("finishReason":"STOP")"));
  CHECK(holds(streamed.body, R"("totalTokenCount":)"));
  CHECK_FALSE(holds(streamed.body, "[DONE]"));
  const Reply array = ask(serving, model + "streamGenerateContent", body(""));
  CHECK(array.headers.at("content-type") == "application/json");
  CHECK(array.body.starts_with("[{\"candidates\":["));
  CHECK(array.body.ends_with("}]"));
  const Reply tool = ask(serving, model + "generateContent",
                         body(R"(,"tools":[{"functionDeclarations":[{"name":"weather","parameters":{"type":"OBJECT",)"
                              R"("properties":{"city":{"type":"STRING"}},"required":["city"]}}]}],)"
                              R"("toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"));
  CHECK(holds(tool.body, R"("functionCall":{"id":")"));
  CHECK(holds(tool.body, R"("name":"weather","args":{"city":)"));
  const Reply schema = ask(serving, model + "generateContent",
                           body(R"(,"generationConfig":{"responseMimeType":"application/json","responseSchema":)"
                                R"({"type":"OBJECT","properties":{"age":{"type":"INTEGER"}},"required":["age"]}})"));
  CHECK(holds(schema.body, R"(\"age\")"));
  const Reply counted = ask(serving, model + "countTokens", body(""));
  CHECK(counted.headers.at("x-apigw-estimate") == "1");
  CHECK(holds(counted.body, R"({"totalTokens":)"));
  const Reply kept = ask(serving, model + "generateContent", body(R"(,"cachedContent":"cachedContents/a")"));
  CHECK(kept.status == 400);
  CHECK(holds(kept.body, R"({"error":{"code":400,"message":"'cachedContent')"));
  CHECK(holds(kept.body, R"("status":"INVALID_ARGUMENT")"));
}

TEST_CASE(
    "Ollama's clients are answered plainly, in lines, by one prompt and with vectors, here and through a second "
    "gateway") {
  const TwoGateways gateways("ollama", "/api");
  const Serving &near = gateways.near, &far = gateways.far;
  const auto body = [](std::string_view more) {
    return fmt::format(R"({{"model":"practice","messages":[{{"role":"user","content":"Hello"}}]{}}})", more);
  };
  for (const Serving* serving : {&near, &far}) {
    CAPTURE(serving == &near);
    const Reply plain = ask(*serving, "/api/chat", body(R"(,"stream":false)"));
    CHECK(plain.status == 200);
    CHECK(plain.headers.at("x-apigw-model") == "practice");
    CHECK(holds(plain.body, R"("message":{"role":"assistant","content":")"));
    CHECK(holds(plain.body, R"("done":true,"done_reason":"stop","prompt_eval_count":)"));
    const Reply streamed = ask(*serving, "/api/chat", body(""));
    CHECK(streamed.headers.at("content-type") == "application/x-ndjson");
    CHECK(streamed.body.starts_with("{\"model\":"));
    CHECK(holds(streamed.body, "\"done\":false}\n{"));
    CHECK(holds(streamed.body, R"("done":true,"done_reason":"stop","prompt_eval_count":)"));
    CHECK_FALSE(holds(streamed.body, "data:"));
    const Reply tool = ask(*serving, "/api/chat",
                           body(R"(,"stream":false,"tools":[{"type":"function","function":{"name":"weather",)"
                                R"("parameters":{"type":"object","properties":{"city":{"type":"string"}},)"
                                R"("required":["city"]}}}])"));
    CHECK(holds(tool.body, R"("function":{"name":"weather","arguments":{"city":)"));
    const Reply schema = ask(*serving, "/api/chat",
                             body(R"(,"stream":false,"format":{"type":"object","properties":{"age":)"
                                  R"({"type":"integer"}},"required":["age"]})"));
    CHECK(holds(schema.body, R"(\"age\")"));
    const Reply prompted = ask(*serving, "/api/generate", R"({"model":"practice","prompt":"Hello"})");
    CHECK(holds(prompted.body, R"("response":")"));
    CHECK(holds(prompted.body, R"("done":true)"));
    const Reply vectors = ask(*serving, "/api/embed", R"({"model":"practice","input":["a","b"],"dimensions":8})");
    CHECK(holds(vectors.body, R"("embeddings":[[)"));
    CHECK(holds(vectors.body, R"("prompt_eval_count":2)"));
    const Reply vector = ask(*serving, "/api/embeddings", R"({"model":"practice","prompt":"a"})");
    CHECK(vector.body.starts_with(R"({"embedding":[)"));
    const Reply other = ask(*serving, "/v1/messages",
                            R"({"model":"practice","max_tokens":99,"messages":[{"role":"user","content":"Hello"}]})");
    CHECK(holds(other.body, R"("content":[{"type":"text","text":")"));
    CHECK(holds(ask(*serving, "/api/show", R"({"model":"practice"})").body, "capabilities"));
    const Reply none = ask(*serving, "/api/chat", R"({"model":"nope","messages":[]})");
    CHECK(none.status == 404);
    CHECK(none.body.starts_with(R"({"error":")"));
  }
  // Another form than OpenAI's, whose vectors it is.
  const Reply base64 =
      ask(far, "/v1/embeddings", R"({"model":"practice","input":"a","dimensions":4,"encoding_format":"base64"})");
  CHECK(holds(base64.body, R"("embedding":")"));
  CHECK(holds(base64.body, R"("total_tokens":1)"));
}

TEST_CASE(
    "Cohere's clients are answered plainly, streamed, with tools, with a schema and with rankings, here and through "
    "a second gateway") {
  const TwoGateways gateways("cohere", "");
  const Serving &near = gateways.near, &far = gateways.far;
  const auto body = [](std::string_view more) {
    return fmt::format(R"({{"model":"practice","messages":[{{"role":"user","content":"Hello"}}]{}}})", more);
  };
  for (const Serving* serving : {&near, &far}) {
    CAPTURE(serving == &near);
    const Reply plain = ask(*serving, "/v2/chat", body(""));
    CHECK(plain.status == 200);
    CHECK(plain.headers.at("x-apigw-model") == "practice");
    CHECK(holds(plain.body, R"("message":{"role":"assistant","content":[{"type":"text","text":")"));
    CHECK(holds(plain.body, R"("finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":)"));
    const Reply streamed = ask(*serving, "/v2/chat", body(R"(,"stream":true)"));
    CHECK(streamed.headers.at("content-type") == "text/event-stream");
    CHECK(streamed.body.starts_with("event: message-start\ndata: {\"type\":\"message-start\""));
    CHECK(holds(streamed.body, R"("type":"content-delta","index":0)"));
    CHECK(holds(streamed.body, R"("finish_reason":"COMPLETE","usage":)"));
    CHECK(streamed.body.ends_with("data: [DONE]\n\n"));
    const Reply tool =
        ask(*serving, "/v2/chat",
            body(R"(,"tool_choice":"REQUIRED","tools":[{"type":"function","function":{"name":"weather",)"
                 R"("parameters":{"type":"object","properties":{"city":{"type":"string"}},)"
                 R"("required":["city"]}}}])"));
    CHECK(holds(tool.body, R"("function":{"name":"weather","arguments":"{\"city\":)"));
    CHECK(holds(tool.body, R"("finish_reason":"TOOL_CALL")"));
    const Reply schema = ask(*serving, "/v2/chat",
                             body(R"(,"response_format":{"type":"json_object","json_schema":{"type":"object",)"
                                  R"("properties":{"age":{"type":"integer"}},"required":["age"]}})"));
    CHECK(holds(schema.body, R"(\"age\")"));
    const Reply other = ask(*serving, "/v1/messages",
                            R"({"model":"practice","max_tokens":99,"messages":[{"role":"user","content":"Hello"}]})");
    CHECK(holds(other.body, R"("content":[{"type":"text","text":")"));
    const Reply vectors =
        ask(*serving, "/v2/embed",
            R"({"model":"practice","texts":["a","b"],"input_type":"clustering","output_dimension":8})");
    CHECK(holds(vectors.body, R"("embeddings":{"float":[[)"));
    CHECK(holds(vectors.body, R"("billed_units":{"input_tokens":2})"));
    for (const char* path : {"/v1/rerank", "/v2/rerank"}) {
      const Reply ranked = ask(
          *serving, path, R"({"model":"practice","query":"red shoes","documents":["a hat","red shoes"],"top_n":1})");
      CHECK(ranked.status == 200);
      CHECK(holds(ranked.body, R"("results":[{"index":1,"relevance_score":)"));
      CHECK(holds(ranked.body, R"("search_units":1)"));
    }
    const Reply none = ask(*serving, "/v2/chat", R"({"model":"nope","messages":[]})");
    CHECK(none.status == 404);
    CHECK(holds(none.body, R"("message":")"));
  }
}

TEST_CASE("vectors through two gateways, in calls of a hundred inputs, are those of one call") {
  const TwoGateways gateways("gemini", "/v1beta");
  const Serving &near = gateways.near, &far = gateways.far;
  std::string inputs;
  for (int i = 0; i < 250; ++i) inputs += fmt::format("{}\"text number {}\"", i == 0 ? "" : ",", i);
  const std::string body =
      fmt::format(R"({{"model":"practice","input":[{}],"dimensions":8,"encoding_format":"base64"}})", inputs);
  const Reply direct = ask(near, "/v1/embeddings", body);
  const Reply through = ask(far, "/v1/embeddings", body);
  REQUIRE(direct.status == 200);
  REQUIRE(through.status == 200);
  const auto vectors = [](const Reply& reply) {
    std::vector<std::string> found;
    constexpr std::string_view key = R"("embedding":")";
    for (auto at = reply.body.find(key); at != std::string::npos; at = reply.body.find(key, at)) {
      at += key.size();
      found.push_back(reply.body.substr(at, reply.body.find('"', at) - at));
    }
    return found;
  };
  const auto usage = [](const Reply& reply) {
    const auto at = reply.body.find(R"("total_tokens":)");
    return at == std::string::npos ? std::string() : reply.body.substr(at, reply.body.find('}', at) - at);
  };
  CHECK(vectors(direct).size() == 250);
  CHECK(vectors(through) == vectors(direct));
  CHECK_FALSE(usage(direct).empty());
  CHECK(usage(through) == usage(direct));
  const Reply mistral = ask(near, "/mistral/v1/embeddings", R"({"model":"practice","input":"a"})");
  CHECK(holds(mistral.body, R"("object":"embedding","index":0,"embedding":[)"));
  const Reply none = ask(far, "/v1/embeddings", R"({"model":"practice","input":[1,2]})");
  CHECK(none.status == 400);
  CHECK(holds(none.body, "Gemini embeds texts alone"));
}
