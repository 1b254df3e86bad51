// The tools of a request and the choice among them, as Bedrock's Converse declares them.
//
// There is no word for no tool: they are left out then, unless the turns called some, which must stay declared. A
// form of the answer for which the model has no word is a tool that it must call.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dialects/bedrock.h"

namespace apigw::dialects::bedrock {

namespace {

using anthropic::answer_tool;
using anthropic::Outgoing;
using anthropic::Turn;
using chat::Loss;
using Mode = chat::ToolChoice::Mode;

class Tools {
 public:
  Tools(JsonWriter& json, const Writing& writing, const Settled& settled)
      : json_(json), writing_(writing), settled_(settled) {}

  void write(const Arranged& arranged) {
    const auto& tools = writing_.request.tools;
    const std::vector<std::string> called = called_before(arranged);
    const bool none = settled_.mode == Mode::none && !settled_.answer_tool;
    if (tools.empty() && called.empty() && !settled_.answer_tool) return lose_choice();
    if (none && called.empty()) return;
    if (none)
      lose(Loss::Kind::changed, "tool_choice",
           "Bedrock wants tools declared that were called; the model may call them");
    json_.open_object("toolConfig");
    json_.open_array("tools");
    for (std::size_t i = 0; i < tools.size(); ++i) {
      if (writing_.allows(tools[i])) declare(tools[i], tools[i].place.empty() ? element("tools", i) : tools[i].place);
    }
    if (tools.empty())
      for (const std::string& name : called) bare(name);
    if (settled_.answer_tool) answer();
    json_.close();
    write_choice(none);
    json_.close();
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    writing_.losses.add(kind, std::move(place), std::string(why));
  }

  void lose_choice() {
    if (settled_.mode == Mode::required || settled_.mode == Mode::named)
      lose(Loss::Kind::dropped, "tool_choice", "there is no tool to choose");
  }

  // Tools that the turns called, each once.
  std::vector<std::string> called_before(const Arranged& arranged) {
    std::vector<std::string> names;
    for (const Turn& turn : arranged.turns) {
      for (const Outgoing& out : turn.parts) {
        const auto* call = out.part == nullptr ? nullptr : std::get_if<chat::ToolCall>(&out.part->content);
        if (call == nullptr || std::ranges::find(names, call->name) != names.end()) continue;
        names.push_back(call->name);
        if (writing_.request.tools.empty())
          lose(Loss::Kind::defaulted, out.place,
               "Bedrock wants a tool declared that was called; it is, without a schema");
      }
    }
    return names;
  }

  void open(std::string_view name, std::string_view description) {
    json_.open_object();
    json_.open_object("toolSpec");
    json_.member("name", name);
    json_.filled("description", description);
  }
  void close(const json::Raw& schema) {
    json_.open_object("inputSchema");
    json_.member("json", schema);
    json_.close();
    json_.close();
    json_.close();
  }

  void bare(const std::string& name) {
    open(writing_.names.sent(name), {});
    close({R"({"type":"object","properties":{}})"});
  }

  void declare(const chat::Tool& tool, const std::string& place) {
    if (settled_.answer_tool && tool.name == answer_tool)
      refuse(place, "has a name that is kept for the form of the answer");
    open(writing_.names.sent(tool.name), tool.description);
    if (tool.strict.value_or(false)) {
      if (writing_.target.native_schema)
        json_.member("strict", true);
      else
        lose(Loss::Kind::dropped, inside(place, "strict"), "the model holds no tool to its schema");
    }
    close(schema_of(tool, place));
    if (!tool.cache) return;
    if (of_anthropic(writing_.target))
      write_cache_point(json_, *tool.cache, place, writing_.losses);
    else
      lose(Loss::Kind::dropped, inside(place, "cache_control"), "Bedrock marks tools of Anthropic's models alone");
  }

  json::Raw schema_of(const chat::Tool& tool, const std::string& place) {
    const auto scanned = json::scan(tool.schema.text);
    if (!scanned || scanned->root.type == json::Type::null) return {R"({"type":"object","properties":{}})"};
    if (scanned->root.type != json::Type::object) {
      refuse(place, "has a schema that is no object");
      return {"{}"};
    }
    if (scanned->find("type") != nullptr) return tool.schema;
    std::string text = tool.schema.text;
    text.insert(scanned->root.begin + 1, scanned->members.empty() ? R"("type":"object")" : R"("type":"object",)");
    return {std::move(text)};
  }

  void answer() {
    const chat::AnswerFormat& format = *writing_.request.format;
    open(answer_tool,
         format.description.empty() ? "Gives the answer in the form that is asked for." : format.description);
    const chat::Tool stand_in{.name = std::string(answer_tool), .description = {}, .schema = format.schema};
    close(schema_of(stand_in, format.schema_place.empty() ? "response_format" : format.schema_place));
  }

  void write_choice(bool none) {
    const auto& request = writing_.request;
    if (request.parallel_tools == false)
      lose(Loss::Kind::dropped, "parallel_tool_calls", "Bedrock has no such switch");
    if (settled_.answer_tool) {
      const bool alone = request.tools.empty() || settled_.mode == Mode::none;
      if (settled_.mode == Mode::named || settled_.mode == Mode::required)
        lose(Loss::Kind::changed, "tool_choice", "the form of the answer is a tool too, which the model may choose");
      return alone ? choose("tool", std::string(answer_tool)) : choose("any", {});
    }
    if (!request.tool_choice || none || request.tools.empty()) return;
    if (settled_.mode == Mode::named)
      choose("tool", writing_.names.sent(request.tool_choice->name));
    else
      choose(settled_.mode == Mode::required ? "any" : "auto", {});
  }

  void choose(std::string_view word, const std::string& name) {
    json_.open_object("toolChoice");
    json_.open_object(word);
    json_.filled("name", name);
    json_.close();
    json_.close();
  }

  void refuse(const std::string& place, std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' {}", place, what)};
  }

  JsonWriter& json_;
  const Writing& writing_;
  const Settled& settled_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> write_tools(JsonWriter& json, const Writing& writing, const Arranged& arranged, const Settled& settled) {
  Tools tools(json, writing, settled);
  tools.write(arranged);
  if (tools.error()) return std::unexpected(*tools.error());
  return {};
}

}  // namespace apigw::dialects::bedrock
