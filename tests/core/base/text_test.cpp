#include "base/text.h"

#include <doctest/doctest.h>

#include "base/on_screen.h"

using namespace apigw;

TEST_CASE("closest names the candidate that a person most likely meant") {
  const std::vector<std::string_view> words = {"openai", "anthropic", "mock", "routes"};
  struct Row {
    std::string_view typed, meant;
  };
  for (const Row& row : {Row{"opnai", "openai"},
                         {"OpenAI", "openai"},
                         {"route", "routes"},
                         {"rotues", "routes"},
                         {"antropic", "anthropic"},
                         {"zzz", ""},
                         {"", ""}}) {
    CAPTURE(row.typed);
    CHECK(text::closest(row.typed, words).value_or("") == row.meant);
  }
}

TEST_CASE("a glob matches whole texts only") {
  CHECK(text::glob("gpt-*", "gpt-5-mini"));
  CHECK(text::glob("*", ""));
  CHECK(text::glob("a*b*c", "a-b-b-c"));
  CHECK_FALSE(text::glob("gpt-*", "my-gpt-5"));
  CHECK_FALSE(text::glob("a*b", "a-b-c"));
}

TEST_CASE("a quoted word is one word of a shell, whatever it holds") {
  CHECK(text::shell_quoted("a b") == "'a b'");
  CHECK(text::shell_quoted("") == "''");
  CHECK(text::shell_quoted("it's $HOME") == "'it'\\''s $HOME'");
}

TEST_CASE("printable shows no control character and no broken byte") {
  CHECK(text::printable("a\nb\x1b[0m") == "a\\nb\\u001b[0m");
  CHECK(text::printable("\xff ok") == "\\xff ok");
  CHECK(text::printable("héllo") == "héllo");
  CHECK(text::printable("0123456789", 4) == "0123…");
  CHECK(text::printable("a\u202eb\u2066c\u200f") == "a\\u202eb\\u2066c\u200f");
}

TEST_CASE("on a screen lines stay lines, and every piece of a cut sequence is harmless") {
  CHECK(text::on_screen("a\n\tb\x1b]52;c;eA==\x07\r") == "a\n\tb\\u001b]52;c;eA==\\u0007\\r");
  CHECK(text::on_screen("\xc2\x9b"
                        "2J\u202e") == "\\u009b2J\\u202e");
  CHECK(text::on_screen(std::string(500, 'x') + "é") == std::string(500, 'x') + "é");
  const std::string whole =
      "é\x1b[2J\xc2\x9b"
      "1m";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    for (const std::string& piece : {text::on_screen(whole.substr(0, cut)), text::on_screen(whole.substr(cut))})
      CHECK(text::printable(piece) == piece);
}

TEST_CASE("UTF-8 refuses overlong forms and surrogates") {
  CHECK(text::valid_utf8("ok é 漢 🙂"));
  CHECK_FALSE(text::valid_utf8("\xc0\xaf"));
  CHECK_FALSE(text::valid_utf8("\xed\xa0\x80"));
  CHECK_FALSE(text::valid_utf8("\xf4\x90\x80\x80"));
}

TEST_CASE("numbers are whole and fit") {
  CHECK(text::parse_number("18446744073709551615") == 18446744073709551615ull);
  CHECK_FALSE(text::parse_number("18446744073709551616"));
  CHECK_FALSE(text::parse_number("-1"));
  CHECK_FALSE(text::parse_number(""));
}

TEST_CASE("base64url and hex") {
  CHECK(text::base64url("hello?>") == "aGVsbG8_Pg");
  CHECK(text::unhex("00fF") == std::string("\0\xff", 2));
  CHECK_FALSE(text::unhex("0"));
}
