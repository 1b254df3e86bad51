// The walk over a refused text; see lint.h.
#include "yaml/lint.h"

#include <unordered_set>

#include "base/text.h"
#include "yaml/place.h"
#include "yaml/stand_in.h"

namespace apigw::yaml {
namespace {

class Linter {
 public:
  Linter(std::string_view text, SourceId source, diag::Report& report)
      : text_(text), source_(source), report_(report), lint_{std::string(text), false} {
    at_ = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    collect_anchors();
  }

  Lint run() {
    while (at_ < text_.size()) {
      const std::size_t before = at_;
      if (line_starts_) start_line();
      token();
      at_ = std::max(at_, before + 1);  // whatever the text is, the walk goes forward
    }
    if (!open_.empty()) unclosed_bracket();
    if (!tabs_.empty()) tabs();
    return std::move(lint_);
  }

 private:
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const {
    return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::max(begin, end))};
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  // The ends of the line that `at` stands on. Kept from call to call: a file may be one line of ten megabytes.
  void go_to_line(std::size_t at) {
    if (at >= line_begin_ && at <= line_end_) return;
    line_begin_ = start_of_line(text_, at);
    line_end_ = end_of_line(text_, at);
  }
  [[nodiscard]] std::size_t column(std::size_t at) {
    go_to_line(at);
    return at - line_begin_;
  }
  [[nodiscard]] std::size_t line_end(std::size_t at) {
    go_to_line(at);
    return line_end_;
  }
  [[nodiscard]] std::string shown(std::size_t begin, std::size_t end) const {
    return text::printable(text_.substr(begin, end - begin), 60);
  }
  diag::Diagnostic& error(int code, std::size_t begin, std::size_t end, std::string message, std::string label) {
    lint_.explained = true;
    return report_.add(code, span(begin, end), std::move(message), std::move(label));
  }

  // Names behind '&' at the start of a word: good enough to tell a typing error from a wildcard.
  void collect_anchors() {
    for (std::size_t at = text_.find('&'); at != std::string_view::npos; at = text_.find('&', at + 1)) {
      if (at == 0 || is_space(text_[at - 1]) || is_flow(text_[at - 1])) {
        anchors_.insert(text_.substr(at + 1, name_end(text_, at + 1) - at - 1));
      }
    }
  }

  void start_line() {
    line_starts_ = false;
    keys_on_line_ = 0;
    const std::size_t line = at_, content = std::min(text_.find_first_not_of(" \t", at_), text_.size());
    const bool blank = content >= text_.size() || is_break(text_[content]) || text_[content] == '#';
    if (blank) return;
    const std::size_t indent = content - line;
    if (!open_.empty() && indent <= open_indent_ && looks_like_key(content)) unclosed_bracket();
    if (!open_.empty()) return;
    if (text_.substr(line, indent).find('\t') != std::string_view::npos) tabs_.push_back(line);
    value_starts_ = true;
    indent_ = indent;
    const auto mark = text_.substr(line, 3);
    if (mark == "---" || mark == "...") at_ = line + 3;
    if (text_[line] == '%') at_ = line_end(line);
    if (indent <= key_column_) check_missing_space(content);  // deeper, it continues or is the value above
  }

  // "word:" with a blank behind it, at the start of a line.
  [[nodiscard]] bool looks_like_key(std::size_t at) {
    const std::size_t end = line_end(at);
    for (std::size_t i = at; i < end; ++i) {
      if (text_[i] == ':' && ends_word(text_, i + 1)) return i > at;
      if (is_flow(text_[i]) || text_[i] == '"' || text_[i] == '\'' || text_[i] == '#') return false;
    }
    return false;
  }

  void token() {
    const char c = peek();
    if (is_break(c)) {
      ++at_;
      line_starts_ = true;
    } else if (is_blank(c)) {
      ++at_;
    } else if (c == '#' && (at_ == 0 || is_space(text_[at_ - 1]))) {
      at_ = line_end(at_);
    } else if (!open_.empty() && (is_flow(c) || c == ':')) {
      flow_indicator(c);
    } else if (value_starts_) {
      value(c);
    } else if (c == ':' && ends_word(text_, at_ + 1)) {
      key_ends(at_);
    } else {
      plain();
    }
  }

  void flow_indicator(char c) {
    value_starts_ = true;
    ++at_;
    if (c == '[' || c == '{') open(at_ - 1);
    if (c == ']' || c == '}') close(c);
  }

  void open(std::size_t at) {
    if (open_.empty()) open_indent_ = indent_;
    open_.push_back(at);
  }

  void close(char c) {
    const std::size_t at = open_.back();
    const char wanted = text_[at] == '[' ? ']' : '}';
    if (c != wanted) {
      auto& d = error(105, at_ - 1, at_, fmt::format("'{}' closes a '{}'", c, text_[at]),
                      fmt::format("'{}' belongs here", wanted));
      d.labels.push_back({span(at, at + 1), "opened here"});
    }
    open_.pop_back();
    value_starts_ = !open_.empty();
  }

  void unclosed_bracket() {
    const std::size_t at = open_.back();
    const char wanted = text_[at] == '[' ? ']' : '}';
    error(105, at, at + 1, fmt::format("'{}' is never closed", text_[at]), "opened here")
        .helps.push_back(fmt::format("write '{}' where the {} ends", wanted, wanted == ']' ? "list" : "mapping"));
    open_.clear();
  }

  void value(char c) {
    const bool spaced = ends_word(text_, at_ + 1);
    value_starts_ = false;
    if (c == '"' || c == '\'') return quoted();
    if (c == '&' || c == '!') {
      at_ = name_end(text_, at_);
      value_starts_ = true;
    } else if (c == '[' || c == '{') {
      value_starts_ = true;
      open(at_++);
    } else if ((c == '-' || c == '?') && spaced && open_.empty()) {
      key_column_ = column(at_++);
      value_starts_ = true;
    } else if ((c == '|' || c == '>') && open_.empty()) {
      block();
    } else if (c == '*') {
      alias();
    } else if (c == '@' || c == '`' || c == '%') {
      reserved(c);
    } else if ((c == ']' || c == '}') && open_.empty()) {
      error(105, at_, at_ + 1, fmt::format("'{}' closes nothing", c), "nothing is open here");
      at_ = line_end(at_);
    } else if (c == ':' && spaced) {
      key_ends(at_);
    } else {
      plain();
    }
  }

  // A ':' that ends a key in block context.
  void key_ends(std::size_t colon) {
    at_ = colon + 1;
    value_starts_ = true;
    const std::size_t begin = std::exchange(last_value_, std::min(text_.find_first_not_of(" \t", at_), text_.size()));
    if (++keys_on_line_ == 1) return;
    std::size_t end = line_end(begin);
    if (const auto comment = text_.substr(begin, end - begin).find(" #"); comment != std::string_view::npos)
      end = begin + comment;
    while (end > begin && is_blank(text_[end - 1])) --end;
    auto& d = error(120, colon, colon + 1, "a ':' inside an unquoted value", "read as the end of a second key");
    quote(d, begin, end);
    at_ = line_end(begin);
    value_starts_ = false;
  }

  // The help and the fix that put [begin, end) in quotes.
  void quote(diag::Diagnostic& d, std::size_t begin, std::size_t end) const {
    const auto value = text_.substr(begin, end - begin);
    if (value.size() > 1000) {
      d.helps.emplace_back("put the value in quotes");
      return;
    }
    std::string quoted = fmt::format("\"{}\"", value);
    if (value.find_first_of("\"\\") != std::string_view::npos) {
      quoted = "'";
      for (const char c : value) quoted += c == '\'' ? "''" : std::string(1, c);
      quoted += "'";
    }
    d.helps.push_back("replace with " + text::printable(quoted, 80));
    d.fixes.push_back({span(begin, end), std::move(quoted)});
  }

  void stand_in_at(std::size_t at) { lint_.repaired[at] = stand_in(text_[at]); }

  // To the end of a plain value on this line; `begin` may lie before at_ when its first character was judged already.
  void plain() { plain_from(at_); }

  std::size_t plain_from(std::size_t begin) {
    last_value_ = begin;
    const bool flow = !open_.empty();
    bool expands = false;
    while (at_ < text_.size() && !is_break(peek())) {
      if (peek() == ':' && (ends_word(text_, at_ + 1) || (flow && is_flow(peek(1))))) break;
      if (peek() == '#' && at_ > begin && is_blank(text_[at_ - 1])) break;
      if (flow && text_.substr(at_).starts_with("${") && expansion()) {
        expands = true;
        continue;
      }
      if (flow && is_flow(peek())) break;
      ++at_;
    }
    std::size_t end = at_;
    while (end > begin && is_blank(text_[end - 1])) --end;
    if (expands) cut_expansion(begin, end);
    if (!flow && peek() == ':') key_column_ = column(begin);
    if (peek() == ':') check_key_length(begin, end);
    return end;
  }

  // Behind so much text YAML no longer takes the ':' for the end of a key, and says something else about it.
  void check_key_length(std::size_t begin, std::size_t end) {
    constexpr std::size_t longest_key = 1'024;
    if (end - begin <= longest_key) return;
    error(118, begin, begin + 40, fmt::format("a key of {} bytes is too long", end - begin),
          fmt::format("more than {}", longest_key))
        .helps.push_back("a key is a short name: shorten it, or put quotes around the whole line if it is text");
    at_ = line_end(end);
    value_starts_ = false;
  }

  // Steps over "${…}" with stand-ins for what YAML would take; false when it has no end on this line.
  bool expansion() {
    if (at_ < no_brace_until_) return false;
    const std::size_t stop = text_.substr(0, line_end(at_)).find('}', at_);
    if (stop == std::string_view::npos) {
      no_brace_until_ = line_end(at_);
      return false;
    }
    for (; at_ <= stop; ++at_) {
      if (is_flow(peek())) stand_in_at(at_);
    }
    return true;
  }

  void cut_expansion(std::size_t begin, std::size_t end) {
    auto& d = report_.add(106, span(begin, end), fmt::format("'{}' is cut at its brace", shown(begin, end)),
                          "inside [ ] or { } YAML ends an unquoted value at '{'");
    quote(d, begin, end);
  }

  void alias() {
    const std::size_t begin = at_;
    std::size_t end = name_end(text_, at_ + 1);
    if (text_[end - 1] == ':' && ends_word(text_, end)) --end;
    const auto name = text_.substr(begin + 1, end - begin - 1);
    if (anchors_.contains(name)) {
      at_ = end;
      return;
    }
    stand_in_at(begin);
    ++at_;
    const std::size_t value_end = plain_from(begin);
    const bool word =
        !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                             std::string_view::npos;
    word && !anchors_.empty() ? unknown_alias(begin, end, name) : star(begin, value_end);
  }

  void unknown_alias(std::size_t begin, std::size_t end, std::string_view name) {
    auto& d = report_.add(109, span(begin, end), fmt::format("alias '*{}' names no anchor", name),
                          "no '&' with this name stands above");
    // Somebody with thousands of anchors gets no suggestion: looking for one costs a comparison each.
    const std::vector<std::string_view> names(anchors_.begin(),
                                              anchors_.size() > 1000 ? anchors_.begin() : anchors_.end());
    if (const auto near = text::closest(name, names)) {
      d.helps.push_back(fmt::format("replace with '*{}'", *near));
      d.fixes.push_back({span(begin, end), fmt::format("*{}", *near)});
    } else {
      d.helps.push_back("if this is text, put it in quotes");
    }
  }

  void star(std::size_t begin, std::size_t end) {
    auto& d = report_.add(107, span(begin, end), fmt::format("'{}' is read as a YAML alias", shown(begin, end)),
                          "an unquoted value cannot start with '*'");
    quote(d, begin, end);
  }

  void reserved(char c) {
    const std::size_t begin = at_++;
    stand_in_at(begin);
    const std::size_t end = plain_from(begin);
    auto& d = report_.add(121, span(begin, end), fmt::format("an unquoted value cannot start with '{}'", c),
                          "YAML reserves this character");
    quote(d, begin, end);
  }

  void quoted() {
    const std::size_t begin = at_, stop = line_end(begin);
    const auto end = quoted_end(text_, begin);
    last_value_ = begin;
    if (!end || leaves_its_block(begin, *end) || (*end > stop && !ends_well(*end))) {
      error(104, begin, stop, "a quote is never closed", "opened here")
          .helps.push_back(fmt::format("write {} where the value ends", text_[begin]));
      at_ = stop;
      return;
    }
    if (text_[begin] == '"') escapes(begin, *end);
    at_ = *end;
    if (open_.empty()) key_column_ = ends_word(text_, at_ + 1) && peek() == ':' ? column(begin) : key_column_;
    if (peek() == ':') check_key_length(begin, at_);
    if (open_.empty() && peek() == ':' && !ends_word(text_, at_ + 1)) return no_space(begin, at_);
    if (!ends_well(at_)) behind_quote(text_.find_first_not_of(" \t", at_));
  }

  void behind_quote(std::size_t junk) {
    at_ = junk;
    if (!open_.empty()) {
      error(105, junk, junk + 1, "',' or a closing bracket is missing", "the value before this is complete")
          .helps.push_back("write ',' between two values");
      value_starts_ = true;
      return;
    }
    error(101, junk, line_end(junk), "text behind a closing quote", "the value ended at the quote before")
        .helps.push_back("put the whole value into one pair of quotes");
    at_ = line_end(junk);
  }

  // In block context a line of a quoted value that stands as far left as its key belongs to something else.
  [[nodiscard]] bool leaves_its_block(std::size_t begin, std::size_t end) {
    const auto inside = text_.substr(0, end);
    if (!open_.empty()) return false;
    for (std::size_t line = inside.find('\n', begin); line < end; line = inside.find('\n', line + 1)) {
      const std::size_t content = text_.find_first_not_of(" \t", line + 1);
      if (content < end && !is_break(text_[content]) && content - line - 1 <= indent_ && looks_like_key(content))
        return true;
    }
    return false;
  }

  [[nodiscard]] bool ends_well(std::size_t at) const {
    const std::size_t next = std::min(text_.find_first_not_of(" \t", at), text_.size());
    if (next >= text_.size() || is_break(text_[next]) || text_[next] == ':') return true;
    if (text_[next] == '#') return next > at;
    return !open_.empty() && is_flow(text_[next]);
  }

  void escapes(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin + 1; i + 1 < end; ++i) {
      if (text_[i] != '\\') continue;
      ++i;
      if (std::string_view("0abt\tnvfre \"'/\\N_LPxuU\r\n").contains(text_[i])) continue;
      std::size_t stop = i + 1;
      while (stop < end && (static_cast<unsigned char>(text_[stop]) & 0xC0) == 0x80) ++stop;
      error(122, i - 1, stop, fmt::format("'{}' is no escape", shown(i - 1, stop)),
            "double quotes give '\\' a meaning")
          .helps.push_back("write '\\\\' for a backslash, or use single quotes");
    }
  }

  // Over a block scalar: every line that is deeper than the key it belongs to.
  void block() {
    at_ = line_end(at_);
    while (at_ < text_.size()) {
      const std::size_t line = at_ + (text_.substr(at_).starts_with("\r\n") ? 2 : 1);
      const std::size_t content = std::min(text_.find_first_not_of(" \t", line), text_.size());
      const bool blank = content >= text_.size() || is_break(text_[content]);
      if (!blank && content - line <= key_column_) return;
      at_ = line_end(line);
    }
  }

  // "key:value" on a line where a key belongs.
  void check_missing_space(std::size_t at) {
    const std::size_t end = line_end(at);
    std::size_t colon = at;
    while (colon < end && (std::isalnum(static_cast<unsigned char>(text_[colon])) != 0 || text_[colon] == '_' ||
                           text_[colon] == '-'))
      ++colon;
    if (colon == at || colon + 1 >= end || text_[colon] != ':' || is_blank(text_[colon + 1])) return;
    const auto rest = text_.substr(colon + 1, end - colon - 1);
    if (rest.starts_with("//") || rest.find(": ") != std::string_view::npos || rest.ends_with(':')) return;
    no_space(at, colon);
  }

  void no_space(std::size_t begin, std::size_t colon) {
    auto& d = error(120, begin, colon + 1, fmt::format("no space behind '{}'", shown(begin, colon + 1)),
                    "YAML wants a space behind the ':' of a key");
    d.helps.push_back("write a space behind the ':'");
    d.fixes.push_back({span(colon + 1, colon + 1), " "});
    at_ = line_end(colon);
  }

  void tabs() {
    const std::size_t line = tabs_.front(), content = text_.find_first_not_of(" \t", line);
    auto& d = error(102, line, content, "a tab in the indentation", "YAML indents with spaces only");
    if (tabs_.size() > 1)
      d.labels.push_back({span(tabs_[1], text_.find_first_not_of(" \t", tabs_[1])),
                          tabs_.size() == 2 ? "and here" : fmt::format("and on {} more lines", tabs_.size() - 1)});
    d.helps.push_back("replace each tab with two spaces");
    for (const std::size_t tabbed : tabs_) {
      const std::size_t end = text_.find_first_not_of(" \t", tabbed);
      std::string spaces;
      for (const char c : text_.substr(tabbed, end - tabbed)) spaces += c == '\t' ? "  " : " ";
      d.fixes.push_back({span(tabbed, end), spaces});
      if (d.fixes.size() >= 100) break;
    }
  }

  std::string_view text_;
  SourceId source_;
  diag::Report& report_;
  Lint lint_;
  std::unordered_set<std::string_view> anchors_;
  std::vector<std::size_t> open_;  // brackets, by offset
  std::vector<std::size_t> tabs_;  // lines with a tab in front
  std::size_t at_ = 0;
  std::size_t line_begin_ = 1, line_end_ = 0;  // of the line looked at last; see go_to_line()
  std::size_t no_brace_until_ = 0;             // no '}' stands between here and at_
  std::size_t indent_ = 0;                     // of the last line in block context
  std::size_t open_indent_ = 0;                // of the line where the outermost bracket stands
  std::size_t key_column_ = 0;                 // of the last key or dash in block context
  std::size_t last_value_ = 0;                 // where the last value on this line started
  std::size_t keys_on_line_ = 0;
  bool line_starts_ = true;
  bool value_starts_ = true;
};

}  // namespace

Lint lint(std::string_view text, SourceId source, diag::Report& report) {
  return Linter(text, source, report).run();
}

}  // namespace apigw::yaml
