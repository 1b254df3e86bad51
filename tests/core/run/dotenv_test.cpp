#include "run/dotenv.h"

#include <doctest/doctest.h>

using namespace apigw::run;

TEST_CASE("a .env line gives the value that its author meant") {
  struct Row {
    std::string_view name, text, value;
  };
  for (const Row& row : {Row{"plain", "A=one two", "one two"},
                         {"blanks around", "  A = one  ", "one"},
                         {"export", "export A=one", "one"},
                         {"comment behind", "A=one # first", "one"},
                         {"hash inside", "A=one#two", "one#two"},
                         {"empty", "A=", ""},
                         {"single quotes are literal", "A='one $B \\n' # c", "one $B \\n"},
                         {"escapes", R"(A="a\nb\"c\\d\$e\q")", "a\nb\"c\\d$e\\q"},
                         {"two lines", "A=\"one\ntwo\"", "one\ntwo"},
                         {"a dollar is a dollar", "A=$HOME/x", "$HOME/x"},
                         {"windows", "A=one\r\n", "one"},
                         {"windows quoted", "A=\"one\"\r\n", "one"},
                         {"byte order mark",
                          "\xef\xbb\xbf"
                          "A=one",
                          "one"},
                         {"equals inside", "A=b=c==", "b=c=="}}) {
    CAPTURE(row.name);
    const DotEnv env = parse_dotenv(row.text);
    CHECK(env.bad_lines.empty());
    REQUIRE(env.values.size() == 1);
    CHECK(env.values[0].first == "A");
    CHECK(env.values[0].second == row.value);
  }
}

TEST_CASE("what is no assignment is told by its line and stops nothing") {
  const DotEnv env = parse_dotenv("# fine\n\nA=1\njust words\nB=\"x\ny\"\n2C=3\nD='open\nE=5\nF=\"a\" b\n");
  CHECK(env.bad_lines == std::vector<std::size_t>{4, 7, 8, 10});
  REQUIRE(env.values.size() == 3);
  CHECK(env.values[1].second == "x\ny");
  CHECK(env.values[2].first == "E");
}

TEST_CASE("a line that is written reads back as its value, whatever is in it") {
  for (const std::string_view value :
       {"sk-abc_123", "", "two words", "a#b #c", "it's", "say \"hi\"", "back\\slash\\n", "$HOME ${X}", "line\nbreak",
        "\ttab ", "'", "\"", "\\", "k=v=="}) {
    CAPTURE(value);
    const DotEnv read = parse_dotenv("A=1\n" + dotenv_line("KEY", value) + "B=2\n");
    CHECK(read.bad_lines.empty());
    REQUIRE(read.values.size() == 3);
    CHECK(read.values[1] == std::pair<std::string, std::string>("KEY", value));
  }
}
