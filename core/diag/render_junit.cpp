// Findings as a JUnit report, for CI systems that show nothing else: one suite a file, one test case a finding.
//
// An error is a failed test. The format has no word for a warning or a note: they are passed tests with their text as
// output. A file without findings is one passed test, so that a clean run is not an empty report.
#include "diag/render.h"
#include "diag/width.h"

namespace apigw::diag {
namespace {

std::string xml(std::string_view text) {
  static constexpr std::pair<char, std::string_view> entities[] = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
  std::string out;
  for (const char c : text) {
    const auto* const entity = std::ranges::find(entities, c, &std::pair<char, std::string_view>::first);
    if (entity == std::end(entities))
      out += c;
    else
      out += entity->second;
  }
  return out;
}

std::string attribute(std::string_view text) {
  return xml(safe(text));
}

std::string test_case(const Diagnostic& d, const Sources& sources, std::string_view file) {
  const Code* const row = find_code(d.code);
  std::string at, text;
  if (const Span where = d.where(); where.known()) {
    const auto position = sources.position(where.source, where.begin);
    at = fmt::format(" at {}:{}", position.line, position.column);
    text = fmt::format("{}:{}:{}: ", safe(file), position.line, position.column);
  }
  text += fmt::format("{}[{}]: {}\n", word(d.severity), code_name(d.code), safe(d.message));
  for (const std::string& help : d.helps) text += "help: " + safe(help) + "\n";
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{} {}{}\">\n", attribute(file),
                                code_name(d.code), attribute(row != nullptr ? row->title : ""), at);
  if (d.severity == Severity::error)
    out += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", code_name(d.code),
                       attribute(d.message), xml(text));
  else
    out += fmt::format("      <system-out>{}</system-out>\n", xml(text));
  return out + "    </testcase>\n";
}

struct Suite {
  std::string cases;
  std::size_t tests = 0, failures = 0;
};

std::string suite_text(Suite suite, std::string_view name) {
  if (suite.tests == 0) {
    suite.tests = 1;
    suite.cases = fmt::format("    <testcase classname=\"{}\" name=\"no findings\"/>\n", attribute(name));
  }
  return fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}  </testsuite>\n",
                     attribute(name), suite.tests, suite.failures, suite.cases);
}

}  // namespace

std::string render_junit(const Report& report, const Sources& sources) {
  std::vector<Suite> suites(sources.size() + 1);  // the last one for findings that belong to no text
  Suite whole;
  for (const Diagnostic& d : report.all()) {
    const std::size_t index = d.where().known() ? static_cast<std::size_t>(d.where().source) : sources.size();
    Suite& suite = suites[index];
    suite.cases += test_case(d, sources, d.where().known() ? sources.name(d.where().source) : "config");
    ++suite.tests;
    if (d.severity == Severity::error) ++suite.failures, ++whole.failures;
  }
  for (std::size_t i = 0; i < sources.size(); ++i) whole.cases += suite_text(suites[i], sources.name(SourceId(i)));
  if (suites.back().tests > 0) whole.cases += suite_text(suites.back(), "config");
  for (const Suite& suite : suites) whole.tests += suite.tests;
  for (std::size_t i = 0; i < sources.size(); ++i) whole.tests += suites[i].tests == 0 ? 1 : 0;
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"apigw validate\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}</testsuites>\n",
      whole.tests, whole.failures, whole.cases);
}

}  // namespace apigw::diag
