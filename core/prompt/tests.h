// The test cases of a prompt, `NAME.test.yaml` beside `NAME.prompt`: variables, what the answer must be, and what the
// mock answers meanwhile.
//
//   cases:
//     - name: praise
//       vars: { text: I love it }
//       answer: { mood: good }        # the mock's; `equals` where it is left out
//       expect:
//         equals: { mood: good }      # or contains, regex, json-schema, json-path, max-latency
//
// Pure: judges an output that somebody else got.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "schema/schema.h"

namespace apigw::prompt {

inline constexpr std::string_view tests_extension = ".test.yaml";

// "prompts/mood.prompt" has its tests in "prompts/mood.test.yaml".
[[nodiscard]] std::string tests_of(std::string_view prompt_path);

struct Expectation {
  enum class Kind : std::uint8_t { equals, contains, regex, json_schema, json_path, max_latency } kind = Kind::equals;
  std::string text;                      // contains, regex, json_path: as written
  std::string value;                     // equals, json_path: JSON
  std::optional<schema::Schema> schema;  // regex, json_schema
  std::chrono::milliseconds latency{0};  // max_latency
  Span where;
};
[[nodiscard]] std::string_view word(Expectation::Kind kind);  // as the file says it: "json-path"

struct Case {
  std::string name;                   // "case 2" where the file gives none
  std::string variables;              // a JSON object
  std::optional<std::string> answer;  // the mock's, as a model would say it
  std::vector<Expectation> expect;    // never empty
  Span where;
};

// What is wrong goes to the report, with nothing returned when there are errors.
[[nodiscard]] std::optional<std::vector<Case>> read_tests(SourceId source, const diag::Sources& sources,
                                                          diag::Report& report);

// Empty when `output` (JSON, as check_answer gives it) is what is expected; else what it is instead.
[[nodiscard]] std::string mismatch(const Expectation& expectation, std::string_view output,
                                   std::chrono::milliseconds latency);

}  // namespace apigw::prompt
