#include "dialects/vertex.h"

#include <doctest/doctest.h>

#include "base/json.h"

using namespace apigw;

namespace {

struct Row {
  const char *before, *after;
};

}  // namespace

TEST_CASE("Anthropic's bodies lose the model and gain the version, and every other byte stays") {
  for (const Row& row :
       {Row{R"({"model":"m","max_tokens":9})", R"({"anthropic_version":"vertex-2023-10-16","max_tokens":9})"},
        Row{R"({"max_tokens":9, "model" : "m"})", R"({"anthropic_version":"vertex-2023-10-16","max_tokens":9})"},
        Row{R"({ "a" : 1.0 , "model":"m" , "b":[ ] })",
            R"({"anthropic_version":"vertex-2023-10-16", "a" : 1.0 ,  "b":[ ] })"},
        Row{R"({"model":"m"})", R"({"anthropic_version":"vertex-2023-10-16"})"},
        Row{R"({"a":{"model":"kept"}})", R"({"anthropic_version":"vertex-2023-10-16","a":{"model":"kept"}})"},
        Row{R"({"mod\u0065l":"m","a":1})", R"({"anthropic_version":"vertex-2023-10-16","a":1})"},
        Row{R"({"anthropic_version":"vertex-2023-10-16","model":"m"})",
            R"({"anthropic_version":"vertex-2023-10-16"})"},
        Row{"{}", R"({"anthropic_version":"vertex-2023-10-16"})"}}) {
    CAPTURE(row.before);
    const std::string edited = dialects::vertex::edit_anthropic(row.before);
    CHECK(edited == row.after);
    CHECK(json::scan(edited));
    CHECK(dialects::vertex::edit_anthropic(edited) == edited);
  }
}

TEST_CASE("Gemini's bodies lose the ids of calls and results, and every other byte stays") {
  for (const Row& row :
       {Row{R"({"contents":[{"parts":[{"text":"x"}]}]})", R"({"contents":[{"parts":[{"text":"x"}]}]})"},
        Row{R"({"contents":[{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"id":2}}}]},)"
            R"({"parts":[{"functionResponse":{"name":"f","id":"1","response":{"id":3}}}]}]})",
            R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":2}}}]},)"
            R"({"parts":[{"functionResponse":{"name":"f","response":{"id":3}}}]}]})"},
        Row{R"({"contents":[{"parts":[{"function_call":{"name":"f", "id":"1"}},{"function_response":{"id":"1"}}]}]})",
            R"({"contents":[{"parts":[{"function_call":{"name":"f"}},{"function_response":{}}]}]})"},
        Row{R"({"contents":[{"parts":3},4,{"parts":[5]}],"id":"kept"})",
            R"({"contents":[{"parts":3},4,{"parts":[5]}],"id":"kept"})"},
        Row{R"({"contents":7})", R"({"contents":7})"}}) {
    CAPTURE(row.before);
    const std::string edited = dialects::vertex::edit_gemini(row.before);
    CHECK(edited == row.after);
    CHECK(json::scan(edited));
  }
}
