#include "mock/judge.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mock/chat.h"

namespace apigw::mock {

namespace {

using Json = nlohmann::ordered_json;
using Refused = std::optional<Reply>;

constexpr double no_limit = std::numeric_limits<double>::infinity();

enum class Kind : std::uint8_t { whole, number, boolean, text, object, list, text_or_list, text_or_object };

struct Field {
  const char* name;
  Kind kind;
  double low = -no_limit, high = no_limit;
};

// Null counts as absent everywhere.
constexpr auto fields = std::to_array<Field>({
    {"frequency_penalty", Kind::number, -2, 2},
    {"logit_bias", Kind::object},
    {"logprobs", Kind::boolean},
    {"max_completion_tokens", Kind::whole, 1},
    {"max_tokens", Kind::whole, 1},
    {"messages", Kind::list},
    {"metadata", Kind::object},
    {"modalities", Kind::list},
    {"n", Kind::whole, 1, most_choices},
    {"parallel_tool_calls", Kind::boolean},
    {"presence_penalty", Kind::number, -2, 2},
    {"reasoning_effort", Kind::text},
    {"response_format", Kind::object},
    {"seed", Kind::whole},
    {"stop", Kind::text_or_list},
    {"store", Kind::boolean},
    {"stream", Kind::boolean},
    {"stream_options", Kind::object},
    {"temperature", Kind::number, 0, 2},
    {"tool_choice", Kind::text_or_object},
    {"tools", Kind::list},
    {"top_logprobs", Kind::whole, 0, 20},
    {"top_p", Kind::number, 0, 1},
    {"user", Kind::text},
});

struct Shape {
  Kind kind;
  std::string_view words;
  bool (*fits)(const Json&);
};

constexpr auto shapes = std::to_array<Shape>({
    {Kind::whole, "a whole number", [](const Json& v) { return v.is_number_integer(); }},
    {Kind::number, "a number", [](const Json& v) { return v.is_number(); }},
    {Kind::boolean, "true or false", [](const Json& v) { return v.is_boolean(); }},
    {Kind::text, "a text", [](const Json& v) { return v.is_string(); }},
    {Kind::object, "an object", [](const Json& v) { return v.is_object(); }},
    {Kind::list, "a list", [](const Json& v) { return v.is_array(); }},
    {Kind::text_or_list, "a text or a list", [](const Json& v) { return v.is_string() || v.is_array(); }},
    {Kind::text_or_object, "a text or an object", [](const Json& v) { return v.is_string() || v.is_object(); }},
});

Refused wrong(std::string_view param, std::string_view expected, std::string_view code) {
  return error_reply(400, fmt::format("'{}' must be {}", param, expected), code, param);
}

Refused wrong_type(std::string_view param, std::string_view expected) {
  return wrong(param, expected, "invalid_type");
}

Refused missing(std::string_view param) {
  return wrong(param, "given", "missing_required_parameter");
}

bool has_text(const Json& object, const char* key) {
  const Json* value = present(object, key);
  return value != nullptr && value->is_string() && !value->get_ref<const std::string&>().empty();
}

Refused judge_field(const Json& request, const Field& field) {
  const Json* value = present(request, field.name);
  if (value == nullptr) return std::nullopt;
  const auto* const shape = std::ranges::find(shapes, field.kind, &Shape::kind);
  if (!shape->fits(*value)) return wrong_type(field.name, shape->words);
  if (!value->is_number()) return std::nullopt;
  const double number = value->get<double>();
  const std::string_view kind = field.kind == Kind::whole ? "integer" : "decimal";
  if (number < field.low)
    return wrong(field.name, fmt::format("{} or more", field.low), fmt::format("{}_below_min_value", kind));
  if (number > field.high)
    return wrong(field.name, fmt::format("{} or less", field.high), fmt::format("{}_above_max_value", kind));
  return std::nullopt;
}

/* ------------------------------- messages ------------------------------- */

// An assistant that called tools, refused or spoke aloud has said something without content.
bool may_be_silent(const Json& message) {
  constexpr auto others = std::to_array<const char*>({"tool_calls", "function_call", "refusal", "audio"});
  return message["role"] == "assistant" &&
         std::ranges::any_of(others, [&](const char* key) { return present(message, key) != nullptr; });
}

struct Part {
  const char* type;
  const char* member;  // what it must hold
  bool text;           // as a text, else as an object
};
constexpr auto parts = std::to_array<Part>({{"text", "text", true},
                                            {"refusal", "refusal", true},
                                            {"image_url", "image_url", false},
                                            {"input_audio", "input_audio", false},
                                            {"file", "file", false}});

Refused judge_part(const Json& part, const std::string& at) {
  if (!has_text(part, "type")) return missing(at + ".type");
  const auto* const known = std::ranges::find_if(parts, [&](const Part& one) { return part["type"] == one.type; });
  if (known == parts.end()) return wrong(at + ".type", "one of the known kinds of parts", "invalid_value");
  const std::string member = fmt::format("{}.{}", at, known->member);
  const Json* value = present(part, known->member);
  if (value == nullptr) return missing(member);
  if (known->text ? value->is_string() : value->is_object()) return std::nullopt;
  return wrong_type(member, known->text ? "a text" : "an object");
}

Refused judge_message(const Json& message, std::size_t index) {
  constexpr auto roles =
      std::to_array<std::string_view>({"system", "developer", "user", "assistant", "tool", "function"});
  const std::string at = fmt::format("messages[{}]", index);
  if (!message.is_object()) return wrong_type(at, "an object");
  const Json* role = present(message, "role");
  if (role == nullptr) return missing(at + ".role");
  if (!role->is_string() || std::ranges::find(roles, role->get_ref<const std::string&>()) == roles.end())
    return wrong(at + ".role", "one of the known roles", "invalid_value");
  if (*role == "tool" && !has_text(message, "tool_call_id")) return missing(at + ".tool_call_id");
  const Json* content = present(message, "content");
  if (content == nullptr)
    return may_be_silent(message) ? std::nullopt : wrong_type(at + ".content", "a text or a list of parts");
  if (!content->is_string() && !content->is_array()) return wrong_type(at + ".content", "a text or a list of parts");
  if (content->is_array() && content->empty())
    return wrong(at + ".content", "a text or a list with at least one part", "empty_array");
  for (std::size_t i = 0; content->is_array() && i < content->size(); ++i) {
    if (auto refused = judge_part((*content)[i], fmt::format("{}.content[{}]", at, i))) return refused;
  }
  return std::nullopt;
}

Refused judge_messages(const Json& request) {
  const Json* messages = present(request, "messages");
  if (messages == nullptr) return missing("messages");
  if (messages->empty()) return wrong("messages", "a list with at least one message", "empty_array");
  for (std::size_t i = 0; i < messages->size(); ++i) {
    if (auto refused = judge_message((*messages)[i], i)) return refused;
  }
  return std::nullopt;
}

/* ------------------------------ tools, format --------------------------- */

Refused judge_tools(const Json& request) {
  const Json* tools = present(request, "tools");
  if (tools == nullptr) return std::nullopt;
  if (tools->empty()) return wrong("tools", "a list with at least one tool", "empty_array");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const Json& tool = (*tools)[i];
    const std::string at = fmt::format("tools[{}]", i);
    if (!tool.is_object()) return wrong_type(at, "an object");
    if (!has_text(tool, "type")) return missing(at + ".type");
    if (tool["type"] != "function") continue;
    const Json* function = present(tool, "function");
    if (function == nullptr) return missing(at + ".function");
    if (!has_text(*function, "name")) return missing(at + ".function.name");
    const Json* parameters = present(*function, "parameters");
    if (parameters != nullptr && !parameters->is_object())
      return wrong_type(at + ".function.parameters", "an object");
  }
  return std::nullopt;
}

Refused judge_choice(const Json& request) {
  const Json* choice = present(request, "tool_choice");
  if (choice == nullptr) return std::nullopt;
  if (choice->is_string()) {
    if (*choice == "none" || *choice == "auto" || *choice == "required") return std::nullopt;
    return wrong("tool_choice", "none, auto, required or a tool", "invalid_value");
  }
  const Json* function = present(*choice, "function");
  if (function == nullptr) return std::nullopt;  // of another kind
  if (!has_text(*function, "name")) return missing("tool_choice.function.name");
  const Json* tools = present(request, "tools");
  const auto named = [&](const Json& tool) {
    const Json* own = present(tool, "function");
    return own != nullptr && has_text(*own, "name") && (*own)["name"] == (*function)["name"];
  };
  if (tools != nullptr && std::ranges::any_of(*tools, named)) return std::nullopt;
  return wrong("tool_choice", "a tool that the request has", "invalid_value");
}

constexpr std::size_t most_stops = 4;

Refused judge_stop(const Json& request) {
  const Json* stop = present(request, "stop");
  if (stop == nullptr || !stop->is_array()) return std::nullopt;
  if (stop->size() > most_stops)
    return wrong("stop", fmt::format("a list of at most {} texts", most_stops), "array_above_max_length");
  const bool texts = std::ranges::all_of(*stop, [](const Json& one) { return one.is_string(); });
  return texts ? std::nullopt : wrong_type("stop", "a list of texts");
}

Refused judge_format(const Json& request) {
  const Json* format = present(request, "response_format");
  if (format == nullptr) return std::nullopt;
  if (!has_text(*format, "type")) return missing("response_format.type");
  const Json& type = (*format)["type"];
  if (type == "text" || type == "json_object") return std::nullopt;
  if (type != "json_schema")
    return wrong("response_format.type", "text, json_object or json_schema", "invalid_value");
  const Json* described = present(*format, "json_schema");
  if (described == nullptr) return missing("response_format.json_schema");
  if (!described->is_object()) return wrong_type("response_format.json_schema", "an object");
  if (!has_text(*described, "name")) return missing("response_format.json_schema.name");
  const Json* schema = present(*described, "schema");
  if (schema == nullptr) return missing("response_format.json_schema.schema");
  if (!schema->is_object()) return wrong_type("response_format.json_schema.schema", "an object");
  return std::nullopt;
}

}  // namespace

Refused refuse_chat(const Json& request) {
  if (!has_text(request, "model")) return missing("model");
  for (const Field& field : fields) {
    if (auto refused = judge_field(request, field)) return refused;
  }
  for (auto* const judge : {judge_messages, judge_tools, judge_choice, judge_stop, judge_format}) {
    if (auto refused = judge(request)) return refused;
  }
  return std::nullopt;
}

}  // namespace apigw::mock
