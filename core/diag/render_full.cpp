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

constexpr std::size_t window = 110;  // columns of source shown of one line

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
  std::vector<Mark> marks;
  bool after_gap = false;  // lines between the previous snippet and this one belong to the same label
};

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

  // Splits a label into the lines it touches: one, or the first and the last.
  void label(const Label& l, bool primary, std::vector<Snippet>& into) const {
    const SourceId source = l.where.source;
    const auto first = sources_.position(source, l.where.begin).line;
    // The end is exclusive: a span that ends behind a line break does not touch the next line.
    const auto last = sources_.position(source, std::max(l.where.end, l.where.begin + 1) - 1).line;
    const ShownLine top(sources_.line(source, first));
    const std::size_t from = top.column(l.where.begin - std::min(l.where.begin, sources_.line_begin(source, first)));
    if (last <= first) {
      const std::size_t to = top.column(l.where.end - std::min(l.where.end, sources_.line_begin(source, first)));
      place_mark(source, first, {from, std::max(to, from + 1), primary, l.text}, false, into);
      return;
    }
    place_mark(source, first, {from, std::max(top.width(), from + 1), primary, {}}, false, into);
    const auto text = sources_.line(source, last);
    const ShownLine bottom(text);
    const std::size_t indent = bottom.column(std::min(text.find_first_not_of(" \t"), text.size()));
    const std::size_t to = bottom.column(l.where.end - sources_.line_begin(source, last));
    place_mark(source, last, {std::min(indent, to), std::max(to, indent + 1), primary, l.text}, last > first + 1,
               into);
  }

  void place_mark(SourceId source, std::size_t line, Mark mark, bool after_gap, std::vector<Snippet>& into) const {
    const bool fits = ShownLine(sources_.line(source, line)).width() <= window;
    for (Snippet& s : into) {
      const bool free =
          std::ranges::none_of(s.marks, [&](const Mark& m) { return mark.from < m.to && m.from < mark.to; });
      if (fits && free && s.source == source && s.line == line) {
        s.marks.push_back(mark);
        return;
      }
    }
    into.push_back({source, line, {mark}, after_gap});
  }

  void snippet(const Snippet& s) {
    const ShownLine line(sources_.line(s.source, s.line));
    const auto [from, cut_left, text] = visible(line, s.marks.front());
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
  static Visible visible(const ShownLine& line, const Mark& first) {
    if (line.width() <= window) return {0, 0, line.cut(0, line.width())};
    const std::size_t from = first.from < window / 2 ? 0 : first.from - window / 4;
    const bool more = line.width() > from + window;
    return {from, from > 0 ? 1u : 0u, (from > 0 ? "…" : "") + line.cut(from, window) + (more ? "…" : "")};
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
