// What of the Gemini dialect no fixture shows: schemas in its own form, how much a model thinks by its generation,
// and what of other clients' requests it is told otherwise.
#include "dialects/gemini.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"

using namespace apigw;
using Json = nlohmann::ordered_json;

namespace {

const dialects::Dialect& gemini() {
  return *dialects::find_dialect("gemini");
}

chat::Request asked(std::string text) {
  chat::Request request{.model = "m"};
  request.messages.push_back(
      {.role = chat::Role::user, .parts = {{chat::Text{std::move(text)}, {}, {}}}, .name = {}, .place = {}});
  return request;
}

Json written(const chat::Request& request, const dialects::TargetTraits& traits, chat::Losses& losses) {
  const auto out = gemini().write_request(request, traits, losses);
  REQUIRE(out);
  return Json::parse(out->body);
}

std::string places(const chat::Losses& losses) {
  std::string out;
  for (const chat::Loss& loss : losses.list())
    out += (out.empty() ? "" : " ") + std::string(chat::word(loss.kind)) + ":" + loss.path;
  return out;
}

std::string own(std::string_view schema, chat::Losses& losses) {
  return dialects::gemini::own_schema({std::string(schema)}, "s", losses).text;
}

}  // namespace

TEST_CASE("a JSON schema is put into Gemini's own form, and what that cannot say is told") {
  struct Row {
    std::string_view name, schema, form, losses;
  };
  for (
      const Row& row : {
          Row{"types",
              R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["b"]})",
              R"({"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"type":"INTEGER"}},"required":["b"]})",
              ""},
          Row{"properties that are called like keywords",
              R"({"type":"object","title":"T","properties":{"title":{"type":"string"},"default":{"type":"boolean"},)"
              R"("$ref":{"type":"null"}},"required":["title","gone"],"additionalProperties":false})",
              R"({"type":"OBJECT","properties":{"title":{"type":"STRING"},"default":{"type":"BOOLEAN"},)"
              R"("$ref":{"type":"OBJECT","nullable":true}},"required":["title"]})",
              "changed:s.properties.$ref"},
          Row{"references",
              R"({"$ref":"#/$defs/a~1b","description":"mine","$defs":{"a/b":{"type":"string","description":"its"}}})",
              R"({"type":"STRING","description":"mine"})", ""},
          Row{"a schema that holds itself",
              R"({"type":"object","properties":{"next":{"$ref":"#"},"n":{"$ref":"#/$defs/n"}},"$defs":{"n":)"
              R"({"type":"object","properties":{"n":{"$ref":"#/$defs/n"},"v":{"type":"number"}}}}})",
              R"({"type":"OBJECT","properties":{"next":{"type":"OBJECT","properties":{"next":{"type":"OBJECT"},"n":)"
              R"({"type":"OBJECT","properties":{"n":{"type":"OBJECT"},"v":{"type":"NUMBER"}}}}},"n":{"type":"OBJECT",)"
              R"("properties":{"n":{"type":"OBJECT"},"v":{"type":"NUMBER"}}}}})",
              "changed:s.properties.next.properties.next changed:s.properties.next.properties.next "
              "changed:s.properties.next.properties.n.properties.n "
              "changed:s.properties.next.properties.n.properties.n changed:s.properties.n.properties.n "
              "changed:s.properties.n.properties.n"},
          Row{"all of several",
              R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":)"
              R"({"b":{"type":"number"}},"required":["b","a"]}]})",
              R"({"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"type":"NUMBER"}},"required":["a","b"]})",
              ""},
          Row{"one or null", R"({"anyOf":[{"type":"string"},{"type":"null"}]})",
              R"({"type":"STRING","nullable":true})", ""},
          Row{"one of one", R"({"oneOf":[{"type":"integer","minimum":1}]})", R"({"type":"INTEGER","minimum":1})", ""},
          Row{"one of several, or null", R"({"oneOf":[{"type":"string"},{"type":"number"},{"type":"null"}]})",
              R"({"nullable":true,"anyOf":[{"type":"STRING"},{"type":"NUMBER"}]})", ""},
          Row{"types in a list", R"({"type":["string","null"],"maxLength":5})",
              R"({"type":"STRING","nullable":true,"maxLength":5})", ""},
          Row{"several types in a list", R"({"type":["string","integer"]})",
              R"({"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]})", ""},
          Row{"a constant", R"({"const":"x"})", R"({"type":"STRING","enum":["x"]})", ""},
          Row{"a list of values, null among them", R"({"enum":["a","b",null]})",
              R"({"type":"STRING","nullable":true,"enum":["a","b"]})", ""},
          Row{"a list of numbers", R"({"type":"integer","enum":[1,2]})", R"({"type":"INTEGER"})", "dropped:s.enum"},
          Row{"formats", R"({"type":"array","items":{"type":"string","format":"date-time"}})",
              R"({"type":"ARRAY","items":{"type":"STRING","format":"date-time"}})", ""},
          Row{"a format that nobody there knows", R"({"type":"string","format":"email"})", R"({"type":"STRING"})",
              "dropped:s.format"},
          Row{"a list of anything", R"({"type":"array","minItems":2})",
              R"({"type":"ARRAY","items":{"type":"STRING"},"minItems":2})", "changed:s.items"},
          Row{"no type at all", R"({"description":"d"})", R"({"type":"OBJECT","description":"d"})", "changed:s"},
          Row{"what only describes",
              R"({"$schema":"x","$id":"y","type":"number","title":"t","default":1,"examples":[1]})",
              R"({"type":"NUMBER"})", ""},
          Row{"bounds without a word",
              R"({"type":"string","pattern":"^a","not":{"const":"b"},"contentEncoding":"base64"})",
              R"({"type":"STRING"})", "dropped:s.pattern dropped:s.not dropped:s.contentEncoding"},
          Row{"a map", R"({"type":"object","additionalProperties":{"type":"string"}})", R"({"type":"OBJECT"})",
              "dropped:s.additionalProperties"},
          Row{"a reference that leads nowhere", R"({"$ref":"other.json#/a"})", R"({"type":"OBJECT"})", "changed:s"},
      }) {
    CAPTURE(row.name);
    chat::Losses losses;
    CHECK(own(row.schema, losses) == row.form);
    CHECK(places(losses) == row.losses);
  }
}

TEST_CASE("a schema whose references multiply ends at a bound") {
  std::string schema = R"({"$ref":"#/$defs/a0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    schema += fmt::format(
        R"("a{}":{{"type":"object","properties":{{"l":{{"$ref":"#/$defs/a{}"}},"r":{{"$ref":"#/$defs/a{}"}}}}}},)", i,
        i + 1, i + 1);
  }
  schema += R"("a40":{"type":"string"}}})";
  chat::Losses losses;
  const std::string form = own(schema, losses);
  CHECK(Json::accept(form));
  CHECK(form.size() < 1'000'000);
  CHECK(losses.count() > 0);
}

TEST_CASE("a model that takes no JSON schema is given Gemini's own form of it, for arguments and for the answer") {
  chat::Request request = asked("hi");
  request.tools.push_back({.name = "f",
                           .description = {},
                           .schema = {R"({"type":"object","properties":{"a":{"type":["string","null"]}}})"},
                           .strict = true,
                           .cache = {}});
  request.tools.push_back({.name = "g",
                           .description = {},
                           .schema = {R"({"type":"object","properties":{}})"},
                           .strict = {},
                           .cache = {}});
  request.format = chat::AnswerFormat{.kind = chat::AnswerFormat::Kind::schema};
  request.format->schema = {R"({"type":"object","properties":{"b":{"type":"integer","multipleOf":2}}})"};
  chat::Losses losses;
  dialects::TargetTraits traits{.model = "t"};
  Json body = written(request, traits, losses);
  const Json& functions = body["tools"][0]["functionDeclarations"];
  CHECK(functions[0]["parametersJsonSchema"]["properties"]["a"]["type"] == Json({"string", "null"}));
  CHECK_FALSE(functions[0].contains("parameters"));
  CHECK(functions[1].dump() == R"({"name":"g"})");
  CHECK(body["generationConfig"]["responseJsonSchema"]["properties"]["b"]["multipleOf"] == 2);
  CHECK(places(losses) == "dropped:tools[0].strict");
  traits.native_schema = false;
  chat::Losses more;
  body = written(request, traits, more);
  CHECK(body["tools"][0]["functionDeclarations"][0]["parameters"].dump() ==
        R"({"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}})");
  CHECK(body["generationConfig"]["responseSchema"].dump() ==
        R"({"type":"OBJECT","properties":{"b":{"type":"INTEGER"}}})");
  CHECK(places(more) == "dropped:tools[0].strict dropped:response_format.properties.b.multipleOf");
}

TEST_CASE("how much to think is said in the way of the model's generation") {
  using chat::Effort;
  struct Row {
    std::optional<Effort> effort;
    std::optional<std::uint64_t> budget;
    std::string_view flash, pro, older, older_pro;
  };
  dialects::TargetTraits flash{.model = "t", .max_output = {}, .thinks_by_effort = true};
  dialects::TargetTraits pro = flash, older{.model = "t"}, older_pro{.model = "t"};
  pro.always_thinks = pro.two_efforts = older_pro.always_thinks = true;
  for (const Row& row : {Row{Effort::none,
                             {},
                             R"({"thinkingLevel":"minimal"})",
                             R"({"thinkingLevel":"low"})",
                             R"({"thinkingBudget":0})",
                             R"({"thinkingBudget":128})"},
                         Row{Effort::minimal,
                             {},
                             R"({"thinkingLevel":"minimal"})",
                             R"({"thinkingLevel":"low"})",
                             R"({"thinkingBudget":1024,"includeThoughts":true})",
                             R"({"thinkingBudget":1024,"includeThoughts":true})"},
                         Row{Effort::low,
                             {},
                             R"({"thinkingLevel":"low","includeThoughts":true})",
                             R"({"thinkingLevel":"low","includeThoughts":true})",
                             R"({"thinkingBudget":1024,"includeThoughts":true})",
                             R"({"thinkingBudget":1024,"includeThoughts":true})"},
                         Row{Effort::medium,
                             {},
                             R"({"thinkingLevel":"medium","includeThoughts":true})",
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingBudget":2048,"includeThoughts":true})",
                             R"({"thinkingBudget":2048,"includeThoughts":true})"},
                         Row{Effort::high,
                             {},
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingBudget":4096,"includeThoughts":true})",
                             R"({"thinkingBudget":4096,"includeThoughts":true})"},
                         Row{Effort::max,
                             {},
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingBudget":16384,"includeThoughts":true})",
                             R"({"thinkingBudget":16384,"includeThoughts":true})"},
                         Row{{},
                             3000,
                             R"({"thinkingLevel":"medium","includeThoughts":true})",
                             R"({"thinkingLevel":"high","includeThoughts":true})",
                             R"({"thinkingBudget":3000,"includeThoughts":true})",
                             R"({"thinkingBudget":3000,"includeThoughts":true})"},
                         Row{{},
                             {},
                             R"({"includeThoughts":true})",
                             R"({"includeThoughts":true})",
                             R"({"thinkingBudget":-1,"includeThoughts":true})",
                             R"({"thinkingBudget":-1,"includeThoughts":true})"}}) {
    chat::Request request = asked("hi");
    request.thinking =
        chat::Thinking{.effort = row.effort, .budget = row.budget, .adaptive = !row.effort && !row.budget};
    CAPTURE(row.older);
    for (const auto& [traits, want] : {std::pair(&flash, row.flash), std::pair(&pro, row.pro),
                                       std::pair(&older, row.older), std::pair(&older_pro, row.older_pro)}) {
      chat::Losses losses;
      CHECK(written(request, *traits, losses)["generationConfig"]["thinkingConfig"].dump() == want);
    }
  }
  dialects::TargetTraits silent{.model = "t"};
  silent.thinks = false;
  chat::Request request = asked("hi");
  request.thinking = chat::Thinking{.effort = Effort::high};
  chat::Losses losses;
  CHECK_FALSE(written(request, silent, losses).contains("generationConfig"));
  CHECK(places(losses) == "dropped:thinking");
}

TEST_CASE("what Gemini takes in other bounds is brought into them, or refused where it must not be changed") {
  chat::Request request = asked("hi");
  request.temperature = chat::Number{.text = "3", .value = 3};
  request.stop = {"1", "", "2", "3", "4", "5", "6"};
  request.seed = std::int64_t{1} << 40;
  request.parallel_tools = false;
  request.user = "u";
  request.service_tier = "scale";
  chat::Losses losses;
  const Json body = written(request, {.model = "t"}, losses);
  CHECK(body["generationConfig"]["temperature"] == 2);
  CHECK(body["generationConfig"]["stopSequences"].size() == 5);
  CHECK(places(losses) ==
        "dropped:parallel_tool_calls changed:temperature dropped:seed dropped:stop[6] "
        "dropped:service_tier dropped:user");
  chat::Losses none;
  const auto refused = gemini().write_request(request, {.model = "t", .max_output = {}, .clamp = false}, none);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "'temperature' must be between 0 and 2 for this model");
}

TEST_CASE("a choice among some tools that may also be none offers those alone") {
  chat::Request request = asked("hi");
  for (const char* name : {"f", "g", "3d.view"})
    request.tools.push_back({.name = name, .description = {}, .schema = {"null"}, .strict = {}, .cache = {}});
  request.tool_choice = chat::ToolChoice{.mode = chat::ToolChoice::Mode::automatic, .name = {}, .allowed = {"g"}};
  chat::Losses losses;
  Json body = written(request, {.model = "t"}, losses);
  CHECK(body["tools"].dump() == R"([{"functionDeclarations":[{"name":"g"}]}])");
  CHECK(body["toolConfig"].dump() == R"({"functionCallingConfig":{"mode":"AUTO"}})");
  request.tool_choice = chat::ToolChoice{.mode = chat::ToolChoice::Mode::named, .name = "3d.view", .allowed = {}};
  body = written(request, {.model = "t"}, losses);
  CHECK(body["toolConfig"].dump() ==
        R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["_3d.view"]}})");
  CHECK(body["tools"][0]["functionDeclarations"][2]["name"] == "_3d.view");
  CHECK(losses.empty());
}

TEST_CASE("pictures of a tool's result stand in the turn behind it, files stored elsewhere are refused") {
  chat::Request request = asked("hi");
  request.messages.push_back({.role = chat::Role::assistant,
                              .parts = {{chat::ToolCall{.id = "c", .name = "f"}, {}, {}}},
                              .name = {},
                              .place = {}});
  chat::ToolResult result{.call_id = "c"};
  result.content.push_back({chat::Text{"seen"}, {}, {}});
  result.content.push_back({chat::Media{.kind = chat::Media::Kind::image,
                                        .source = {.media_type = "image/png", .base64 = "AAAA"},
                                        .name = {},
                                        .detail = "high"},
                            {},
                            {}});
  request.messages.push_back(
      {.role = chat::Role::user, .parts = {{std::move(result), {}, {}}}, .name = {}, .place = {}});
  chat::Losses losses;
  const Json body = written(request, {.model = "t"}, losses);
  REQUIRE(body["contents"].size() == 4);
  CHECK(body["contents"][2]["parts"].dump() == R"([{"functionResponse":{"name":"f","response":{"output":"seen"}}}])");
  CHECK(body["contents"][3]["parts"].dump() == R"([{"inlineData":{"mimeType":"image/png","data":"AAAA"}}])");
  CHECK(places(losses) == "changed:messages[2].content[0] dropped:messages[2].content[0].detail");
  chat::Request stored = asked("hi");
  stored.messages[0].parts.push_back(
      {chat::Media{.kind = chat::Media::Kind::document,
                   .source = {.media_type = {}, .base64 = {}, .url = {}, .file_id = "f"},
                   .name = {},
                   .detail = {}},
       {},
       {}});
  CHECK_FALSE(gemini().write_request(stored, {.model = "t"}, losses));
}

TEST_CASE("proofs that a client sends before all that they prove find a text and a call again") {
  chat::Request request = asked("hi");
  const auto proof = [](std::string signature) {
    return chat::Part{
        chat::Reasoning{.text = {}, .signature = std::move(signature), .sealed = {}, .origin = "gemini"}, {}, {}};
  };
  const chat::Part text{chat::Text{"Well."}, {}, {}}, call{chat::ToolCall{.id = "c", .name = "f"}, {}, {}};
  const auto parts_of = [&](std::vector<chat::Part> parts) {
    request.messages.resize(1);
    request.messages.push_back({.role = chat::Role::assistant, .parts = std::move(parts), .name = {}, .place = {}});
    chat::Losses losses;
    const Json body = written(request, {.model = "t"}, losses);
    std::string out;
    for (const Json& part : body["contents"][1]["parts"])
      out += part.contains("text") ? part["text"].get<std::string>() + "=" + part.value("thoughtSignature", "") + " "
                                   : "f=" + part.value("thoughtSignature", "") + " ";
    return out;
  };
  CHECK(parts_of({proof("A"), proof("B"), text, call}) == "Well.=A f=B ");
  CHECK(parts_of({proof("A"), text, call}) == "Well.= f=A ");
  CHECK(parts_of({proof("A"), text, proof("B"), call}) == "Well.=A f=B ");
  CHECK(parts_of({proof("A"), text}) == "Well.=A ");
  CHECK(parts_of({text, proof("A")}) == "Well.= =A ");
  CHECK(parts_of({proof("A"), call, call}) == "f=A f= ");
}

TEST_CASE("a path names model and method, whatever colons and slashes the model's name has") {
  struct Row {
    std::string_view rest, query, model, operation;
    bool stream, in_array;
  };
  for (const Row& row : {Row{"gemini-2.5-flash:generateContent", "", "gemini-2.5-flash", "chat", false, false},
                         Row{"a/b:8b:streamGenerateContent", "alt=sse&x=1", "a/b:8b", "chat", true, false},
                         Row{"m:streamGenerateContent", "alt=json", "m", "chat", true, true},
                         Row{"a%20b:countTokens", "", "a b", "count_tokens", false, false},
                         Row{"m:batchEmbedContents", "", "m", "batch_embeddings", false, false},
                         Row{"m:embedContent", "", "m", "embeddings", false, false}}) {
    CAPTURE(row.rest);
    const auto call = gemini().read_path(row.rest, row.query);
    REQUIRE(call);
    CHECK(call->model == row.model);
    CHECK(call->operation == row.operation);
    CHECK(call->stream == row.stream);
    CHECK((call->framing == wire::Framing::array) == row.in_array);
  }
  for (const std::string_view rest : {"m", "m:", "m:predict", ":", ""}) CHECK_FALSE(gemini().read_path(rest, ""));
}

TEST_CASE("an answer that calls in parts that interleave goes out as whole calls in their order") {
  std::string out;
  chat::Losses losses;
  const auto writer = gemini().write_events({.id = "r", .now = 1});
  for (const chat::Event& event : std::vector<chat::Event>{
           chat::Began{.id = "r", .model = "m"},
           chat::PartBegan{0, 0, chat::ToolCall{.id = "a", .name = "f", .arguments = {""}}},
           chat::PartBegan{0, 1, chat::ToolCall{.id = "b", .name = "g", .arguments = {""}}},
           chat::PartGrew{0, 1, R"({"x":)"}, chat::PartGrew{0, 1, "2}"}, chat::PartEnded{0, 1},
           chat::PartGrew{0, 0, R"({"y":1})"}, chat::PartEnded{0, 0},
           chat::PartBegan{0, 2, chat::ToolCall{.id = "c", .name = "h", .arguments = {""}}},
           chat::PartGrew{0, 2, R"({"cut)"}, chat::Stopped{0, {.stop = chat::Stop::length}}, chat::Finished{}})
    writer->feed(event, out, losses);
  const auto first = out.find(R"({"functionCall":{"id":"a","name":"f","args":{"y":1}}})");
  const auto second = out.find(R"({"functionCall":{"id":"b","name":"g","args":{"x":2}}})");
  CHECK(first < second);
  CHECK(second != std::string::npos);
  CHECK(out.contains(R"({"id":"c","name":"h","args":{}})"));
  CHECK(losses.count() == 1);
}

TEST_CASE("calls that are longer than a stream can keep break it off") {
  std::string out;
  chat::Losses losses;
  const auto writer = gemini().write_events({.id = "r", .now = 1});
  writer->feed(chat::Began{}, out, losses);
  writer->feed(chat::PartBegan{0, 0, chat::ToolCall{.id = "a", .name = "f", .arguments = {""}}}, out, losses);
  const std::string mega(1 << 20, 'x');
  for (int i = 0; i < 32 && !writer->gave_up(); ++i) writer->feed(chat::PartGrew{0, 0, mega}, out, losses);
  CHECK(writer->gave_up());
}

TEST_CASE("an answer of too many parts fails once, and nothing follows") {
  const auto reader = gemini().read_events({}, {});
  std::string parts = R"({"text":"t","thought":true},)";
  for (int i = 0; i < 12'000; ++i) parts += R"({"text":"a","thoughtSignature":"c2ln"},)";
  parts += R"({"text":"a"})";
  const std::string data = R"({"candidates":[{"content":{"parts":[)" + parts + R"(]},"finishReason":"STOP"}]})";
  std::vector<chat::Event> events;
  reader->feed({.raw = data, .event = {}, .data = data, .has_data = true}, events);
  reader->finish(events);
  const auto failed = [](const chat::Event& event) { return std::holds_alternative<chat::Failed>(event); };
  CHECK(std::ranges::count_if(events, failed) == 1);
  CHECK(failed(events.back()));
}

TEST_CASE("a schema whose references would multiply it is written as far as a bound") {
  std::string schema = R"({"type":"object","properties":{)";
  for (int i = 0; i < 2'000; ++i) schema += fmt::format(R"({}"p{}":{{"$ref":"#/$defs/b"}})", i == 0 ? "" : ",", i);
  schema += R"(},"$defs":{"b":{"type":"string","description":")" + std::string(200'000, 'x') + R"("}}})";
  chat::Losses losses;
  const json::Raw written = dialects::gemini::own_schema({schema}, "tools[0]", losses);
  CHECK(written.text.size() < 16 * schema.size() + (5 << 20));
  CHECK(json::scan(written.text).has_value());
  CHECK_FALSE(losses.empty());
}

TEST_CASE("arguments of a call that stand in several lines go out in one frame") {
  const auto writer = gemini().write_events({.id = "r", .now = 1});
  chat::Losses losses;
  std::string out;
  writer->feed(chat::PartBegan{0, 0, chat::ToolCall{.id = "a", .name = "f", .arguments = {""}}}, out, losses);
  writer->feed(chat::PartGrew{0, 0, "{\n\r\n \"a\": 1\n}"}, out, losses);
  writer->feed(chat::PartEnded{0, 0}, out, losses);
  CHECK(out.find('\n') == out.size() - 2);
  CHECK(out.contains(R"("args":{    "a": 1 })"));
}
