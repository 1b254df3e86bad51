// The operations that ask other subschemas about the same value.
//
// Where none of several forms matches, the failures of the one that was meant say more than that none does: the only
// one for values of this type, or for what the value says it is. Finding it out has a small budget of its own, one
// level deep.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "schema/evaluation.h"

namespace apigw::schema {

namespace {

constexpr std::size_t most_forms = 20;  // tried for an explanation
constexpr std::uint64_t steps_a_form = 2'000;
constexpr std::size_t failures_a_form = 5;

bool says_what_it_is(const Failure& failure) {
  return failure.keyword == "const" || failure.keyword == "enum";
}

// Whether a form is for values of another kind altogether: another type, or another of a list of constants.
bool other_kind(const std::vector<Failure>& failures, std::string_view place) {
  return std::ranges::any_of(failures, [&](const Failure& failure) {
    return failure.instance == place &&
           (says_what_it_is(failure) || failure.keyword == "type" || failure.keyword.empty());
  });
}

// Whether a member that names the kind (`"type": {"const": "circle"}`) names another one.
bool other_name(const std::vector<Failure>& failures, std::string_view place) {
  return std::ranges::any_of(failures, [&](const Failure& failure) {
    return says_what_it_is(failure) && failure.instance.size() > place.size() &&
           failure.instance.find('/', place.size() + 1) == std::string::npos;
  });
}

// The types that a form admits, as far as its own `type` says so.
Types types_of(const Program& program, SubId form) {
  for (const Op& operation : program.subschemas[form].operations) {
    if (const auto* type = std::get_if<op::TypeIs>(&operation.what)) return type->allowed;
  }
  return program.subschemas[form].never ? Types{0} : types::all;
}

}  // namespace

std::vector<Failure> Evaluation::failures_of(SubId id, const Value& value) {
  std::vector<Failure> found;
  Steps steps(steps_a_form);
  std::swap(found, failures_);
  std::swap(steps, steps_);
  const std::size_t most = std::exchange(most_failures_, failures_a_form);
  const bool more = std::exchange(more_, false);
  explaining_ = true;
  const bool ok = matches(id, value, nullptr);
  const bool usable = !ok && !given_up();
  explaining_ = too_deep_ = false;
  more_ = more;
  most_failures_ = most;
  std::swap(steps, steps_);
  std::swap(found, failures_);
  return usable ? std::move(found) : std::vector<Failure>{};
}

bool Evaluation::no_form(const std::vector<SubId>& forms, const Value& value, const Where& where) {
  if (unheard()) return false;
  Types allowed = 0;
  for (const SubId form : forms) allowed |= types_of(program_, form);
  const Types bit = type_bit(value.type);
  if ((allowed & (bit == types::number ? bit | types::whole : bit)) == 0) {
    return failed(value, where, where.keyword, wrong_type(allowed, value));
  }
  std::vector<std::vector<Failure>> meant;
  if (!explaining_ && forms.size() <= most_forms) {
    const std::string place = pointer(value);
    for (const SubId form : forms) meant.push_back(failures_of(form, value));
    std::erase_if(meant, [&](const auto& failures) { return failures.empty() || other_kind(failures, place); });
    if (meant.size() > 1) std::erase_if(meant, [&](const auto& failures) { return other_name(failures, place); });
  }
  if (meant.size() != 1) {
    return failed(value, where, where.keyword,
                  fmt::format("matches none of the {} forms that are allowed", forms.size()));
  }
  for (Failure& failure : meant[0]) {
    more_ = more_ || failures_.size() >= most_failures_;
    if (!more_) failures_.push_back(std::move(failure));
  }
  return false;
}

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
  return ok || no_form(op.schemas, value, where);
}

bool Evaluation::run(const op::OneOf& op, const Value& value, const Where& where) {
  std::size_t matching = 0;
  for (const SubId schema : op.schemas) {
    matching += tried(schema, value, where.marks) ? 1 : 0;
    if (matching > 1) break;
  }
  if (matching == 1) return true;
  if (matching == 0) return no_form(op.schemas, value, where);
  return failed(value, where, where.keyword, "matches more than one of the forms of which exactly one is allowed");
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
