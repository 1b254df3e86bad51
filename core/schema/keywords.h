// The table of keywords: which draft has them, where subschemas stand in them, who compiles them.
//
// Rows stand in the order in which a subschema's operations are evaluated: cheap ones first, unevaluated… last
// because they ask what the others have looked at.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "schema/schema.h"
#include "schema/values.h"

namespace apigw::schema {

class Compiler;

enum class Holds : std::uint8_t {
  nothing,  // that is a schema
  schema,
  list,  // an array of schemas
  schema_or_list,
  map,           // an object whose members are schemas
  map_or_names,  // an object whose members are schemas or lists of names
};

// In which draft a keyword has its meaning.
enum class In : std::uint8_t { both, draft7, draft2020_12 };

struct Keyword {
  std::string_view word;
  In drafts;
  Holds holds;
  // Adds what `value` says to the subschema that is being compiled; null for what has no operation of its own.
  void (*read)(Compiler& compiler, const Value& value);
};

[[nodiscard]] std::span<const Keyword> keywords();
// Null for a word that the draft does not know.
[[nodiscard]] const Keyword* find_keyword(std::string_view word, Draft draft);

}  // namespace apigw::schema
