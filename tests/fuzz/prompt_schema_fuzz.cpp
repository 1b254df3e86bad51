// A schema as frontmatter holds it: either there are findings, or there is a text that is JSON and compiles without
// any.
#include <string>

#include "base/json.h"
#include "fuzz/law.h"
#include "prompt/typed.h"

using namespace apigw;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  diag::Sources sources;
  diag::Report report;
  const auto id = sources.add("fuzz.prompt", std::string(reinterpret_cast<const char*>(data), size));
  const auto tree = yaml::parse(id, sources, report);
  if (!tree) return 0;
  const bool sound = !report.has_errors();
  const auto read = prompt::read_schema(tree->root(), report);
  LAW(!read || json::scan(read->text, {.depth = 256}).has_value());
  LAW(!sound || read.has_value() != report.has_errors());
  for (const auto& finding : report.all()) LAW(finding.where().end <= size);
  return 0;
}
