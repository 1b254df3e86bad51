#include "base/json.h"

#include <doctest/doctest.h>

#include "base/json_plain.h"
#include "base/text.h"

namespace json = apigw::json;
using apigw::ErrorKind;
using namespace std::string_literals;

namespace {

const std::string accepted[] = {
    "{}",
    "[]",
    "0",
    "-0",
    "1",
    "-12.50e+3",
    "1E9",
    "0.1",
    "true",
    "false",
    "null",
    "\"\"",
    " \t\r\n{ } \n",
    "[1, 2,3 ,[ ],{}]",
    R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]})",
    R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")",
    "\"Grüße 漢字 🙂\"",
    R"({"":0})",
    R"({"a":1,"A":2})",
    R"(["a","a"])",
    "\"\x7f\"",
    "123456789012345678901234567890",
    R"({"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10})",
    R"("\u0000")",
};

struct Refused {
  const char* name;
  std::string text;
  const char* why;
};

const Refused refused[] = {
    {"empty", "", "ends where a value"},
    {"blanks", " \n", "ends where a value"},
    {"two values", "1 2", "behind the value"},
    {"open object", "{", "member's name"},
    {"object without end", R"({"a":1)", "does not end"},
    {"array without end", "[1", "does not end"},
    {"array that stops at a comma", "[1,", "ends where a value"},
    {"trailing comma in an array", "[1,]", "no value begins"},
    {"trailing comma in an object", R"({"a":1,})", "member's name"},
    {"comma first", "[,1]", "no value begins"},
    {"missing colon", R"({"a" 1})", "colon"},
    {"missing comma", R"({"a":1 "b":2})", "comma"},
    {"missing comma in an array", "[1 2]", "comma"},
    {"name without quotes", "{a:1}", "member's name"},
    {"single quotes", "{'a':1}", "member's name"},
    {"comment", "/*x*/1", "no value begins"},
    {"leading zero", "01", "behind the value"},
    {"plus", "+1", "no value begins"},
    {"minus alone", "-", "digit"},
    {"dot without digits", "1.", "digit"},
    {"dot first", ".5", "no value begins"},
    {"exponent without digits", "1e", "digit"},
    {"exponent sign alone", "1e+", "digit"},
    {"hex", "0x1", "behind the value"},
    {"NaN", "NaN", "no value begins"},
    {"Infinity", "-Infinity", "digit"},
    {"half a word", "tru", "no value begins"},
    {"word in capitals", "True", "no value begins"},
    {"word with a tail", "nulls", "behind the value"},
    {"string without end", "\"abc", "does not end"},
    {"string that ends in an escape", "\"abc\\", "does not end"},
    {"raw line feed in a string", "\"a\nb\"", "control"},
    {"raw NUL in a string", "\"a\0b\""s, "control"},
    {"NUL behind the value", "1\0"s, "behind the value"},
    {"unknown escape", R"("\x41")", "unknown escape"},
    {"short unicode escape", R"("\u12")", "four hex"},
    {"unicode escape cut by the end", R"("\u1)", "four hex"},
    {"lone high surrogate", R"("\ud800")", "surrogate"},
    {"lone low surrogate", R"("\udc00")", "surrogate"},
    {"high surrogate twice", R"("\ud800\ud800")", "surrogate"},
    {"high surrogate before a plain escape", R"("\ud800\n")", "surrogate"},
    {"overlong UTF-8", "\"\xc0\xaf\"", "UTF-8"},
    {"surrogate in UTF-8", "\"\xed\xa0\x80\"", "UTF-8"},
    {"cut UTF-8", "\"\xe6\xbc\"", "UTF-8"},
    {"0xFF", "\"\xff\"", "UTF-8"},
    {"byte order mark", "\xef\xbb\xbf{}", "no value begins"},
    {"member twice", R"({"model":"a","model":"b"})", "\"model\" twice"},
    {"member twice through an escape", R"({"model":"a","mod\u0065l":"b"})", "\"model\" twice"},
    {"member twice through two escapes", R"({"mod\u0065l":"a","\u006dodel":"b"})", "\"model\" twice"},
    {"member twice deep inside", R"([{"x":{"a":1,"b":2,"a":3}}])", "\"a\" twice"},
    {"member twice around an object", R"({"a":{"b":1},"a":2})", "\"a\" twice"},
    {"empty name twice", R"({"":1,"":2})", "\"\" twice"},
    {"long names twice", R"({"a_long_name_of_a_member":1,"b":0,"a_long_name_of_a_member":2})", "twice"},
    {"member twice in a large object",
     R"({"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k\u0031":10})", "\"k1\" twice"},
};

}  // namespace

TEST_CASE("one JSON document is accepted whole") {
  for (const std::string& text : accepted) {
    CAPTURE(text);
    const auto document = json::scan(text);
    REQUIRE(document);
    CHECK(json::at(text, document->root) ==
          text.substr(text.find_first_not_of(" \t\r\n"), document->root.end - document->root.begin));
  }
}

TEST_CASE("anything else is refused with its place") {
  for (const Refused& row : refused) {
    CAPTURE(row.name);
    const auto document = json::scan(row.text);
    REQUIRE(!document);
    CHECK(document.error().kind == ErrorKind::invalid);
    CHECK_MESSAGE(document.error().what.find(row.why) != std::string::npos, document.error().what);
  }
}

TEST_CASE("every cut of a document is refused, wherever its strings fall in a word of eight bytes") {
  const std::string text = R"({"model":"gpt-é","n":[1,{"k":"va\nlue and more"}],"t":true,"z":-1.5e3})";
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(!json::scan(std::string(text, 0, size)));
  for (std::size_t pad = 0; pad < 20; ++pad) {
    CHECK(json::scan(std::string(pad, ' ') + "\"" + std::string(pad, 'x') + "\""));
    CHECK(!json::scan("\"" + std::string(pad, 'x') + "\x1f\""));
    CHECK(!json::scan("\"" + std::string(pad, 'x') + "\x80\""));
  }
}

TEST_CASE("a plain run ends at the same byte, however long it is") {
  std::string text;
  for (std::size_t run = 0; run < 180; ++run) {
    for (unsigned last = 0; last < 256; ++last) {
      text.assign(run, 'x').push_back(static_cast<char>(last));
      text.append(run % 70, '"');
      const std::size_t end = run + (json::is_plain(static_cast<char>(last)) ? 1 : 0);
      const char* const begin = text.data();
      const char* const behind = begin + text.size();
      const std::size_t by_words = static_cast<std::size_t>(json::pass_words(begin, behind) - begin);
      CHECK(static_cast<std::size_t>(json::plain_end(begin, behind) - begin) == end);
      CHECK((by_words == end || (by_words < end && text.size() - by_words < 8)));
    }
  }
}

TEST_CASE("depth, members and strings are bounded") {
  const auto nested = [](unsigned depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(json::scan(nested(64)));
  CHECK(json::scan(nested(65)).error().kind == ErrorKind::too_large);
  CHECK(json::scan(nested(3), {.depth = 2}).error().what.find("2 levels") != std::string::npos);
  CHECK(json::scan(nested(5'000), {.depth = 1'000'000}).error().kind == ErrorKind::too_large);
  CHECK(json::scan(R"({"a":1,"b":2})", {.members = 2}));
  CHECK(json::scan(R"({"a":1,"b":2,"c":3})", {.members = 2}).error().kind == ErrorKind::too_large);
  CHECK(json::scan(R"(["12345"])", {.string_bytes = 5}));
  CHECK(json::scan(R"(["123456"])", {.string_bytes = 5}).error().kind == ErrorKind::too_large);
}

TEST_CASE("members of the root are found in order, through escapes") {
  const std::string text = R"( {"a": 1, "b\u0063": "x\ty", "d": {"a": [1, 2]}, "e": false} )";
  const auto document = json::scan(text);
  REQUIRE(document);
  REQUIRE(document->members.size() == 4);
  CHECK(document->members[1].escaped);
  CHECK(json::number_at(text, document->find("a")->value) == 1);
  CHECK(json::string_at(text, document->find("bc")->value) == "x\ty");
  CHECK(json::at(text, document->find("d")->value) == R"({"a": [1, 2]})");
  CHECK(json::boolean_at(text, document->find("e")->value) == false);
  CHECK(document->find("f") == nullptr);
  const auto inner = json::members(text, document->find("d")->value);
  REQUIRE(inner.members.size() == 1);
  const auto list = json::elements(text, inner.find("a")->value);
  REQUIRE(list.size() == 2);
  CHECK(json::number_at(text, list[1]) == 2);
  CHECK(json::elements(text, document->find("a")->value).empty());
}

TEST_CASE("values are read as what they are or not at all") {
  const auto number = [](const std::string& text) { return json::number_at(text, json::scan(text)->root); };
  CHECK(number("18446744073709551615") == 18446744073709551615u);
  CHECK(!number("18446744073709551616"));
  CHECK(!number("-1"));
  CHECK(!number("1.0"));
  CHECK(!number("\"1\""));
  const auto string = [](const std::string& text) { return json::string_at(text, json::scan(text)->root); };
  CHECK(string(R"("\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00")") == "\"\\/\b\f\n\r\té€😀");
  CHECK(!string("1"));
}

TEST_CASE("a long value is passed in one step, and what is known of other values does no harm") {
  const std::string quotes(300, 'q');
  const std::string text = fmt::format(R"([1, {{"a": "{}", "b": [{{"c": "x"}}, "{}"]}}, "]", {{}}])", quotes, quotes);
  const auto document = json::scan(text);
  REQUIRE(document);
  std::vector<std::size_t> begins;
  for (const json::Slice one : document->long_values) begins.push_back(one.begin);
  CHECK(begins == std::vector<std::size_t>{4, 10, 319, 332});
  const auto list = json::elements(text, document->root, 9, document->long_values);
  REQUIRE(list.size() == 4);
  CHECK(json::at(text, list[2]) == "\"]\"");
  const auto inner = json::members(text, list[1], document->long_values);
  REQUIRE(inner.members.size() == 2);
  CHECK(json::at(text, inner.find("a")->value) == json::quote(quotes));
  CHECK(json::elements(text, inner.find("b")->value, 9, document->long_values).size() == 2);
  // The end is taken as told: nothing between is looked at.
  const json::Slice told{.begin = 4, .end = text.size() - 1, .type = json::Type::object};
  CHECK(json::elements(text, document->root, 9, {&told, 1}).size() == 2);
}

TEST_CASE("of a long array only so many elements are told, and one more") {
  const auto document = json::scan("[1,[2,3],{},4]");
  REQUIRE(document);
  for (const std::size_t most : {0u, 1u, 3u})
    CHECK(json::elements("[1,[2,3],{},4]", document->root, most).size() == most + 1);
  CHECK(json::elements("[1,[2,3],{},4]", document->root, 4).size() == 4);
}

TEST_CASE("quote writes what scan reads back") {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  for (const std::string& text : {all, "é漢🙂\u2028\u2029"s, ""s}) {
    const std::string quoted = json::quote(text);
    const auto document = json::scan(quoted);
    REQUIRE(document);
    CHECK(json::string_at(quoted, document->root) == text);
  }
  CHECK(json::quote("a\"\\\n\x01\x7f") == "\"a\\\"\\\\\\n\\u0001\x7f\"");
  CHECK(json::quote("a\xff\xc3") == "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(json::quote("\u2028").find("\\u2028") == 1);
}

TEST_CASE("a long text is quoted the same wherever its characters fall") {
  for (const std::string_view character : {"\"", "\n", "\u20ac", "\u2028", "\U0001f30a", "\xff", "\xe2\x80"}) {
    const std::string one = json::quote(character);
    const std::string alone = one.substr(1, one.size() - 2);
    // Around the powers of two, where a text may be cut for the work.
    for (const std::size_t size : {4'096, 8'192, 16'384}) {
      for (std::size_t before = size - 5; before <= size + 1; ++before) {
        CAPTURE(before);
        const std::string text = std::string(before, 'a').append(character).append(9'000, 'b');
        const std::string expected = std::string(before, 'a').append(alone).append(9'000, 'b');
        CHECK(json::quote(text) == "\"" + expected + "\"");
      }
    }
  }
}
