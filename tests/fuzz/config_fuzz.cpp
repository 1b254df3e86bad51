// Any bytes as apigw.yaml, walked to a Plan under each of the three ways to treat secrets, findings rendered in every
// format.
//
// What it holds beyond "no crash": a plan exactly when there is no error; every label and fix inside the text;
// nothing that a terminal would obey is printed; what is printed is UTF-8; a second run says the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "config/load.h"
#include "config/mend.h"
#include "fuzz/no_files.h"

using namespace apigw;

namespace {

void demand(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken law: %s\n", law);
  std::abort();
}

const config::Vocabulary& words() {
  static const config::Vocabulary vocabulary{
      .providers = {{"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"}},
      .dialects = {"openai"},
      .endpoints = {{"POST", "/v1/chat/completions", "openai", "chat"}, {"GET", "/v1/models/**", "openai", "model"}}};
  return vocabulary;
}

void check_places(const config::Loaded& loaded) {
  const auto inside = [&](Span s) { return s.begin <= s.end && s.end <= loaded.sources.text(s.source).size(); };
  for (const auto& finding : loaded.report.all()) {
    for (const auto& label : finding.labels)
      demand(!label.where.known() || inside(label.where), "labels lie inside a text");
    for (const auto& fix : finding.fixes) demand(inside(fix.where), "fixes lie inside a text");
  }
}

std::string check(const std::string& text, config::Secrets secrets, bool development) {
  config::Request request;
  request.path = "-";
  request.text = text;
  request.secrets = secrets;
  request.development = development;
  const test::NoFiles files;
  const config::Environment environment{{"A", "one"}, {"OPENAI_API_KEY", "k"}};
  const auto loaded = config::load(request, files, environment, words());
  bool sound = !loaded.report.has_errors();
  for (const auto& finding : loaded.report.all()) sound = sound && finding.code != 213;
  demand((loaded.plan != nullptr) == sound, "a plan exactly when there is no error and every variable is set");
  check_places(loaded);
  std::string all;
  for (const auto format : {diag::Format::full, diag::Format::concise, diag::Format::json, diag::Format::sarif,
                            diag::Format::github, diag::Format::gitlab, diag::Format::junit})
    all += render(loaded.report, loaded.sources, format, false);
  for (const char c : all)
    demand(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "no control character is printed");
  demand(text::valid_utf8(all), "what is printed is UTF-8");
  return all;
}

// Mending ends, and what it says of the new texts is what a reader of them finds.
void check_mending(const std::string& text) {
  const test::NoFiles files;
  config::Request request{.path = "fuzz.yaml", .text = text};
  const auto mended = config::mend(request, files, {}, words());
  if (mended.files.empty()) return;
  demand(!mended.edits.empty(), "a file changes by an edit only");
  request.text = mended.files.at("fuzz.yaml").after;
  const auto read = config::load(request, files, {}, words());
  const auto shown = [](const config::Loaded& loaded) {
    return render(loaded.report, loaded.sources, diag::Format::concise, false);
  };
  demand(shown(read) == shown(mended.now), "the findings left are those of the new text");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string once = check(text, config::Secrets::ignore, false);
  demand(once == check(text, config::Secrets::ignore, false), "the same text gives the same findings");
  check(text, config::Secrets::optional, true);
  check(text, config::Secrets::required, false);
  if (size < 2'000) check_mending(text);
  return 0;
}
