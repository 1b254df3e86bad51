// Any bytes as a config file: parsed, every span inside the text, and the findings rendered in every format.
//
// What it holds beyond "no crash": a text without a tree has an error; nothing that a terminal would obey reaches the
// full and the concise output; every fix leaves a text that can be parsed again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "diag/diagnostic.h"
#include "support/yaml_dump.h"
#include "yaml/insert.h"
#include "yaml/tree.h"

using namespace apigw;

namespace {

void demand(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken law: %s\n", law);
  std::abort();
}

void check_places(const diag::Report& report, std::size_t size) {
  const auto inside = [size](Span s) { return s.begin <= s.end && s.end <= size; };
  for (const auto& d : report.all()) {
    for (const auto& label : d.labels)
      demand(!label.where.known() || inside(label.where), "labels lie inside the text");
    for (const auto& fix : d.fixes) demand(inside(fix.where), "fixes lie inside the text");
  }
}

void check_output(const diag::Report& report, const diag::Sources& sources) {
  for (const auto format : {diag::Format::full, diag::Format::concise}) {
    for (const char c : render(report, sources, format, false)) {
      demand(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "no control character is printed");
    }
  }
  demand(text::valid_utf8(render(report, sources, diag::Format::full, true)), "what is printed is UTF-8");
  demand(text::valid_utf8(render(report, sources, diag::Format::json, false)), "JSON is UTF-8");
  demand(text::valid_utf8(render(report, sources, diag::Format::sarif, false)), "SARIF is UTF-8");
}

// The text with every fix applied, from the back; overlapping ones are passed over.
std::string mended(std::string text, const diag::Report& report) {
  std::size_t from = text.size();
  for (auto d = report.all().rbegin(); d != report.all().rend(); ++d) {
    for (auto fix = d->fixes.rbegin(); fix != d->fixes.rend(); ++fix) {
      if (fix->where.end > from) continue;
      text.replace(fix->where.begin, fix->where.end - fix->where.begin, fix->replacement);
      from = fix->where.begin;
    }
  }
  return text;
}

diag::Report check(const std::string& text) {
  diag::Sources sources;
  const auto id = sources.add("fuzz.yaml", text);
  diag::Report report;
  const auto tree = yaml::parse(id, sources, report);
  report.finish(sources);
  demand(tree.has_value() || report.has_errors(), "no tree without an error");
  if (tree) {
    demand(yaml_dump::stray(tree->root(), text.size()) == nullptr, "spans lie inside the text");
    if (text.size() < 10'000) (void)yaml_dump::dump(tree->root(), text);
  }
  check_places(report, text.size());
  check_output(report, sources);
  return report;
}

// An entry that is added stands there, and the rest of the text is as it was.
void check_insertion(const std::string& text) {
  auto document = yaml::OpenDocument::read(text);
  if (!document ||
      !document->add("providers", {.key = "added", .block = "added", .flow = "added", .value = "{ key: env:K }"}) ||
      document->text() == text)
    return;
  const std::string& added = document->text();
  demand(added.size() > text.size(), "an insertion only inserts");
  const auto same = std::mismatch(text.begin(), text.end(), added.begin()).first - text.begin();
  const std::size_t tail = text.size() - static_cast<std::size_t>(same);
  demand(added.ends_with(std::string_view(text).substr(text.size() - tail)), "what was there stays");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto report = check(text);
  check(mended(text, report));
  check_insertion(text);
  return 0;
}
