// One function for each keyword, or for several of one kind: from its value to an operation of the subschema.
#pragma once
#include "schema/compiler.h"

namespace apigw::schema::read {

void language(Compiler& compiler, const Value& value);       // $schema
void text(Compiler& compiler, const Value& value);           // a string with no effect on a check
void definitions(Compiler& compiler, const Value& value);    // an object of schemas that others refer to
void not_evaluated(Compiler& compiler, const Value& value);  // a keyword that the specification has and check() lacks

// keywords_of_values.cpp
void type(Compiler& compiler, const Value& value);
void constant(Compiler& compiler, const Value& value);
void enumeration(Compiler& compiler, const Value& value);
void bound(Compiler& compiler, const Value& value);
void multiple_of(Compiler& compiler, const Value& value);
void size(Compiler& compiler, const Value& value);
void required(Compiler& compiler, const Value& value);
void dependent_required(Compiler& compiler, const Value& value);
void pattern(Compiler& compiler, const Value& value);
void unique_items(Compiler& compiler, const Value& value);

// keywords_of_schemas.cpp
void members(Compiler& compiler, const Value& value);
void member_names(Compiler& compiler, const Value& value);
void items(Compiler& compiler, const Value& value);
void additional_items(Compiler& compiler, const Value& value);
void contains(Compiler& compiler, const Value& value);
void contains_bound(Compiler& compiler, const Value& value);
void reference(Compiler& compiler, const Value& value);
void several(Compiler& compiler, const Value& value);
void negation(Compiler& compiler, const Value& value);
void condition(Compiler& compiler, const Value& value);
void branch(Compiler& compiler, const Value& value);
void dependencies(Compiler& compiler, const Value& value);
void dependent_schemas(Compiler& compiler, const Value& value);
void unevaluated(Compiler& compiler, const Value& value);

// A list of different names; what is none is a finding.
[[nodiscard]] std::vector<std::string> names(Compiler& compiler, const Value& list);

}  // namespace apigw::schema::read
