#include <doctest/doctest.h>
#include <fmt/format.h>

#include "dialects/dialect.h"

using namespace apigw;
using State = dialects::FrameVerdict::State;

namespace {

const dialects::Dialect& anthropic() {
  return *dialects::find_dialect("anthropic");
}

std::string counters(const chat::Usage& u) {
  return fmt::format("in {} read {} write {} out {} think {}{}", u.input, u.cache_read, u.cache_write, u.output,
                     u.reasoning, u.known ? "" : " unknown");
}

struct Counted {
  const char* name;
  const char* usage;
  const char* expected;
};

constexpr Counted usages[] = {
    {"input excludes what the cache gave and took",
     R"({"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,"output_tokens":5})",
     "in 10 read 20 write 30 out 5 think 0"},
    {"nulls are absent",
     R"({"input_tokens":10,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":5})",
     "in 10 read 0 write 0 out 5 think 0"},
    {"thinking is inside the output",
     R"({"input_tokens":1,"output_tokens":50,"output_tokens_details":{"thinking_tokens":40}})",
     "in 1 read 0 write 0 out 10 think 40"},
    {"the split of cache writes stands in for their sum",
     R"({"input_tokens":1,"output_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}})",
     "in 1 read 0 write 7 out 2 think 0"},
    {"and never adds to it",
     R"({"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}})",
     "in 1 read 0 write 7 out 2 think 0"},
    {"numbers that are none", R"({"input_tokens":"10","output_tokens":-5})",
     "in 0 read 0 write 0 out 0 think 0 unknown"},
};

// One letter a frame: s semantic, D done, F failed, . nothing.
std::string watch(dialects::StreamWatch& reader, std::initializer_list<const char*> data) {
  std::string seen;
  for (const char* one : data) {
    const auto verdict = reader.feed({.raw = one, .event = {}, .data = one, .has_data = true});
    CHECK(!verdict.swallow);
    if (verdict.state == State::failed)
      seen += 'F';
    else if (verdict.state == State::done)
      seen += 'D';
    else
      seen += verdict.semantic ? 's' : '.';
  }
  return seen;
}

std::unique_ptr<dialects::StreamWatch> stream() {
  return anthropic().watch_stream({}, json::Limits{.depth = 128});
}

constexpr const char* start =
    R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":9,"cache_read_input_tokens":4,"output_tokens":1}}})";
constexpr const char* text_start =
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})";
constexpr const char* text = R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})";
constexpr const char* text_stop = R"({"type":"content_block_stop","index":0})";
constexpr const char* delta =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}})";
constexpr const char* stop = R"({"type":"message_stop"})";
constexpr const char* ping = R"({"type":"ping"})";

}  // namespace

TEST_CASE("an Anthropic request tells its model and whether it streams, and nothing is forced into it") {
  const auto facts = anthropic().scan_request("chat", R"({"model":"gr\u00fc\u00df","stream":true})", {});
  REQUIRE(facts);
  CHECK(facts->model == "grüß");
  CHECK(facts->stream);
  CHECK(!facts->forced);
  CHECK(!anthropic().scan_request("chat", R"({"model":"m","stream":null})", {})->stream);
  CHECK(!anthropic().scan_request("count_tokens", R"({"model":"m","stream":true})", {})->stream);
  for (const char* body : {"[]", "{}", R"({"model":1})", R"({"model":""})", R"({"model":"m","stream":1})"}) {
    CAPTURE(body);
    const auto refused = anthropic().scan_request("chat", body, {});
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("Anthropic's counters are disjoint but for the thinking") {
  for (const Counted& row : usages) {
    CAPTURE(row.name);
    const std::string body = fmt::format(R"({{"type":"message","content":[],"usage":{}}})", row.usage);
    const auto counted = anthropic().scan_reply("chat", body, json::Limits{});
    REQUIRE(counted);
    CHECK(counters(*counted) == row.expected);
  }
}

TEST_CASE("counting tokens uses none") {
  const auto counted = anthropic().scan_reply("count_tokens", R"({"input_tokens":44})", {});
  REQUIRE(counted);
  CHECK(counters(*counted) == "in 0 read 0 write 0 out 0 think 0");
  CHECK(!anthropic().scan_reply("count_tokens", R"({"input_tokens":"x"})", {}));
}

TEST_CASE("a body that is no message is a failed attempt") {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"content":{}})", R"({"error":{"message":"x"},"content":[]})",
                           R"({"type":"error","error":{"type":"api_error","message":"x"}})", R"({"content":[)"}) {
    CAPTURE(body);
    CHECK(anthropic().scan_reply("chat", body, json::Limits{}).error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("a stream is over at message_stop, and its usage is the last that was told") {
  const auto reader = stream();
  CHECK(watch(*reader, {start, ping, text_start, text, text_stop, delta}) == "...s.s");
  CHECK(!reader->complete());
  CHECK(reader->usage().partial);
  CHECK(watch(*reader, {stop}) == "D");
  CHECK(reader->complete());
  CHECK(counters(reader->usage()) == "in 9 read 4 write 0 out 7 think 0");
}

TEST_CASE("input that is told only at the end of a stream counts") {
  const auto reader = stream();
  CHECK(watch(*reader, {R"({"type":"message_start","message":{"usage":{"input_tokens":0,"output_tokens":0}}})", text,
                        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                        R"("usage":{"input_tokens":12,"cache_read_input_tokens":null,"output_tokens":3}})",
                        stop}) == ".ssD");
  CHECK(counters(reader->usage()) == "in 12 read 0 write 0 out 3 think 0");
}

TEST_CASE("the answer begins with the first block that says something") {
  for (const char* block : {R"({"type":"tool_use","id":"t","name":"f","input":{}})",
                            R"({"type":"redacted_thinking","data":"x"})", R"({"type":"text","text":"a"})"}) {
    CAPTURE(block);
    const auto reader = stream();
    const std::string frame = fmt::format(R"({{"type":"content_block_start","content_block":{}}})", block);
    CHECK(watch(*reader, {start, frame.c_str()}) == ".s");
  }
  CHECK(
      watch(*stream(), {start, R"({"type":"content_block_start","content_block":{"type":"thinking","thinking":""}})",
                        R"({"type":"something_new"})"}) == "...");
}

TEST_CASE("errors, noise and answers without content fail an Anthropic stream") {
  for (const char* frame : {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
                            R"({"error":{"message":"boom"}})", "boom", "[]", "{", "[DONE]", stop}) {
    CAPTURE(frame);
    const auto reader = stream();
    CHECK(watch(*reader, {start, frame}) == ".F");
    CHECK(!reader->complete());
    REQUIRE(reader->error());
    CHECK(!reader->error()->message.empty());
  }
  CHECK(stream()->feed({.raw = {}, .event = "error", .data = R"({"message":"x"})", .has_data = true}).state ==
        State::failed);
  CHECK(stream()->feed({.raw = ": ping\n\n", .event = {}, .data = {}, .has_data = false}).state == State::going);
}

TEST_CASE("errors have Anthropic's shape and types") {
  CHECK(
      anthropic().error_body({.status = 404, .code = "model_not_found", .message = "no \"x\"", .request_id = "r1"}) ==
      R"({"type":"error","error":{"type":"not_found_error","message":"no \"x\""},"request_id":"r1"})");
  struct {
    int status;
    const char* type;
  } constexpr rows[] = {{400, "invalid_request_error"},
                        {401, "authentication_error"},
                        {402, "billing_error"},
                        {403, "permission_error"},
                        {405, "invalid_request_error"},
                        {413, "request_too_large"},
                        {422, "invalid_request_error"},
                        {429, "rate_limit_error"},
                        {500, "api_error"},
                        {502, "api_error"},
                        {503, "overloaded_error"},
                        {504, "timeout_error"},
                        {529, "overloaded_error"}};
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CHECK(anthropic().error_body({.status = row.status, .code = "c", .message = "m"}) ==
          fmt::format(R"({{"type":"error","error":{{"type":"{}","message":"m"}}}})", row.type));
  }
  CHECK(anthropic().broken_stream({.status = 502, .code = "cut", .message = "m"}) ==
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"m\"}}\n\n");
}

TEST_CASE("models are listed in Anthropic's shape") {
  const dialects::ListedModel models[] = {{.id = "a", .created = 1'700'000'000}, {.id = "b\"", .created = 0}};
  CHECK(anthropic().models_body(models) ==
        R"({"data":[{"type":"model","id":"a","display_name":"a","created_at":"2023-11-14T22:13:20Z"},)"
        R"({"type":"model","id":"b\"","display_name":"b\"","created_at":"1970-01-01T00:00:00Z"}],)"
        R"("has_more":false,"first_id":"a","last_id":"b\""})");
  CHECK(anthropic().count_body(7) == R"({"input_tokens":7})");
  CHECK(anthropic().models_body({}) == R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

TEST_CASE("a provider's error keeps its type and status, and a page of some proxy only its status") {
  http::Headers headers;
  headers.add("retry-after", "7");
  const auto told = anthropic().read_error(
      529, headers,
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"})");
  CHECK(told.status == 529);
  CHECK(told.type == "overloaded_error");
  CHECK(told.message == "Overloaded");
  CHECK(told.retry_after == std::chrono::seconds(7));
  const auto page = anthropic().read_error(502, {}, "<html>nginx</html>");
  CHECK(page.status == 502);
  CHECK(page.type == "api_error");
  CHECK(page.message.find("nginx") == std::string::npos);
  CHECK(anthropic().read_error(400, {}, R"({"error":"plain"})").message == "plain");
  CHECK(anthropic().read_error(418, {}, R"({"message":"flat"})").message == "flat");
}
