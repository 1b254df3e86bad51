#include "dialects/function_tools.h"

#include <utility>

namespace apigw::dialects {

void read_declaration(Reading& in, Fields& function, chat::Tool& tool) {
  tool.name = function.required("name");
  tool.description = function.string("description").value_or(std::string());
  if (const auto schema = function.take("parameters", json::Type::object))
    tool.schema.text = json::at(in.text, *schema);
}

void read_function_tools(Reading& in, Fields& request, std::vector<chat::Tool>& tools) {
  const auto list = request.take("tools");
  const auto elements = list ? in.elements(*list, "tools") : std::vector<json::Slice>();
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    Fields tool(in, elements[i], element("tools", i));
    (void)tool.take("type");
    const auto object = tool.take("function");
    if (!object) return tool.refuse("function", "must be given and be an object");
    Fields function(in, *object, tool.path("function"));
    chat::Tool made{.place = tool.path()};
    read_declaration(in, function, made);
    function.keep_rest();
    tool.keep_rest();
    tools.push_back(std::move(made));
  }
}

void write_function_tool(JsonWriter& json, const chat::Tool& tool, std::string_view name, bool bare) {
  json.open_object();
  json.member("type", "function");
  json.open_object("function");
  json.member("name", name);
  json.filled("description", tool.description);
  if (tool.schema.text != "null")
    json.member("parameters", tool.schema);
  else if (!bare)
    json.member("parameters", json::Raw{R"({"type":"object","properties":{}})"});
  json.close();
  json.close();
}

}  // namespace apigw::dialects
