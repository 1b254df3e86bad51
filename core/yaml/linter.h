// The walk over a refused text, in the making: where it is, what is open, and what each kind of value may be.
//
// lint.cpp walks lines, keys and brackets; lint_values.cpp judges the values that it meets. Whatever the text is,
// run() goes forward by a character at least with every token.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "diag/diagnostic.h"
#include "yaml/lint.h"

namespace apigw::yaml {

class Linter {
 public:
  Linter(std::string_view text, SourceId source, diag::Report& report);
  Lint run();

 private:
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const {
    return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::max(begin, end))};
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  // The ends of the line that `at` stands on. Kept from call to call: a file may be one line of ten megabytes.
  void go_to_line(std::size_t at);
  [[nodiscard]] std::size_t column(std::size_t at);
  [[nodiscard]] std::size_t line_end(std::size_t at);
  [[nodiscard]] std::string shown(std::size_t begin, std::size_t end) const;
  diag::Diagnostic& error(int code, std::size_t begin, std::size_t end, std::string message, std::string label);
  // Names behind '&' at the start of a word: good enough to tell a typing error from a wildcard.
  void collect_anchors();

  // lines, keys, brackets
  void start_line();
  // "word:" with a blank behind it, at the start of a line.
  [[nodiscard]] bool looks_like_key(std::size_t at);
  void token();
  void flow_indicator(char c);
  void open(std::size_t at);
  void close(char c);
  void unclosed_bracket();
  void value(char c);
  // A ':' that ends a key in block context.
  void key_ends(std::size_t colon);
  // "key:value" on a line where a key belongs.
  void check_missing_space(std::size_t at);
  void no_space(std::size_t begin, std::size_t colon);
  void tabs();

  // values
  void plain();
  // To the end of a plain value on this line; `begin` may lie before at_ when its first character was judged already.
  std::size_t plain_from(std::size_t begin);
  // Behind so much text YAML no longer takes the ':' for the end of a key, and says something else about it.
  void check_key_length(std::size_t begin, std::size_t end);
  // Steps over "${…}" with stand-ins for what YAML would take; false when it has no end on this line.
  bool expansion();
  void cut_expansion(std::size_t begin, std::size_t end);
  void alias();
  void unknown_alias(std::size_t begin, std::size_t end, std::string_view name);
  void star(std::size_t begin, std::size_t end);
  void reserved(char c);
  void quoted();
  void behind_quote(std::size_t junk);
  // In block context a line of a quoted value that stands as far left as its key belongs to something else.
  [[nodiscard]] bool leaves_its_block(std::size_t begin, std::size_t end);
  [[nodiscard]] bool ends_well(std::size_t at) const;
  void escapes(std::size_t begin, std::size_t end);
  // Over a block scalar: every line that is deeper than the key it belongs to.
  void block();
  // The help and the fix that put [begin, end) in quotes.
  void quote(diag::Diagnostic& d, std::size_t begin, std::size_t end) const;
  void stand_in_at(std::size_t at);

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

}  // namespace apigw::yaml
