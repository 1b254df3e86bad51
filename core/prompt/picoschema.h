// Picoschema, the short form of schemas in a prompt's frontmatter, as a JSON Schema's text.
//
//   title: string, what it is about          a field with its description
//   stars?: integer                          may be left out, or null
//   tags(array, of the shop): string         a list; the value describes one item
//   size?(enum): [small, large]              one of
//   sender(object, who wrote):               fields of its own; `(object)` may be left out without a description
//     name: string
//   (*): any                                 further fields, any name
//
// The form is dotprompt's. Fields that are not named are refused unless there is a `(*)`. A type that is none of
// dotprompt's is a finding: there are no schemas by name.
#pragma once
#include <optional>
#include <string>

#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::prompt {

// Whether a schema is written as JSON Schema rather than as Picoschema: its top level says `type` with one of JSON's
// words, has `properties`, or uses another keyword that no field of Picoschema can be.
[[nodiscard]] bool is_json_schema(const yaml::Node& schema);

// The JSON Schema's text (2020-12). Nothing when something is wrong; the report says what (AGW641, AGW642).
[[nodiscard]] std::optional<std::string> expand_picoschema(const yaml::Node& schema, diag::Report& report);

}  // namespace apigw::prompt
