// A request in Cohere's dialect, read into the hub.
//
// A plan before calls is a thought of the model, as Cohere has it. Documents to answer from, which other dialects
// have no list for, become plain-text documents of the last turn that the user said something in: an answer without
// them would look like one. A part of a kind that its role cannot hold rides in `native`.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/function_tools.h"
#include "dialects/media.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Media;
using chat::Message;
using chat::Part;
using chat::Request;
using chat::Role;

/* -------------------------------- documents ----------------------------- */

// Its data as text: of an object that holds a text, and a title perhaps, these; of any other its JSON.
void read_data(Reading& in, Fields& document, Media& media) {
  const auto data = document.take("data");
  if (!data) return document.refuse("data", "must be given");
  if (auto text = json::string_at(in.text, *data)) {
    media.source.text = std::move(*text);
    return;
  }
  if (data->type != json::Type::object) return document.refuse("data", "must be an object or a string");
  const json::Document fields = json::members(in.text, *data);
  const json::Member* text = fields.find("text");
  const json::Member* title = fields.find("title");
  const auto string = [](const json::Member* member) {
    return member != nullptr && member->value.type == json::Type::string;
  };
  const std::size_t known = (string(text) ? 1 : 0) + (string(title) ? 1 : 0);
  if (!string(text) || known != fields.members.size()) {
    media.source.text = json::at(in.text, *data);
    return;
  }
  media.source.text = *json::string_at(in.text, text->value);
  if (title != nullptr) media.name = *json::string_at(in.text, title->value);
}

Media read_document(Reading& in, json::Slice slice, const std::string& path) {
  Media media{.kind = Media::Kind::document, .source = {.media_type = "text/plain"}, .name = {}, .detail = {}};
  if (auto text = json::string_at(in.text, slice)) {
    media.source.text = std::move(*text);
    return media;
  }
  Fields document(in, slice, path);
  read_data(in, document, media);
  document.keep_rest();
  return media;
}

/* -------------------------------- messages ------------------------------ */

struct RoleRow {
  std::string_view word;
  Role role;
  bool answers;  // a call
};
constexpr auto roles = std::to_array<RoleRow>({{"system", Role::system, false},
                                               {"user", Role::user, false},
                                               {"assistant", Role::assistant, false},
                                               {"tool", Role::user, true}});

void read_text(Reading&, Fields& fields, Part& part) {
  part.content = chat::Text{fields.required("text")};
}

void read_thought(Reading&, Fields& fields, Part& part) {
  part.content = chat::Reasoning{.text = fields.required("thinking"), .origin = std::string(own_word)};
}

void read_picture(Reading& in, Fields& fields, Part& part) {
  Media media{.kind = Media::Kind::image, .source = {}, .name = {}, .detail = {}};
  const auto object = fields.take("image_url");
  if (!object) return fields.refuse("image_url", "must be given and be an object");
  Fields image(in, *object, fields.path("image_url"));
  auto source = source_of(image.required("url"));
  if (!source) image.refuse("url", "must be an address or a data URI whose data can be read");
  if (source) media.source = std::move(*source);
  media.detail = image.string("detail").value_or(std::string());
  image.keep_rest();
  part.content = std::move(media);
}

void read_document_part(Reading& in, Fields& fields, Part& part) {
  const auto object = fields.take("document");
  if (!object) return fields.refuse("document", "must be given and be an object");
  part.content = read_document(in, *object, fields.path("document"));
}

// What a tool found is its result, not a file beside it.
void read_result_document(Reading& in, Fields& fields, Part& part) {
  read_document_part(in, fields, part);
  const auto* media = std::get_if<Media>(&part.content);
  if (media == nullptr) return;
  const std::string& text = media->source.text;
  part.content = chat::Text{media->name.empty() ? text : media->name + "\n\n" + text};
}

struct Kind {
  std::string_view word;
  std::string_view roles;  // that may hold it, one behind the other
  void (*read)(Reading& in, Fields& fields, Part& part);
};
constexpr auto kinds = std::to_array<Kind>({
    {"text", "system user assistant tool", read_text},
    {"image_url", "user", read_picture},
    {"thinking", "assistant", read_thought},
    {"document", "user", read_document_part},
    {"document", "tool", read_result_document},
});

class Messages {
 public:
  Messages(Reading& in, std::vector<Message>& messages) : in_(in), messages_(messages) {}

  void read(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    role_ = fields.required("role");
    if (in_.error) return;
    const auto row = std::ranges::find(roles, std::string_view(role_), &RoleRow::word);
    if (row == roles.end()) return fields.refuse("role", "must be system, user, assistant or tool");
    Message message{.role = row->role, .parts = {}, .name = {}, .place = fields.path()};
    if (row->answers)
      result(fields, message);
    else if (row->role == Role::assistant)
      answer(fields, message);
    else
      content(fields, message.parts);
    fields.keep_rest();
    messages_.push_back(std::move(message));
  }

 private:
  void content(Fields& fields, std::vector<Part>& parts) {
    const auto value = fields.take("content");
    if (!value) return;
    if (auto text = json::string_at(in_.text, *value)) {
      if (!text->empty()) parts.push_back({chat::Text{std::move(*text)}, {}, fields.path("content")});
      return;
    }
    if (value->type != json::Type::array) return fields.refuse("content", "must be a string or an array");
    const auto elements = in_.elements(*value, fields.path("content"));
    for (std::size_t i = 0; i < elements.size() && !in_.error; ++i)
      part(elements[i], element(fields.path("content"), i), parts);
  }

  void part(json::Slice slice, std::string path, std::vector<Part>& parts) {
    Fields fields(in_, slice, path);
    const std::string type = fields.required("type");
    if (in_.error) return;
    const auto fits = [&](const Kind& kind) { return kind.word == type && kind.roles.contains(role_); };
    const auto kind = std::ranges::find_if(kinds, fits);
    if (kind == kinds.end()) return in_.keep(std::move(path), slice);
    Part made{.content = chat::Text{}, .cache = {}, .place = std::move(path)};
    kind->read(in_, fields, made);
    fields.keep_rest();
    parts.push_back(std::move(made));
  }

  void answer(Fields& fields, Message& message) {
    auto plan = fields.string("tool_plan");
    content(fields, message.parts);
    if (plan && !plan->empty())
      message.parts.push_back(
          {chat::Reasoning{.text = std::move(*plan), .origin = std::string(own_word)}, {}, fields.path("tool_plan")});
    const auto list = fields.take("tool_calls");
    const auto elements = list ? in_.elements(*list, fields.path("tool_calls")) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size() && !in_.error; ++i)
      call(elements[i], element(fields.path("tool_calls"), i), message);
  }

  void call(json::Slice slice, std::string path, Message& message) {
    Fields fields(in_, slice, std::move(path));
    chat::ToolCall made{.id = fields.required("id")};
    const auto object = fields.take("function");
    if (!object) return fields.refuse("function", "must be given and be an object");
    Fields function(in_, *object, fields.path("function"));
    made.name = function.required("name");
    const auto arguments = object_of({function.string("arguments").value_or(std::string())});
    if (!arguments) function.refuse("arguments", "must be a JSON object, written as a string");
    if (arguments) made.arguments = *arguments;
    function.keep_rest();
    (void)fields.take("type");
    fields.keep_rest();
    message.parts.push_back({std::move(made), {}, fields.path()});
  }

  void result(Fields& fields, Message& message) {
    chat::ToolResult result{.call_id = fields.required("tool_call_id")};
    content(fields, result.content);
    message.parts.push_back({std::move(result), {}, fields.path()});
  }

  Reading& in_;
  std::vector<Message>& messages_;
  std::string role_;  // of the message at work
};

void read_messages(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("messages");
  if (!list) return fields.refuse("messages", "must be given and be an array");
  const auto elements = in.elements(*list, "messages");
  if (elements.empty()) fields.refuse("messages", "must hold at least one");
  Messages reader(in, request.messages);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) reader.read(elements[i], element("messages", i));
}

bool speaks(const Message& message) {
  return message.role == Role::user && std::ranges::any_of(message.parts, [](const Part& part) {
           return !std::holds_alternative<chat::ToolResult>(part.content);
         });
}

void read_documents(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("documents");
  const auto elements = list ? in.elements(*list, "documents") : std::vector<json::Slice>();
  if (elements.empty()) return;
  std::vector<Part> parts;
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    const std::string place = element("documents", i);
    parts.push_back({read_document(in, elements[i], place), {}, place});
  }
  const auto last = std::ranges::find_if(request.messages.rbegin(), request.messages.rend(), speaks);
  if (last == request.messages.rend())
    request.messages.push_back({.role = Role::user, .parts = std::move(parts), .name = {}, .place = "documents"});
  else
    last->parts.insert(last->parts.begin(), std::make_move_iterator(parts.begin()),
                       std::make_move_iterator(parts.end()));
}

/* ------------------------------- settings ------------------------------- */

void read_tools(Reading& in, Fields& fields, Request& request) {
  read_function_tools(in, fields, request.tools);
  if (request.tools.empty()) return;
  const auto strict = fields.boolean("strict_tools");
  for (chat::Tool& tool : request.tools) tool.strict = strict;
}

void read_choice(Fields& fields, Request& request) {
  using Mode = chat::ToolChoice::Mode;
  const auto word = fields.string("tool_choice");
  if (!word) return;
  if (*word != "REQUIRED" && *word != "NONE") return fields.refuse("tool_choice", "must be REQUIRED or NONE");
  request.tool_choice = chat::ToolChoice{.mode = *word == "NONE" ? Mode::none : Mode::required};
}

void read_format(Reading& in, Fields& fields, Request& request) {
  using Kind = chat::AnswerFormat::Kind;
  const auto object = fields.take("response_format");
  if (!object) return;
  Fields format(in, *object, "response_format");
  const std::string type = format.required("type");
  if (in.error) return;
  if (type != "text" && type != "json_object") return format.refuse("type", "must be text or json_object");
  chat::AnswerFormat made{.kind = type == "text" ? Kind::text : Kind::json, .place = "response_format"};
  for (const std::string_view key : {"json_schema", "schema"}) {  // the latter is its older name
    const auto schema = made.kind == Kind::json ? format.take(key, json::Type::object) : std::nullopt;
    if (!schema) continue;
    made.kind = Kind::schema;
    made.schema.text = json::at(in.text, *schema);
    made.schema_place = format.path(key);
  }
  format.keep_rest();
  request.format = std::move(made);
}

void read_thinking(Reading& in, Fields& fields, Request& request) {
  const auto object = fields.take("thinking");
  if (!object) return;
  Fields thinking(in, *object, "thinking");
  const std::string type = thinking.required("type");
  if (in.error) return;
  if (type != "enabled" && type != "disabled") return thinking.refuse("type", "must be enabled or disabled");
  chat::Thinking made;
  if (type == "disabled") made.effort = chat::Effort::none;
  if (type == "enabled") made.budget = thinking.whole("token_budget");
  made.adaptive = type == "enabled" && !made.budget;
  thinking.keep_rest();
  request.thinking = made;
}

void read_stops(Reading& in, Fields& fields, Request& request) {
  const auto list = fields.take("stop_sequences");
  for (const json::Slice slice : list ? in.elements(*list, "stop_sequences") : std::vector<json::Slice>()) {
    auto stop = json::string_at(in.text, slice);
    if (!stop) return fields.refuse("stop_sequences", "must hold strings alone");
    request.stop.push_back(std::move(*stop));
  }
}

}  // namespace

Result<Request> read_request(std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  Request request;
  request.model = fields.required("model");
  read_messages(in, fields, request);
  read_documents(in, fields, request);
  read_tools(in, fields, request);
  read_choice(fields, request);
  read_format(in, fields, request);
  read_thinking(in, fields, request);
  read_stops(in, fields, request);
  request.max_output = fields.whole("max_tokens");
  request.temperature = fields.number("temperature");
  request.top_p = fields.number("p");
  request.top_k = fields.number("k");
  request.frequency_penalty = fields.number("frequency_penalty");
  request.presence_penalty = fields.number("presence_penalty");
  request.seed = fields.integer("seed");
  request.stream = request.stream_usage = fields.boolean("stream").value_or(false);
  if (fields.boolean("logprobs").value_or(false)) in.native.fields.push_back({"logprobs", {"true"}});
  // How early the call is taken up.
  if (auto value = fields.raw("priority")) in.native.fields.push_back({"priority", std::move(*value), true});
  fields.keep_rest();
  if (in.error) return std::unexpected(std::move(*in.error));
  request.native = std::move(in.native);
  return request;
}

}  // namespace apigw::dialects::cohere
