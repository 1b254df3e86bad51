// A request of the Anthropic dialect, read into the hub.
//
// The system prompt becomes the first turn; tools that the provider itself runs ride in `native`. An effort and
// adaptive thinking say the same to the hub, so adaptive stands alone there only when no effort was given.
#include "dialects/anthropic.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Message;
using chat::Request;
using chat::Role;

void read_content(Reading& in, json::Slice content, const std::string& path, Place place,
                  std::vector<chat::Part>& parts) {
  if (content.type == json::Type::string) {
    parts.push_back({chat::Text{*json::string_at(in.text, content)}, {}});
    return;
  }
  if (content.type != json::Type::array) return in.refuse(path, "must be a string or an array of blocks");
  const auto elements = in.elements(content, path);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    read_block(in, elements[i], element(path, i), place, parts);
  }
}

void read_system(Reading& in, Fields& body, Request& request) {
  const auto content = body.take("system");
  if (!content) return;
  Message message{.role = Role::system, .parts = {}, .name = {}, .place = "system"};
  read_content(in, *content, "system", Place::system, message.parts);
  request.messages.push_back(std::move(message));
}

struct RoleRow {
  std::string_view word;
  Role role;
  Place place;
};
constexpr auto roles = std::to_array<RoleRow>({
    {"user", Role::user, Place::user},
    {"assistant", Role::assistant, Place::assistant},
    {"system", Role::system, Place::system},
});

void read_message(Reading& in, json::Slice slice, const std::string& path, Request& request) {
  Fields fields(in, slice, path);
  const std::string word = fields.required("role");
  const auto row = std::ranges::find(roles, word, &RoleRow::word);
  if (row == roles.end()) return fields.refuse("role", "must be 'user' or 'assistant'");
  const auto content = fields.take("content");
  if (!content) return fields.refuse("content", "must be given");
  Message message{.role = row->role, .parts = {}, .name = {}, .place = path};
  read_content(in, *content, fields.path("content"), row->place, message.parts);
  // The turn would be asked without what it says.
  if (message.role == Role::user && message.parts.empty() && !in.native.fields.empty() &&
      in.native.fields.back().path.starts_with(fields.path("content")))
    fields.refuse("content", "holds nothing that can be said in another dialect");
  fields.keep_rest();
  request.messages.push_back(std::move(message));
}

void read_messages(Reading& in, Fields& body, Request& request) {
  const auto list = body.take("messages", json::Type::array);
  if (!list) return body.refuse("messages", "must be given and be an array");
  const auto elements = in.elements(*list, "messages");
  if (elements.empty()) return body.refuse("messages", "must hold at least one message");
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    read_message(in, elements[i], element("messages", i), request);
  }
}

/* --------------------------------- tools -------------------------------- */

void read_tool(Reading& in, json::Slice slice, const std::string& path, Request& request) {
  Fields fields(in, slice, path);
  if (fields.string("type").value_or("custom") != "custom") return in.keep(path, slice);
  chat::Tool tool{.name = fields.required("name")};
  tool.description = fields.string("description").value_or(std::string());
  if (const auto schema = fields.take("input_schema", json::Type::object)) {
    tool.schema = {std::string(json::at(in.text, *schema))};
  } else {
    fields.refuse("input_schema", "must be given and be an object");
  }
  tool.strict = fields.boolean("strict");
  if (const auto object = fields.take("cache_control", json::Type::object)) {
    Fields mark(in, *object, fields.path("cache_control"));
    (void)mark.string("type");
    tool.cache = chat::CacheMark{.ttl = mark.string("ttl").value_or(std::string())};
    mark.keep_rest();
  }
  fields.keep_rest();
  tool.place = path;
  request.tools.push_back(std::move(tool));
}

void read_tools(Reading& in, Fields& body, Request& request) {
  const auto list = body.take("tools", json::Type::array);
  if (!list) return;
  const auto elements = in.elements(*list, "tools");
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    read_tool(in, elements[i], element("tools", i), request);
  }
}

void read_choice(Reading& in, Fields& body, Request& request) {
  using Mode = chat::ToolChoice::Mode;
  struct Row {
    std::string_view word;
    Mode mode;
  };
  constexpr auto modes = std::to_array<Row>(
      {{"auto", Mode::automatic}, {"any", Mode::required}, {"tool", Mode::named}, {"none", Mode::none}});
  const auto object = body.take("tool_choice", json::Type::object);
  if (!object) return;
  Fields fields(in, *object, "tool_choice");
  const std::string word = fields.required("type");
  const auto row = std::ranges::find(modes, word, &Row::word);
  if (row == modes.end()) return fields.refuse("type", "must be 'auto', 'any', 'tool' or 'none'");
  chat::ToolChoice choice{.mode = row->mode, .name = {}, .allowed = {}};
  if (choice.mode == Mode::named) choice.name = fields.required("name");
  if (const auto off = fields.boolean("disable_parallel_tool_use")) request.parallel_tools = !*off;
  fields.keep_rest();
  request.tool_choice = std::move(choice);
}

/* ------------------------------- the rest ------------------------------- */

// Whether thinking is switched off, in which case an effort is no word about it.
bool read_thinking(Reading& in, Fields& body, chat::Thinking& thinking) {
  const auto object = body.peek("thinking");
  if (!object) return false;
  if (object->type != json::Type::object) {
    body.refuse("thinking", "must be an object");
    return false;
  }
  Fields fields(in, *object, "thinking");
  const std::string type = fields.required("type");
  if (type == "enabled") {
    thinking.budget = fields.whole("budget_tokens");
    if (!thinking.budget) fields.refuse("budget_tokens", "must be given and be a whole number");
  } else if (type == "adaptive") {
    thinking.adaptive = true;
  } else if (type == "disabled") {
    thinking.effort = chat::Effort::none;
  } else {
    return false;  // stays untaken, so it rides in native
  }
  (void)body.take("thinking");
  fields.keep_rest();
  return type == "disabled";
}

void read_format(Reading& in, Fields& config, Request& request) {
  const auto object = config.peek("format");
  if (!object || object->type != json::Type::object) return;
  Fields fields(in, *object, config.path("format"));
  if (fields.string("type") != "json_schema") return;
  const auto schema = fields.take("schema", json::Type::object);
  if (!schema) return fields.refuse("schema", "must be given and be an object");
  (void)config.take("format");
  chat::AnswerFormat format{.kind = chat::AnswerFormat::Kind::schema};
  format.schema = {std::string(json::at(in.text, *schema))};
  format.place = fields.path();
  format.schema_place = fields.path("schema");
  fields.keep_rest();
  request.format = std::move(format);
}

void read_output(Reading& in, Fields& body, Request& request) {
  chat::Thinking thinking;
  const bool off = read_thinking(in, body, thinking);
  if (const auto object = body.take("output_config", json::Type::object)) {
    Fields config(in, *object, "output_config");
    read_format(in, config, request);
    const auto word = config.peek("effort");
    const auto effort =
        word && word->type == json::Type::string ? chat::effort_of(*json::string_at(in.text, *word)) : std::nullopt;
    if (effort && !off) {
      thinking.effort = effort;
      thinking.adaptive = false;
      (void)config.take("effort");
    }
    config.keep_rest();
  }
  if (thinking.effort || thinking.budget || thinking.adaptive) request.thinking = thinking;
}

void read_stops(Reading& in, Fields& body, Request& request) {
  const auto list = body.take("stop_sequences", json::Type::array);
  if (!list) return;
  for (const json::Slice one : in.elements(*list, "stop_sequences")) {
    auto word = json::string_at(in.text, one);
    if (!word) return body.refuse("stop_sequences", "must hold strings");
    request.stop.push_back(std::move(*word));
  }
}

void read_rest(Reading& in, Fields& body, Request& request) {
  request.max_output = body.whole("max_tokens");
  request.temperature = body.number("temperature");
  request.top_p = body.number("top_p");
  request.top_k = body.number("top_k");
  read_stops(in, body, request);
  if (const auto object = body.take("metadata", json::Type::object)) {
    Fields metadata(in, *object, "metadata");
    request.user = metadata.string("user_id");
    metadata.keep_rest();
  }
  request.service_tier = body.string("service_tier");
  request.stream = body.boolean("stream").value_or(false);
  request.stream_usage = request.stream;
  body.keep_rest();
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = fields.required("model");
  read_system(in, fields, request);
  read_messages(in, fields, request);
  read_tools(in, fields, request);
  read_choice(in, fields, request);
  read_output(in, fields, request);
  read_rest(in, fields, request);
  if (in.error) return std::unexpected(*in.error);
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::anthropic
