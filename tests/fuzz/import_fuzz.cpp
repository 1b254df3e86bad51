// Any bytes as a document of every kind that `apigw import` reads.
//
// What it holds beyond "no crash": a config exactly when there is no error; a config loads; every place lies inside
// the text; a second run says the same; what is printed and written is UTF-8 without control characters.
#include <string>

#include "base/text.h"
#include "config/load.h"
#include "fuzz/law.h"
#include "fuzz/no_files.h"
#include "import/importer.h"

using namespace apigw;

namespace {

const config::Vocabulary& words() {
  static const config::Vocabulary vocabulary{
      .providers = {{"anthropic", "anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"},
                    {"ollama", "ollama", "http://127.0.0.1:11434/api", ""},
                    {"openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"},
                    {"vllm", "openai", "http://127.0.0.1:8000/v1", ""}},
      .dialects = {"anthropic", "openai"},
      .endpoints = {{"POST", "/v1/chat/completions", "openai", "chat"}, {"GET", "/v1/models/**", "openai", "model"}}};
  return vocabulary;
}

void check_text(const std::string& text) {
  LAW(text::valid_utf8(text));
  for (const char c : text) LAW(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

std::string check(const import::RosterRow& kind, const std::string& text) {
  const auto done = import::read_document(kind, "doc", text, words());
  LAW(done.config.empty() == done.report.has_errors());
  for (const auto& finding : done.report.all())
    for (const auto& label : finding.labels)
      LAW(!label.where.known() ||
          (label.where.begin <= label.where.end && label.where.end <= done.sources.text(label.where.source).size()));
  if (!done.config.empty()) {
    check_text(done.config);
    const test::NoFiles files;
    const auto loaded = config::load({.path = "-", .text = done.config}, files, {}, words());
    LAW(!loaded.report.has_errors());
  }
  const std::string shown = diag::render(done.report, done.sources, diag::Format::full, false);
  check_text(shown);
  return done.config + shown;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const import::RosterRow& kind : import::roster()) LAW(check(kind, text) == check(kind, text));
  return 0;
}
