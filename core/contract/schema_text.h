// The schemas of an OpenAPI document as JSON Schema of draft 2020-12.
//
// OpenAPI 3.1 says schemas in that draft; 3.0 and Swagger 2 have a dialect of their own (`nullable`, bounds that are
// true or false), which is rewritten. A schema becomes one text that holds all that it refers to. What only answers
// have (`readOnly`) is not required of a request, and the reverse.
#pragma once
#include <string>
#include <vector>

#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::contract {

// A document, and how it says schemas.
struct Dialect {
  const yaml::Node& root;
  yaml::Members& members;
  bool modern = true;  // 3.1 and later
};

enum class Side : std::uint8_t { request, answer };

struct SchemaText {
  std::string json;  // at most 1 MiB, else cut and no JSON: `too_large`
  bool too_large = false;
  std::vector<yaml::BrokenReference> broken;  // anything fits where they stand
  std::vector<std::string_view> passed_over;  // words that would say something of a value: "discriminator"
};

// `parameter`: the schema is a parameter of Swagger 2, whose other words are no keywords.
[[nodiscard]] SchemaText schema_text(const yaml::Node& schema, Dialect dialect, Side side, bool parameter = false);

}  // namespace apigw::contract
