// One document against one program: the state of a single check().
//
// A subschema's operations are walked in order. While failures are wanted they are all looked for; inside anyOf, not
// and the like only the answer counts and the first failure ends a subschema. Every operation costs steps; once they
// are spent, everything answers false at once and the answer is thrown away.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/program.h"
#include "schema/schema.h"

namespace apigw::schema {

// Which children of a value some keyword has looked at, for unevaluatedItems and unevaluatedProperties.
using Marks = std::vector<bool>;

// "must be a string or null, not a number"
[[nodiscard]] std::string wrong_type(Types allowed, const Value& value);

class Evaluation {
 public:
  Evaluation(const Program& program, const Values& document, const Bounds& bounds)
      : program_(program), document_(document), most_failures_(bounds.failures), steps_(bounds.steps) {}

  // Whether `value` matches. Children of it that were looked at are marked in `marks` when somebody wants to know.
  bool matches(SubId id, const Value& value, Marks* marks);

  [[nodiscard]] bool given_up() const { return steps_.spent() || too_deep_; }
  [[nodiscard]] Verdict take(bool ok) { return {ok, std::move(failures_), more_}; }

  // --- the operations; `where` is the subschema and the keyword that are asked

  struct Where {
    const Subschema& subschema;
    std::string_view keyword;
    Marks* marks;
  };
  bool run(const op::TypeIs& op, const Value& value, const Where& where);
  bool run(const op::OneOfValues& op, const Value& value, const Where& where);
  bool run(const op::Bound& op, const Value& value, const Where& where);
  bool run(const op::MultipleOf& op, const Value& value, const Where& where);
  bool run(const op::Size& op, const Value& value, const Where& where);
  bool run(const op::Matches& op, const Value& value, const Where& where);
  bool run(const op::UniqueItems& op, const Value& value, const Where& where);
  bool run(const op::Required& op, const Value& value, const Where& where);
  bool run(const op::DependentRequired& op, const Value& value, const Where& where);
  bool run(const op::DependentSchemas& op, const Value& value, const Where& where);
  bool run(const op::Members& op, const Value& value, const Where& where);
  bool run(const op::MemberNames& op, const Value& value, const Where& where);
  bool run(const op::Items& op, const Value& value, const Where& where);
  bool run(const op::Contains& op, const Value& value, const Where& where);
  bool run(const op::AllOf& op, const Value& value, const Where& where);
  bool run(const op::AnyOf& op, const Value& value, const Where& where);
  bool run(const op::OneOf& op, const Value& value, const Where& where);
  bool run(const op::Not& op, const Value& value, const Where& where);
  bool run(const op::Condition& op, const Value& value, const Where& where);
  bool run(const op::Reference& op, const Value& value, const Where& where);
  bool run(const op::Unevaluated& op, const Value& value, const Where& where);

 private:
  // Answers for the whole of a subschema, whose failures nobody reads.
  bool quietly(SubId id, const Value& value, Marks* marks);
  // The same, but children that it looked at count only when it matches.
  bool tried(SubId id, const Value& value, Marks* marks);
  bool operations(const Subschema& subschema, const Value& value, Marks* marks);
  // Says why `value` has none of the forms.
  bool no_form(const std::vector<SubId>& forms, const Value& value, const Where& where);
  // What a form refuses; empty when that takes too long.
  std::vector<Failure> failures_of(SubId id, const Value& value);
  bool member(const op::Members& op, const Value& member, const Where& where, bool& looked_at);
  bool has_all(const Value& object, const std::vector<std::string>& names, const Where& where,
               std::string_view needed_by);
  const Value* find(const Value& object, std::string_view name);
  // A child that a schema refuses as such is the fault of the keyword that refuses it.
  bool child(SubId id, const Value& child, const Where& where, std::string_view keyword);

  // Whether a failure needs no words: nobody reads them, or the list is full.
  bool unheard();
  bool failed(const Value& value, const Where& where, std::string_view keyword, std::string message);
  [[nodiscard]] std::string pointer(const Value& value) const;
  [[nodiscard]] bool goes_on() const { return quiet_ == 0 && most_failures_ > 0 && !more_ && !given_up(); }

  const Program& program_;
  const Values& document_;
  std::size_t most_failures_;
  Steps steps_;
  unsigned quiet_ = 0;
  unsigned depth_ = 0;
  bool too_deep_ = false;
  bool more_ = false;
  bool explaining_ = false;
  std::vector<Failure> failures_;
};

}  // namespace apigw::schema
