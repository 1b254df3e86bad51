#include <doctest/doctest.h>
#include <fmt/format.h>

#include "dialects/dialect.h"

namespace dialects = apigw::dialects;
namespace json = apigw::json;
using apigw::ErrorKind;
using State = dialects::FrameVerdict::State;

namespace {

const dialects::Dialect& openai() {
  return *dialects::find_dialect("openai");
}

apigw::Result<dialects::RequestFacts> read(std::string_view body, std::string_view operation = "chat") {
  return openai().scan_request(operation, body, json::Limits{});
}

struct Edit {
  const char* name;
  const char* body;
  const char* model;
  const char* expected;
};

const Edit edits[] = {
    {"nothing to do", R"({ "model" : "a", "x": 1.0 })", "a", R"({ "model" : "a", "x": 1.0 })"},
    {"the model's name", R"({ "model" : "a", "x": 1.0 })", "b/c", R"({ "model" : "b/c", "x": 1.0 })"},
    {"a name with a quote", R"({"model":"a"})", "b\"", R"({"model":"b\""})"},
    {"a key written with escapes", R"({"mod\u0065l":"\u0061"})", "b", R"({"mod\u0065l":"b"})"},
    {"a model deeper inside stays", R"({"metadata":{"model":"x"},"model":"a"})", "b",
     R"({"metadata":{"model":"x"},"model":"b"})"},
    {"usage is not asked for outside of streams", R"({"model":"a","stream":false})", "a",
     R"({"model":"a","stream":false})"},
    {"null for stream", R"({"model":"a","stream":null})", "a", R"({"model":"a","stream":null})"},
    {"a stream", R"({"model":"a","stream":true})", "b",
     R"({"stream_options":{"include_usage":true},"model":"b","stream":true})"},
    {"null for stream_options", R"({"stream_options":null,"stream":true,"model":"a"})", "b",
     R"({"stream_options":{"include_usage":true},"stream":true,"model":"b"})"},
    {"empty stream_options", R"({"model":"a","stream":true,"stream_options":{}})", "b",
     R"({"model":"b","stream":true,"stream_options":{"include_usage":true}})"},
    {"other stream_options", R"({"model":"a","stream":true,"stream_options":{ "x":1 }})", "a",
     R"({"model":"a","stream":true,"stream_options":{"include_usage":true, "x":1 }})"},
    {"usage refused", R"({"model":"a","stream":true,"stream_options":{"include_usage": false}})", "a",
     R"({"model":"a","stream":true,"stream_options":{"include_usage": true}})"},
    {"usage asked for", R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})", "a",
     R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})"},
    {"every other byte stays",
     "{\n\t\"big\": 12345678901234567890, \"f\":1.0e0,\"model\":\"a\" ,\"u\":\"\\u00e9\"}\r\n", "é",
     "{\n\t\"big\": 12345678901234567890, \"f\":1.0e0,\"model\":\"é\" ,\"u\":\"\\u00e9\"}\r\n"},
};

struct Refused {
  const char* name;
  const char* body;
  const char* why;
};

const Refused refused[] = {
    {"no JSON", "x", "JSON at byte 0"},
    {"an array", "[]", "JSON object"},
    {"no model", R"({"messages":[]})", "'model'"},
    {"null for a model", R"({"model":null})", "'model'"},
    {"a number for a model", R"({"model":1})", "'model'"},
    {"an empty model", R"({"model":""})", "'model'"},
    {"two models", R"({"model":"a","model":"b"})", "twice"},
    {"two models through an escape", R"({"model":"a","\u006dodel":"b"})", "twice"},
    {"a word for stream", R"({"model":"a","stream":"yes"})", "'stream'"},
    {"a list for stream_options", R"({"model":"a","stream":true,"stream_options":[]})", "'stream_options'"},
};

std::string counters(const apigw::chat::Usage& u) {
  return fmt::format("in {} read {} write {} out {} think {}{}{}", u.input, u.cache_read, u.cache_write, u.output,
                     u.reasoning, u.known ? "" : " unknown", u.partial ? " partial" : "");
}

struct Counted {
  const char* name;
  const char* usage;
  const char* expected;
};

const Counted usages[] = {
    {"plain", R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})",
     "in 10 read 0 write 0 out 5 think 0"},
    {"cached tokens are inside the prompt",
     R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":8}})",
     "in 2 read 8 write 0 out 5 think 0"},
    {"written tokens are inside the prompt",
     R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":4}})",
     "in 3 read 3 write 4 out 5 think 0"},
    {"reasoning is inside the completion",
     R"({"prompt_tokens":10,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":40}})",
     "in 10 read 0 write 0 out 10 think 40"},
    {"parts larger than their whole are cut",
     R"({"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":9}})",
     "in 0 read 1 write 0 out 0 think 1"},
    {"nulls for details",
     R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":null})",
     "in 10 read 0 write 0 out 5 think 0"},
    {"cache hits outside of details", R"({"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4})",
     "in 6 read 4 write 0 out 5 think 0"},
    {"embeddings have no completion", R"({"prompt_tokens":10,"total_tokens":10})",
     "in 10 read 0 write 0 out 0 think 0"},
    {"numbers that are none", R"({"prompt_tokens":"10","completion_tokens":-5})",
     "in 0 read 0 write 0 out 0 think 0 unknown"},
    {"null", "null", "in 0 read 0 write 0 out 0 think 0 unknown"},
};

// With usage `more` beside its counters.
std::optional<std::uint64_t> told(std::string_view more) {
  const std::string body =
      fmt::format(R"({{"choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":5{}}}}})", more);
  const auto usage = dialects::find_dialect("openai")->scan_reply("chat", body, {});
  REQUIRE(usage);
  return usage->cost;
}

// One letter a frame: s semantic, w swallowed, D done, F failed, . nothing.
std::string watch(dialects::StreamWatch& reader, std::initializer_list<const char*> data) {
  std::string seen;
  for (const char* one : data) {
    const auto verdict = reader.feed({.raw = one, .event = {}, .data = one, .has_data = true});
    if (verdict.state == State::failed)
      seen += 'F';
    else if (verdict.state == State::done)
      seen += 'D';
    else
      seen += verdict.semantic ? 's' : verdict.swallow ? 'w' : '.';
  }
  return seen;
}

std::unique_ptr<dialects::StreamWatch> stream(bool wants_usage = false) {
  dialects::RequestFacts facts;
  facts.stream = true;
  facts.wants_usage = wants_usage;
  return openai().watch_stream(facts, json::Limits{.depth = 128});
}

constexpr const char* role =
    R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})";
constexpr const char* text =
    R"({"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null})";
constexpr const char* stop = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
constexpr const char* usage = R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
constexpr const char* done = "[DONE]";

}  // namespace

TEST_CASE("an edit changes what it names and keeps every other byte") {
  for (const Edit& row : edits) {
    CAPTURE(row.name);
    const auto facts = read(row.body);
    REQUIRE(facts);
    CHECK(dialects::edited(row.body, *facts, row.model) == row.expected);
    CHECK(json::scan(row.expected));
  }
}

TEST_CASE("a request that names no model plainly is the client's fault") {
  for (const Refused& row : refused) {
    CAPTURE(row.name);
    const auto facts = read(row.body);
    REQUIRE(!facts);
    CHECK(facts.error().kind == ErrorKind::invalid);
    CHECK_MESSAGE(facts.error().what.find(row.why) != std::string::npos, facts.error().what);
  }
  CHECK(read(std::string(70, '[')).error().kind == ErrorKind::too_large);
}

TEST_CASE("a cost is read where the provider tells one, in billionths of a dollar and rounded up") {
  struct Row {
    const char* more;
    std::optional<std::uint64_t> cost;
  } const rows[] = {
      {"", std::nullopt},
      {R"(,"cost":0.95)", 950'000'000},
      {R"(,"cost":1.25e-05)", 12'500},
      {R"(,"cost":0)", 0},
      {R"(,"cost":0.0000000001)", 1},
      {R"(,"cost":-1)", std::nullopt},
      {R"(,"cost":"0.95")", std::nullopt},
      {R"(,"cost":{"total_cost":1})", std::nullopt},
      {R"(,"cost":null)", std::nullopt},
      {R"(,"cost":1e30)", std::nullopt},
      {R"(,"cost":0.95,"is_byok":false,"cost_details":{"upstream_inference_cost":0.9})", 950'000'000},
      {R"(,"cost":0.95,"is_byok":true,"cost_details":{"upstream_inference_cost":19})", 19'950'000'000},
      {R"(,"cost":0.95,"is_byok":true,"cost_details":{"upstream_inference_cost":null})", std::nullopt},
      {R"(,"cost":0.95,"is_byok":true)", std::nullopt},
      {R"(,"cost_in_usd_ticks":37756000)", 3'775'600},
      {R"(,"cost_in_usd_ticks":37756001)", 3'775'601},
      {R"(,"cost_in_usd_ticks":"1")", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.more);
    CHECK(told(row.more) == row.cost);
  }
}

TEST_CASE("a request tells its model, whether it streams and whether usage was asked for") {
  const auto facts = read(R"({"model":"gr\u00fc\u00df","stream":true,"stream_options":{"include_usage":true}})");
  REQUIRE(facts);
  CHECK(facts->model == "grüß");
  CHECK(facts->stream);
  CHECK(facts->wants_usage);
  CHECK(!facts->forced);
  CHECK(!read(R"({"model":"e","stream":true})", "embeddings")->stream);
}

TEST_CASE("counters that the dialect counts twice come apart") {
  for (const Counted& row : usages) {
    CAPTURE(row.name);
    const std::string body = fmt::format(R"({{"object":"chat.completion","choices":[],"usage":{}}})", row.usage);
    const auto counted = openai().scan_reply("chat", body, json::Limits{});
    REQUIRE(counted);
    CHECK(counters(*counted) == row.expected);
  }
  CHECK(openai().scan_reply("embeddings", R"({"data":[]})", json::Limits{})->known == false);
}

TEST_CASE("a body that is no reply of the operation is a failed attempt") {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"choices":{}})", R"({"error":{"message":"x"}})",
                           R"({"data":[]})", R"({"object":"error","message":"x","choices":[]})", R"({"choices":[)"}) {
    CAPTURE(body);
    CHECK(openai().scan_reply("chat", body, json::Limits{}).error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("the frame that carries only usage is swallowed unless the client asked") {
  auto reader = stream();
  CHECK(watch(*reader, {role, text, stop, usage, done}) ==
        ".ssw"
        "D");
  CHECK(counters(reader->usage()) == "in 3 read 0 write 0 out 2 think 0");
  CHECK(reader->complete());
  reader = stream(true);
  CHECK(watch(*reader, {role, text, stop, usage, done}) == ".ss.D");
}

TEST_CASE("usage is found wherever providers put it, the last value wins") {
  auto reader = stream();
  CHECK(
      watch(*reader,
            {R"({"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}})",
             R"({"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}],"usage":{"completion_tokens":2}})"}) ==
      "ss");
  CHECK(counters(reader->usage()) == "in 3 read 0 write 0 out 2 think 0");
  reader = stream();
  CHECK(watch(*reader, {R"({"choices":[],"prompt_filter_results":[]})"}) == ".");
  CHECK(watch(*reader, {R"({"usage":{"prompt_tokens":1}})"}) == "w");
}

TEST_CASE("the answer begins with its first part and not with its role") {
  for (const char* delta : {R"({"content":"x"})", R"({"tool_calls":[{"index":0}]})", R"({"reasoning_content":"x"})",
                            R"({"refusal":"x"})", R"({"function_call":{"name":"f"}})"}) {
    CAPTURE(delta);
    auto reader = stream();
    CHECK(watch(*reader, {fmt::format(R"({{"choices":[{{"delta":{}}}]}})", delta).c_str()}) == "s");
  }
  for (const char* delta :
       {R"({"role":"assistant","content":null})", R"({"content":""})", "{}", R"({"tool_calls":[]})", "null"}) {
    CAPTURE(delta);
    auto reader = stream();
    CHECK(watch(*reader, {fmt::format(R"({{"choices":[{{"delta":{},"finish_reason":""}}]}})", delta).c_str()}) ==
          ".");
  }
}

TEST_CASE("a stream that is cut is partial and not complete") {
  auto reader = stream();
  CHECK(watch(*reader, {role, text}) == ".s");
  CHECK(!reader->complete());
  CHECK(reader->usage().partial);
}

TEST_CASE("a stream without [DONE] is complete once every choice that began has ended") {
  auto reader = stream();
  CHECK(watch(*reader, {R"({"choices":[{"index":0,"delta":{"content":"a"}}]})",
                        R"({"choices":[{"index":1,"delta":{"content":"b"}}]})", stop}) == "sss");
  CHECK(!reader->complete());
  CHECK(watch(*reader, {R"({"choices":[{"index":1,"delta":{},"finish_reason":"length"}]})"}) == "s");
  CHECK(reader->complete());
}

TEST_CASE("a word that some servers write for null ends no choice, and an error is no end") {
  auto cut = stream();
  CHECK(watch(*cut, {role, text, R"({"choices":[{"delta":{},"finish_reason":"null"}]})"}) == ".s.");
  CHECK(!cut->complete());
  auto broken = stream();
  CHECK(watch(*broken, {role, text, R"({"choices":[{"delta":{},"finish_reason":"error"}]})"}) == ".sF");
  CHECK(!broken->complete());
}

TEST_CASE("errors, noise and answers without content fail a stream") {
  for (const char* frame :
       {R"({"error":{"message":"boom"}})", R"({"object":"error","message":"boom"})", "boom", "[]", "{", done}) {
    CAPTURE(frame);
    auto reader = stream();
    CHECK(watch(*reader, {role, frame}) == ".F");
    CHECK(!reader->complete());
    REQUIRE(reader->error());
    CHECK(!reader->error()->message.empty());
  }
  auto reader = stream();
  CHECK(reader->feed({.raw = {}, .event = "error", .data = R"({"message":"x"})", .has_data = true}).state ==
        State::failed);
}

TEST_CASE("comments and empty data mean nothing") {
  auto reader = stream();
  CHECK(reader->feed({.raw = ": ping\n\n", .event = {}, .data = {}, .has_data = false}).state == State::going);
  CHECK(watch(*reader, {""}) == ".");
}

TEST_CASE("errors have the dialect's shape") {
  CHECK(
      openai().error_body(
          {.status = 404, .code = "model_not_found", .message = "no model \"x\"", .param = "model"}) ==
      R"({"error":{"message":"no model \"x\"","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
  CHECK(openai().error_body({.status = 502, .code = "upstream", .message = "m"}) ==
        R"({"error":{"message":"m","type":"server_error","param":null,"code":"upstream"}})");
  CHECK(openai().error_body({.status = 401, .code = "missing_key", .message = "m"}).find("authentication_error") !=
        std::string::npos);
  CHECK(openai().error_body({.status = 429, .code = "busy", .message = "m"}).find("rate_limit_error") !=
        std::string::npos);
}

TEST_CASE("a broken stream ends in one error frame") {
  CHECK(openai().broken_stream({.status = 502, .code = "stream_cut", .message = "m"}) ==
        "data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"param\":null,\"code\":\"stream_cut\"}}\n\n");
}

TEST_CASE("models are listed in the dialect's shape") {
  const dialects::ListedModel models[] = {{.id = "a", .created = 7, .owner = "openai"}, {.id = "b\"", .created = 8}};
  CHECK(
      openai().models_body(models) ==
      R"({"object":"list","data":[{"id":"a","object":"model","created":7,"owned_by":"openai"},{"id":"b\"","object":"model","created":8,"owned_by":"apigw"}]})");
  CHECK(openai().models_body({}) == R"({"object":"list","data":[]})");
  CHECK(openai().model_body(models[0]) == R"({"id":"a","object":"model","created":7,"owned_by":"openai"})");
}

TEST_CASE("the dialect's addresses, and a key in its header") {
  CHECK(dialects::endpoint(openai(), "chat").path == "/v1/chat/completions");
  CHECK(dialects::endpoint(openai(), "embeddings").path == "/v1/embeddings");
  CHECK(dialects::endpoint(openai(), "models").path == "/v1/models");
  // Below the provider's base address, which has the version in it.
  CHECK(dialects::endpoint(openai(), "chat").upstream == "/chat/completions");
  CHECK(openai().credential_header == "authorization");
  CHECK(openai().credential_prefix == "Bearer ");
}

TEST_CASE("embeddings go and come as they are") {
  for (const char* input : {R"("a")", R"(["a","b"])", "[1,2]", "[[1],[2,3]]"}) {
    CAPTURE(input);
    const std::string body =
        fmt::format(R"({{"model":"a","input":{},"dimensions":8,"encoding_format":"base64"}})", input);
    const auto facts = read(body, "embeddings");
    REQUIRE(facts);
    CHECK(!facts->forced);
    CHECK(dialects::edited(body, *facts, "a") == body);
  }
  // An encoding that the client left out stays out.
  CHECK(dialects::edited(R"({"model":"a","input":"x"})", *read(R"({"model":"a","input":"x"})", "embeddings"), "b") ==
        R"({"model":"b","input":"x"})");
  const auto counted = openai().scan_reply(
      "embeddings", R"({"data":[{"index":0,"embedding":"AACAPw=="}],"usage":{"prompt_tokens":5,"total_tokens":5}})",
      {});
  REQUIRE(counted);
  CHECK(counters(*counted) == "in 5 read 0 write 0 out 0 think 0");
}
