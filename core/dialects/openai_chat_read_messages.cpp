// The messages of a request in the OpenAI dialect, read into turns of the hub, one each and in their order.
//
// Results of tools become user turns. The functions of before tools are read as tools: their calls had no ids, so
// each gets one by its place, and a result answers the last call of its name.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "dialects/openai_chat_request.h"

namespace apigw::dialects::openai {

namespace {

using chat::Message;

// Arguments stand in a string; what a provider gets of them must be an object.
json::Raw read_arguments(Fields& fields, const Reading& in) {
  const auto place = fields.peek("arguments");
  if (place && place->type == json::Type::object) return *fields.raw("arguments");  // as some servers write them
  std::string text = fields.required("arguments");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return json::Raw{"{}"};
  const auto scanned = json::scan(text);
  if (!in.error && (!scanned || scanned->root.type != json::Type::object)) {
    fields.refuse("arguments", "must be a JSON object, written as a string");
  }
  return json::Raw{std::move(text)};
}

class Messages {
 public:
  Messages(Reading& in, const Form& form, std::vector<Message>& messages)
      : in_(in), form_(form), messages_(messages) {}

  void read(json::Slice slice, std::string place) {
    Fields fields(in_, slice, std::move(place));
    const std::string role = fields.required("role");
    if (in_.error) return;
    const auto row = std::ranges::find(roles, role, &Row::role);
    if (row == roles.end()) {
      fields.refuse("role", "must be system, developer, user, assistant, tool or function");
      return;
    }
    Message message{.role = row->as, .place = fields.path()};
    (this->*row->read)(fields, message);
    if (const auto mark = read_cache_mark(in_, fields); mark && !message.parts.empty()) {
      message.parts.back().cache = mark;
      message.parts.back().place = fields.path();  // the mark is the message's
    }
    fields.keep_rest();
    messages_.push_back(std::move(message));
  }

 private:
  struct Row {
    std::string_view role;
    chat::Role as;
    void (Messages::*read)(Fields&, Message&);
  };
  static const std::array<Row, 6> roles;

  void required_content(Fields& fields, Allowed allowed, std::vector<chat::Part>& parts) {
    if (const auto content = fields.take("content"))
      read_content(in_, *content, fields.path("content"), allowed, parts);
    else
      fields.refuse("content", "must be given");
  }

  void system(Fields& fields, Message& message) {
    message.name = fields.string("name").value_or(std::string());
    required_content(fields, Allowed::text, message.parts);
  }

  void user(Fields& fields, Message& message) {
    message.name = fields.string("name").value_or(std::string());
    required_content(fields, Allowed::anything, message.parts);
  }

  // Thoughts first, then what was said, then what was called.
  void assistant(Fields& fields, Message& message) {
    message.name = fields.string("name").value_or(std::string());
    // The last answer is gone on with whoever asks; of an earlier one it says nothing.
    if (form_.goes_on) (void)fields.boolean("prefix");
    for (chat::Reasoning& thought : read_thoughts(in_, fields))
      message.parts.push_back({std::move(thought), {}, fields.path(thoughts_key(fields))});
    const bool calls = fields.peek("tool_calls") || fields.peek("function_call");
    if (const auto content = fields.take("content")) {
      const bool nothing = json::at(in_.text, *content) == R"("")";
      if (!nothing || !calls) read_content(in_, *content, fields.path("content"), Allowed::answer, message.parts);
    }
    if (auto refusal = fields.string("refusal"); refusal && !refusal->empty()) {
      message.parts.push_back({chat::RefusalText{std::move(*refusal)}, {}, fields.path("refusal")});
    }
    if (const auto list = fields.take("tool_calls")) {
      const auto elements = in_.elements(*list, fields.path("tool_calls"));
      for (std::size_t i = 0; i < elements.size(); ++i)
        call(elements[i], element(fields.path("tool_calls"), i), message);
    }
    if (const auto legacy = fields.take("function_call")) {
      Fields function(in_, *legacy, fields.path("function_call"));
      chat::ToolCall made{.id = fmt::format("call_legacy_{}", messages_.size()), .name = function.required("name")};
      made.arguments = read_arguments(function, in_);
      function.keep_rest();
      legacy_[made.name] = made.id;
      message.parts.push_back({std::move(made), {}, fields.path("function_call")});
    }
  }

  void call(json::Slice slice, const std::string& path, Message& message) {
    Fields fields(in_, slice, path);
    const std::string type = fields.string("type").value_or("function");
    if (type != "function") {
      in_.keep(path, slice);
      return;
    }
    (void)fields.take("index");  // as replies of streams carry it
    chat::ToolCall made{.id = fields.required("id"), .name = {}};
    if (const auto inner = fields.take("function")) {
      Fields function(in_, *inner, fields.path("function"));
      made.name = function.required("name");
      made.arguments = read_arguments(function, in_);
      function.keep_rest();
    } else {
      fields.refuse("function", "must be given and be an object");
    }
    fields.keep_rest();
    message.parts.push_back({std::move(made), {}, path});
  }

  void result(Fields& fields, Message& message, std::string call_id) {
    chat::ToolResult result{.call_id = std::move(call_id)};
    if (const auto content = fields.take("content")) {
      read_content(in_, *content, fields.path("content"), Allowed::result, result.content);
    }
    message.parts.push_back({std::move(result), {}, fields.path()});
  }

  void tool(Fields& fields, Message& message) {
    (void)fields.string("name");  // some clients say the tool's name again; the id is the link
    result(fields, message, fields.required("tool_call_id"));
  }

  void function(Fields& fields, Message& message) {
    const auto called = legacy_.find(fields.required("name"));
    if (called == legacy_.end())
      fields.refuse("name", "answers no function_call that stands before it");
    else
      result(fields, message, called->second);
  }

  Reading& in_;
  const Form& form_;
  std::vector<Message>& messages_;
  std::map<std::string, std::string> legacy_;  // name of a function → id of its last call
};

const std::array<Messages::Row, 6> Messages::roles = {{
    {"system", chat::Role::system, &Messages::system},
    {"developer", chat::Role::system, &Messages::system},
    {"user", chat::Role::user, &Messages::user},
    {"assistant", chat::Role::assistant, &Messages::assistant},
    {"tool", chat::Role::user, &Messages::tool},
    {"function", chat::Role::user, &Messages::function},
}};

}  // namespace

void read_messages(Reading& in, Fields& request, const Form& form, std::vector<Message>& messages) {
  const auto list = request.take("messages");
  if (!list) {
    request.refuse("messages", "must be given and be an array");
    return;
  }
  const auto elements = in.elements(*list, "messages");
  if (elements.empty()) request.refuse("messages", "must hold at least one message");
  Messages reader(in, form, messages);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) reader.read(elements[i], element("messages", i));
}

}  // namespace apigw::dialects::openai
