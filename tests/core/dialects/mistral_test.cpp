// What of Mistral's dialect no fixture shows.
#include "dialects/mistral.h"

#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"

using namespace apigw;
using Json = nlohmann::ordered_json;

namespace {

const dialects::Dialect& mistral() {
  return *dialects::find_dialect("mistral");
}

chat::Request called(const std::string& id) {
  chat::Request request{.model = "m"};
  const auto turn = [&](chat::Role role, chat::Content content) {
    request.messages.push_back({.role = role, .parts = {{std::move(content), {}, {}}}, .name = {}, .place = {}});
  };
  turn(chat::Role::user, chat::Text{"hi"});
  turn(chat::Role::assistant, chat::ToolCall{.id = id, .name = "f"});
  turn(chat::Role::user, chat::ToolResult{.call_id = id, .content = {{chat::Text{"done"}, {}, {}}}});
  return request;
}

Json written(const chat::Request& request, chat::Losses& losses) {
  const auto out = mistral().write_request(request, {.model = "t"}, losses);
  REQUIRE(out);
  return Json::parse(out->body);
}

}  // namespace

TEST_CASE("a call's id is nine letters and digits, the same in its result, and another for another call") {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    chat::Losses losses;
    const std::string own = i == 0 ? "" : fmt::format("call_{}", i);
    const Json body = written(called(own), losses);
    const std::string id = body["messages"][1]["tool_calls"][0]["id"];
    CHECK(id.size() == 9);
    CHECK(id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
          std::string::npos);
    CHECK(body["messages"][2]["tool_call_id"] == id);
    CHECK(seen.insert(id).second);
  }
}

TEST_CASE("an id that Mistral made goes back as it is") {
  chat::Losses losses;
  CHECK(written(called("aB3dE5fG7"), losses)["messages"][1]["tool_calls"][0]["id"] == "aB3dE5fG7");
}

TEST_CASE("a stream of arguments without end is given up") {
  chat::Losses losses;
  const auto writer = mistral().write_events({.id = "x", .now = 7});
  std::string out;
  writer->feed(chat::Began{.id = "x", .model = "m"}, out, losses);
  writer->feed(chat::PartBegan{0, 0, chat::ToolCall{.id = "aB3dE5fG7", .name = "f", .arguments = {""}}}, out, losses);
  const std::string much(1 << 20, 'a');
  for (int i = 0; i < 32; ++i) writer->feed(chat::PartGrew{0, 0, much}, out, losses);
  CHECK_FALSE(writer->gave_up());
  writer->feed(chat::PartGrew{0, 0, "a"}, out, losses);
  CHECK(writer->gave_up());
}

TEST_CASE("an answer that was begun is gone on with, and a client of OpenAI's is told so") {
  chat::Request request{.model = "m"};
  request.messages.push_back(
      {.role = chat::Role::user, .parts = {{chat::Text{"Count."}, {}, {}}}, .name = {}, .place = {}});
  request.messages.push_back(
      {.role = chat::Role::assistant, .parts = {{chat::Text{"One,"}, {}, {}}}, .name = {}, .place = {}});
  chat::Losses silent, told;
  CHECK(written(request, silent)["messages"][1]["prefix"] == true);
  CHECK(silent.empty());
  request.native.dialect = "openai";
  CHECK(written(request, told)["messages"][1]["prefix"] == true);
  CHECK(told.count() == 1);
}

TEST_CASE("a reply whose usage nobody knows tells none, and holds the object that clients demand") {
  chat::Reply reply{.id = "x", .model = "m"};
  reply.answers.push_back({.parts = {{chat::Text{"hi"}, {}, {}}}, .stop = {}});
  chat::Losses losses;
  const Json body = Json::parse(mistral().write_reply(reply, {.id = "x", .now = 7}, losses));
  CHECK(body["usage"] == Json::object());
}

TEST_CASE("an error has Mistral's flat form") {
  const Json body = Json::parse(mistral().error_body(
      {.status = 404, .code = "model_not_found", .message = "there is no model 'm'", .param = "model"}));
  CHECK(body["object"] == "error");
  CHECK(body["message"] == "there is no model 'm'");
  CHECK(body["param"] == "model");
  CHECK(body["code"] == "model_not_found");
}
