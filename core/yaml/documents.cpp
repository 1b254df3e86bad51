// The documents of one text, each read by itself and its places moved to where it stands.
//
// A line that begins with `---` or `...` ends a document whatever is open in it, block scalars included (YAML 1.2.2,
// 9.1.2), so the text is parted before anything of it is understood.
#include "base/text.h"
#include "yaml/builder.h"
#include "yaml/lint.h"
#include "yaml/place.h"
#include "yaml/tree.h"

namespace apigw::yaml {
namespace {

struct Part {
  std::size_t begin = 0, end = 0;
};

bool marks(std::string_view text, std::size_t line, std::string_view marker) {
  return text.substr(line).starts_with(marker) && ends_word(text, line + marker.size());
}

// Whether what stands from `at` to the end of its line is more than blanks and a comment.
bool says_something(std::string_view text, std::size_t at) {
  const std::string_view rest = text::trim(text.substr(at, end_of_line(text, at) - at));
  return !rest.empty() && rest.front() != '#';
}

std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  Part part;
  bool opened = false, content = false;  // `---` was seen; something to read was seen
  const auto close = [&](std::size_t end) {
    part.end = end;
    if (content) parts.push_back(part);
    part.begin = end;
    opened = content = false;
  };
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t next = std::min(text.find('\n', line), text.size() - 1) + 1;
    if (marks(text, line, "---")) {
      if (opened || content) close(line);
      opened = true;
      content = says_something(text, line + 3);
    } else if (marks(text, line, "...")) {
      close(next);
    } else if (opened || text[line] != '%') {  // directives belong to the document behind them
      content = content || says_something(text, line);
    }
    line = next;
  }
  close(text.size());
  return parts;
}

void move_by(Span& where, std::uint32_t offset) {
  if (!where.known()) return;
  where.begin += offset;
  where.end += offset;
}

void append_moved(const diag::Report& found, std::uint32_t offset, diag::Report& report) {
  for (diag::Diagnostic finding : found.all()) {
    for (diag::Label& label : finding.labels) move_by(label.where, offset);
    for (diag::Fix& fix : finding.fixes) move_by(fix.where, offset);
    report.add(std::move(finding));
  }
}

}  // namespace

std::vector<Document> parse_documents(SourceId source, const diag::Sources& sources, diag::Report& report,
                                      const Limits& limits) {
  const std::string_view text = sources.text(source);
  if (!readable(text, source, report, limits.text)) return {};
  std::vector<Document> documents;
  for (const Part& part : parts_of(text)) {
    const auto offset = static_cast<std::uint32_t>(part.begin);
    diag::Report found;
    Document& document = documents.emplace_back();
    document.where = {source, offset, static_cast<std::uint32_t>(part.end)};
    auto store = parse_text(text.substr(part.begin, part.end - part.begin), source, found, limits);
    append_moved(found, offset, report);
    if (store == nullptr) continue;
    for (Node& node : store->nodes) {
      move_by(node.span, offset);
      move_by(node.defined_at, offset);
    }
    document.tree.emplace(std::move(store));
  }
  return documents;
}

}  // namespace apigw::yaml
