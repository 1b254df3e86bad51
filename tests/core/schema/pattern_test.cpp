#include "schema/pattern.h"

#include <doctest/doctest.h>

using apigw::schema::Pattern;

TEST_CASE("a pattern means what ECMA 262 says") {
  struct Row {
    std::string_view name, pattern, text;
    bool found;
  };
  const Row rows[] = {
      {"anywhere in the text", "b+", "abbc", true},
      {"anchors are ends of the text", "^a$", "a\nb", false},
      {"the end is no line end", "^a$", "a\n", false},
      {"a dot is one character", "^.$", "é", true},
      {"a dot is no line end", "^.$", "\n", false},
      {"a dot is no line separator", "^.$", "\u2028", false},
      {"white space of Unicode", R"(^\s$)", "\u00a0", true},
      {"vertical tab", R"(^\s$)", "\v", true},
      {"not white space", R"(^\S$)", "\u3000", false},
      {"white space in a class", R"(^[a\s]$)", "\ufeff", true},
      {"not white space in a class", R"(^[\S]$)", " ", false},
      {"digits are ASCII", R"(^\d$)", "٣", false},
      {"word characters are ASCII", R"(^\w$)", "é", false},
      {"a slash may be escaped", R"(^a\/b$)", "a/b", true},
      {"a dash may be escaped", R"(^a\-b$)", "a-b", true},
      {"two hex digits", R"(^\x41$)", "A", true},
      {"four hex digits", R"(^\u00e9$)", "é", true},
      {"a surrogate pair", R"(^\ud83d\ude00$)", "😀", true},
      {"a code point in braces", R"(^\u{1F600}$)", "😀", true},
      {"a control character", R"(^\cJ$)", "\n", true},
      {"a zero", R"(^[^\0]$)", "a", true},
      {"a backspace in a class", R"(^[\b]$)", "\b", true},
      {"a word boundary", R"(\bfoo\b)", "a foo b", true},
      {"a named group", "^(?<year>[0-9]{4})$", "2026", true},
      {"a group without a number", "^(?:ab)+$", "abab", true},
      {"a bracket in a class", "^[[:a]$", ":", true},
      {"a class is not POSIX's", "^[[:alpha:]]$", ":]", true},
      {"an empty class", "a[]", "a", false},
      {"a class of everything", "^[^]$", "\n", true},
      {"a category", R"(^\p{L}+$)", "æœ", true},
      {"a category by its long name", R"(^\p{Letter}+$)", "1", false},
      {"a category with its property", R"(^\p{gc=Uppercase_Letter}$)", "É", true},
      {"not a category", R"(^\P{Nd}$)", "7", false},
      {"a script", R"(^\p{Script=Greek}+$)", "αβγ", true},
      {"a category in a class", R"(^[\p{Lu}_]+$)", "É_", true},
      {"a lazy repetition", "^a+?b$", "aab", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto pattern = Pattern::compile(row.pattern);
    REQUIRE_MESSAGE(pattern, pattern.error());
    CHECK(pattern->found_in(row.text) == row.found);
  }
}

TEST_CASE("a pattern that cannot be run in bounded time or is none is refused with a reason") {
  struct Row {
    std::string_view pattern, why;
  };
  const Row rows[] = {
      {"(?=a)", "look-around is not supported"},
      {"(?<!a)b", "look-around is not supported"},
      {R"((a)\1)", "back-references are not supported"},
      {R"(\k<a>)", "back-references are not supported"},
      {R"(\Aa\z)", "unknown escape '\\A'"},
      {R"(\Qa\E)", "unknown escape '\\Q'"},
      {"(?i)a", "unknown kind of group after '(?'"},
      {"a\\", "a backslash ends it"},
      {"[a", "a class in brackets does not end"},
      {R"(\u12)", "'\\u' needs 4 hex digits"},
      {R"(\x)", "'\\x' needs 2 hex digits"},
      {R"(\u{110000})", "'\\u{' names no character"},
      {R"(\ud83d)", "half of a surrogate pair"},
      {R"(\pL)", "'\\p' needs a name in braces"},
      {R"(\p{Nonsense})", "invalid character class range: \\p{Nonsense}"},
      {"(?<a", "a group's name does not end"},
      {"(a", "missing ): (?:a"},
      {"a**", "bad repetition operator: **"},
      {"x{1001}", "invalid repetition size: {1001}"},
      {R"((\p{L}{1,200}){200})", "invalid repetition size: {200}"},
      {R"(\p{L}{900})", "pattern too large - compile failed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const auto pattern = Pattern::compile(row.pattern);
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error() == row.why);
  }
}
