// Any bytes as a test file or an OpenAPI document, and every answer judged by what came of it.
//
// What it holds beyond "no crash": every place lies inside the text; a case can be called, or says why not; it has a
// status that it takes; what is printed is UTF-8.
#include <string>

#include "base/text.h"
#include "cases/openapi.h"
#include "fuzz/law.h"

using namespace apigw;

namespace {

void check(const cases::Case& test, std::size_t size) {
  LAW(test.where.end <= size && test.where.begin <= test.where.end);
  LAW(text::valid_utf8(test.untested));
  if (!test.untested.empty()) return;
  LAW(!test.status.empty());
  LAW(cases::unsendable(test).empty());
  LAW(test.headers.size() == 0 || !(*test.headers.begin()).name.empty());
  for (const char* const body : {"", "{\"a\":[1,null]}", "text"}) {
    cases::Answer answer{200, {}, body, {}};
    answer.headers.add("content-type", "application/json");
    for (const std::string& wrong : cases::mismatches(test, answer)) LAW(!wrong.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  diag::Sources sources;
  diag::Report report;
  const auto source = sources.add("f", std::string(reinterpret_cast<const char*>(data), size));
  const auto tree = yaml::parse(source, sources, report);
  if (!tree) return 0;
  if (cases::kind_of(tree->root()) == cases::Kind::openapi) {
    for (const cases::Case& test : cases::read_openapi(tree->root()).cases) check(test, size);
  } else {
    diag::Report own;
    const auto read = cases::read_cases(tree->root(), sources, own);
    LAW(read.has_value() != own.has_errors());
    for (const diag::Diagnostic& finding : own.all()) LAW(finding.where().end <= size);
    if (read)
      for (const cases::Case& test : *read) check(test, size);
  }
  return 0;
}
