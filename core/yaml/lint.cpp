// The walk over lines, keys and brackets; see lint.h and linter.h.
#include "yaml/lint.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "yaml/linter.h"
#include "yaml/place.h"

namespace apigw::yaml {

Linter::Linter(std::string_view text, SourceId source, diag::Report& report)
    : text_(text), source_(source), report_(report), lint_{std::string(text), false} {
  at_ = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  collect_anchors();
}

Lint Linter::run() {
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

void Linter::go_to_line(std::size_t at) {
  if (at >= line_begin_ && at <= line_end_) return;
  line_begin_ = start_of_line(text_, at);
  line_end_ = end_of_line(text_, at);
}

std::size_t Linter::column(std::size_t at) {
  go_to_line(at);
  return at - line_begin_;
}

std::size_t Linter::line_end(std::size_t at) {
  go_to_line(at);
  return line_end_;
}

std::string Linter::shown(std::size_t begin, std::size_t end) const {
  return text::printable(text_.substr(begin, end - begin), 60);
}

diag::Diagnostic& Linter::error(int code, std::size_t begin, std::size_t end, std::string message,
                                std::string label) {
  lint_.explained = true;
  return report_.add(code, span(begin, end), std::move(message), std::move(label));
}

void Linter::collect_anchors() {
  for (std::size_t at = text_.find('&'); at != std::string_view::npos; at = text_.find('&', at + 1)) {
    if (at == 0 || is_space(text_[at - 1]) || is_flow(text_[at - 1])) {
      anchors_.insert(text_.substr(at + 1, name_end(text_, at + 1) - at - 1));
    }
  }
}

void Linter::start_line() {
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

bool Linter::looks_like_key(std::size_t at) {
  const std::size_t end = line_end(at);
  for (std::size_t i = at; i < end; ++i) {
    if (text_[i] == ':' && ends_word(text_, i + 1)) return i > at;
    if (is_flow(text_[i]) || text_[i] == '"' || text_[i] == '\'' || text_[i] == '#') return false;
  }
  return false;
}

void Linter::token() {
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

void Linter::flow_indicator(char c) {
  value_starts_ = true;
  ++at_;
  if (c == '[' || c == '{') open(at_ - 1);
  if (c == ']' || c == '}') close(c);
}

void Linter::open(std::size_t at) {
  if (open_.empty()) open_indent_ = indent_;
  open_.push_back(at);
}

void Linter::close(char c) {
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

void Linter::unclosed_bracket() {
  const std::size_t at = open_.back();
  const char wanted = text_[at] == '[' ? ']' : '}';
  error(105, at, at + 1, fmt::format("'{}' is never closed", text_[at]), "opened here")
      .helps.push_back(fmt::format("write '{}' where the {} ends", wanted, wanted == ']' ? "list" : "mapping"));
  open_.clear();
}

void Linter::value(char c) {
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

void Linter::key_ends(std::size_t colon) {
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

void Linter::check_missing_space(std::size_t at) {
  const std::size_t end = line_end(at);
  std::size_t colon = at;
  while (colon < end &&
         (std::isalnum(static_cast<unsigned char>(text_[colon])) != 0 || text_[colon] == '_' || text_[colon] == '-'))
    ++colon;
  if (colon == at || colon + 1 >= end || text_[colon] != ':' || is_blank(text_[colon + 1])) return;
  const auto rest = text_.substr(colon + 1, end - colon - 1);
  if (rest.starts_with("//") || rest.find(": ") != std::string_view::npos || rest.ends_with(':')) return;
  no_space(at, colon);
}

void Linter::no_space(std::size_t begin, std::size_t colon) {
  auto& d = error(120, begin, colon + 1, fmt::format("no space behind '{}'", shown(begin, colon + 1)),
                  "YAML wants a space behind the ':' of a key");
  d.helps.push_back("write a space behind the ':'");
  d.fixes.push_back({span(colon + 1, colon + 1), " "});
  at_ = line_end(colon);
}

void Linter::tabs() {
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

Lint lint(std::string_view text, SourceId source, diag::Report& report) {
  return Linter(text, source, report).run();
}

}  // namespace apigw::yaml
