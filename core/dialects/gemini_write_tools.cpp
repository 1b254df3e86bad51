// Tools and the choice among them, written in the Gemini dialect: all functions in one entry, what the provider runs
// in entries beside it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/gemini_request.h"
#include "dialects/native.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Loss;
using chat::ToolChoice;

// Whether a schema says nothing of arguments.
bool takes_nothing(const json::Raw& schema) {
  const auto scanned = json::scan(schema.text);
  if (!scanned || scanned->root.type != json::Type::object) return true;
  return std::ranges::all_of(scanned->members, [&](const json::Member& member) {
    if (member.key == "type") return json::at(schema.text, member.value) == R"("object")";
    const bool closes = member.key == "additionalProperties" && member.value.type != json::Type::object;
    return closes || member.key == "$schema" || member.key == "title" || asks_nothing(schema.text, member.value);
  });
}

class Tools {
 public:
  Tools(JsonWriter& json, const Writing& writing, chat::Native& native)
      : json_(json), writing_(writing), native_(native) {}

  void write() {
    const auto& request = writing_.request;
    const auto own = own_tools();
    const auto& choice = request.tool_choice;
    if (request.tools.empty() && choice && own.empty())
      lose("tool_choice", "a request without tools has no choice of one");
    if (request.parallel_tools == false) lose("parallel_tool_calls", "Gemini has no such switch");
    if (!request.tools.empty() || !own.empty()) {
      json_.open_array("tools");
      if (!request.tools.empty()) functions();
      for (const chat::NativeField& field : own) json_.element(field.value);
      json_.close();
    }
    if (choice && !(request.tools.empty() && own.empty())) write_choice(*choice);
  }

 private:
  void lose(std::string place, std::string_view why, Loss::Kind kind = Loss::Kind::dropped) {
    writing_.losses.add(kind, std::move(place), std::string(why));
  }

  // "tools[1].googleSearch" of a client of the dialect: an entry.
  std::vector<chat::NativeField> own_tools() {
    std::vector<chat::NativeField> found;
    if (!writing_.own) return found;
    std::erase_if(native_.fields, [&](const chat::NativeField& field) {
      const auto dot = field.path.find("].");
      const bool tool = field.path.starts_with("tools[") && dot != std::string::npos &&
                        field.path.find_first_of(".[", dot + 2) == std::string::npos;
      if (tool) found.push_back(field);
      return tool;
    });
    return found;
  }

  // A choice among some is a list of those alone, where the model may also choose none.
  [[nodiscard]] bool offered(const chat::Tool& tool) const {
    const auto& choice = writing_.request.tool_choice;
    return !choice || choice->mode != ToolChoice::Mode::automatic || choice->leaves(tool.name);
  }

  void functions() {
    json_.open_object();
    json_.open_array("functionDeclarations");
    const auto& tools = writing_.request.tools;
    for (std::size_t i = 0; i < tools.size(); ++i) {
      if (offered(tools[i])) function(tools[i], tools[i].place.empty() ? element("tools", i) : tools[i].place);
    }
    json_.close();
    json_.close();
  }

  void function(const chat::Tool& tool, const std::string& place) {
    json_.open_object();
    json_.member("name", writing_.names.sent(tool.name));
    json_.filled("description", tool.description);
    const bool given = tool.schema.text != "null" && (writing_.own || !takes_nothing(tool.schema));
    if (given && writing_.target.native_schema)
      json_.member("parametersJsonSchema", tool.schema);
    else if (given)
      json_.member("parameters", own_schema(tool.schema, inside(place, "parameters"), writing_.losses));
    json_.close();
    if (tool.strict.value_or(false)) lose(inside(place, "strict"), "Gemini has no such promise");
    if (tool.cache) lose(inside(place, "cache_control"), "Gemini caches of its own accord");
  }

  void write_choice(const ToolChoice& choice) {
    constexpr auto words = std::to_array<std::string_view>({"AUTO", "NONE", "ANY", "ANY"});
    const std::string_view prefix = "toolConfig.";
    json_.open_object("toolConfig");
    json_.open_object("functionCallingConfig");
    json_.member("mode", words[static_cast<std::size_t>(choice.mode)]);
    const bool some = choice.mode == ToolChoice::Mode::required && !choice.allowed.empty();
    if (some || choice.mode == ToolChoice::Mode::named) {
      json_.open_array("allowedFunctionNames");
      if (!some) json_.element(writing_.names.sent(choice.name));
      for (const std::string& name : choice.allowed) json_.element(writing_.names.sent(name));
      json_.close();
    }
    json_.close();
    std::erase_if(native_.fields, [&](const chat::NativeField& field) {
      const std::string_view path = field.path;
      const bool direct =
          writing_.own && path.starts_with(prefix) && path.find_first_of(".[", prefix.size()) == path.npos;
      if (direct) json_.member(path.substr(prefix.size()), field.value);
      return direct;
    });
    json_.close();
  }

  JsonWriter& json_;
  const Writing& writing_;
  chat::Native& native_;
};

}  // namespace

void write_tools(JsonWriter& json, const Writing& writing, chat::Native& native) {
  Tools(json, writing, native).write();
}

}  // namespace apigw::dialects::gemini
