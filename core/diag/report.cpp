// Findings become a finished report: sorted, once each, without those that a comment in the source asks to ignore.
//
// An error cannot be ignored: its finding stays and says so. A comment that gives no reason, or names no code,
// ignores nothing and is a finding itself. In a full report a graver finding takes the place of a lesser one, so that
// errors are lost only behind a thousand errors.
#include <cassert>
#include <tuple>

#include "base/text.h"
#include "diag/diagnostic.h"

namespace apigw::diag {
namespace {

constexpr std::string_view marker = "# apigw-ignore";

bool before(const Diagnostic& a, const Diagnostic& b) {
  // Findings without a place come first: +1 wraps `none` to 0. The message only makes the order total.
  const auto key = [](const Diagnostic& d) {
    const Span where = d.where();
    return std::tuple(static_cast<std::uint32_t>(where.source) + 1, where.begin, where.end, d.code,
                      std::string_view(d.message));
  };
  return key(a) < key(b);
}

bool same(const Diagnostic& a, const Diagnostic& b) {
  return a.code == b.code && a.message == b.message && a.labels == b.labels;
}

// One `# apigw-ignore AGW402, AGW403: reason`.
struct Ignore {
  Span where;
  std::size_t line = 0;
  std::vector<int> codes;
  bool usable = false;  // names codes and gives a reason
  bool alone = false;   // nothing else stands on its line: it is for the next one, too
};

std::optional<int> read_code(std::string_view word) {
  word = text::trim(word);
  if (!word.starts_with("AGW")) return std::nullopt;
  const auto number = text::parse_number(word.substr(3));
  if (!number || *number > 999 || find_code(static_cast<int>(*number)) == nullptr) return std::nullopt;
  return static_cast<int>(*number);
}

Ignore read_ignore(std::string_view comment, Span where, std::size_t line) {
  Ignore ignore{.where = where, .line = line, .codes = {}, .usable = true};
  const auto rest = comment.substr(marker.size());
  const auto colon = rest.find(':');
  for (const auto word : text::split(rest.substr(0, colon), ',')) {
    const auto code = read_code(word);
    if (code) ignore.codes.push_back(*code);
    ignore.usable = ignore.usable && code;
  }
  ignore.usable = ignore.usable && colon != std::string_view::npos && !text::trim(rest.substr(colon + 1)).empty();
  return ignore;
}

std::vector<Ignore> find_ignores(SourceId source, const Sources& sources) {
  std::vector<Ignore> found;
  const auto text = sources.text(source);
  for (auto at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 1)) {
    if (at > 0 && !std::string_view(" \t\n").contains(text[at - 1])) continue;
    auto end = std::min(text.find('\n', at), text.size());
    if (end > at && text[end - 1] == '\r') --end;
    const Span where{source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
    found.push_back(read_ignore(text.substr(at, end - at), where, sources.position(source, where.begin).line));
    const std::string_view before = text.substr(0, at);
    found.back().alone = text::trim(before.substr(before.rfind('\n') + 1)).empty();
  }
  return found;
}

// `ignores` stand in the order of their lines.
bool ignored(std::span<const Ignore> ignores, int code, std::size_t line) {
  const auto near =
      std::ranges::equal_range(ignores, line, [](std::size_t a, std::size_t b) { return a + 1 < b; }, &Ignore::line);
  return std::ranges::any_of(near, [&](const Ignore& ignore) {
    const bool here = ignore.line == line || (ignore.alone && ignore.line + 1 == line);
    return ignore.usable && here && std::ranges::find(ignore.codes, code) != ignore.codes.end();
  });
}

// The last finding that gives way to one of `severity`: a note first, a warning only to an error.
Diagnostic* lesser(std::vector<Diagnostic>& findings, Severity severity) {
  for (const Severity weak : {Severity::note, Severity::warning}) {
    if (severity >= weak) break;
    const auto last =
        std::find_if(findings.rbegin(), findings.rend(), [&](const auto& d) { return d.severity == weak; });
    if (last != findings.rend()) return &*last;
  }
  return nullptr;
}

}  // namespace

Diagnostic& Report::add(int code, Span where, std::string message, std::string label) {
  const Code* row = find_code(code);
  assert(row != nullptr && "a code without a row in codes.cpp");
  const Severity severity = row != nullptr ? row->severity : Severity::error;
  return add({code, severity, std::move(message), {{where, std::move(label)}}, {}, {}});
}

Diagnostic& Report::add(Diagnostic finding) {
  if (all_.size() < limit) return all_.emplace_back(std::move(finding));
  ++dropped_;
  if (Diagnostic* place = lesser(all_, finding.severity)) return *place = std::move(finding);
  dropped_errors_ += finding.severity == Severity::error ? 1 : 0;
  return spare_ = std::move(finding);
}

void Report::append(const Report& other) {
  for (const Diagnostic& d : other.all_) add(d);
  dropped_ += other.dropped_;
  dropped_errors_ += other.dropped_errors_;
}

void Report::obey_ignores(const Sources& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto source = static_cast<SourceId>(i);
    const auto ignores = find_ignores(source, sources);
    if (ignores.empty()) continue;
    std::erase_if(all_, [&](Diagnostic& d) {
      if (d.where().source != source) return false;
      const auto line = sources.position(source, d.where().begin).line;
      if (!ignored(ignores, d.code, line)) return false;
      if (d.severity != Severity::error) return true;
      const std::string help = "an error cannot be ignored by a comment: remove the comment and mend this";
      if (std::ranges::find(d.helps, help) == d.helps.end()) d.helps.push_back(help);
      return false;
    });
    for (const Ignore& ignore : ignores) {
      if (ignore.usable) continue;
      add(108, ignore.where, "this comment ignores nothing: it needs known codes and a reason",
          "no reason or no known code")
          .helps.push_back("write '# apigw-ignore AGW402: why this is fine here'");
    }
  }
}

void Report::finish(const Sources& sources) {
  obey_ignores(sources);
  std::ranges::sort(all_, before);
  std::vector<Diagnostic> once;
  for (Diagnostic& d : all_) {
    const bool seen = std::any_of(once.rbegin(), once.rend(), [&, done = false](const Diagnostic& other) mutable {
      done = done || other.where() != d.where();
      return !done && same(other, d);
    });
    if (!seen) once.push_back(std::move(d));
  }
  all_ = std::move(once);
}

std::size_t Report::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(all_, severity, &Diagnostic::severity));
}
std::size_t Report::errors() const {
  return count(Severity::error) + dropped_errors_;
}
std::size_t Report::warnings() const {
  return count(Severity::warning);
}

}  // namespace apigw::diag
