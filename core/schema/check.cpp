// The walk through a subschema's operations, what a failure carries, and check() around it.
//
// The operations stand in check_values.cpp, check_parts.cpp and check_logic.cpp.
#include <fmt/format.h>

#include "base/text.h"
#include "schema/evaluation.h"

namespace apigw::schema {

namespace {

constexpr unsigned most_depth = 400;  // subschemas inside each other, in one evaluation: it recurses

}  // namespace

bool Evaluation::matches(SubId id, const Value& value, Marks* marks) {
  const Subschema& subschema = program_.subschemas[id];
  if (!steps_.spend(1)) return false;
  if (subschema.never) return failed(value, {subschema, {}, marks}, {}, "is not allowed");
  if (depth_ >= most_depth) too_deep_ = true;
  if (too_deep_) return false;
  ++depth_;
  bool ok = true;
  if (subschema.marks && value.count > 0) {
    Marks own(value.count);
    ok = steps_.spend(value.count / 64) && operations(subschema, value, &own);
    for (std::size_t i = 0; ok && marks != nullptr && i < own.size(); ++i) (*marks)[i] = (*marks)[i] || own[i];
  } else {
    ok = operations(subschema, value, marks);
  }
  --depth_;
  return ok;
}

bool Evaluation::operations(const Subschema& subschema, const Value& value, Marks* marks) {
  bool ok = true;
  const Types type = type_bit(value.type);
  for (const Op& operation : subschema.operations) {
    if ((operation.applies & type) == 0) continue;
    if (!steps_.spend(1)) return false;
    const Where where{subschema, operation.keyword, marks};
    ok = std::visit([&](const auto& op) { return run(op, value, where); }, operation.what) && ok;
    if (!ok && !goes_on()) return false;
  }
  return ok;
}

bool Evaluation::quietly(SubId id, const Value& value, Marks* marks) {
  ++quiet_;
  const bool ok = matches(id, value, marks);
  --quiet_;
  return ok;
}

bool Evaluation::tried(SubId id, const Value& value, Marks* marks) {
  if (marks == nullptr) return quietly(id, value, nullptr);
  Marks own(marks->size());
  if (!steps_.spend(own.size() / 64) || !quietly(id, value, &own)) return false;
  for (std::size_t i = 0; i < own.size(); ++i) (*marks)[i] = (*marks)[i] || own[i];
  return true;
}

std::string Evaluation::pointer(const Value& value) const {
  if (value.after != 0) return document_.pointer(document_.index(value));
  return document_.pointer(value.parent) + pointer_step(value.key);  // the name of a member
}

bool Evaluation::unheard() {
  if (quiet_ > 0 || given_up()) return true;
  more_ = more_ || failures_.size() >= most_failures_;
  return more_;
}

bool Evaluation::failed(const Value& value, const Where& where, std::string_view keyword, std::string message) {
  if (unheard()) return false;
  std::string place = program_.values.pointer(where.subschema.at);
  if (!keyword.empty()) place += pointer_step(keyword);
  failures_.push_back({pointer(value), std::move(place), std::string(keyword), std::move(message), {}});
  return false;
}

bool Evaluation::child(SubId id, const Value& child, const Where& where, std::string_view keyword) {
  if (!program_.subschemas[id].never) return matches(id, child, nullptr);
  return failed(child, where, keyword, "is not allowed");
}

Result<Verdict> check(const Schema& schema, std::string_view document, const Bounds& bounds) {
  const auto values = Values::read(document, bounds.document, bounds.values);
  if (!values) return std::unexpected(values.error());
  Evaluation evaluation(schema.program(), *values, bounds);
  const bool ok = evaluation.matches(0, values->root(), nullptr);
  if (evaluation.given_up()) {
    return fail(ErrorKind::too_large,
                fmt::format("checking the document against its schema takes more than {} steps", bounds.steps));
  }
  return evaluation.take(ok);
}

}  // namespace apigw::schema
