// Regular expressions of ECMA 262 as RE2 runs them: in time linear in the text, whatever the pattern.
//
// What both spell differently is rewritten (the white space of \s, what a dot excludes, \u escapes, named groups,
// long names of Unicode categories). What RE2 cannot do (look-around, back-references) is refused, and so are escapes
// that ECMA does not know but RE2 would take for something of its own.
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace apigw::schema {

class Pattern {
 public:
  // The error is a reason in plain words.
  [[nodiscard]] static std::expected<Pattern, std::string> compile(std::string_view ecma);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // Anywhere in the text, as `pattern` has it. The text is UTF-8.
  [[nodiscard]] bool found_in(std::string_view text) const;
  // What looking through a text of this size may cost, in steps: RE2 gives up its automaton for patterns that make it
  // large, and then walks the text with every instruction.
  [[nodiscard]] std::uint64_t cost(std::size_t text) const { return 1 + text * size_ / 128; }

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> compiled);
  std::unique_ptr<re2::RE2> compiled_;
  std::size_t size_ = 0;  // instructions
};

// The same expression in RE2's syntax.
[[nodiscard]] std::expected<std::string, std::string> to_re2(std::string_view ecma);

}  // namespace apigw::schema
