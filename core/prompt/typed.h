// A schema of a prompt's frontmatter, ready to check with: read, compiled, and every finding placed in the file.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "diag/diagnostic.h"
#include "schema/schema.h"
#include "yaml/tree.h"

namespace apigw::prompt {

struct TypedSchema {
  std::string text;  // JSON Schema, for the provider and for descriptions of the API
  schema::Schema compiled;
};

// Picoschema or JSON Schema. Nothing when there are findings: AGW641 and AGW642 about Picoschema, AGW643 for what is
// no JSON Schema, AGW644 for a keyword that would have no effect.
[[nodiscard]] std::optional<TypedSchema> read_schema(const yaml::Node& node, diag::Report& report);

// The node that a JSON pointer into such a text names, or the nearest one above it that there is.
[[nodiscard]] const yaml::Node& node_at(const yaml::Node& root, std::string_view pointer);

}  // namespace apigw::prompt
