// The operations that ask other subschemas about the same value.
#include <fmt/format.h>

#include "schema/evaluation.h"

namespace apigw::schema {

bool Evaluation::run(const op::AllOf& op, const Value& value, const Where& where) {
  bool ok = true;
  for (const SubId schema : op.schemas) {
    ok = matches(schema, value, where.marks) && ok;
    if (!ok && !goes_on()) return false;
  }
  return ok;
}

bool Evaluation::run(const op::AnyOf& op, const Value& value, const Where& where) {
  bool ok = false;
  for (const SubId schema : op.schemas) {
    ok = tried(schema, value, where.marks) || ok;
    if (ok && where.marks == nullptr) return true;
  }
  if (ok) return true;
  return failed(value, where, where.keyword,
                fmt::format("matches none of the {} forms that are allowed", op.schemas.size()));
}

bool Evaluation::run(const op::OneOf& op, const Value& value, const Where& where) {
  std::size_t matching = 0;
  for (const SubId schema : op.schemas) {
    matching += tried(schema, value, where.marks) ? 1 : 0;
    if (matching > 1) break;
  }
  if (matching == 1) return true;
  return failed(value, where, where.keyword,
                matching == 0 ? fmt::format("matches none of the {} forms that are allowed", op.schemas.size())
                              : "matches more than one of the forms of which exactly one is allowed");
}

bool Evaluation::run(const op::Not& op, const Value& value, const Where& where) {
  if (!quietly(op.schema, value, nullptr)) return true;
  return failed(value, where, where.keyword, "matches what is not allowed");
}

bool Evaluation::run(const op::Condition& op, const Value& value, const Where& where) {
  const auto& branch = tried(op.condition, value, where.marks) ? op.then : op.otherwise;
  return !branch || matches(*branch, value, where.marks);
}

bool Evaluation::run(const op::Reference& op, const Value& value, const Where& where) {
  return matches(op.schema, value, where.marks);
}

}  // namespace apigw::schema
