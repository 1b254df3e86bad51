// What of the Responses dialect no fixture shows: what is written for other clients, and the order of its events.
#include "dialects/openai_responses.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"
#include "dialects/proof.h"
#include "wire/sse.h"

using namespace apigw;
using Json = nlohmann::ordered_json;

namespace {

const dialects::Dialect& responses() {
  return *dialects::find_dialect("openai-responses");
}

chat::Request asked(std::string text) {
  chat::Request request{.model = "m"};
  request.messages.push_back(
      {.role = chat::Role::user, .parts = {{chat::Text{std::move(text)}, {}, {}}}, .name = {}, .place = {}});
  return request;
}

Json written(const chat::Request& request, const dialects::TargetTraits& traits, chat::Losses& losses) {
  const auto out = responses().write_request(request, traits, losses);
  REQUIRE(out);
  return Json::parse(out->body);
}

std::string places(const chat::Losses& losses) {
  std::string out;
  for (const chat::Loss& loss : losses.list()) out += loss.path + " ";
  return out;
}

// The frames of a stream as type and data.
std::vector<std::pair<std::string, Json>> frames_of(std::string_view bytes) {
  std::vector<std::pair<std::string, Json>> found;
  wire::SseSplitter splitter;
  splitter.feed(bytes);
  for (auto frame = splitter.next(); frame && *frame; frame = splitter.next())
    found.emplace_back(std::string((*frame)->event), Json::parse((*frame)->data));
  return found;
}

std::string streamed(const std::vector<chat::Event>& events, chat::Losses& losses) {
  std::string out;
  const auto writer = responses().write_events({.id = "resp_x", .now = 7});
  for (const chat::Event& event : events) writer->feed(event, out, losses);
  return out;
}

}  // namespace

TEST_CASE("the provider is asked to keep nothing and for the proof of its thoughts instead") {
  chat::Losses losses;
  const Json plain = written(asked("hi"), {.model = "t"}, losses);
  CHECK(plain["store"] == false);
  CHECK_FALSE(plain.contains("include"));
  const Json thinking = written(asked("hi"), {.model = "t", .max_output = {}, .thinks_by_effort = true}, losses);
  CHECK(thinking["include"] == Json::array({"reasoning.encrypted_content"}));
  CHECK(losses.empty());
}

TEST_CASE("a function of which nobody said whether it is strict is not, except for a client of the dialect") {
  chat::Request request = asked("hi");
  request.tools.push_back(
      {.name = "f", .description = {}, .schema = {R"({"type":"object"})"}, .strict = {}, .cache = {}});
  chat::Losses losses;
  CHECK(written(request, {.model = "t"}, losses)["tools"][0]["strict"] == false);
  request.native.dialect = "openai-responses";
  CHECK_FALSE(written(request, {.model = "t"}, losses)["tools"][0].contains("strict"));
}

TEST_CASE("what the dialect cannot say of sampling is a loss, and several answers are refused") {
  chat::Request request = asked("hi");
  request.top_k = chat::Number{"5", 5};
  request.frequency_penalty = chat::Number{"1", 1};
  request.presence_penalty = chat::Number{"1", 1};
  request.seed = 3;
  request.stop = {"END"};
  chat::Losses losses;
  const Json body = written(request, {.model = "t"}, losses);
  CHECK(places(losses) == "top_k frequency_penalty presence_penalty seed stop ");
  CHECK(body.size() == 3);  // model, input, store
  request.answers = 2;
  const auto refused = responses().write_request(request, {.model = "t"}, losses);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid);
}

TEST_CASE("what OpenAI's two dialects both say goes to servers that know newer names") {
  const std::string body =
      R"({"model":"m","input":"hi","text":{"verbosity":"low"},"prompt_cache_key":"k","metadata":{"a":"b"}})";
  const auto request = dialects::read_request(responses(), body, {});
  REQUIRE(request);
  const dialects::Dialect& chat_completions = *dialects::find_dialect("openai");
  chat::Losses newer;
  const auto knows = chat_completions.write_request(*request, {.model = "t"}, newer);
  REQUIRE(knows);
  CHECK(Json::parse(knows->body)["verbosity"] == "low");
  CHECK(Json::parse(knows->body)["prompt_cache_key"] == "k");
  CHECK(places(newer) == "metadata ");
  dialects::TargetTraits traits{.model = "t"};
  traits.max_tokens_only = true;
  chat::Losses older;
  const auto knows_not = chat_completions.write_request(*request, traits, older);
  REQUIRE(knows_not);
  CHECK(Json::parse(knows_not->body).size() == 2);  // model, messages
  CHECK(places(older) == "text.verbosity metadata ");
}

TEST_CASE("a thought of another dialect keeps its proof and its origin in encrypted_content") {
  for (const chat::Reasoning& thought :
       {chat::Reasoning{.text = "t", .signature = "a:b", .sealed = {}, .origin = "anthropic"},
        chat::Reasoning{.text = {}, .signature = {}, .sealed = "s", .origin = "anthropic"},
        chat::Reasoning{.text = "t", .signature = "s", .sealed = {}, .origin = {}},
        chat::Reasoning{.text = "t", .signature = "gAAA", .sealed = {}, .origin = "openai-responses"}}) {
    chat::Reasoning read{.text = thought.text};
    dialects::read_proof(dialects::responses::written_proof(thought), "openai-responses", read);
    CHECK(read.signature == thought.signature);
    CHECK(read.sealed == thought.sealed);
    CHECK(read.origin == thought.origin);
  }
}

TEST_CASE("the events of a stream are numbered, repeat what they said and end once") {
  chat::Losses losses;
  const auto frames = frames_of(streamed(
      {chat::Began{.id = "r", .model = "m", .created = 9}, chat::PartBegan{0, 0, chat::Reasoning{}},
       chat::PartGrew{0, 0, "Hm."}, chat::PartSigned{0, 0, "sig"}, chat::PartEnded{0, 0},
       chat::PartBegan{0, 1, chat::Text{}}, chat::PartGrew{0, 1, "Hel"}, chat::PartGrew{0, 1, "lo."},
       chat::PartEnded{0, 1}, chat::PartBegan{0, 2, chat::ToolCall{.id = "c", .name = "f", .arguments = {""}}},
       chat::PartGrew{0, 2, "{}"}, chat::PartEnded{0, 2}, chat::Stopped{0, {.stop = chat::Stop::tool_calls}},
       chat::Finished{{.input = 3, .output = 4, .known = true}}},
      losses));
  CHECK(losses.empty());
  std::string types;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(frames[i].second["sequence_number"] == i);
    CHECK(frames[i].second["type"] == frames[i].first);
    types += frames[i].first.substr(9) + "\n";
  }
  CHECK(types ==
        "created\nin_progress\n"
        "output_item.added\nreasoning_summary_part.added\nreasoning_summary_text.delta\nreasoning_summary_text.done\n"
        "reasoning_summary_part.done\noutput_item.done\n"
        "output_item.added\ncontent_part.added\noutput_text.delta\noutput_text.delta\noutput_text.done\n"
        "content_part.done\noutput_item.done\n"
        "output_item.added\nfunction_call_arguments.delta\nfunction_call_arguments.done\noutput_item.done\n"
        "completed\n");
  const Json& whole = frames.back().second["response"];
  CHECK(whole["status"] == "completed");
  CHECK(whole["usage"]["total_tokens"] == 7);
  REQUIRE(whole["output"].size() == 3);
  CHECK(whole["output"][0]["summary"][0]["text"] == "Hm.");
  CHECK(whole["output"][0]["encrypted_content"] == "apigw::signature:sig");
  CHECK(whole["output"][1]["content"][0]["text"] == "Hello.");
  CHECK(whole["output"][2]["arguments"] == "{}");
  for (const auto& [type, data] : frames) {  // an item is told by the same id throughout
    if (data.contains("item_id")) CHECK(data["item_id"] == whole["output"][data["output_index"].get<int>()]["id"]);
  }
}

TEST_CASE("a stream of Responses that breaks ends in an error and is never completed") {
  const chat::Failed failed{{.status = 502, .type = "server_error", .message = "It broke."}};
  chat::Losses losses;
  const auto begun = frames_of(streamed({chat::Began{.id = "r", .model = "m"}, chat::PartBegan{0, 0, chat::Text{}},
                                         chat::PartGrew{0, 0, "Hel"}, failed},
                                        losses));
  CHECK(begun.back().first == "response.failed");
  CHECK(begun.back().second["response"]["status"] == "failed");
  CHECK(begun.back().second["response"]["error"]["message"] == "It broke.");
  const auto first = frames_of(streamed({failed}, losses));
  REQUIRE(first.size() == 1);
  CHECK(first[0].first == "error");
  CHECK(first[0].second["message"] == "It broke.");
  CHECK(first[0].second["error"]["message"] == "It broke.");
  const auto broken = frames_of(responses().broken_stream({.status = 502, .code = "cut", .message = "Gone."}));
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].first == "error");
  CHECK(broken[0].second["type"] == "error");
  CHECK(broken[0].second["code"] == "cut");
  CHECK(broken[0].second["error"]["message"] == "Gone.");
}

TEST_CASE("an answer that is longer than a stream's last event may repeat is broken off") {
  chat::Losses losses;
  std::string out;
  const auto writer = responses().write_events({.id = "resp_x", .now = 7});
  writer->feed(chat::Began{.id = "r", .model = "m"}, out, losses);
  writer->feed(chat::PartBegan{0, 0, chat::Text{}}, out, losses);
  const std::string piece(8u << 20, 'x');
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(writer->gave_up());
    writer->feed(chat::PartGrew{0, 0, piece}, out, losses);
    out.clear();
  }
  CHECK_FALSE(writer->gave_up());
  writer->feed(chat::PartGrew{0, 0, "x"}, out, losses);
  CHECK(writer->gave_up());
  CHECK(out.empty());
}

TEST_CASE("the bodies of the dialect are scanned for what the line of rooms must know") {
  const std::string body = R"({"model":"m","input":"hi","stream":true})";
  const auto facts = responses().scan_request("chat", body, {});
  REQUIRE(facts);
  CHECK(facts->model == "m");
  CHECK(facts->stream);
  CHECK(facts->wants_usage);
  CHECK_FALSE(facts->forced);
  CHECK_FALSE(responses().scan_request("chat", R"({"input":"hi"})", {}));
  CHECK_FALSE(responses().scan_request("chat", R"({"model":"m","stream":"yes"})", {}));
  const auto usage = responses().scan_reply(
      "chat",
      R"({"output":[],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":2},"output_tokens":3}})", {});
  REQUIRE(usage);
  CHECK(usage->input == 3);
  CHECK(usage->cache_read == 2);
  CHECK(usage->total() == 8);
  CHECK_FALSE(responses().scan_reply("chat", R"({"id":"r"})", {}));
  CHECK_FALSE(responses().scan_reply("chat", R"({"output":[],"error":{"message":"x"}})", {}));
}
