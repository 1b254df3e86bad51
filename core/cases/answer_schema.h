// The schema of an answer as OpenAPI writes it, ready to check with.
//
// What of it cannot be checked is told, and the rest is checked all the same.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "schema/schema.h"
#include "yaml/reference.h"
#include "yaml/tree.h"

namespace apigw::cases {

struct AnswerSchema {
  std::optional<schema::Schema> schema;  // nothing: none of it can be checked, and `unchecked` says why
  std::vector<std::string> unchecked;    // a sentence each
};

// `modern`: OpenAPI 3.1 and later, where a schema is one of JSON Schema 2020-12. `left`: bytes that the schemas of
// the document may still take together; what this one took is gone from it.
[[nodiscard]] AnswerSchema read_answer_schema(const yaml::Node& schema, const yaml::Node& root, bool modern,
                                              yaml::Members& members, std::size_t& left);

}  // namespace apigw::cases
