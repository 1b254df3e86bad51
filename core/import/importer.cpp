#include "import/importer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "import/importing.h"
#include "import/secrecy.h"
#include "import/settle.h"

namespace apigw::import {
namespace {

std::optional<unsigned> unit_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("\\u") || at + 6 > text.size()) return std::nullopt;
  const auto bytes = text::unhex(text.substr(at + 2, 4));
  if (!bytes) return std::nullopt;
  return static_cast<unsigned char>((*bytes)[0]) << 8 | static_cast<unsigned char>((*bytes)[1]);
}

// JSON writes characters beyond U+FFFF as two halves, which YAML has not: one escape of YAML stands for both.
std::string joined_surrogates(std::string text) {
  const auto first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) return text;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto high = text[at] == '\\' ? unit_at(text, at) : std::nullopt;
    const auto low = high && *high >= 0xD800 && *high < 0xDC00 ? unit_at(text, at + 6) : std::nullopt;
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      out += fmt::format("\\U{:08x}", 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
      at += 12;
    } else {
      const std::size_t step = text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
      out.append(text, at, step);
      at += step;
    }
  }
  return out;
}

}  // namespace

Imported read_document(const RosterRow& kind, const std::string& name, std::string text,
                       const config::Vocabulary& vocabulary, const std::string& beside) {
  Imported out;
  const Beside document{beside, beside.empty() ? std::string() : text};
  const SourceId source = out.sources.add(name, joined_surrogates(std::move(text)));
  const auto tree = yaml::parse(source, out.sources, out.report, std::string_view::npos, document_limits);
  if (tree && !out.report.has_errors()) {
    const std::vector<Span> secrets = secrets_of(tree->root());
    Importing to(out.sources, out.report, vocabulary, document);
    to.keep_variables_of(tree->root());
    kind.importer->read(tree->root(), to);
    if (!out.report.has_errors())
      out.config = settle(to, fmt::format("From {} by `apigw import {}`; the lines are its own.", name, kind.word));
    for (const Span secret : secrets) out.sources.conceal(secret);
    for (const diag::Diagnostic& finding : out.report.all())
      if (finding.code == 723) out.sources.conceal(finding.where());
  }
  out.report.finish(out.sources);
  return out;
}

}  // namespace apigw::import
