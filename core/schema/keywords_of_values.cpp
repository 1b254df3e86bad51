// Keywords about one value, and those without an operation of their own.
#include <algorithm>

#include <fmt/format.h>

#include "schema/read_keywords.h"

namespace apigw::schema::read {

namespace {

struct NamedType {
  std::string_view word;
  Types bit;
};
constexpr NamedType named_types[] = {
    {"null", types::null},     {"boolean", types::boolean}, {"number", types::number | types::whole},
    {"string", types::string}, {"array", types::array},     {"object", types::object},
    {"integer", types::whole},
};

Types type_named(Compiler& compiler, const Value& value) {
  const auto* row = value.type == json::Type::string ? std::ranges::find(named_types, value.text, &NamedType::word)
                                                     : std::end(named_types);
  if (row != std::end(named_types)) return row->bit;
  compiler.malformed(value, "must be 'null', 'boolean', 'integer', 'number', 'string', 'array' or 'object'");
  return 0;
}

}  // namespace

void language(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::string)) return;
  const auto draft = draft_of(value.text);
  if (!draft) return compiler.unclaimed(value, "names neither draft-07 nor 2020-12");
  if (*draft != compiler.draft()) compiler.unclaimed(value, "is not the draft of the schema around it");
}

void text(Compiler& compiler, const Value& value) {
  (void)compiler.is(value, json::Type::string);
}

void definitions(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::object)) return;
  for (const Index i : compiler.values().children(value)) (void)compiler.subschema(compiler.values()[i]);
}

void not_evaluated(Compiler& compiler, const Value& value) {
  compiler.unclaimed(value, "is not evaluated");
}

void type(Compiler& compiler, const Value& value) {
  Types allowed = 0;
  if (value.type == json::Type::array) {
    for (const Index i : compiler.values().children(value)) allowed |= type_named(compiler, compiler.values()[i]);
    if (value.count == 0) compiler.malformed(value, "must name a type");
  } else {
    allowed = type_named(compiler, value);
  }
  compiler.add(value, types::all, op::TypeIs{allowed});
}

void constant(Compiler& compiler, const Value& value) {
  compiler.add(value, types::all, op::OneOfValues{{compiler.values().index(value)}});
}

void enumeration(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::array)) return;
  compiler.add(value, types::all, op::OneOfValues{compiler.values().children(value)});
}

void bound(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::number)) return;
  const bool exclusive = value.key.starts_with("exclusive"), upper = value.key.ends_with("aximum");
  compiler.add(value, types::number, op::Bound{decimal(value.text), upper, exclusive});
}

void multiple_of(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::number)) return;
  const auto by = divisor(decimal(value.text));
  if (!by) return compiler.malformed(value, "must be above zero and have at most 18 digits");
  compiler.add(value, types::number, op::MultipleOf{*by});
}

void size(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::number)) return;
  const auto count = count_of(decimal(value.text));
  if (!count) return compiler.malformed(value, "must be a whole number that is not negative");
  const Types applies = value.key.ends_with("Length")  ? types::string
                        : value.key.ends_with("Items") ? types::array
                                                       : types::object;
  compiler.add(value, applies, op::Size{*count, value.key.starts_with("max")});
}

std::vector<std::string> names(Compiler& compiler, const Value& list) {
  std::vector<std::string> found;
  if (!compiler.is(list, json::Type::array)) return found;
  for (const Index i : compiler.values().children(list)) {
    const Value& name = compiler.values()[i];
    if (compiler.is(name, json::Type::string)) found.emplace_back(name.text);
  }
  return found;
}

void required(Compiler& compiler, const Value& value) {
  compiler.add(value, types::object, op::Required{names(compiler, value)});
}

void dependent_required(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::object)) return;
  op::DependentRequired found;
  for (const Index i : compiler.values().children(value)) {
    const Value& row = compiler.values()[i];
    found.rows.emplace_back(row.key, names(compiler, row));
  }
  compiler.add(value, types::object, std::move(found));
}

void pattern(Compiler& compiler, const Value& value) {
  if (!compiler.is(value, json::Type::string)) return;
  if (const auto id = compiler.pattern(value, value.text)) compiler.add(value, types::string, op::Matches{*id});
}

void unique_items(Compiler& compiler, const Value& value) {
  if (compiler.is(value, json::Type::boolean) && value.text == "true") {
    compiler.add(value, types::array, op::UniqueItems{});
  }
}

}  // namespace apigw::schema::read
