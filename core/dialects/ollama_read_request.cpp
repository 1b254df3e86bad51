// A request in Ollama's dialect, read into the hub: a conversation, or one prompt with its system prompt and
// pictures.
//
// Calls and results find each other by their ids where there are some, else by the tool's name, else by their order.
// What an answer of another server would leave out unseen (a gap to fill, tokens of an earlier answer) is refused;
// what only shapes the prompt (raw, template) is a loss.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/function_tools.h"
#include "dialects/ollama.h"
#include "dialects/ollama_request.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Message;
using chat::Request;
using chat::Role;

void read_pictures(Reading& in, Fields& fields, std::vector<chat::Part>& parts) {
  const auto list = fields.take("images");
  if (!list) return;
  const auto elements = in.elements(*list, fields.path("images"));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::string place = element(fields.path("images"), i);
    auto written = json::string_at(in.text, elements[i]);
    auto picture = written ? read_picture(std::move(*written)) : std::nullopt;
    if (!picture) return in.refuse(place, "must be a PNG, JPEG, GIF or WebP in base64");
    parts.push_back({std::move(*picture), {}, place});
  }
}

void read_text(Fields& fields, std::string_view key, std::vector<chat::Part>& parts) {
  auto text = fields.string(key);
  if (text && !text->empty()) parts.push_back({chat::Text{std::move(*text)}, {}, fields.path(key)});
}

/* ----------------------------- conversations ---------------------------- */

struct RoleRow {
  std::string_view word;
  Role role;
  bool answers;  // a call
};
constexpr auto roles = std::to_array<RoleRow>({{"system", Role::system, false},
                                               {"user", Role::user, false},
                                               {"assistant", Role::assistant, false},
                                               {"tool", Role::user, true}});

class Messages {
 public:
  Messages(Reading& in, std::vector<Message>& messages) : in_(in), messages_(messages) {}

  void read(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    const std::string role = fields.required("role");
    if (in_.error) return;
    const auto row = std::ranges::find(roles, std::string_view(role), &RoleRow::word);
    if (row == roles.end()) return fields.refuse("role", "must be system, user, assistant or tool");
    Message message{.role = row->role, .parts = {}, .name = {}, .place = fields.path()};
    if (row->answers)
      result(fields, message);
    else if (row->role == Role::assistant)
      answer(fields, message);
    else
      said(fields, message);
    fields.keep_rest();
    messages_.push_back(std::move(message));
  }

 private:
  // Pictures stand before the words that speak of them.
  void said(Fields& fields, Message& message) {
    if (message.role == Role::user) read_pictures(in_, fields, message.parts);
    read_text(fields, "content", message.parts);
  }

  void answer(Fields& fields, Message& message) {
    const bool goes_on = !messages_.empty() && messages_.back().role == Role::assistant;  // a turn in pieces
    if (!goes_on) open_.clear();
    auto thought = fields.string("thinking");
    if (thought && !thought->empty())
      message.parts.push_back({chat::Reasoning{.text = std::move(*thought), .origin = std::string(own_word)},
                               {},
                               fields.path("thinking")});
    said(fields, message);
    const auto list = fields.take("tool_calls");
    const auto elements = list ? in_.elements(*list, fields.path("tool_calls")) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size() && !in_.error; ++i)
      call(elements[i], element(fields.path("tool_calls"), i), message);
  }

  void call(json::Slice slice, std::string path, Message& message) {
    Fields fields(in_, slice, std::move(path));
    chat::ToolCall made{.id = fields.string("id").value_or(std::string())};
    const auto object = fields.take("function");
    if (!object) return fields.refuse("function", "must be given and be an object");
    Fields function(in_, *object, fields.path("function"));
    made.name = function.required("name");
    if (const auto arguments = function.take("arguments")) {
      if (arguments->type != json::Type::object) return function.refuse("arguments", "must be an object");
      made.arguments.text = json::at(in_.text, *arguments);
    }
    (void)function.take("index");  // they stand in order
    function.keep_rest();
    (void)fields.take("type");
    fields.keep_rest();
    if (made.id.empty()) made.id = fmt::format("{}{}", unsent_id, made_++);
    open_.push_back({made.id, made.name});
    message.parts.push_back({std::move(made), {}, fields.path()});
  }

  void result(Fields& fields, Message& message) {
    chat::ToolResult result{.call_id = fields.string("tool_call_id").value_or(std::string())};
    auto name = fields.string("tool_name");
    if (!name) name = fields.string("name");  // as older clients call it
    result.call_id = answered(std::move(result.call_id), name.value_or(std::string()));
    read_pictures(in_, fields, result.content);
    read_text(fields, "content", result.content);
    message.parts.push_back({std::move(result), {}, fields.path()});
  }

  struct Call {
    std::string id, name;
  };

  // The call that a result is of: by its id, else the first open one of the name, else the first.
  std::string answered(std::string id, const std::string& name) {
    auto found = std::ranges::find(open_, id, &Call::id);
    if (id.empty()) found = std::ranges::find(open_, name, &Call::name);
    if (id.empty() && found == open_.end()) found = open_.begin();
    if (found == open_.end()) return id.empty() ? fmt::format("{}{}", unsent_id, made_++) : id;
    id = found->id;
    open_.erase(found);
    return id;
  }

  Reading& in_;
  std::vector<Message>& messages_;
  std::vector<Call> open_;  // of the answer at work, those that have no result yet
  std::size_t made_ = 0;    // ids
};

void read_messages(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("messages");
  const auto elements = in.elements(*list, "messages");
  if (elements.empty()) fields.refuse("messages", "must hold at least one; models are not loaded ahead of a call");
  Messages reader(in, request.messages);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) reader.read(elements[i], element("messages", i));
}

/* ------------------------------ one prompt ------------------------------ */

void read_prompt(Reading& in, Fields& fields, Request& request) {
  constexpr auto unsayable = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"suffix", "is for models that fill a gap, which no other provider is asked to do"},
       {"context", "holds tokens of one server's model; send the conversation to /api/chat"}});
  for (const auto& [key, why] : unsayable) {
    const auto value = fields.peek(key);
    const bool nothing = !value || json::at(in.text, *value) == R"("")" ||
                         (value->type == json::Type::array && json::elements(in.text, *value, 1).empty());
    if (!nothing) return fields.refuse(key, why);
    (void)fields.take(key);
  }
  if (!fields.peek("prompt"))
    return fields.refuse("messages", "or 'prompt' must be given; models are not loaded ahead of a call");
  Message system{.role = Role::system, .parts = {}, .name = {}, .place = "system"};
  if (auto text = fields.string("system"); text && !text->empty())
    system.parts.push_back({chat::Text{std::move(*text)}, {}, "system"});
  if (!system.parts.empty()) request.messages.push_back(std::move(system));
  Message user{.role = Role::user, .parts = {}, .name = {}, .place = "prompt"};
  read_pictures(in, fields, user.parts);
  user.parts.push_back({chat::Text{fields.required("prompt")}, {}, "prompt"});
  request.messages.push_back(std::move(user));
}

/* ------------------------------- settings ------------------------------- */

void read_format(Reading& in, Fields& fields, Request& request) {
  using Kind = chat::AnswerFormat::Kind;
  const auto value = fields.take("format");
  if (!value) return;
  chat::AnswerFormat format{.kind = Kind::schema, .place = "format", .schema_place = "format"};
  if (value->type == json::Type::object) {
    format.schema.text = json::at(in.text, *value);
  } else {
    const auto word = json::string_at(in.text, *value);
    if (word == "") return;
    if (word != "json") return fields.refuse("format", "must be json or a schema");
    format.kind = Kind::json;
  }
  request.format = std::move(format);
}

void read_thinking(Reading& in, Fields& fields, Request& request) {
  const auto value = fields.take("think");
  if (!value) return;
  chat::Thinking thinking;
  if (const auto on = json::boolean_at(in.text, *value)) {
    thinking.adaptive = *on;
    if (!*on) thinking.effort = chat::Effort::none;
  } else {
    const auto word = json::string_at(in.text, *value);
    thinking.effort = word ? chat::effort_of(*word) : std::nullopt;
    if (!thinking.effort) return fields.refuse("think", "must be true, false, low, medium, high or max");
  }
  request.thinking = thinking;
}

void read_stops(Reading& in, Fields& options, Request& request) {
  const auto value = options.take("stop");
  if (!value) return;
  if (auto one = json::string_at(in.text, *value)) return request.stop.push_back(std::move(*one));
  for (const json::Slice slice : in.elements(*value, options.path("stop"))) {
    auto stop = json::string_at(in.text, slice);
    if (stop)
      request.stop.push_back(std::move(*stop));
    else
      options.refuse("stop", "must hold strings alone");
  }
}

// A number below one leaves the length to the model.
void read_limit(Reading& in, Fields& options, Request& request) {
  const auto value = options.peek("num_predict");
  const auto most = options.integer("num_predict");
  if (!most) return;
  if (*most > 0)
    request.max_output = static_cast<std::uint64_t>(*most);
  else
    in.native.fields.push_back({options.path("num_predict"), {std::string(json::at(in.text, *value))}, true});
}

void read_options(Reading& in, Fields& fields, Request& request) {
  const auto object = fields.take("options");
  if (!object) return;
  Fields options(in, *object, "options");
  request.temperature = options.number("temperature");
  request.top_p = options.number("top_p");
  request.top_k = options.number("top_k");
  request.frequency_penalty = options.number("frequency_penalty");
  request.presence_penalty = options.number("presence_penalty");
  request.seed = options.integer("seed");
  read_limit(in, options, request);
  read_stops(in, options, request);
  options.keep_rest();
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = fields.required("model");
  if (fields.peek("messages"))
    read_messages(in, fields, request);
  else
    read_prompt(in, fields, request);
  read_function_tools(in, fields, request.tools);
  read_format(in, fields, request);
  read_options(in, fields, request);
  read_thinking(in, fields, request);
  request.stream = request.stream_usage = fields.boolean("stream").value_or(true);
  // How long its server keeps the model in memory.
  if (auto value = fields.raw("keep_alive")) in.native.fields.push_back({"keep_alive", std::move(*value), true});
  fields.keep_rest();
  if (in.error) return std::unexpected(std::move(*in.error));
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::ollama
