// Findings for a person: place, cause, the source lines with what is wrong underlined, and what to write instead.
//
//   apigw.yaml:14:9: error[AGW321]: route 'chat' sends to unknown provider 'opnai'
//    14 |     to: opnai
//       |         ^^^^^ no provider has this name
//     3 |   openai:
//       |   ------ closest declared name
//    help: replace with 'openai'
//
// Labels on one line share its snippet; a label over several lines shows its first and last; a long line is cut to a
// window around its first label. Underlines count display columns, so tabs, wide characters and emoji stay aligned.
#include "diag/render.h"
#include "diag/width.h"

namespace apigw::diag {
namespace {

constexpr std::size_t window = 110;    // columns of source shown of one line
constexpr std::size_t excerpt = 4096;  // bytes of a line that are looked at: more than a window in any script

// The part of a label that stands on one line, in display columns.
struct Mark {
  std::size_t from = 0, to = 0;  // to > from
  bool primary = false;
  std::string_view text;
};

// One source line to show and what is marked in it.
struct Snippet {
  SourceId source = SourceId::none;
  std::size_t line = 0;
  std::size_t skipped = 0;  // bytes of the line before its excerpt
  std::vector<Mark> marks;
  bool after_gap = false;  // lines between the previous snippet and this one belong to the same label
};

// The part of a line that is looked at: all of it, unless it is very long.
struct Excerpt {
  std::string_view text;
  std::size_t skipped = 0;
};

Excerpt cut(std::string_view line, std::size_t near) {
  if (line.size() <= excerpt) return {line, 0};
  std::size_t begin = std::min(near, line.size()) < excerpt / 4 ? 0 : std::min(near, line.size()) - excerpt / 4;
  while (begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xC0) == 0x80) --begin;
  return {line.substr(begin, excerpt), begin};
}

struct Paint {
  bool on = false;
  [[nodiscard]] std::string operator()(std::string_view ansi, std::string_view text) const {
    return on && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", ansi, text) : std::string(text);
  }
};

std::string_view color_of(Severity severity) {
  return severity == Severity::error ? "1;31" : severity == Severity::warning ? "1;33" : "1;36";
}

class Full {
 public:
  Full(const Sources& sources, bool color) : sources_(sources), paint_{color} {}

  void finding(const Diagnostic& d) {
    severity_ = d.severity;
    head(d);
    const auto snippets = collect(d);
    std::size_t last_line = 0;
    for (const Snippet& s : snippets) last_line = std::max(last_line, s.line);
    gutter_ = std::max<std::size_t>(2, std::to_string(last_line).size());
    SourceId shown = d.where().source;
    for (const Snippet& s : snippets) {
      if (s.source != shown) out_ += fmt::format(" in {}:\n", safe(sources_.name(s.source)));
      shown = s.source;
      snippet(s);
    }
    for (const std::string& help : d.helps) this->help(help);
  }

  std::string take() { return std::move(out_); }

 private:
  void head(const Diagnostic& d) {
    if (const Span at = d.where(); at.known()) {
      const auto position = sources_.position(at.source, at.begin);
      out_ += fmt::format("{}:{}:{}: ", safe(sources_.name(at.source)), position.line, position.column);
    }
    out_ += paint_(color_of(d.severity), fmt::format("{}[{}]", word(d.severity), code_name(d.code)));
    out_ += paint_("1", ": " + safe(d.message)) + "\n";
  }

  std::vector<Snippet> collect(const Diagnostic& d) const {
    std::vector<Snippet> snippets;
    for (std::size_t i = 0; i < d.labels.size(); ++i) {
      if (d.labels[i].where.known()) label(d.labels[i], i == 0, snippets);
    }
    return snippets;
  }

  // The display columns of [begin, end) on a line, as far as its excerpt around `begin` goes.
  [[nodiscard]] Snippet marked(SourceId source, std::size_t line, std::uint32_t begin, std::uint32_t end) const {
    const std::uint32_t start = sources_.line_begin(source, line);
    const auto in_line = [start](std::uint32_t at) { return static_cast<std::size_t>(at - std::min(at, start)); };
    const Excerpt part = cut(sources_.line(source, line), in_line(begin));
    const ShownLine shown(part.text);
    const std::size_t from = shown.column(in_line(begin) - part.skipped);
    const std::size_t to = shown.column(std::max(in_line(end), part.skipped) - part.skipped);
    return {source, line, part.skipped, {{from, std::max(to, from + 1), false, {}}}, false};
  }

  // Splits a label into the lines it touches: one, or the first and the last.
  void label(const Label& l, bool primary, std::vector<Snippet>& into) const {
    const SourceId source = l.where.source;
    const auto first = sources_.position(source, l.where.begin).line;
    // The end is exclusive: a span that ends behind a line break does not touch the next line.
    const auto last = sources_.position(source, std::max(l.where.end, l.where.begin + 1) - 1).line;
    Snippet top =
        marked(source, first, l.where.begin, last > first ? sources_.line_begin(source, first + 1) : l.where.end);
    top.marks[0].primary = primary;
    if (last <= first) top.marks[0].text = l.text;
    place_snippet(std::move(top), into);
    if (last <= first) return;
    const auto text = sources_.line(source, last);
    const auto indent = static_cast<std::uint32_t>(std::min(text.find_first_not_of(" \t"), text.size()));
    const std::uint32_t start = sources_.line_begin(source, last);
    Snippet bottom = marked(source, last, std::min(start + indent, l.where.end), l.where.end);
    bottom.marks[0].primary = primary;
    bottom.marks[0].text = l.text;
    bottom.after_gap = last > first + 1;
    place_snippet(std::move(bottom), into);
  }

  // Into a snippet of the same line where the marks leave room, else as one of its own.
  void place_snippet(Snippet made, std::vector<Snippet>& into) const {
    const Mark& mark = made.marks.front();
    const auto line = sources_.line(made.source, made.line);
    const bool fits = line.size() <= excerpt && ShownLine(line).width() <= window;
    for (Snippet& s : into) {
      const bool room =
          std::ranges::none_of(s.marks, [&](const Mark& m) { return mark.from < m.to && m.from < mark.to; });
      if (fits && room && s.source == made.source && s.line == made.line) {
        s.marks.push_back(mark);
        return;
      }
    }
    into.push_back(std::move(made));
  }

  void snippet(const Snippet& s) {
    const auto whole = sources_.line(s.source, s.line);
    const bool goes_on = whole.size() > s.skipped + excerpt;
    const auto [from, cut_left, text] = visible(ShownLine(whole.substr(s.skipped, excerpt)), s, goes_on);
    if (s.after_gap) out_ += paint_("34", fmt::format(" {:>{}} |", "…", gutter_)) + "\n";
    out_ += paint_("34", fmt::format(" {:>{}} |", s.line, gutter_)) + (text.empty() ? "" : " " + text) + "\n";
    std::vector<Mark> marks = s.marks;
    std::ranges::sort(marks, {}, &Mark::from);
    for (Mark& m : marks) {
      m.from = m.from - from + cut_left;
      m.to = std::min(m.to - from, window) + cut_left;
    }
    underline(marks);
  }

  struct Visible {
    std::size_t from = 0;      // first display column shown
    std::size_t cut_left = 0;  // columns that "…" takes in front
    std::string text;
  };
  static Visible visible(const ShownLine& line, const Snippet& s, bool goes_on) {
    const Mark& first = s.marks.front();
    if (line.width() <= window && s.skipped == 0 && !goes_on) return {0, 0, line.cut(0, line.width())};
    const std::size_t from = first.from < window / 2 ? 0 : first.from - window / 4;
    const bool before = from > 0 || s.skipped > 0, more = goes_on || line.width() > from + window;
    return {from, before ? 1u : 0u, (before ? "…" : "") + line.cut(from, window) + (more ? "…" : "")};
  }

  // The row of markers with the text of the last label, then a row for each label further left.
  void underline(const std::vector<Mark>& marks) {
    std::string row;
    std::size_t column = 0;
    for (const Mark& m : marks) {
      row.append(m.from - std::min(column, m.from), ' ');
      row += paint_(ink(m), std::string(m.to - m.from, m.primary ? '^' : '-'));
      column = m.to;
    }
    if (!marks.back().text.empty()) row += " " + paint_(ink(marks.back()), safe(marks.back().text));
    bare_row(row);
    for (std::size_t i = marks.size() - 1; i-- > 0;) {
      if (!marks[i].text.empty()) hanging_text(marks, i);
    }
  }

  void hanging_text(const std::vector<Mark>& marks, std::size_t which) {
    std::string row;
    std::size_t column = 0;
    for (std::size_t i = 0; i < which; ++i) {
      if (marks[i].text.empty()) continue;
      row += std::string(marks[i].from - column, ' ') + paint_(ink(marks[i]), "|");
      column = marks[i].from + 1;
    }
    row += std::string(marks[which].from - column, ' ') + paint_(ink(marks[which]), safe(marks[which].text));
    bare_row(row);
  }

  void bare_row(const std::string& row) {
    out_ += paint_("34", fmt::format(" {:>{}} |", "", gutter_)) + " " + row + "\n";
  }
  [[nodiscard]] std::string_view ink(const Mark& m) const { return m.primary ? color_of(severity_) : "1;34"; }

  void help(std::string_view text) {
    std::string_view lead = " help: ";
    while (true) {
      const auto end = text.find('\n');
      out_ += (lead == " help: " ? " " + paint_("1;32", "help") + ": " : std::string(lead)) +
              safe(text.substr(0, end)) + "\n";
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
      lead = "       ";
    }
  }

  const Sources& sources_;
  Paint paint_;
  Severity severity_ = Severity::error;
  std::size_t gutter_ = 2;
  std::string out_;
};

}  // namespace

std::string render_full(const Report& report, const Sources& sources, bool color) {
  if (report.all().empty()) return {};
  Full full(sources, color);
  std::string out;
  for (const Diagnostic& d : report.all()) full.finding(d);
  out = full.take();
  return out + "\n" + summary(report, sources) + "\n";
}

}  // namespace apigw::diag
