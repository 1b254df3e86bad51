#include "schema/keywords.h"

#include <algorithm>

#include "schema/read_keywords.h"

namespace apigw::schema {

namespace {

using enum In;
using enum Holds;

constexpr Keyword table[] = {
    // Where things are, and what people are told.
    {"$schema", both, nothing, read::language},
    {"$id", both, nothing, read::text},
    {"$anchor", draft2020_12, nothing, read::text},
    {"$dynamicAnchor", draft2020_12, nothing, read::text},
    {"$comment", both, nothing, nullptr},
    {"$defs", draft2020_12, map, read::definitions},
    {"definitions", both, map, read::definitions},
    {"title", both, nothing, nullptr},
    {"description", both, nothing, nullptr},
    {"default", both, nothing, nullptr},
    {"examples", both, nothing, nullptr},
    {"deprecated", both, nothing, nullptr},
    {"readOnly", both, nothing, nullptr},
    {"writeOnly", both, nothing, nullptr},
    {"example", both, nothing, nullptr},              // OpenAPI's
    {"externalDocs", both, nothing, nullptr},         // OpenAPI's
    {"markdownDescription", both, nothing, nullptr},  // of editors
    {"format", both, nothing, read::text},
    {"contentEncoding", both, nothing, read::text},
    {"contentMediaType", both, nothing, read::text},
    {"contentSchema", draft2020_12, nothing, nullptr},
    {"$dynamicRef", draft2020_12, nothing, read::not_evaluated},
    {"$vocabulary", draft2020_12, nothing, read::not_evaluated},

    // What one value must be.
    {"type", both, nothing, read::type},
    {"const", both, nothing, read::constant},
    {"enum", both, nothing, read::enumeration},
    {"minimum", both, nothing, read::bound},
    {"maximum", both, nothing, read::bound},
    {"exclusiveMinimum", both, nothing, read::bound},
    {"exclusiveMaximum", both, nothing, read::bound},
    {"multipleOf", both, nothing, read::multiple_of},
    {"minLength", both, nothing, read::size},
    {"maxLength", both, nothing, read::size},
    {"minItems", both, nothing, read::size},
    {"maxItems", both, nothing, read::size},
    {"minProperties", both, nothing, read::size},
    {"maxProperties", both, nothing, read::size},
    {"required", both, nothing, read::required},
    {"dependentRequired", draft2020_12, nothing, read::dependent_required},
    {"pattern", both, nothing, read::pattern},
    {"uniqueItems", both, nothing, read::unique_items},

    // What its parts must be.
    {"properties", both, map, read::members},
    {"patternProperties", both, map, read::members},
    {"additionalProperties", both, schema, read::members},
    {"propertyNames", both, schema, read::member_names},
    {"prefixItems", draft2020_12, list, read::items},
    {"items", both, schema_or_list, read::items},
    {"additionalItems", draft7, schema, read::additional_items},
    {"contains", both, schema, read::contains},
    {"minContains", draft2020_12, nothing, read::contains_bound},
    {"maxContains", draft2020_12, nothing, read::contains_bound},

    // Which other schemas it must match.
    {"$ref", both, nothing, read::reference},
    {"allOf", both, list, read::several},
    {"anyOf", both, list, read::several},
    {"oneOf", both, list, read::several},
    {"not", both, schema, read::negation},
    {"if", both, schema, read::condition},
    {"then", both, schema, read::branch},
    {"else", both, schema, read::branch},
    {"dependencies", both, map_or_names, read::dependencies},
    {"dependentSchemas", draft2020_12, map, read::dependent_schemas},

    // What none of them looked at.
    {"unevaluatedItems", draft2020_12, schema, read::unevaluated},
    {"unevaluatedProperties", draft2020_12, schema, read::unevaluated},
};

// Rows by word, for look-ups.
constexpr auto by_word = [] {
  std::array<const Keyword*, std::size(table)> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = &table[i];
  std::ranges::sort(rows, {}, &Keyword::word);
  return rows;
}();

}  // namespace

std::span<const Keyword> keywords() {
  return table;
}

const Keyword* find_keyword(std::string_view word, Draft draft) {
  const auto* row = std::ranges::lower_bound(by_word, word, {}, &Keyword::word);
  if (row == by_word.end() || (*row)->word != word) return nullptr;
  const In drafts = (*row)->drafts;
  const bool fits = drafts == both || (drafts == draft7) == (draft == Draft::draft7);
  return fits ? *row : nullptr;
}

}  // namespace apigw::schema
