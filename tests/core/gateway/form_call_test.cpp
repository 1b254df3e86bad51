// Calls whose body is a form, and replies that are no JSON.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

constexpr std::string_view key = "sk-key-of-openai-here";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  for (const auto& [path, operation] : {std::pair("/v1/audio/speech", "speech"),
                                        {"/v1/audio/transcriptions", "transcriptions"},
                                        {"/v1/images/generations", "images"},
                                        {"/v1/images/edits", "image_edits"}})
    plan.endpoint(fmt::format("POST {}", path), "openai", operation);
  plan.provider("openai", 9200, std::string(key))
      .provider("spare", 9300)
      .provider("azure", 9400, "", "")
      .speaks("azure-openai");
  plan.provider("anthropic", 9100).speaks("anthropic");
  plan.model("ears", {"openai/whisper-1", "spare/listener"}).model("voice", {"openai/tts-1", "spare/speaker"});
  plan.model("deployed", {"azure/whisper"}).model("painter", {"openai/gpt-image-1"});
  return plan.model("claude", {"anthropic/claude-haiku-4-5"});
}

std::string field(std::string_view name, std::string_view value) {
  return fmt::format("--b\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name, value);
}
std::string file(std::string_view bytes) {
  return fmt::format(
      "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
      "content-type: audio/wav\r\n\r\n{}\r\n",
      bytes);
}
const std::string last = "--b--\r\n";

FakeExchange form_call(std::vector<std::string> pieces, std::string_view path = "/v1/audio/transcriptions") {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "multipart/form-data; boundary=b").header("authorization", "Bearer sk-client");
  return std::move(exchange.chunks(std::move(pieces)));
}
FakeExchange json_call(std::string_view path, std::string_view body) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json");
  return std::move(exchange.body(std::string(body)));
}
test::Script bytes_reply(std::string_view type, std::vector<std::string> pieces) {
  return {.headers = {{"content-type", std::string(type)}}, .pieces = std::move(pieces)};
}

const std::string heard = R"({"text":"hello","usage":{"type":"duration","seconds":3}})";

}  // namespace

TEST_CASE("a form goes up with the target's name in it, every other byte as it came, however it is cut") {
  const std::string sound = std::string("RIFF\r\n--\0\xff", 10) + std::string(5'000, 's');
  for (const bool model_first : {true, false}) {
    const std::string body =
        model_first ? field("model", "ears") + file(sound) + last : file(sound) + field("model", "ears") + last;
    const std::string sent = model_first ? field("model", "whisper-1") + file(sound) + last
                                         : file(sound) + field("model", "whisper-1") + last;
    for (const std::size_t step : {std::size_t{50}, std::size_t{1'000}, body.size()}) {
      CAPTURE(model_first);
      CAPTURE(step);
      std::vector<std::string> pieces;
      for (std::size_t at = 0; at < body.size(); at += step) pieces.push_back(body.substr(at, step));
      test::House house(models());
      house.upstream.scripts = {test::json_reply(heard)};
      auto exchange = form_call(pieces);
      exchange.length(body.size());
      const auto& outcome = house.serve(exchange);
      const auto& asked = *house.upstream.asked.at(0);
      CHECK(asked.body == sent);
      CHECK(asked.request.content_length == sent.size());
      CHECK(asked.request.target == "/v1/audio/transcriptions");
      CHECK(asked.request.headers.find("content-type") == "multipart/form-data; boundary=b");
      CHECK(asked.request.headers.find("authorization") == fmt::format("Bearer {}", key));
      CHECK(exchange.status == 200);
      CHECK(exchange.received == heard);
      CHECK(outcome.end == End::done);
      CHECK(outcome.model == "ears");
      CHECK_FALSE(outcome.usage.known);
    }
  }
}

TEST_CASE("a form of unannounced length stays one, and a deployment is asked at its own address") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(heard)};
  auto exchange = form_call({field("model", "deployed"), file("x"), last});
  house.serve(exchange);
  CHECK_FALSE(house.upstream.asked.at(0)->request.content_length);
  CHECK(house.upstream.asked[0]->request.has_body);
  CHECK(house.upstream.asked[0]->request.target ==
        "/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21");
  CHECK(exchange.received == heard);
}

TEST_CASE("a form falls back while its rest is with the client, and whole as often as any call") {
  const test::Script busy = test::json_reply(R"({"error":{"message":"busy"}})", 503);
  struct Row {
    std::string_view name;
    std::vector<std::string> pieces;
    test::Script first;
    int status;
    std::size_t asked;
  };
  const std::string begin = field("model", "ears");
  for (const Row& row : {Row{"not reached", {begin + file("x"), last}, test::unreachable(), 200, 2},
                         Row{"it has gone up", {begin + file("x"), last}, busy, 503, 1},
                         Row{"it was here whole", {begin + file("x") + last}, busy, 200, 2}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {row.first, test::json_reply(heard)};
    auto exchange = form_call(row.pieces);
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    REQUIRE(house.upstream.asked.size() == row.asked);
    if (row.status == 200) CHECK(house.upstream.asked.back()->body == field("model", "listener") + file("x") + last);
  }
}

TEST_CASE("a form that cannot be read is refused, and one that goes wrong on its way never arrives whole") {
  struct Row {
    std::string_view name;
    std::vector<std::string> pieces;
    std::string_view says;
    bool asked = false;
  };
  const std::string begin = field("model", "ears");
  for (const Row& row :
       {Row{"no model", {file("x") + last}, "'model' must be given"},
        Row{"no end", {begin + file("x")}, "ends before its last boundary"},
        Row{"no form", {"{}"}, "ends before its last boundary"},
        Row{"a file for a name",
            {"--b\r\ncontent-disposition: form-data; name=model; filename=x\r\n\r\nears\r\n" + last},
            "must be a field with a name"},
        Row{"two models", {begin + field("model", "other") + last}, "more than once"},
        Row{"a second model later", {begin + file("x"), field("model", "other") + last}, "more than once", true},
        Row{"an end that never comes", {begin + file("x"), file("y")}, "ends before its last boundary", true}}) {
    CAPTURE(row.name);
    test::House house(models());
    test::Script script = test::json_reply(heard);
    script.pause = true;  // a provider answers what it has whole
    house.upstream.scripts = {script};
    auto exchange = form_call(row.pieces);
    house.serve(exchange);
    CHECK(exchange.status == 400);
    CHECK(exchange.received.contains(row.says));
    CHECK(house.upstream.asked.size() == (row.asked ? 1 : 0));
    if (!row.asked) continue;
    CHECK(house.upstream.asked[0]->aborted);
    CHECK_FALSE(house.upstream.asked[0]->body.contains(row.pieces.back()));
  }
  test::House house(models());
  auto exchange = json_call("/v1/audio/transcriptions", R"({"model":"ears"})");
  house.serve(exchange);
  CHECK(exchange.status == 400);
  CHECK(exchange.received.contains("must be multipart/form-data"));
  auto elsewhere = form_call({field("model", "claude") + last});
  house.serve(elsewhere);
  CHECK(elsewhere.status == 501);
}

TEST_CASE("a sound comes down as it comes, with the length that the provider told") {
  test::House house(models());
  house.upstream.scripts = {bytes_reply("audio/mpeg", {"ID3", std::string("\0\xff", 2), "end"})};
  auto exchange = json_call("/v1/audio/speech", R"({"model":"voice","input":"hello","voice":"alloy"})");
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->body == R"({"model":"tts-1","input":"hello","voice":"alloy"})");
  CHECK(exchange.status == 200);
  CHECK(exchange.header_of("content-type") == "audio/mpeg");
  CHECK(exchange.received == std::string("ID3\0\xff", 5) + "end");
  CHECK(exchange.finished);
  CHECK(outcome.end == End::done);
  CHECK(outcome.attempts == std::vector<std::string>{"openai/tts-1 200"});
}

TEST_CASE("a sound that breaks off is cut, one that never began falls back, and a secret ends it") {
  test::Script broken = bytes_reply("audio/mpeg", {"ID3"});
  broken.end_error = Error{ErrorKind::closed, "cut"};
  const std::string body = R"({"model":"voice","input":"hello"})";
  {
    test::House house(models());
    house.upstream.scripts = {broken};
    auto exchange = json_call("/v1/audio/speech", body);
    CHECK(house.serve(exchange).end == End::cut);
    CHECK(exchange.aborted);
    CHECK_FALSE(exchange.finished);
  }
  for (const test::Script& first :
       {bytes_reply("audio/mpeg", {}), bytes_reply("text/html", {"<html>"}), test::json_reply("{}", 503)}) {
    test::House house(models());
    house.upstream.scripts = {first, bytes_reply("audio/mpeg", {"ID3"})};
    auto exchange = json_call("/v1/audio/speech", body);
    house.serve(exchange);
    CHECK(exchange.status == 200);
    CHECK(exchange.received == "ID3");
    CHECK(house.upstream.asked.size() == 2);
  }
  test::House house(models());
  house.upstream.scripts = {bytes_reply("text/plain", {"it is sk-key-of", "-openai-here, they say"})};
  auto exchange = json_call("/v1/audio/speech", body);
  const auto& outcome = house.serve(exchange);
  CHECK(outcome.reason == "secret_blocked");
  CHECK(exchange.aborted);
  CHECK(exchange.received == "it is ");
}

TEST_CASE("an error about a sound or a form comes in the client's shape") {
  test::House house(models());
  const std::string no = R"({"error":{"message":"no such voice","type":"invalid_request_error"}})";
  house.upstream.scripts = {test::json_reply(no, 400), test::json_reply(no, 400)};
  auto exchange = json_call("/v1/audio/speech", R"({"model":"voice","input":"hello"})");
  house.serve(exchange);
  CHECK(exchange.status == 400);
  CHECK(exchange.received == no);
  auto sent = form_call({field("model", "ears"), last});
  house.serve(sent);
  CHECK(sent.status == 400);
  CHECK(sent.received == no);
}

TEST_CASE("streams of pictures, sounds and transcripts are events of their own, whole with the one that ends them") {
  const std::string part = "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"aGk=\"}\n\n";
  const std::string done = "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"aGk=\"}\n\n";
  const std::string painting = R"({"model":"painter","prompt":"a gate","stream":true})";
  const std::string speaking = R"({"model":"voice","input":"hi","stream_format":"sse"})";
  const std::string spoken = "event: speech.audio.done\ndata: {\"type\":\"speech.audio.done\",\"usage\":{}}\n\n";
  struct Row {
    std::string_view name;
    FakeExchange exchange;
    std::vector<std::string> frames;
    End end;
  };
  const auto form = [] { return form_call({field("stream", "true") + field("model", "ears") + last}); };
  std::vector<Row> rows;
  rows.push_back({"a picture", json_call("/v1/images/generations", painting), {part, done}, End::done});
  rows.push_back({"two", json_call("/v1/images/generations", painting), {part, done, part, done}, End::done});
  rows.push_back({"half", json_call("/v1/images/generations", painting), {part}, End::cut});
  rows.push_back({"speech", json_call("/v1/audio/speech", speaking), {spoken}, End::done});
  rows.push_back(
      {"a transcript", form(), {"data: {\"type\":\"transcript.text.done\",\"text\":\"hi\"}\n\n"}, End::done});
  rows.push_back({"an error",
                  form(),
                  {"data: {\"type\":\"transcript.text.delta\",\"delta\":\"h\"}\n\n",
                   "data: {\"type\":\"error\",\"error\":{\"message\":\"no more\"}}\n\n"},
                  End::cut});
  for (Row& row : rows) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.frames)};
    const auto& outcome = house.serve(row.exchange);
    std::string all;
    for (const std::string& frame : row.frames) all += frame;
    CHECK(outcome.end == row.end);
    CHECK(row.exchange.header_of("content-type") == "text/event-stream");
    if (row.end == End::done) CHECK(row.exchange.received == all);
    if (row.end == End::cut) CHECK(row.exchange.received.contains("\"error\""));
  }
}

TEST_CASE("a model that knows no streams answers whole, and an event may hold a whole picture") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(heard)};
  auto exchange = form_call({field("stream", "true") + field("model", "ears") + last});
  house.serve(exchange);
  CHECK(exchange.status == 200);
  CHECK(exchange.received == heard);
  const std::string picture = fmt::format("data: {{\"type\":\"image_generation.completed\",\"b64_json\":\"{}\"}}\n\n",
                                          std::string(3 << 20, 'A'));
  house.upstream.scripts = {test::event_stream({picture})};
  auto painted = json_call("/v1/images/generations", R"({"model":"painter","prompt":"a gate","stream":true})");
  CHECK(house.serve(painted).end == End::done);
  CHECK(painted.received == picture);
}
