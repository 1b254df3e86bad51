// The test cases of a prompt, `NAME.test.yaml` beside `NAME.prompt`: variables, what the answer must be, and what the
// mock answers meanwhile.
//
//   cases:
//     - name: praise
//       vars: { text: I love it }
//       answer: { mood: good }        # the mock's; `equals` where it is left out
//       expect:                       # expectation.h has the words
//         equals: { mood: good }
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "prompt/expectation.h"

namespace apigw::prompt {

inline constexpr std::string_view tests_extension = ".test.yaml";

// "prompts/mood.prompt" has its tests in "prompts/mood.test.yaml".
[[nodiscard]] std::string tests_of(std::string_view prompt_path);

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

}  // namespace apigw::prompt
