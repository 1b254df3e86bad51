// The tools of a request and the choice among them, written in the Anthropic dialect.
//
// A tool that the turns called stays declared, without a schema, when nobody declares tools any more: the provider
// demands it. A form of the answer for which the model has no word is a tool that it must call.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;
using Mode = chat::ToolChoice::Mode;

template <class Take>
void for_calls(const Arranged& arranged, const Take& take) {
  for (const Turn& turn : arranged.turns) {
    for (const Outgoing& out : turn.parts) {
      const auto* call = out.part == nullptr ? nullptr : std::get_if<chat::ToolCall>(&out.part->content);
      if (call != nullptr) take(*call, out.place);
    }
  }
}

class Tools {
 public:
  Tools(JsonWriter& json, const Writing& writing, const Settled& settled)
      : json_(json), writing_(writing), settled_(settled) {}

  void write(const Arranged& arranged) {
    std::vector<std::string> again;
    if (writing_.request.tools.empty()) again = called_before(arranged);
    if (writing_.request.tools.empty() && again.empty() && !settled_.answer_tool) return lose_choice();
    json_.open_array("tools");
    for (std::size_t i = 0; i < writing_.request.tools.size(); ++i) {
      if (writing_.allows(writing_.request.tools[i]))
        write_tool(writing_.request.tools[i], element("tools", i), arranged.marks_not_of_tools);
    }
    for (const std::string& name : again) write_bare_tool(name);
    if (settled_.answer_tool) write_answer_tool();
    json_.close();
    write_choice();
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

  // Tools of the turns so far that nobody declares any more: the provider wants them declared.
  std::vector<std::string> called_before(const Arranged& arranged) {
    std::vector<std::string> names;
    std::set<std::string_view> seen;
    for_calls(arranged, [&](const chat::ToolCall& call, const std::string& place) {
      if (!seen.insert(call.name).second) return;
      names.push_back(call.name);
      lose(Loss::Kind::defaulted, place, "Anthropic wants a tool declared that was called; it is, without a schema");
    });
    return names;
  }

  void write_bare_tool(const std::string& name) {
    json_.open_object();
    json_.member("name", writing_.names.sent(name));
    json_.member("input_schema", json::Raw{R"({"type":"object","properties":{}})"});
    json_.close();
  }

  void write_tool(const chat::Tool& tool, const std::string& place, std::size_t unmarked) {
    if (settled_.answer_tool && tool.name == answer_tool) {
      error_ =
          Error{ErrorKind::invalid, fmt::format("'{}' has a name that is kept for the form of the answer", place)};
    }
    json_.open_object();
    json_.member("name", writing_.names.sent(tool.name));
    json_.filled("description", tool.description);
    json_.member("input_schema", input_schema(tool, place));
    if (tool.strict.value_or(false)) {
      if (writing_.target.native_schema)
        json_.member("strict", true);
      else
        lose(Loss::Kind::dropped, inside(place, "strict"), "the model holds no tool to its schema");
    }
    if (tool.cache && marks_++ < unmarked)
      lose(Loss::Kind::dropped, inside(place, "cache_control"), "Anthropic takes four cache marks");
    else
      write_mark(json_, tool.cache, place, writing_.losses);
    json_.close();
  }

  json::Raw input_schema(const chat::Tool& tool, const std::string& place) {
    const auto scanned = json::scan(tool.schema.text);
    if (!scanned || scanned->root.type == json::Type::null) return {R"({"type":"object","properties":{}})"};
    if (scanned->root.type != json::Type::object) {
      if (!error_) error_ = Error{ErrorKind::invalid, fmt::format("'{}' has a schema that is no object", place)};
      return {"{}"};
    }
    if (scanned->find("type") != nullptr) return tool.schema;
    std::string text = tool.schema.text;
    text.insert(scanned->root.begin + 1, scanned->members.empty() ? R"("type":"object")" : R"("type":"object",)");
    return {std::move(text)};
  }

  void write_answer_tool() {
    json_.open_object();
    json_.member("name", answer_tool);
    json_.member("description", writing_.request.format->description.empty()
                                    ? "Gives the answer in the form that is asked for."
                                    : writing_.request.format->description);
    const chat::Tool stand_in{
        .name = std::string(answer_tool), .description = {}, .schema = writing_.request.format->schema};
    const std::string& place = writing_.request.format->schema_place;
    json_.member("input_schema", input_schema(stand_in, place.empty() ? "response_format" : place));
    json_.close();
  }

  void write_choice() {
    const bool single = writing_.request.parallel_tools == false && settled_.mode != Mode::none;
    if (settled_.answer_tool) {
      const bool alone = writing_.request.tools.empty() || settled_.mode == Mode::none;
      if (settled_.mode == Mode::named || settled_.mode == Mode::required)
        lose(Loss::Kind::changed, "tool_choice", "the form of the answer is a tool too, which the model may choose");
      return write_choice(alone ? "tool" : "any", answer_tool, single);
    }
    if (!writing_.request.tool_choice && !single) return;
    constexpr auto words = std::to_array<std::string_view>({"auto", "none", "any", "tool"});
    write_choice(
        words[static_cast<std::size_t>(settled_.mode)],
        settled_.mode == Mode::named ? writing_.names.sent(writing_.request.tool_choice->name) : std::string(),
        single);
  }

  void write_choice(std::string_view type, std::string_view name, bool single) {
    json_.open_object("tool_choice");
    json_.member("type", type);
    if (type == "tool") json_.member("name", name);
    if (single)
      json_.member("disable_parallel_tool_use", true);
    else if (writing_.request.parallel_tools && type != "none")
      json_.member("disable_parallel_tool_use", false);
    json_.close();
  }

  JsonWriter& json_;
  const Writing& writing_;
  const Settled& settled_;
  std::size_t marks_ = 0;  // of tools so far
  std::optional<Error> error_;
};

}  // namespace

void reserve_names(const Writing& writing, const Arranged& arranged) {
  for (const chat::Tool& tool : writing.request.tools) writing.names.reserve(tool.name);
  for_calls(arranged, [&](const chat::ToolCall& call, const std::string&) { writing.names.reserve(call.name); });
  writing.names.reserve(answer_tool);
}

Result<void> write_tools(JsonWriter& json, const Writing& writing, const Arranged& arranged, const Settled& settled) {
  Tools tools(json, writing, settled);
  tools.write(arranged);
  if (tools.error()) return std::unexpected(*tools.error());
  return {};
}

}  // namespace apigw::dialects::anthropic
