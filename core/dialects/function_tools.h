// Tools as the chat completions of OpenAI first wrote them, which other dialects took over:
// {"type":"function","function":{"name","description","parameters"}}.
#pragma once
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects {

// The three fields of a function; a mistake where its name is absent.
void read_declaration(Reading& in, Fields& function, chat::Tool& tool);

// The member `tools` of a request, behind those that are there. What else stands in a tool goes to `native`.
void read_function_tools(Reading& in, Fields& request, std::vector<chat::Tool>& tools);

// One element, called `name`. A tool without a schema gets that of an empty object, unless `bare`.
void write_function_tool(JsonWriter& json, const chat::Tool& tool, std::string_view name, bool bare);

}  // namespace apigw::dialects
