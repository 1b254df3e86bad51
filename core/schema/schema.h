// JSON Schema: a schema's text becomes a bounded program once, and documents are checked against it as often as
// needed.
//
// Draft-07 and the 2020-12 vocabulary. Nothing in a schema is passed over in silence: what is malformed refuses it,
// and what is well formed but not evaluated here ($dynamicRef, a $ref that leaves the document, an unknown keyword)
// is listed by unclaimed(), so that a caller who cannot do without refuses it too. Nothing is ever fetched. Whatever
// the schema and the document are, compile() and check() end within their bounds; a check that would not is an error.
//
// What the drafts themselves pass over (all that stands beside a $ref in draft-07, `then` without `if`) is no
// finding. `format` and the content keywords are annotations, as the specification has them by default: they refuse
// nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace apigw::schema {

enum class Draft : std::uint8_t { draft7, draft2020_12 };

struct Options {
  Draft draft = Draft::draft2020_12;  // of a schema that names none in $schema
  std::size_t bytes = 1u << 20;       // of the schema's text
  unsigned depth = 64;                // of its arrays and objects
  std::size_t patterns = 128;         // different ones
};

// What is wrong with a schema, or what of it is not evaluated.
struct Finding {
  std::string pointer;  // JSON pointer into the schema's text, to the keyword's value; empty is all of it
  std::string keyword;  // empty when the whole is meant
  std::string why;      // lower case, one sentence without its full stop
};

struct Program;

// Immutable and cheap to copy; any number of threads may check against it at once.
class Schema {
 public:
  explicit Schema(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  // Keywords that stand in the schema and have no effect on check(): not evaluated, at most 50 of them.
  [[nodiscard]] const std::vector<Finding>& unclaimed() const;
  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  std::shared_ptr<const Program> program_;
};

// Findings are at most 50 and never empty. A pattern that RE2 cannot compile is one of them.
[[nodiscard]] std::expected<Schema, std::vector<Finding>> compile(std::string_view text, const Options& options = {});

struct Bounds {
  json::Limits document;            // its text
  std::size_t values = 1'000'000;   // in the document
  std::uint64_t steps = 1'000'000;  // of evaluation: 10 ms, or a second where patterns of the worst kind use them up
  std::size_t failures = 20;        // reported at most; 0 to learn only whether there is one
};

struct Failure {
  std::string instance;  // JSON pointer into the document; empty is all of it
  std::string schema;    // JSON pointer into the schema's text, to the keyword that failed
  std::string keyword;
  std::string message;  // lower case, in plain words; quotes the schema and the document's names, not its values
  std::string missing;  // the member of `instance` whose absence is the failure; else empty
};

struct Verdict {
  bool ok = true;
  std::vector<Failure> failures;  // in the order of the document's evaluation
  bool more = false;              // there were failures beyond the bound
};

// Errors: invalid (the document is no JSON), too_large (the document, or the steps that it would take).
[[nodiscard]] Result<Verdict> check(const Schema& schema, std::string_view document, const Bounds& bounds = {});

}  // namespace apigw::schema
