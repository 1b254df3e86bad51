#include "prompt/tests.h"

#include <algorithm>

#include "base/text.h"
#include "prompt/case_file.h"
#include "prompt/prompt.h"

namespace apigw::prompt {
namespace {

using Kind = Expectation::Kind;
using yaml::field;
using yaml::Given;
using yaml::MappingNode;
using yaml::Row;
using yaml::Table;

struct CaseDraft {
  Given<std::string> name;
  Given<const yaml::Node*> vars, answer, expect, call;
};

constexpr Row case_rows[] = {
    field<&CaseDraft::name, yaml::Text>("name", "what the case shows", "its number"),
    field<&CaseDraft::vars, MappingNode>("vars", "the variables of the call", "none"),
    field<&CaseDraft::answer, NodeReader>("answer", "what the mock answers", "equals"),
    field<&CaseDraft::expect, MappingNode>(
        "expect", "equals, contains, regex, json-schema, json-path, max-latency: all that are there must hold"),
    field<&CaseDraft::call, NodeReader>("call", "of cases of routes, which have files of their own"),
};
const Table& case_table() {
  static constexpr Table table{"a case", "One call and what must come of it.", case_rows};
  return table;
}

class CaseReader {
 public:
  CaseReader(yaml::Reading& reading) : reading_(reading) {}

  Case read(const CaseDraft& draft, Span where, std::size_t number) {
    Case out{.name = draft.name.value_or(fmt::format("case {}", number)), .variables = "{}"};
    out.where = where;
    if (draft.vars) out.variables = json_of(**draft.vars);
    if (draft.expect)
      for (const yaml::Entry& entry : (*draft.expect)->entries)
        if (!read_expectation(entry, reading_, out.expect)) unknown_expectation(*entry.key, reading_);
    if (draft.call.given())
      reading_.report()
          .add(635, draft.call.where, "a call of a route stands among the cases of a prompt")
          .helps.push_back("move the case to tests/NAME.test.yaml, where calls of routes stand");
    if (out.expect.empty() && (!draft.expect.given() || draft.expect)) expects_nothing(out.name, where, reading_);
    out.answer = answer_of(draft, out);
    return out;
  }

 private:
  // A text is said as it is, anything else as JSON.
  static std::string said(const yaml::Node& node) {
    return node.kind == yaml::Kind::scalar ? node.value : json_of(node);
  }
  static std::optional<std::string> answer_of(const CaseDraft& draft, const Case& read) {
    if (draft.answer) return said(**draft.answer);
    const auto equals = std::ranges::find(read.expect, Kind::equals, &Expectation::kind);
    if (equals == read.expect.end()) return std::nullopt;
    const json::Slice all{0, equals->value.size(), json::Type::string};
    return equals->value.starts_with('"') ? json::string_at(equals->value, all) : equals->value;
  }

  yaml::Reading& reading_;
};

}  // namespace

std::string tests_of(std::string_view prompt_path) {
  if (prompt_path.ends_with(extension)) prompt_path.remove_suffix(extension.size());
  return fmt::format("{}{}", prompt_path, tests_extension);
}

std::optional<std::vector<Case>> read_tests(SourceId source, const diag::Sources& sources, diag::Report& report) {
  const auto tree = yaml::parse(source, sources, report);
  if (!tree) return std::nullopt;
  return read_case_file<CaseDraft, case_table>(
      tree->root(), sources, report,
      [](const CaseDraft& draft, Span where, std::size_t number, yaml::Reading& reading) {
        return CaseReader(reading).read(draft, where, number);
      });
}

}  // namespace apigw::prompt
