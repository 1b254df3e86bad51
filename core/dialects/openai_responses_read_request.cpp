// A request in the Responses dialect, read into the hub: everything but its input.
//
// What says only how OpenAI serves, stores or shows a call is no loss elsewhere; what makes the provider remember is
// refused, because another one cannot.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/openai_chat_request.h"
#include "dialects/openai_responses.h"

namespace apigw::dialects::responses {

namespace {

using chat::Request;
using chat::ToolChoice;

struct Stateful {
  std::string_view key, why;
};
constexpr auto stateful = std::to_array<Stateful>({
    {"previous_response_id",
     "goes on from a response that only its provider keeps; send the whole conversation in 'input'"},
    {"conversation", "is kept by its provider alone; send the whole conversation in 'input'"},
    {"prompt", "is kept by its provider alone; send its text in 'instructions' and 'input'"},
});

// What its provider keeps, no other one can read.
void refuse_state(Reading& in, Fields& fields) {
  for (const Stateful& row : stateful) {
    if (fields.peek(row.key)) fields.refuse(row.key, row.why);
  }
  const auto background = fields.peek("background");
  if (background && json::boolean_at(in.text, *background).value_or(false))
    fields.refuse("background", "needs a provider that keeps responses; ask for a stream instead");
}

void read_tools(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("tools");
  if (!list) return;
  const auto elements = in.elements(*list, "tools");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string path = element("tools", i);
    Fields entry(in, elements[i], path);
    const bool function = entry.required("type") == "function";
    if (in.error) return;
    if (!function) {  // run by the provider, or without a schema of arguments
      in.keep(path, elements[i]);
      continue;
    }
    chat::Tool tool{.place = path};
    openai::read_function(in, entry, tool);
    tool.cache = openai::read_cache_mark(in, entry);
    entry.keep_rest();
    request.tools.push_back(std::move(tool));
  }
}

void read_choice(Reading& in, Fields& fields, Request& request) {
  const auto place = fields.take("tool_choice");
  if (!place) return;
  if (place->type == json::Type::string) {
    request.tool_choice = openai::choice_of(*json::string_at(in.text, *place));
    if (!request.tool_choice)
      fields.refuse("tool_choice", "must be none, auto, required or an object that names a tool");
    return;
  }
  Fields choice(in, *place, "tool_choice");
  const auto said = choice.peek("type");
  const std::string type = said ? json::string_at(in.text, *said).value_or(std::string()) : std::string();
  if (type == "function") {
    request.tool_choice = ToolChoice{.mode = ToolChoice::Mode::named, .name = choice.required("name")};
  } else if (type == "allowed_tools") {
    request.tool_choice = ToolChoice{};
    openai::read_allowed_tools(in, choice, *request.tool_choice);
  } else {  // of a tool that is native, as its choice then is
    choice.keep_rest();
    return;
  }
  (void)choice.take("type");
  choice.keep_rest();
}

void read_format(Reading& in, Fields& fields, Request& request) {
  const auto object = fields.take("text");
  if (!object) return;
  Fields text(in, *object, "text");
  const auto place = text.peek("format");
  if (place) {
    Fields format(in, *place, "text.format");
    const std::string type = format.required("type");
    chat::AnswerFormat read;
    if (type == "json_object") {
      read.kind = chat::AnswerFormat::Kind::json;
    } else if (type == "json_schema") {
      read.kind = chat::AnswerFormat::Kind::schema;
      openai::read_schema(in, format, read);
    }
    if (type == "text" || read.kind != chat::AnswerFormat::Kind::text) {
      (void)text.take("format");
      format.keep_rest();
      request.format = std::move(read);
    }  // else a grammar: native
  }
  text.keep_rest();
}

void read_thinking(Reading& in, Fields& fields, Request& request) {
  const auto object = fields.take("reasoning");
  if (!object) return;
  Fields reasoning(in, *object, "reasoning");
  const auto place = reasoning.peek("effort");
  const auto effort =
      place ? chat::effort_of(json::string_at(in.text, *place).value_or(std::string())) : std::nullopt;
  if (effort) {  // a word of tomorrow rides in native
    (void)reasoning.take("effort");
    request.thinking = chat::Thinking{.effort = effort};
  }
  // Other providers show their thoughts without being asked.
  for (const std::string_view key : {"summary", "generate_summary"}) {
    if (auto value = reasoning.raw(key)) in.native.fields.push_back({reasoning.path(key), std::move(*value), true});
  }
  reasoning.keep_rest();
}

struct Aside {
  std::string_view key;
  std::string_view value;  // the only one that asks for nothing; empty: any
};
constexpr auto asides = std::to_array<Aside>({
    {"background", "false"},
    {"client_metadata", ""},  // which session and turn of a client asks; Codex sends it
    {"prompt_cache_key", ""},
    {"prompt_cache_retention", ""},
    {"store", "false"},
    {"stream_options", ""},
    {"truncation", R"("disabled")"},
});

void read_asides(Reading& in, Fields& fields) {
  for (const Aside& row : asides) {
    const auto place = fields.peek(row.key);
    if (!place || (!row.value.empty() && json::at(in.text, *place) != row.value)) continue;
    in.native.fields.push_back({std::string(row.key), *fields.raw(row.key), true});
  }
  // The proof of its thoughts goes along with every answer.
  const auto include = fields.peek("include");
  if (!include || include->type != json::Type::array) return;
  const bool proofs_alone = std::ranges::all_of(json::elements(in.text, *include), [&](json::Slice one) {
    return json::at(in.text, one) == R"("reasoning.encrypted_content")";
  });
  if (proofs_alone) in.native.fields.push_back({"include", *fields.raw("include"), true});
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = fields.required("model");
  if (!in.error && request.model.empty()) fields.refuse("model", "must not be empty");
  refuse_state(in, fields);
  read_input(in, fields, request.messages);
  read_tools(in, fields, request);
  read_choice(in, fields, request);
  request.parallel_tools = fields.boolean("parallel_tool_calls");
  read_format(in, fields, request);
  read_thinking(in, fields, request);
  request.max_output = fields.whole("max_output_tokens");
  request.temperature = fields.number("temperature");
  request.top_p = fields.number("top_p");
  openai::read_user(fields, request);
  request.service_tier = fields.string("service_tier");
  request.stream = fields.boolean("stream").value_or(false);
  request.stream_usage = request.stream;
  read_asides(in, fields);
  fields.keep_rest();
  if (in.error) return std::unexpected(*in.error);
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::responses
