// A request in the OpenAI dialect, read into the hub: everything but its messages.
//
// Nulls count as absent, the functions of before tools are read as tools, and of two fields that say the same the
// newer counts; where they contradict each other the request is refused, as the provider does.
#include <algorithm>
#include <array>

#include "dialects/openai_chat_request.h"
#include "dialects/openai_completions.h"

namespace apigw::dialects::openai {

namespace {

using chat::Request;
using chat::ToolChoice;

void read_function_at(Reading& in, json::Slice slice, const std::string& path, chat::Tool& tool) {
  Fields fields(in, slice, path);
  read_function(in, fields, tool);
  fields.keep_rest();
}

void read_tools(Reading& in, Fields& fields, Request& request) {
  if (const auto list = fields.take("tools")) {
    const auto elements = in.elements(*list, "tools");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string path = element("tools", i);
      Fields entry(in, elements[i], path);
      const bool function = entry.string("type").value_or("function") == "function";
      if (in.error) return;
      if (!function) {
        in.keep(path, elements[i]);
        continue;
      }
      chat::Tool tool;
      if (const auto inner = entry.take("function"))
        read_function_at(in, *inner, entry.path("function"), tool);
      else
        entry.refuse("function", "must be given and be an object");
      tool.cache = read_cache_mark(in, entry);
      entry.keep_rest();
      request.tools.push_back(std::move(tool));
    }
  }
  if (const auto list = fields.take("functions")) {
    const auto elements = in.elements(*list, "functions");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      chat::Tool tool;
      read_function_at(in, elements[i], element("functions", i), tool);
      request.tools.push_back(std::move(tool));
    }
  }
}

void read_allowed(Reading& in, Fields& choice, ToolChoice& into) {
  const auto object = choice.take("allowed_tools");
  if (!object) return choice.refuse("allowed_tools", "must be given and be an object");
  Fields allowed(in, *object, choice.path("allowed_tools"));
  read_allowed_tools(in, allowed, into);
  allowed.keep_rest();
}

// {"type":"function","function":{"name":…}}, {"name":…} of the older form, allowed_tools, or a word in an object.
void read_choice_object(Reading& in, json::Slice slice, const std::string& path, Request& request) {
  Fields choice(in, slice, path);
  const auto said = choice.peek("type");
  const std::string type = said ? json::string_at(in.text, *said).value_or(std::string()) : "function";
  ToolChoice read{.mode = ToolChoice::Mode::named};
  if (type == "allowed_tools") {
    read.mode = ToolChoice::Mode::automatic;
    read_allowed(in, choice, read);
  } else if (const auto word = choice_of(type)) {
    read = *word;
  } else if (type != "function") {  // of a tool that is native, as its choice then is
    choice.keep_rest();
    return;
  } else if (const auto inner = choice.take("function")) {
    Fields function(in, *inner, choice.path("function"));
    read.name = function.required("name");
    function.keep_rest();
  } else {
    read.name = choice.required("name");
  }
  (void)choice.take("type");
  choice.keep_rest();
  request.tool_choice = std::move(read);
}

void read_choice(Reading& in, Fields& fields, Request& request) {
  for (const std::string_view key : {"tool_choice", "function_call"}) {
    const auto place = fields.take(key);
    if (!place || request.tool_choice) continue;
    if (place->type != json::Type::string) {
      read_choice_object(in, *place, std::string(key), request);
      continue;
    }
    request.tool_choice = choice_of(*json::string_at(in.text, *place));
    if (!request.tool_choice) fields.refuse(key, "must be none, auto, required or an object that names a tool");
  }
}

void read_format(Reading& in, Fields& fields, Request& request) {
  const auto place = fields.peek("response_format");
  if (!place) return;
  Fields format(in, *place, "response_format");
  const std::string type = format.required("type");
  chat::AnswerFormat read;
  if (type == "json_object") {
    read.kind = chat::AnswerFormat::Kind::json;
  } else if (type == "json_schema") {
    read.kind = chat::AnswerFormat::Kind::schema;
    const auto object = format.take("json_schema");
    if (!object) return format.refuse("json_schema", "must be given and be an object");
    Fields schema(in, *object, "response_format.json_schema");
    read_schema(in, schema, read);
    schema.keep_rest();
  } else if (type != "text") {
    return;  // a grammar of some server: native
  }
  (void)fields.take("response_format");
  format.keep_rest();
  request.format = std::move(read);
}

// The dialect's own word, and the two objects by which gateways and servers let their clients ask for more.
void read_thinking(Reading& in, Fields& fields, Request& request) {
  chat::Thinking thinking;
  const auto effort_at = [&](Fields& from, std::string_view key) {
    const auto place = from.peek(key);
    const auto effort =
        place ? chat::effort_of(json::string_at(in.text, *place).value_or(std::string())) : std::nullopt;
    if (!effort) return;  // a word of tomorrow rides in native
    (void)from.take(key);
    if (!thinking.effort) thinking.effort = effort;
  };
  effort_at(fields, "reasoning_effort");
  if (const auto object = fields.take("reasoning", json::Type::object)) {
    Fields reasoning(in, *object, "reasoning");
    effort_at(reasoning, "effort");
    thinking.budget = reasoning.whole("max_tokens");
    reasoning.keep_rest();
  }
  if (const auto object = fields.take("thinking", json::Type::object)) {
    Fields extension(in, *object, "thinking");
    const std::string type = extension.required("type");
    if (const auto budget = extension.whole("budget_tokens")) thinking.budget = budget;
    if (type == "disabled" && !thinking.effort) thinking.effort = chat::Effort::none;
    thinking.adaptive = (type == "adaptive" || type == "enabled") && !thinking.budget && !thinking.effort;
    extension.keep_rest();
  }
  if (thinking.effort || thinking.budget || thinking.adaptive) request.thinking = thinking;
}

void read_limits(Reading& in, Fields& fields, Request& request) {
  request.max_output = fields.whole("max_completion_tokens");
  const auto older = fields.whole("max_tokens");
  if (older && request.max_output && *older != *request.max_output) {
    fields.refuse("max_tokens", "contradicts 'max_completion_tokens'; send only that");
  }
  if (!request.max_output) request.max_output = older;
  const auto stop = fields.take("stop");
  if (!stop) return;
  if (auto one = json::string_at(in.text, *stop)) {
    request.stop.push_back(std::move(*one));
    return;
  }
  const auto elements = in.elements(*stop, "stop");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (auto one = json::string_at(in.text, elements[i]))
      request.stop.push_back(std::move(*one));
    else
      in.refuse(element("stop", i), "must be a string");
  }
}

struct NumberField {
  std::string_view key;
  std::optional<chat::Number> Request::* member;
};
constexpr auto numbers = std::to_array<NumberField>({
    {"temperature", &Request::temperature},
    {"top_p", &Request::top_p},
    {"top_k", &Request::top_k},  // of servers beside OpenAI's
    {"frequency_penalty", &Request::frequency_penalty},
    {"presence_penalty", &Request::presence_penalty},
});

void read_stream(Reading& in, Fields& fields, Request& request) {
  request.stream = fields.boolean("stream").value_or(false);
  const auto object = fields.take("stream_options", json::Type::object);
  if (!object) return;
  Fields options(in, *object, "stream_options");
  request.stream_usage = options.boolean("include_usage").value_or(false);
  options.keep_rest();
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned, const Form& form) {
  Reading in(body, form.word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = fields.required("model");
  if (!in.error && request.model.empty()) fields.refuse("model", "must not be empty");
  if (form.texts)
    completions::read_prompt(in, fields, request);
  else
    read_messages(in, fields, form, request.messages);
  read_tools(in, fields, request);
  read_choice(in, fields, request);
  request.parallel_tools = fields.boolean("parallel_tool_calls");
  read_format(in, fields, request);
  read_thinking(in, fields, request);
  read_limits(in, fields, request);
  if (form.texts) request.max_output = request.max_output.value_or(completions::usual_limit);
  for (const NumberField& row : numbers) request.*row.member = fields.number(row.key);
  request.seed = fields.integer(form.seed);
  request.answers = fields.whole("n");
  read_user(fields, request);
  request.service_tier = fields.string("service_tier");
  read_stream(in, fields, request);
  if (form.usage_unasked) request.stream_usage = true;
  fields.keep_rest();
  if (in.error) return std::unexpected(*in.error);
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::openai
