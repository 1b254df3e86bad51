// A schema and, behind the first blank line, a document: whatever they are, compiling and checking end within their
// bounds, findings say something, and an answer does not depend on whether anybody reads the failures.
#include <string>
#include <string_view>

#include "base/text.h"
#include "fuzz/law.h"
#include "schema/schema.h"

using namespace apigw::schema;

namespace {

void check_findings(const std::vector<Finding>& findings) {
  LAW(findings.size() <= 50);
  for (const Finding& finding : findings) {
    LAW(!finding.why.empty());
    LAW(finding.pointer.empty() || finding.pointer[0] == '/');
  }
}

void check_failures(const Verdict& verdict) {
  LAW(verdict.ok == verdict.failures.empty());
  LAW(verdict.failures.size() <= 20);
  LAW(!verdict.more || verdict.failures.size() == 20);
  for (const Failure& failure : verdict.failures) {
    LAW(!failure.message.empty());
    LAW(apigw::text::valid_utf8(failure.message));
    LAW(failure.instance.empty() || failure.instance[0] == '/');
    LAW(failure.schema.empty() || failure.schema[0] == '/');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = text.find("\n\n");
  const std::string_view schema_text = text.substr(0, blank);
  const std::string_view document = blank == std::string_view::npos ? text : text.substr(blank + 2);
  for (const Draft draft : {Draft::draft7, Draft::draft2020_12}) {
    const auto schema = compile(schema_text, {.draft = draft, .patterns = 8});
    if (!schema) {
      LAW(!schema.error().empty());
      check_findings(schema.error());
      continue;
    }
    check_findings(schema->unclaimed());
    const auto loud = check(*schema, document, {.steps = 20'000});
    const auto quiet = check(*schema, document, {.steps = 20'000, .failures = 0});
    if (loud) check_failures(*loud);
    if (loud && quiet) LAW(loud->ok == quiet->ok);
  }
  return 0;
}
