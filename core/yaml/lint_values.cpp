// The values of a refused text: plain, quoted, in blocks, and what looks like an alias; see linter.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "yaml/linter.h"
#include "yaml/place.h"
#include "yaml/stand_in.h"

namespace apigw::yaml {

void Linter::plain() {
  plain_from(at_);
}

std::size_t Linter::plain_from(std::size_t begin) {
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

void Linter::check_key_length(std::size_t begin, std::size_t end) {
  constexpr std::size_t longest_key = 1'024;
  if (end - begin <= longest_key) return;
  error(118, begin, begin + 40, fmt::format("a key of {} bytes is too long", end - begin),
        fmt::format("more than {}", longest_key))
      .helps.push_back("a key is a short name: shorten it, or put quotes around the whole line if it is text");
  at_ = line_end(end);
  value_starts_ = false;
}

bool Linter::expansion() {
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

void Linter::cut_expansion(std::size_t begin, std::size_t end) {
  auto& d = report_.add(106, span(begin, end), fmt::format("'{}' is cut at its brace", shown(begin, end)),
                        "inside [ ] or { } YAML ends an unquoted value at '{'");
  quote(d, begin, end);
}

void Linter::alias() {
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

void Linter::unknown_alias(std::size_t begin, std::size_t end, std::string_view name) {
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

void Linter::star(std::size_t begin, std::size_t end) {
  auto& d = report_.add(107, span(begin, end), fmt::format("'{}' is read as a YAML alias", shown(begin, end)),
                        "an unquoted value cannot start with '*'");
  quote(d, begin, end);
}

void Linter::reserved(char c) {
  const std::size_t begin = at_++;
  stand_in_at(begin);
  const std::size_t end = plain_from(begin);
  auto& d = report_.add(121, span(begin, end), fmt::format("an unquoted value cannot start with '{}'", c),
                        "YAML reserves this character");
  quote(d, begin, end);
}

void Linter::quoted() {
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

void Linter::behind_quote(std::size_t junk) {
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

bool Linter::leaves_its_block(std::size_t begin, std::size_t end) {
  const auto inside = text_.substr(0, end);
  if (!open_.empty()) return false;
  for (std::size_t line = inside.find('\n', begin); line < end; line = inside.find('\n', line + 1)) {
    const std::size_t content = text_.find_first_not_of(" \t", line + 1);
    if (content < end && !is_break(text_[content]) && content - line - 1 <= indent_ && looks_like_key(content))
      return true;
  }
  return false;
}

bool Linter::ends_well(std::size_t at) const {
  const std::size_t next = std::min(text_.find_first_not_of(" \t", at), text_.size());
  if (next >= text_.size() || is_break(text_[next]) || text_[next] == ':') return true;
  if (text_[next] == '#') return next > at;
  return !open_.empty() && is_flow(text_[next]);
}

void Linter::escapes(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin + 1; i + 1 < end; ++i) {
    if (text_[i] != '\\') continue;
    ++i;
    if (std::string_view("0abt\tnvfre \"'/\\N_LPxuU\r\n").contains(text_[i])) continue;
    std::size_t stop = i + 1;
    while (stop < end && (static_cast<unsigned char>(text_[stop]) & 0xC0) == 0x80) ++stop;
    error(122, i - 1, stop, fmt::format("'{}' is no escape", shown(i - 1, stop)), "double quotes give '\\' a meaning")
        .helps.push_back("write '\\\\' for a backslash, or use single quotes");
  }
}

void Linter::block() {
  at_ = line_end(at_);
  while (at_ < text_.size()) {
    const std::size_t line = at_ + (text_.substr(at_).starts_with("\r\n") ? 2 : 1);
    const std::size_t content = std::min(text_.find_first_not_of(" \t", line), text_.size());
    const bool blank = content >= text_.size() || is_break(text_[content]);
    if (!blank && content - line <= key_column_) return;
    at_ = line_end(line);
  }
}

void Linter::quote(diag::Diagnostic& d, std::size_t begin, std::size_t end) const {
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

void Linter::stand_in_at(std::size_t at) {
  lint_.repaired[at] = stand_in(text_[at]);
}

}  // namespace apigw::yaml
