// From a schema's values to a Program, one subschema after the other; what is wrong on the way is collected, not
// thrown.
//
// Subschemas wait in a queue and are numbered when they are first named, so that a $ref in a circle costs nothing and
// no schema makes the compiler recurse. Rows of the table of keywords call back into it with one keyword's value.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/program.h"
#include "schema/resources.h"

namespace apigw::schema {

class Compiler {
 public:
  // `program` holds text and values already.
  Compiler(Program& program, Draft draft, const Options& options);
  void run();
  [[nodiscard]] std::vector<Finding>& wrong() { return wrong_; }

  // --- for the rows of the table of keywords

  [[nodiscard]] const Values& values() const { return program_.values; }
  [[nodiscard]] Draft draft() const { return draft_; }
  // The value of another keyword of the same subschema, or null.
  [[nodiscard]] const Value* beside(std::string_view keyword) const;
  void add(const Value& value, Types applies, op::Any what);
  // Whether an operation of this kind was added to the subschema already.
  template <class Kind>
  [[nodiscard]] bool has() const;
  // The schema at `value` by its number; nothing when there is no schema.
  [[nodiscard]] std::optional<SubId> subschema(const Value& value);
  [[nodiscard]] std::vector<SubId> subschemas(const Value& list);
  [[nodiscard]] std::optional<PatternId> pattern(const Value& value, std::string_view text);
  [[nodiscard]] std::optional<Index> refer(const Value& reference);
  [[nodiscard]] bool is(const Value& value, json::Type type);  // else it is a finding
  void malformed(const Value& value, std::string why);
  void unclaimed(const Value& value, std::string why);

 private:
  void compile_next();
  void compile_object(const Value& schema);
  void note(std::vector<Finding>& list, const Value& value, std::string why);

  Program& program_;
  Draft draft_;
  const Options& options_;
  Resources resources_;
  std::vector<Finding> wrong_;
  std::map<Index, SubId> numbers_;
  std::map<std::string, std::optional<PatternId>, std::less<>> patterns_;
  std::size_t next_ = 0;            // the first subschema that waits
  const Value* current_ = nullptr;  // that is being compiled
  std::vector<Op> operations_;      // of it
};

// The draft that an address in $schema names; nothing when that is another language.
[[nodiscard]] std::optional<Draft> draft_of(std::string_view address);
// A subschema that leads back to itself without going into the document: an evaluation of it would not end.
[[nodiscard]] std::optional<SubId> circle(const Program& program);

template <class Kind>
bool Compiler::has() const {
  for (const Op& operation : operations_) {
    if (std::holds_alternative<Kind>(operation.what)) return true;
  }
  return false;
}

}  // namespace apigw::schema
