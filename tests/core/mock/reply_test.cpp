#include "mock/reply.h"

#include <ctime>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"
#include "mock/faults.h"
#include "wire/sse.h"

namespace mock = apigw::mock;
using Json = nlohmann::ordered_json;

namespace {

const auto now = std::chrono::system_clock::from_time_t(1'700'000'000);

mock::Reply ask(const std::string& body, std::string_view target = "/v1/chat/completions") {
  return mock::reply_to({.method = "POST", .target = target, .body = body}, now);
}

Json json_of(const mock::Reply& reply) {
  REQUIRE(reply.pieces.size() == 1);
  return Json::parse(reply.pieces[0]);
}

Json chat(const std::string& members, const std::string& user = "Hello!") {
  return json_of(
      ask(R"({"model":"m","messages":[{"role":"user","content":)" + Json(user).dump() + "}]" + members + "}"));
}

std::string content(const Json& reply, std::size_t choice = 0) {
  return reply["choices"][choice]["message"]["content"];
}

constexpr const char* tools = R"(,"tools":[
  {"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
  {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}},
  {"type":"function","function":{"name":"ping"}}])";

std::string called(const Json& reply) {
  std::string names;
  for (const Json& call : reply["choices"][0]["message"]["tool_calls"]) {
    names += call["function"]["name"].get<std::string>() + call["function"]["arguments"].get<std::string>() + " ";
  }
  return names;
}

// What a client that joins the deltas of a stream reads.
struct Streamed {
  std::string text, finish, calls;
  Json usage;
  std::size_t frames = 0;
  bool done = false;
};

Streamed read_stream(const mock::Reply& reply) {
  Streamed out;
  apigw::wire::SseSplitter splitter;
  for (const std::string& piece : reply.pieces) {
    splitter.feed(piece);
    const auto frame = splitter.next();
    REQUIRE(frame);
    REQUIRE(*frame);
    CHECK((*frame)->raw == piece);
    const auto data = std::string((*frame)->data);
    CHECK(!*splitter.next());
    CHECK(!out.done);
    if (data == "[DONE]") {
      out.done = true;
      continue;
    }
    ++out.frames;
    const Json chunk = Json::parse(data);
    CHECK(chunk["object"] == "chat.completion.chunk");
    if (chunk.contains("usage") && !chunk["usage"].is_null()) out.usage = chunk["usage"];
    for (const Json& choice : chunk["choices"]) {
      const Json& delta = choice["delta"];
      if (delta.contains("content") && delta["content"].is_string()) out.text += delta["content"].get<std::string>();
      for (const Json& call : delta.contains("tool_calls") ? delta["tool_calls"] : Json::array()) {
        out.calls += call["function"].value("name", "") + call["function"]["arguments"].get<std::string>();
      }
      if (choice["finish_reason"].is_string()) out.finish = choice["finish_reason"];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a chat is answered in OpenAI's shape, the same every time") {
  const Json reply = chat("");
  CHECK(reply["object"] == "chat.completion");
  CHECK(reply["model"] == "m");
  CHECK(reply["created"] == 1'700'000'000);
  CHECK(reply["choices"].size() == 1);
  CHECK(reply["choices"][0]["message"]["role"] == "assistant");
  CHECK(reply["choices"][0]["finish_reason"] == "stop");
  CHECK(content(reply).find("mock") != std::string::npos);
  CHECK(reply["usage"]["total_tokens"] ==
        reply["usage"]["prompt_tokens"].get<int>() + reply["usage"]["completion_tokens"].get<int>());
  CHECK(reply["usage"]["completion_tokens"].get<int>() > 5);
  CHECK(reply == chat(""));
}

TEST_CASE("limits, stop strings, several choices and seeds are honoured") {
  const Json cut = chat(R"(,"max_tokens":2)");
  CHECK(cut["choices"][0]["finish_reason"] == "length");
  CHECK(cut["usage"]["completion_tokens"] == 2);
  CHECK(chat(R"(,"max_completion_tokens":1,"max_tokens":50)")["usage"]["completion_tokens"] == 1);
  CHECK(content(chat(R"(,"stop":"2.")", "List 3 colors")) == "1. Red\n");
  CHECK(content(chat(R"(,"stop":["3.","2."])", "List 3 colors")) == "1. Red\n");
  CHECK(chat(R"(,"stop":"2.")", "List 3 colors")["choices"][0]["finish_reason"] == "stop");
  const Json three = chat(R"(,"n":3,"seed":1)");
  CHECK(three["choices"].size() == 3);
  CHECK(three["choices"][2]["index"] == 2);
  CHECK(content(three, 0) != content(three, 1));
  CHECK(content(three) == content(chat(R"(,"seed":1,"user":"somebody")")));
}

TEST_CASE("tools are called with arguments made from their schema") {
  CHECK(called(chat(tools, "Weather in Paris?")) == R"(get_weather{"city":"Paris"} )");
  CHECK(chat(tools, "Weather in Paris?")["choices"][0]["finish_reason"] == "tool_calls");
  CHECK(chat(tools, "Weather in Paris?")["choices"][0]["message"]["content"].is_null());
  CHECK(called(chat(tools, "anything")) == R"(get_weather{"city":"Paris"} )");
  CHECK(called(chat(tools, "the weather and the time in Rome")) ==
        R"(get_weather{"city":"Rome"} get_time{"zone":"Europe/Paris"} )");
  CHECK(called(chat(std::string(tools) + R"(,"parallel_tool_calls":false)", "the weather and the time in Rome")) ==
        R"(get_weather{"city":"Rome"} )");
  CHECK(called(chat(std::string(tools) + R"(,"tool_choice":{"type":"function","function":{"name":"ping"}})")) ==
        "ping{} ");
  CHECK(chat(std::string(tools) + R"(,"tool_choice":"none")")["choices"][0]["finish_reason"] == "stop");
}

TEST_CASE("a tool's result is answered in words that use it") {
  const Json reply = json_of(ask(R"({"model":"m","messages":[{"role":"user","content":"Weather?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"{\"sky\":\"sunny\",\"degrees\":21}"}])" +
                                 std::string(tools) + "}"));
  CHECK(content(reply) == "Here is what I found: get_weather said sky is sunny, degrees is 21.");
  CHECK(reply["choices"][0]["finish_reason"] == "stop");
}

TEST_CASE("a response format gets a document that fits it") {
  const Json reply = chat(
      R"(,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":
    {"sentiment":{"enum":["positive","negative"]},"score":{"type":"number","minimum":0,"maximum":1}},"required":["sentiment","score"]}}})",
      "This is awful");
  CHECK(content(reply) == R"({"sentiment":"negative","score":0.9})");
  CHECK(Json::parse(content(chat(R"(,"response_format":{"type":"json_object"})", "1 + 1")))["answer"] ==
        "The result is 2.");
}

TEST_CASE("a stream says token by token what the plain reply says at once") {
  for (const std::string members : {"", tools, R"(,"n":2,"seed":3)", R"(,"max_tokens":3)"}) {
    CAPTURE(members);
    const Json plain = chat(members, "Tell me about Rome");
    const auto reply =
        ask(R"({"model":"m","messages":[{"role":"user","content":"Tell me about Rome"}],"seed":3,"stream":true)" +
            (members.contains("seed") ? members.substr(0, members.find(",\"seed\"")) : members) + "}");
    CHECK(reply.content_type == "text/event-stream");
    const Streamed streamed = read_stream(reply);
    CHECK(streamed.done);
    CHECK(streamed.usage.is_null());
    CHECK(streamed.finish == plain["choices"].back()["finish_reason"].get<std::string>());
    if (members.empty()) CHECK(streamed.text == content(plain));
    if (members == tools) CHECK(streamed.calls + " " == called(plain));
    if (members.empty()) CHECK(streamed.frames > 10);
  }
}

TEST_CASE("usage is streamed only when it was asked for, and fits the dialect's reader") {
  const auto reply = ask(
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}})");
  const Streamed streamed = read_stream(reply);
  CHECK(streamed.usage["total_tokens"].get<int>() > 0);

  const auto& openai = *apigw::dialects::find_dialect("openai");
  const auto reader = openai.watch_stream({}, {});
  apigw::wire::SseSplitter splitter;
  for (const std::string& piece : reply.pieces) {
    splitter.feed(piece);
    const auto frame = splitter.next();
    CHECK(reader->feed(**frame).state != apigw::dialects::FrameVerdict::State::failed);
    CHECK(!*splitter.next());
  }
  CHECK(reader->complete());
  CHECK(reader->usage().total() == streamed.usage["total_tokens"].get<std::uint64_t>());
}

TEST_CASE("embeddings come in both encodings, for one text or many") {
  const std::string target = "/v1/embeddings";
  const Json two = json_of(ask(R"({"model":"e","input":["a b","c"],"dimensions":3})", target));
  CHECK(two["data"].size() == 2);
  CHECK(two["data"][1]["index"] == 1);
  CHECK(two["data"][0]["embedding"].size() == 3);
  CHECK(two["usage"]["prompt_tokens"] == 3);
  CHECK(json_of(ask(R"({"model":"e","input":"a b","encoding_format":"base64","dimensions":3})",
                    target))["data"][0]["embedding"]
            .get<std::string>()
            .size() == 16);
  CHECK(json_of(ask(R"({"model":"e","input":[1,2,3]})", target))["data"].size() == 1);
  CHECK(json_of(ask(R"({"model":"e","input":[[1],[2,3]]})", target))["data"].size() == 2);
  for (const char* body :
       {R"({"model":"e"})", R"({"model":"e","input":[]})", R"({"model":"e","input":5})",
        R"({"model":"e","input":["a",5]})", R"({"model":"e","input":"a","dimensions":0})",
        R"({"model":"e","input":"a","dimensions":"3"})", R"({"model":"e","input":"a","dimensions":1000000})"}) {
    CAPTURE(body);
    CHECK(ask(body, target).status == 400);
  }
}

TEST_CASE("models are listed, other addresses are not found") {
  const auto reply = mock::reply_to({.method = "GET", .target = "/v1/models?x", .body = ""}, now);
  CHECK(json_of(reply)["data"][0]["id"] == "chat");
  CHECK(json_of(mock::reply_to({.method = "GET", .target = "/v1/models/a", .body = ""}, now))["id"] == "a");
  CHECK(mock::reply_to({.method = "GET", .target = "/v1/models/", .body = ""}, now).status == 404);
  CHECK(mock::reply_to({.method = "GET", .target = "/v1/chat/completions", .body = ""}, now).status == 404);
  CHECK(ask("{}", "/v1/audio/speech").status == 404);
}

TEST_CASE("requests that make no sense are refused in OpenAI's shape") {
  for (const char* body :
       {"", "x", "[]", "{}", R"({"model":"m"})", R"({"model":"m","messages":[]})", R"({"model":"m","messages":"hi"})",
        R"({"model":"m","messages":[1]})", R"({"model":"m","messages":[{"role":"boss","content":"x"}]})",
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":0})",
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":"two"})"}) {
    CAPTURE(body);
    const auto reply = ask(body);
    CHECK(reply.status == 400);
    CHECK(json_of(reply)["error"]["message"].is_string());
    CHECK(json_of(reply)["error"].contains("type"));
  }
}

TEST_CASE("what OpenAI refuses is refused with the place in param") {
  struct Row {
    const char* members;  // beside model; messages are added where none are given
    const char* param;
    const char* code;
  };
  for (
      const Row& row : {
          Row{R"("max_tokens":-1)", "max_tokens", "integer_below_min_value"},
          {R"("max_tokens":0)", "max_tokens", "integer_below_min_value"},
          {R"("max_completion_tokens":0)", "max_completion_tokens", "integer_below_min_value"},
          {R"("max_tokens":1.5)", "max_tokens", "invalid_type"},
          {R"("temperature":"hot")", "temperature", "invalid_type"},
          {R"("temperature":2.5)", "temperature", "decimal_above_max_value"},
          {R"("top_p":-0.1)", "top_p", "decimal_below_min_value"},
          {R"("n":9)", "n", "integer_above_max_value"},
          {R"("stream":"yes")", "stream", "invalid_type"},
          {R"("tools":{})", "tools", "invalid_type"},
          {R"("tools":[])", "tools", "empty_array"},
          {R"("tools":[5])", "tools[0]", "invalid_type"},
          {R"("tools":[{"function":{"name":"f"}}])", "tools[0].type", "missing_required_parameter"},
          {R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name", "missing_required_parameter"},
          {R"("tool_choice":5)", "tool_choice", "invalid_type"},
          {R"("stop":5)", "stop", "invalid_type"},
          {R"("messages":"hi")", "messages", "invalid_type"},
          {R"("messages":["hi"])", "messages[0]", "invalid_type"},
          {R"("messages":[{"content":"hi"}])", "messages[0].role", "missing_required_parameter"},
          {R"("messages":[{"role":"king","content":"hi"}])", "messages[0].role", "invalid_value"},
          {R"("messages":[{"role":"user","content":null}])", "messages[0].content", "invalid_type"},
          {R"("messages":[{"role":"user","content":5}])", "messages[0].content", "invalid_type"},
          {R"("messages":[{"role":"user","content":["hi"]}])", "messages[0].content[0].type",
           "missing_required_parameter"},
          {R"("messages":[{"role":"user","content":[]}])", "messages[0].content", "empty_array"},
          {R"("messages":[{"role":"user","content":[{"type":"text"}]}])", "messages[0].content[0].text",
           "missing_required_parameter"},
          {R"("messages":[{"role":"user","content":[{"type":"text","text":5}]}])", "messages[0].content[0].text",
           "invalid_type"},
          {R"("messages":[{"role":"user","content":[{"type":"bogus"}]}])", "messages[0].content[0].type",
           "invalid_value"},
          {R"("messages":[{"role":"tool","content":"x"}])", "messages[0].tool_call_id", "missing_required_parameter"},
          {R"("stop":["a","b","c","d","e"])", "stop", "array_above_max_length"},
          {R"("stop":["a",5])", "stop", "invalid_type"},
          {R"("tool_choice":"banana")", "tool_choice", "invalid_value"},
          {R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}})",
           "tool_choice", "invalid_value"},
          {R"("user":5)", "user", "invalid_type"},
          {R"("metadata":"x")", "metadata", "invalid_type"},
          {R"("logit_bias":[])", "logit_bias", "invalid_type"},
          {R"("modalities":"text")", "modalities", "invalid_type"},
          {R"("store":"yes")", "store", "invalid_type"},
          {R"("reasoning_effort":5)", "reasoning_effort", "invalid_type"},
          {R"("messages":[{"role":"assistant"}])", "messages[0].content", "invalid_type"},
          {R"("response_format":"json")", "response_format", "invalid_type"},
          {R"("response_format":{"type":"xml"})", "response_format.type", "invalid_value"},
          {R"("response_format":{"type":"json_schema"})", "response_format.json_schema",
           "missing_required_parameter"},
          {R"("response_format":{"type":"json_schema","json_schema":{"name":"s"}})",
           "response_format.json_schema.schema", "missing_required_parameter"},
          {R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":5}})",
           "response_format.json_schema.schema", "invalid_type"},
      }) {
    CAPTURE(row.members);
    const std::string more = std::string_view(row.members).contains("\"messages\"")
                                 ? ""
                                 : R"("messages":[{"role":"user","content":"hi"}],)";
    const auto reply = ask(R"({"model":"m",)" + more + row.members + "}");
    CHECK(reply.status == 400);
    const Json error = json_of(reply)["error"];
    CHECK(error["type"] == "invalid_request_error");
    CHECK(error["param"] == row.param);
    CHECK(error["code"] == row.code);
    CHECK(error["message"].get<std::string>().contains(row.param));
  }
}

TEST_CASE("a long text is read at its ends only, and counted whole") {
  std::string text = "Translate hello to French. ";
  for (int i = 0; i < 300'000; ++i) text += "größer ";
  const auto started = std::clock();
  const Json reply = chat("", text + "So much for that.");
  const double seconds = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
  CHECK(reply["usage"]["prompt_tokens"].get<std::size_t>() > 300'000);
  CHECK(content(reply).size() < 20'000);
  CHECK(Json::parse(reply.dump()) == reply);  // no character was cut in two: dump throws on broken UTF-8
  MESSAGE("seconds of CPU: ", seconds);
  const Json tool = json_of(
      ask(R"({"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":)" + Json(text).dump() + "}]}"));
  CHECK(content(tool).starts_with("Here is what I found: the tool said Translate hello"));
  CHECK(content(tool).size() < 20'000);
}

TEST_CASE("odd but legal requests are answered") {
  for (
      const char* body :
      {R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":""}]}]})",
       R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://h/i"}},{"type":"text","text":"hi"}]}],"tools":null,"stop":null,"n":null})",
       R"({"model":"m","messages":[{"role":"assistant","content":"x"}],"tool_choice":"auto","stop":[],"seed":-1})",
       R"({"model":"m","messages":[{"role":"assistant","refusal":"no"}],"tools":[{"type":"custom","custom":{"name":"x"}}],"temperature":2})",
       R"({"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":"x"}],"stop":"y","top_p":0.5,"max_completion_tokens":1})"}) {
    CAPTURE(body);
    CHECK(ask(body).status == 200);
  }
}

TEST_CASE("every fault of the table does what it says") {
  const auto plain = [](const std::string& model) {
    return ask(R"({"model":")" + model + R"(","messages":[{"role":"user","content":"hi"}]})");
  };
  const auto stream = [](const std::string& model) {
    return ask(R"({"model":")" + model + R"(","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  };
  const std::size_t whole = stream("m").pieces.size();
  CHECK(plain("fail-429").status == 429);
  CHECK(plain("fail-429").headers.back() == std::pair<std::string, std::string>("retry-after", "1"));
  CHECK(stream("fail-500").status == 500);
  CHECK(plain("fail-200").status == 500);
  CHECK(stream("fail-cut").end == mock::Reply::End::cut);
  CHECK(stream("fail-cut").pieces.size() == whole / 2);
  CHECK(plain("fail-cut").pieces[0].size() < plain("m").pieces[0].size());
  CHECK(stream("fail-stall").end == mock::Reply::End::stall);
  CHECK(stream("fail-event").pieces.back().find("{\"error\"") != std::string::npos);
  CHECK(plain("fail-event").status == 500);
  CHECK(plain("fail-timeout").headless);
  CHECK(plain("fail-reset").headless);
  CHECK(plain("fail-empty").pieces.empty());
  CHECK(plain("fail-noise").content_type == "text/html");
  CHECK(plain("slow-20").before_head == std::chrono::milliseconds(20));
  CHECK(stream("drip-5").per_piece == std::chrono::milliseconds(5));
  CHECK(stream("drip-5").pieces.size() == whole);
  for (const char* harmless : {"fail", "fail-", "fail-cutting", "slow-", "slow-x", "my-fail-cut"}) {
    CAPTURE(harmless);
    CHECK(plain(harmless).status == 200);
    CHECK(plain(harmless).end == mock::Reply::End::whole);
  }
  for (const auto& row : mock::faults()) CHECK(!row.what.empty());
}
