// What test files of prompts and of routes have in common: a bounded list of cases, `cases:`, and nothing else.
#pragma once
#include <optional>
#include <vector>

#include "diag/diagnostic.h"
#include "yaml/fields.h"

namespace apigw::prompt {

inline constexpr std::size_t most_cases = 10'000;

template <class Draft, const yaml::Table& (*case_table)()>
struct CaseFile {
  yaml::Given<std::vector<yaml::Given<Draft>>> cases;

  static const yaml::Table& table() {
    static constexpr yaml::Row rows[] = {
        yaml::field<&CaseFile::cases, yaml::List<yaml::Mapping<Draft, case_table>>>("cases", "the cases, in order"),
    };
    static constexpr yaml::Table table{"a test file", "Test cases of a prompt, or of routes.", rows};
    return table;
  }
};

// The cases as `read(draft, where, number, reading)` makes them of their drafts; number counts from 1. Nothing when
// there are errors.
template <class Draft, const yaml::Table& (*case_table)(), class Read>
auto read_case_file(const yaml::Node& root, const diag::Sources& sources, diag::Report& report, const Read& read) {
  diag::Report own;
  yaml::Reading reading(sources, own);
  CaseFile<Draft, case_table> file;
  std::vector<decltype(read(Draft(), Span(), std::size_t(), reading))> cases;
  if (yaml::decode(file.table(), root, reading, &file)) {
    if (file.cases && file.cases->size() > most_cases)
      own.add(216, file.cases.where, fmt::format("{} cases are too many", file.cases->size()));
    else
      for (const auto& given : file.cases.value_or({}))
        if (given) cases.push_back(read(*given, given.where, cases.size() + 1, reading));
    if (!file.cases.given())
      own.add(631, root.span, "the file has no cases").helps.push_back("write 'cases:' with one case at least");
  }
  const bool usable = !own.has_errors();
  report.append(own);
  return usable ? std::optional(std::move(cases)) : std::nullopt;
}

}  // namespace apigw::prompt
