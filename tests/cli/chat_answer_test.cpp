#include "chat_answer.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace apigw;

namespace {

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return fmt::format("data: {{\"choices\":[{{\"index\":0,\"delta\":{},\"finish_reason\":{}}}]}}\n\n", delta, finish);
}

}  // namespace

TEST_CASE("what a reader of the words alone would miss is noted, of a stream and of a reply") {
  struct Row {
    const char *content, *finish, *said, *note;
    bool given;
  };
  for (const Row& row :
       {Row{R"({"content":"Hello"})", R"("stop")", "Hello", "", true},
        {R"({"content":"Hel"})", R"("length")", "Hel", "the answer is cut: the model reached its most tokens", true},
        {R"({"content":null,"refusal":"I will not"})", R"("content_filter")", "I will not", "the model refused",
         false},
        {R"({"content":"He"})", R"("content_filter")", "He", "the provider's filter ended the answer", false},
        {R"({"tool_calls":[{"index":0,"function":{"name":"find","arguments":""}}]})", R"("tool_calls")", "",
         "the answer only calls tools, which chat has none of: find", false},
        {R"({"content":""})", R"("stop")", "", "the answer is empty", false}}) {
    CAPTURE(row.content);
    std::string said;
    const auto say = [&](std::string_view words) { said += words; };
    cli::ChatAnswer streamed(say);
    for (const char byte : chunk(row.content) + chunk("{}", row.finish) + "data: [DONE]\n\n")
      REQUIRE(streamed.take({&byte, 1}));
    CHECK(said == row.said);
    cli::ChatAnswer whole;
    whole.read(nlohmann::ordered_json::parse(
        fmt::format(R"({{"choices":[{{"message":{},"finish_reason":{}}}]}})", row.content, row.finish)));
    for (const cli::ChatAnswer* answer : {&streamed, &whole}) {
      CHECK(answer->note() == row.note);
      CHECK(answer->given() == row.given);
      CHECK(answer->failure().empty());
    }
  }
}

TEST_CASE("an error in a stream, and what is no answer at all") {
  cli::ChatAnswer answer;
  REQUIRE(answer.take("data: {\"error\":{\"message\":\"gone\"}}\n\n"));
  CHECK(answer.failure() == "gone");
  cli::ChatAnswer odd;
  for (const char* data : {"[]", "7", "{\"choices\":{}}", "{\"choices\":[3]}", "{\"choices\":[{\"delta\":[]}]}"})
    CHECK(odd.take(fmt::format("data: {}\n\n", data)));
  CHECK_FALSE(odd.given());
}
