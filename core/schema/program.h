// A compiled schema: one list of operations for each of its subschemas, which name each other by number.
//
// Immutable once compile() hands it out. Circles go through the numbers; one that would never descend into the
// document is refused by the compiler, so an evaluation goes as deep as the document times the longest way through
// subschemas.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schema/decimal.h"
#include "schema/pattern.h"
#include "schema/schema.h"
#include "schema/values.h"

namespace apigw::schema {

using SubId = std::uint32_t;      // of Program::subschemas
using PatternId = std::uint32_t;  // of Program::patterns

// A set of types of values; `whole` are the numbers without a fraction.
using Types = std::uint8_t;
namespace types {
inline constexpr Types null = 1, boolean = 2, number = 4, string = 8, array = 16, object = 32, whole = 64, all = 63;
}
[[nodiscard]] constexpr Types type_bit(json::Type type) {
  return static_cast<Types>(1u << static_cast<unsigned>(type));
}

namespace op {

struct TypeIs {
  Types allowed;
};
// enum and const: values of the schema itself.
struct OneOfValues {
  std::vector<Index> values;
};
struct Bound {
  Decimal bound;
  bool upper;
  bool exclusive;
};
struct MultipleOf {
  Divisor by;
};
// Characters, items or members, by the operation's type.
struct Size {
  std::uint64_t bound;
  bool upper;
};
struct Matches {
  PatternId pattern;
};
struct UniqueItems {};
struct Required {
  std::vector<std::string> names;
};
struct DependentRequired {
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
};
struct DependentSchemas {
  std::vector<std::pair<std::string, SubId>> rows;
};
// properties, patternProperties and additionalProperties, which say together what a member must be.
struct Members {
  std::vector<std::pair<std::string, SubId>> named;  // sorted by name
  std::vector<std::pair<PatternId, SubId>> matching;
  std::optional<SubId> others;
};
struct MemberNames {
  SubId schema;
};
struct Items {
  std::vector<SubId> first;
  std::optional<SubId> rest;
  std::string_view first_keyword, rest_keyword;  // the drafts differ in them
};
struct Contains {
  SubId schema;
  std::uint64_t least;
  std::uint64_t most;
};
struct AllOf {
  std::vector<SubId> schemas;
};
struct AnyOf {
  std::vector<SubId> schemas;
};
struct OneOf {
  std::vector<SubId> schemas;
};
struct Not {
  SubId schema;
};
struct Condition {
  SubId condition;
  std::optional<SubId> then, otherwise;
};
struct Reference {
  SubId schema;
};
// unevaluatedProperties and unevaluatedItems: what no other keyword has looked at.
struct Unevaluated {
  SubId schema;
};

using Any = std::variant<TypeIs, OneOfValues, Bound, MultipleOf, Size, Matches, UniqueItems, Required,
                         DependentRequired, DependentSchemas, Members, MemberNames, Items, Contains, AllOf, AnyOf,
                         OneOf, Not, Condition, Reference, Unevaluated>;

}  // namespace op

struct Op {
  std::string_view keyword;  // of the table of keywords
  Types applies;             // to other values it says nothing
  op::Any what;
};

struct Subschema {
  Index at = 0;                // in Program::values
  bool never = false;          // `false`: refuses everything
  bool marks = false;          // has an Unevaluated among its operations
  std::vector<Op> operations;  // in the order of evaluation
};

struct Program {
  std::string text;  // what `values` looks into
  Values values;
  std::vector<Subschema> subschemas;  // the first is the whole schema
  std::vector<Pattern> patterns;
  std::vector<Finding> unclaimed;
};

}  // namespace apigw::schema
