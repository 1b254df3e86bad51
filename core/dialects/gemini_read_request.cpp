// A request in the Gemini dialect, read into the hub: everything but its contents. Model and operation stand in the
// path; who reads a whole call puts them in.
//
// Members are read under both of their names, and told by the one of the reference. What only the provider keeps is
// refused, because another one cannot read it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/gemini.h"
#include "dialects/gemini_request.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Request;
using chat::ToolChoice;

/* --------------------------------- tools -------------------------------- */

void read_function(Reading& in, Fields& function, Request& request) {
  chat::Tool tool{.place = function.path()};
  tool.name = function.required("name");
  tool.description = function.string("description").value_or(std::string());
  const std::string as_json = named(function, "parametersJsonSchema");
  if (const auto schema = function.take(as_json, json::Type::object)) {
    tool.schema.text = json::at(in.text, *schema);
  } else if (const auto own = function.take("parameters", json::Type::object)) {
    tool.schema = json_schema(in.text, *own);
  }
  function.keep_rest();  // what it answers, and how it behaves
  request.tools.push_back(std::move(tool));
}

void read_tools(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("tools");
  if (!list) return;
  // One object stands for a list of one.
  const auto entries = list->type == json::Type::object ? std::vector{*list} : in.elements(*list, "tools");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Fields entry(in, entries[i], element("tools", i));
    if (in.error) return;
    const std::string key = named(entry, "functionDeclarations");
    if (const auto functions = entry.take(key)) {
      const auto elements = in.elements(*functions, entry.path(key));
      for (std::size_t j = 0; j < elements.size(); ++j) {
        Fields function(in, elements[j], element(entry.path(key), j));
        read_function(in, function, request);
      }
    }
    // Tools that the provider runs, each as an entry of its own: one without settings asks for much.
    entry.each_rest([&](const json::Member& member) {
      in.native.fields.push_back(
          {entry.path(member.key), {fmt::format(R"({{"{}":{}}})", member.key, json::at(in.text, member.value))}});
    });
  }
}

void read_choice(Reading& in, Fields& fields, Request& request) {
  const std::string key = named(fields, "toolConfig");
  const auto object = fields.peek(key);
  if (!object) return;
  Fields config(in, *object, "toolConfig");
  const std::string calling = named(config, "functionCallingConfig");
  const auto inner = config.peek(calling);
  if (!inner) return;  // it rides in native whole
  Fields choice(in, *inner, config.path("functionCallingConfig"));
  const std::string mode = text::upper(choice.string("mode").value_or("AUTO"));
  struct Mode {
    std::string_view word;
    ToolChoice::Mode mode;
  };
  constexpr auto modes = std::to_array<Mode>({{"AUTO", ToolChoice::Mode::automatic},
                                              {"MODE_UNSPECIFIED", ToolChoice::Mode::automatic},
                                              {"NONE", ToolChoice::Mode::none},
                                              {"ANY", ToolChoice::Mode::required}});
  const auto row = std::ranges::find(modes, mode, &Mode::word);
  if (row == modes.end()) return;  // a word of tomorrow, or VALIDATED: native whole
  (void)fields.take(key);
  (void)config.take(calling);
  request.tool_choice = ToolChoice{.mode = row->mode};
  const std::string names = named(choice, "allowedFunctionNames");
  if (const auto allowed = choice.take(names)) {
    for (const json::Slice one : in.elements(*allowed, choice.path(names))) {
      if (auto name = json::string_at(in.text, one)) request.tool_choice->allowed.push_back(std::move(*name));
    }
  }
  ToolChoice& read = *request.tool_choice;
  if (read.mode == ToolChoice::Mode::required && read.allowed.size() == 1) {
    read = {.mode = ToolChoice::Mode::named, .name = std::move(read.allowed.front())};
  }
  choice.keep_rest();
  config.keep_rest();
}

/* ------------------------------- settings ------------------------------- */

constexpr std::string_view json_type = "application/json";

void read_format(Reading& in, Fields& config, Request& request) {
  const std::string type = named(config, "responseMimeType");
  const auto said = config.peek(type);
  const std::string word = said ? json::string_at(in.text, *said).value_or(std::string()) : std::string();
  if (word == "text/plain") {
    (void)config.take(type);
    request.format = chat::AnswerFormat{};
  }
  if (word != json_type) return;  // another form rides in native, its schema too
  (void)config.take(type);
  chat::AnswerFormat format{.kind = chat::AnswerFormat::Kind::json};
  for (const std::string_view camel : {"responseJsonSchema", "responseSchema"}) {
    const std::string key = named(config, camel);
    const auto schema = config.peek(key);
    if (!schema || schema->type != json::Type::object) continue;
    (void)config.take(key);
    format.kind = chat::AnswerFormat::Kind::schema;
    format.schema = camel == "responseSchema" ? json_schema(in.text, *schema)
                                              : json::Raw{std::string(json::at(in.text, *schema))};
    format.place = format.schema_place = config.path(key);
    break;
  }
  request.format = std::move(format);
}

// A budget of 0 is none, -1 leaves it to the model.
void read_thinking(Reading& in, Fields& config, Request& request) {
  const std::string key = named(config, "thinkingConfig");
  const auto object = config.take(key);
  if (!object) return;
  Fields fields(in, *object, config.path("thinkingConfig"));
  chat::Thinking thinking;
  const std::string level = named(fields, "thinkingLevel");
  const auto said = fields.peek(level);
  const auto effort =
      said ? chat::effort_of(text::lower(json::string_at(in.text, *said).value_or(std::string()))) : std::nullopt;
  if (effort) {  // a word of tomorrow rides in native
    (void)fields.take(level);
    thinking.effort = effort;
  }
  if (const auto budget = fields.integer(named(fields, "thinkingBudget"))) {
    if (*budget < 0)
      thinking.adaptive = true;
    else if (*budget == 0)
      thinking.effort = chat::Effort::none;
    else
      thinking.budget = static_cast<std::uint64_t>(*budget);
  }
  const std::string shown = named(fields, "includeThoughts");
  const auto show = fields.peek(shown);
  const bool shows = show && json::boolean_at(in.text, *show).value_or(false);
  const bool bare = !thinking.effort && !thinking.budget && !thinking.adaptive;
  if (shows && bare) thinking.adaptive = true;  // who wants to read them wants them made
  // Other providers show their thoughts without being asked.
  if (auto value = fields.raw(shown))
    in.native.fields.push_back({fields.path("includeThoughts"), std::move(*value), true});
  if (shows || !bare) request.thinking = thinking;
  fields.keep_rest();
}

void read_stops(Reading& in, Fields& config, Request& request) {
  const std::string key = named(config, "stopSequences");
  const auto list = config.take(key);
  if (!list) return;
  for (const json::Slice one : in.elements(*list, config.path(key))) {
    auto stop = json::string_at(in.text, one);
    if (stop)
      request.stop.push_back(std::move(*stop));
    else
      config.refuse(key, "must hold strings alone");
  }
}

void read_config(Reading& in, Fields& fields, Request& request) {
  const std::string key = named(fields, "generationConfig");
  const auto object = fields.take(key);
  if (!object) return;
  Fields config(in, *object, "generationConfig");
  const auto number = [&](std::string_view camel) { return config.number(named(config, camel)); };
  request.max_output = config.whole(named(config, "maxOutputTokens"));
  request.answers = config.whole(named(config, "candidateCount"));
  request.temperature = number("temperature");
  request.top_p = number("topP");
  request.top_k = number("topK");
  request.presence_penalty = number("presencePenalty");
  request.frequency_penalty = number("frequencyPenalty");
  request.seed = config.integer("seed");
  read_stops(in, config, request);
  read_format(in, config, request);
  read_thinking(in, config, request);
  config.keep_rest();
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned) {
  // What is counted may be a whole request within the one that asks.
  if (const json::Member* inner = scanned.find("generateContentRequest");
      inner != nullptr && inner->value.type == json::Type::object)
    scanned = json::members(body, inner->value);
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = without_prefix(fields.string("model").value_or(std::string()));
  const std::string cached = named(fields, "cachedContent");
  if (fields.peek(cached)) fields.refuse(cached, "is kept by its provider alone; send what it holds in 'contents'");
  read_system(in, fields, request.messages);
  read_contents(in, fields, request.messages);
  read_tools(in, fields, request);
  read_choice(in, fields, request);
  read_config(in, fields, request);
  request.service_tier = fields.string(named(fields, "serviceTier"));
  fields.keep_rest();
  if (in.error) return std::unexpected(*in.error);
  if (request.messages.empty())
    return fail(ErrorKind::invalid, "'contents' holds nothing that a provider of another dialect could be told");
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::gemini
