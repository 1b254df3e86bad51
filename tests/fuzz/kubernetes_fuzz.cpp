// Any bytes as Kubernetes manifests, once as they are and once beside their own copy.
//
// What it holds beyond "no crash": every place lies inside its text; a second run says the same; what is printed is
// UTF-8 without control characters; each finding says what to do.
#include <string>

#include "base/text.h"
#include "fuzz/law.h"
#include "kubernetes/check.h"
#include "kubernetes/objects.h"

using namespace apigw;

namespace {

std::string check(const std::vector<std::string>& texts) {
  diag::Sources sources;
  diag::Report report;
  kubernetes::Objects objects;
  for (const std::string& text : texts) objects.read(sources.add("a/b.yaml", text), sources, report);
  objects.finish(sources);
  kubernetes::check(objects, sources, report);
  report.finish(sources);
  for (const diag::Diagnostic& finding : report.all()) {
    LAW(finding.code < 800 || !finding.helps.empty());
    for (const diag::Label& label : finding.labels)
      LAW(label.where.known() && label.where.begin <= label.where.end &&
          label.where.end <= sources.text(label.where.source).size());
    for (const diag::Fix& fix : finding.fixes) LAW(fix.where.end <= sources.text(fix.where.source).size());
  }
  std::string shown = diag::render(report, sources, diag::Format::full, false);
  LAW(text::valid_utf8(shown));
  for (const char c : shown) LAW(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  return shown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(kubernetes::holds_objects(text));
  static_cast<void>(kubernetes::is_template(text));
  LAW(check({text}) == check({text}));
  static_cast<void>(check({text, text}));
  return 0;
}
