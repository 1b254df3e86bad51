// Keywords whose values hold other schemas.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "schema/read_keywords.h"

namespace apigw::schema::read {

namespace {

void named_members(Compiler& compiler, const Value& value, op::Members& members) {
  if (!compiler.is(value, json::Type::object)) return;
  for (const Index i : compiler.values().children(value)) {
    const Value& member = compiler.values()[i];
    if (const auto id = compiler.subschema(member)) members.named.emplace_back(member.key, *id);
  }
  std::ranges::sort(members.named);
}

void matching_members(Compiler& compiler, const Value& value, op::Members& members) {
  if (!compiler.is(value, json::Type::object)) return;
  for (const Index i : compiler.values().children(value)) {
    const Value& member = compiler.values()[i];
    const auto pattern = compiler.pattern(member, member.key);
    const auto id = compiler.subschema(member);
    if (pattern && id) members.matching.emplace_back(*pattern, *id);
  }
}

std::optional<SubId> schema_beside(Compiler& compiler, std::string_view keyword) {
  const Value* value = compiler.beside(keyword);
  return value == nullptr ? std::nullopt : compiler.subschema(*value);
}

std::uint64_t count_beside(Compiler& compiler, std::string_view keyword, std::uint64_t otherwise) {
  const Value* value = compiler.draft() == Draft::draft7 ? nullptr : compiler.beside(keyword);
  if (value == nullptr || value->type != json::Type::number) return otherwise;
  return count_of(decimal(value->text)).value_or(otherwise);
}

}  // namespace

// Whichever of the three comes first stands for all of them.
void members(Compiler& compiler, const Value& value) {
  if (compiler.has<op::Members>()) return;
  op::Members found;
  if (const Value* named = compiler.beside("properties")) named_members(compiler, *named, found);
  if (const Value* matching = compiler.beside("patternProperties")) matching_members(compiler, *matching, found);
  found.others = schema_beside(compiler, "additionalProperties");
  compiler.add(value, types::object, std::move(found));
}

void member_names(Compiler& compiler, const Value& value) {
  if (const auto id = compiler.subschema(value)) compiler.add(value, types::object, op::MemberNames{*id});
}

void items(Compiler& compiler, const Value& value) {
  if (compiler.has<op::Items>()) return;
  const bool draft7 = compiler.draft() == Draft::draft7;
  const bool listed = draft7 && value.type == json::Type::array;
  op::Items found{.first = {},
                  .rest = {},
                  .first_keyword = draft7 ? "items" : "prefixItems",
                  .rest_keyword = listed ? "additionalItems" : "items"};
  if (const Value* first = compiler.beside(found.first_keyword); first != nullptr && (listed || !draft7)) {
    found.first = compiler.subschemas(*first);
  }
  found.rest = schema_beside(compiler, found.rest_keyword);
  compiler.add(value, types::array, std::move(found));
}

// With a list in `items` it is compiled there; without one it says nothing, but must be a schema all the same.
void additional_items(Compiler& compiler, const Value& value) {
  (void)compiler.subschema(value);
}

void contains(Compiler& compiler, const Value& value) {
  const auto id = compiler.subschema(value);
  if (!id) return;
  const std::uint64_t least = count_beside(compiler, "minContains", 1);
  const std::uint64_t most = count_beside(compiler, "maxContains", ~std::uint64_t{0});
  compiler.add(value, types::array, op::Contains{*id, least, most});
}

void contains_bound(Compiler& compiler, const Value& value) {
  if (compiler.is(value, json::Type::number) && !count_of(decimal(value.text))) {
    compiler.malformed(value, "must be a whole number that is not negative");
  }
}

void reference(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::string)) return;
  const auto target = compiler.refer(value);
  if (!target) return;
  const Value& schema = compiler.values()[*target];
  if (schema.type != json::Type::object && schema.type != json::Type::boolean) {
    return compiler.malformed(value, fmt::format("names '{}', which is no schema", text::printable(value.text, 80)));
  }
  if (const auto id = compiler.subschema(schema)) compiler.add(value, types::all, op::Reference{*id});
}

void several(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::array)) return;
  std::vector<SubId> schemas = compiler.subschemas(value);
  if (value.count == 0) return compiler.malformed(value, "must not be empty");
  if (value.key == "allOf")
    compiler.add(value, types::all, op::AllOf{std::move(schemas)});
  else if (value.key == "anyOf")
    compiler.add(value, types::all, op::AnyOf{std::move(schemas)});
  else
    compiler.add(value, types::all, op::OneOf{std::move(schemas)});
}

void negation(Compiler& compiler, const Value& value) {
  if (const auto id = compiler.subschema(value)) compiler.add(value, types::all, op::Not{*id});
}

void condition(Compiler& compiler, const Value& value) {
  const auto id = compiler.subschema(value);
  if (!id) return;
  const auto then = schema_beside(compiler, "then");
  compiler.add(value, types::all, op::Condition{*id, then, schema_beside(compiler, "else")});
}

void branch(Compiler& compiler, const Value& value) {
  (void)compiler.subschema(value);
}

void dependencies(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::object)) return;
  op::DependentRequired required;
  op::DependentSchemas schemas;
  for (const Index i : compiler.values().children(value)) {
    const Value& row = compiler.values()[i];
    if (row.type == json::Type::array)
      required.rows.emplace_back(row.key, names(compiler, row));
    else if (const auto id = compiler.subschema(row))
      schemas.rows.emplace_back(row.key, *id);
  }
  compiler.add(value, types::object, std::move(required));
  compiler.add(value, types::object, std::move(schemas));
}

void dependent_schemas(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::object)) return;
  op::DependentSchemas found;
  for (const Index i : compiler.values().children(value)) {
    const Value& row = compiler.values()[i];
    if (const auto id = compiler.subschema(row)) found.rows.emplace_back(row.key, *id);
  }
  compiler.add(value, types::object, std::move(found));
}

void unevaluated(Compiler& compiler, const Value& value) {
  const Types applies = value.key == "unevaluatedItems" ? types::array : types::object;
  if (const auto id = compiler.subschema(value)) compiler.add(value, applies, op::Unevaluated{*id});
}

}  // namespace apigw::schema::read
