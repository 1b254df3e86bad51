// The mock as a provider of every dialect: what it answers is read by the dialect's own readers, faults among it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"
#include "mock/reply.h"
#include "wire/splitter.h"

namespace chat = apigw::chat;
namespace dialects = apigw::dialects;
namespace mock = apigw::mock;
using Json = nlohmann::ordered_json;

namespace {

const auto now = std::chrono::system_clock::from_time_t(1'700'000'000);

mock::Reply ask(const std::string& target, const std::string& body) {
  return mock::reply_to({.method = "POST", .target = target, .body = body}, now);
}

struct Form {
  std::string_view word, target, streamed, body;  // MODEL and MORE stand in them
  std::string_view unstreamed = {};               // MORE of a plain call
};
constexpr Form forms[] = {
    {"anthropic", "/v1/messages", "/v1/messages",
     R"({"model":"MODEL","max_tokens":99,"messages":[{"role":"user","content":"Hello!"}]MORE})"},
    {"openai-completions", "/base/completions", "/base/completions",
     R"({"model":"MODEL","prompt":"Hello!","seed":7,"max_tokens":99MORE})"},
    {"openai-responses", "/base/responses", "/base/responses", R"({"model":"MODEL","input":"Hello!"MORE})"},
    {"gemini", "/v1beta/models/MODEL:generateContent", "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
     R"({"contents":[{"role":"user","parts":[{"text":"Hello!"}]}]})"},
    {"cohere", "/v2/chat", "/base/v2/chat",
     R"({"model":"MODEL","messages":[{"role":"user","content":"Hello!"}]MORE})"},
    {"ollama", "/api/chat", "/base/api/chat",
     R"({"model":"MODEL","messages":[{"role":"user","content":"Hello!"}]MORE})", R"(,"stream":false)"},
    {"ollama", "/api/generate", "/base/api/generate", R"({"model":"MODEL","prompt":"Hello!"MORE})",
     R"(,"stream":false)"},
};

std::string filled(std::string_view text, std::string_view model, std::string_view more = "") {
  std::string out(text);
  for (const auto& [name, value] : {std::pair("MODEL", model), std::pair("MORE", more)}) {
    if (const auto at = out.find(name); at != std::string::npos)
      out.replace(at, std::string_view(name).size(), value);
  }
  return out;
}

mock::Reply plain(const Form& form, std::string_view model) {
  return ask(filled(form.target, model), filled(form.body, model, form.unstreamed));
}

mock::Reply streamed(const Form& form, std::string_view model) {
  return ask(filled(form.streamed, model), filled(form.body, model, R"(,"stream":true)"));
}

std::vector<chat::Event> events_of(const dialects::Dialect& dialect, const mock::Reply& reply) {
  std::vector<chat::Event> events;
  const auto reader = dialect.read_events({}, {});
  apigw::wire::Splitter splitter(dialect.framing);
  for (const std::string& piece : reply.pieces) {
    splitter.feed(piece);
    for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) reader->feed(**frame, events);
  }
  reader->finish(events);
  return events;
}

}  // namespace

TEST_CASE("the mock answers in every dialect, whole and streamed") {
  for (const Form& form : forms) {
    CAPTURE(std::string(form.word));
    const dialects::Dialect& dialect = *dialects::find_dialect(form.word);
    const auto reply = plain(form, "m/1");
    CHECK(reply.status == 200);
    REQUIRE(reply.pieces.size() == 1);
    const auto read = dialect.read_reply(reply.pieces[0], {}, {});
    REQUIRE(read);
    CHECK(read->model == (form.word == "cohere" ? "" : "m/1"));  // whose replies name none
    CHECK(read->usage.known);
    REQUIRE(read->answers.front().parts.size() == 1);
    const std::string text = std::get<chat::Text>(read->answers.front().parts[0].content).text;
    CHECK(text.contains("mock"));

    const auto stream = streamed(form, "m/1");
    CHECK(stream.streamed);
    CHECK(stream.content_type == apigw::wire::media_type(dialect.framing));
    std::string said;
    const auto events = events_of(dialect, stream);
    for (const chat::Event& event : events) {
      if (const auto* grew = std::get_if<chat::PartGrew>(&event)) said += grew->text;
    }
    CHECK(said == text);
    REQUIRE(std::holds_alternative<chat::Finished>(events.back()));
    CHECK(std::get<chat::Finished>(events.back()).usage.known);
  }
}

TEST_CASE("the mock's faults are faults in every dialect") {
  for (const Form& form : forms) {
    CAPTURE(std::string(form.word));
    const dialects::Dialect& dialect = *dialects::find_dialect(form.word);
    const auto refused = plain(form, "fail-429");
    CHECK(refused.status == 429);
    REQUIRE(refused.pieces.size() == 1);
    const auto scanned = apigw::json::scan(refused.pieces[0]);
    REQUIRE(scanned);
    CHECK(dialect.is_own_error(refused.pieces[0], *scanned));
    CHECK(refused.headers == std::vector<std::pair<std::string, std::string>>{{"retry-after", "1"}});
    const auto cut = streamed(form, "fail-cut");
    CHECK(cut.end == mock::Reply::End::cut);
    CHECK(std::holds_alternative<chat::Failed>(events_of(dialect, cut).back()));
    const auto midway = events_of(dialect, streamed(form, "fail-event"));
    REQUIRE(std::holds_alternative<chat::Failed>(midway.back()));
    CHECK(std::get<chat::Failed>(midway.back()).error.message == "the mock was told to fail midway");
    CHECK(plain(form, "fail-reset").headless);
    CHECK(plain(form, "fail-empty").pieces.empty());
    CHECK(plain(form, "fail-noise").content_type == "text/html");
    CHECK_FALSE(dialect.read_reply(plain(form, "fail-cut").pieces.at(0), {}, {}));
    CHECK(streamed(form, "slow-5").before_head == std::chrono::milliseconds(5));
  }
}

TEST_CASE("the mock refuses in the dialect that it is asked in") {
  for (const Form& form : forms) {
    CAPTURE(std::string(form.word));
    const dialects::Dialect& dialect = *dialects::find_dialect(form.word);
    for (const char* body : {"{", "[]", R"({"model":"m"})"}) {
      const auto reply = ask(filled(form.target, "m"), body);
      CHECK(reply.status == 400);
      const auto scanned = apigw::json::scan(reply.pieces.at(0));
      REQUIRE(scanned);
      CHECK(dialect.is_own_error(reply.pieces[0], *scanned));
    }
  }
}

TEST_CASE("what the mock does not serve it says in no other dialect's words") {
  for (const std::string_view path : {"/v1/moderations", "/v1/images/generations", "/v1/audio/speech"}) {
    CAPTURE(std::string(path));
    const auto reply = ask(std::string(path), R"({"model":"m","input":"x"})");
    CHECK(reply.status == 404);
    CHECK(reply.pieces.at(0).contains("the mock serves chat completions, embeddings, rankings and models"));
  }
}

TEST_CASE("the mock counts and embeds in Gemini's form") {
  const std::string models = "/v1beta/models/m:";
  const auto counted = ask(models + "countTokens", R"({"contents":[{"parts":[{"text":"Hello there"}]}]})");
  CHECK(counted.pieces.at(0) == R"({"totalTokens":3})");
  const Json one =
      Json::parse(ask(models + "embedContent", R"({"content":{"parts":[{"text":"a b"}]},"outputDimensionality":8})")
                      .pieces.at(0));
  CHECK(one["embedding"]["values"].size() == 8);
  const Json two =
      Json::parse(ask(models + "batchEmbedContents", R"({"requests":[{"model":"models/m","content":)"
                                                     R"({"parts":[{"text":"a b"}]},"outputDimensionality":)"
                                                     R"(8},{"content":{"parts":[{"text":"c"}]}},3]})")
                      .pieces.at(0));
  REQUIRE(two["embeddings"].size() == 3);
  CHECK(two["embeddings"][0] == one["embedding"]);
  CHECK(two["embeddings"][1]["values"].size() == 256);
  CHECK(ask("/v1/messages/count_tokens", R"({"model":"m","messages":[{"role":"user","content":"Hello there"}]})")
            .pieces.at(0) == R"({"input_tokens":4})");
  std::string many = R"({"requests":[{})";
  for (int i = 0; i < 100; ++i) many += ",{}";
  many += "]}";
  for (const std::string& wrong : {many, std::string(R"({"requests":"x"})"), std::string(R"({"requests":[]})")})
    CHECK(ask(models + "batchEmbedContents", wrong).status == 400);
  CHECK(ask(models + "predict", "{}").status == 404);
  CHECK(ask("/v1beta/models/:generateContent", "{}").status == 404);
}

TEST_CASE("the mock ranks texts by the words that they share with a question, in OpenAI's paths and Cohere's") {
  const std::string body =
      R"({"model":"m","query":"opening hours of the shop","top_n":2,)"
      R"("documents":["a red bicycle",{"text":"the opening hours of the shop are nine to five"},"the shop"]})";
  for (const std::string target : {"/v1/rerank", "/v2/rerank", "/base/v2/rerank", "/rerank"}) {
    CAPTURE(target);
    const auto reply = ask(target, body);
    CHECK(reply.status == 200);
    const Json ranked = Json::parse(reply.pieces.at(0));
    REQUIRE(ranked["results"].size() == 2);
    CHECK(ranked["results"][0]["index"] == 1);
    CHECK(ranked["results"][1]["index"] == 2);
    CHECK(ranked["results"][0]["relevance_score"] > ranked["results"][1]["relevance_score"]);
    CHECK(ranked["results"][0]["relevance_score"] <= 1);
    CHECK(ranked["meta"]["billed_units"]["search_units"] == 1);
  }
  for (const char* wrong :
       {R"({"model":"m","documents":["a"]})", R"({"model":"m","query":"a","documents":[]})",
        R"({"model":"m","query":"a","documents":[1]})", R"({"model":"m","query":"a","documents":["a"],"top_n":0})"}) {
    CAPTURE(wrong);
    const auto own = ask("/v1/rerank", wrong), cohere = ask("/v2/rerank", wrong);
    CHECK(own.status == 400);
    CHECK(cohere.status == 400);
    CHECK(Json::parse(cohere.pieces.at(0)) == Json{{"message", Json::parse(own.pieces.at(0))["error"]["message"]}});
  }
  CHECK(ask("/v2/rerank", R"({"model":"fail-500","query":"a","documents":["a"]})").status == 500);
}

TEST_CASE("the mock embeds and lists its models in Ollama's form") {
  const auto texts = ask("/api/embed", R"({"model":"m","input":["a b","c"],"dimensions":8})");
  const Json two = Json::parse(texts.pieces.at(0));
  REQUIRE(two["embeddings"].size() == 2);
  CHECK(two["embeddings"][0].size() == 8);
  CHECK(two["prompt_eval_count"] == 3);
  const Json one = Json::parse(ask("/api/embeddings", R"({"model":"m","prompt":"a b"})").pieces.at(0));
  CHECK(one["embedding"].size() == 256);
  const auto none = ask("/api/embed", R"({"model":"m","input":[]})");
  CHECK(none.status == 400);
  CHECK(none.pieces.at(0) == R"({"error":"'input' must not be empty"})");
  CHECK(ask("/api/embed", R"({"model":"fail-500","input":"a"})").pieces.at(0) ==
        R"({"error":"the mock was told to fail"})");
  const auto tags = mock::reply_to({.method = "GET", .target = "/api/tags", .body = {}}, now);
  CHECK(tags.status == 200);
  CHECK(Json::parse(tags.pieces.at(0))["models"][0]["name"] == "chat");
}
