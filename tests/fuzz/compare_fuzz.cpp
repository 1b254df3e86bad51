// Any bytes as two OpenAPI documents, parted by a line of `=`, and as two schemas.
//
// What it holds beyond "no crash": a document has no difference to itself; a change has a noun and a reason; a second
// run says the same.
#include <string>

#include "compare/documents.h"
#include "compare/schemas.h"
#include "fuzz/law.h"

using namespace apigw;

namespace {

std::string text_of(const compare::Changes& changes) {
  std::string out;
  for (const compare::Change& change : changes) {
    LAW(!change.noun.empty());
    LAW(!change.reason.empty());
    out += change.noun + change.name + change.field + change.before + change.after + change.reason + "\n";
  }
  return out;
}

void check_documents(const std::string& before, const std::string& after) {
  diag::Sources sources;
  diag::Report report;
  const auto a = yaml::parse(sources.add("a", before), sources, report);
  const auto b = yaml::parse(sources.add("b", after), sources, report);
  if (!a || !b) return;
  LAW(text_of(compare::compare_documents(a->root(), b->root())) ==
      text_of(compare::compare_documents(a->root(), b->root())));
  LAW(compare::compare_documents(a->root(), a->root()).empty());
  compare::Changes changes;
  compare::compare_requests(a->root(), b->root(), "a", "a", {.noun = "x"}, changes);
  text_of(changes);
}

void check_schemas(const std::string& before, const std::string& after) {
  for (const auto maker : {compare::Maker::caller, compare::Maker::service}) {
    compare::Changes changes, none;
    compare::compare_schemas(before, after, maker, {.noun = "x"}, changes);
    text_of(changes);
    compare::compare_schemas(before, before, maker, {.noun = "x"}, none);
    LAW(none.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find("\n=\n");
  const std::string before = text.substr(0, line), after = line == std::string::npos ? text : text.substr(line + 3);
  check_documents(before, after);
  check_schemas(before, after);
  return 0;
}
