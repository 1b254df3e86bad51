#include "http/target.h"

#include <doctest/doctest.h>

#include "http/authority.h"

namespace http = apigw::http;

namespace {

struct Accepted {
  const char* name;
  const char* method;
  const char* raw;
  const char* text;
  const char* authority;
};

const Accepted accepted[] = {
    {"root", "GET", "/", "/", ""},
    {"plain path", "GET", "/orders/7", "/orders/7", ""},
    {"trailing slash stays", "GET", "/orders/", "/orders/", ""},
    {"query as sent", "GET", "/a?b=%2f&c=d?e/f", "/a?b=%2f&c=d?e/f", ""},
    {"empty query stays", "GET", "/a?", "/a?", ""},
    {"brackets in a query", "GET", "/a?filter[x]=1", "/a?filter[x]=1", ""},
    {"unreserved escapes are decoded", "GET", "/%61%2Db%7e", "/a-b~", ""},
    {"other escapes in upper case", "GET", "/a%c3%a9%2bb", "/a%C3%A9%2Bb", ""},
    {"a twice encoded dot stays encoded once", "GET", "/%252e%252e/x", "/%252e%252e/x", ""},
    {"dots inside a name", "GET", "/a..b/.hidden/...", "/a..b/.hidden/...", ""},
    {"an encoded dot in a name", "GET", "/file%2etxt", "/file.txt", ""},
    {"sub-delims and at sign", "GET", "/a@b:c;d=e,f/!$&'()*+", "/a@b:c;d=e,f/!$&'()*+", ""},
    {"absolute form", "GET", "http://Shop.Example:8080/a?b", "/a?b", "shop.example:8080"},
    {"absolute form without a path", "GET", "HTTPS://a", "/", "a"},
    {"absolute form with a query only", "GET", "http://a?b", "/?b", "a"},
    {"absolute form of an IPv6 host", "GET", "http://[::1]:80/x", "/x", "[::1]:80"},
    {"asterisk", "OPTIONS", "*", "*", ""},
    {"asterisk in absolute form", "OPTIONS", "http://a", "*", "a"},
    {"an encoded slash in a model's name", "GET", "/v1/models/prompt%2Fmood", "/v1/models/prompt/mood", ""},
    {"the same where Gemini's models stand", "POST", "/v1beta/models/a%2Fb:generateContent",
     "/v1beta/models/a/b:generateContent", ""},
    {"in lower case, behind an encoded letter", "GET", "/v1/model%73/a%2fb%2fc?d", "/v1/models/a/b/c?d", ""},
    {"query with an encoded line feed", "GET", "/a?text=b%0Ac", "/a?text=b%0Ac", ""},
};

struct Refused {
  const char* name;
  const char* method;
  std::string raw;
  const char* why;
};

const Refused refused[] = {
    {"empty", "GET", "", "empty"},
    {"encoded slash", "GET", "/a%2fb", "encoded slash"},
    {"encoded slash in upper case", "GET", "/a%2Fb", "encoded slash"},
    {"encoded slash beside the names of models", "GET", "/v1/models%2fa", "encoded slash"},
    {"encoded slash behind other paths that end so", "GET", "/a/v1/models/b%2fc", "encoded slash"},
    {"way out of the names of models", "GET", "/v1/models/..%2f..%2fadmin", "dot segment"},
    {"encoded way out of them", "GET", "/v1/models/a%2F%2e%2e%2Fb", "dot segment"},
    {"encoded empty segment below them", "GET", "/v1/models/a%2F%2Fb", "empty segment"},
    {"encoded slash in front of a name", "GET", "/v1/models/%2Fb", "empty segment"},
    {"encoded parent below them", "GET", "/v1/models/%2e%2e", "dot segment"},
    {"backslash", "GET", "/a\\b", "backslash"},
    {"encoded backslash", "GET", "/a%5cb", "encoded backslash"},
    {"encoded NUL", "GET", "/a%00b", "encoded control"},
    {"encoded line feed", "GET", "/a%0ab", "encoded control"},
    {"encoded DEL", "GET", "/a%7fb", "encoded control"},
    {"raw NUL", "GET", std::string("/a\0b", 4), "character"},
    {"raw blank", "GET", "/a b", "character"},
    {"raw tab", "GET", "/a\tb", "character"},
    {"dot segment", "GET", "/a/./b", "dot segment"},
    {"parent segment", "GET", "/a/../b", "dot segment"},
    {"parent at the end", "GET", "/a/..", "dot segment"},
    {"encoded parent", "GET", "/a/%2e%2e/b", "dot segment"},
    {"half encoded parent", "GET", "/a/.%2E/b", "dot segment"},
    {"parent with parameters", "GET", "/a/..;x=1/b", "dot segment"},
    {"double slash", "GET", "//a", "empty segment"},
    {"double slash inside", "GET", "/a//b", "empty segment"},
    {"double slash at the end", "GET", "/a//", "empty segment"},
    {"overlong slash", "GET", "/a%c0%afb", "UTF-8"},
    {"overlong dot", "GET", "/%e0%80%ae%e0%80%ae/b", "UTF-8"},
    {"surrogate", "GET", "/%ed%a0%80", "UTF-8"},
    {"cut character", "GET", "/%c3", "UTF-8"},
    {"raw 0xFF", "GET", "/\xff", "character"},
    {"raw UTF-8", "GET", "/\xc3\xa9", "character"},
    {"cut escape", "GET", "/a%2", "broken escape"},
    {"escape that is no hex", "GET", "/a%zz", "broken escape"},
    {"fragment", "GET", "/a#b", "fragment"},
    {"fragment in a query", "GET", "/a?b#c", "fragment"},
    {"quote in a query", "GET", "/a?b=\"c", "character"},
    {"backslash in a query", "GET", "/a?b=\\c", "character"},
    {"NUL in a query", "GET", "/a?b=%00", "encoded control"},
    {"broken escape in a query", "GET", "/a?b=%", "broken escape"},
    {"bracket in a path", "GET", "/a[b]", "character"},
    {"pipe in a path", "GET", "/a|b", "character"},
    {"asterisk for GET", "GET", "*", "OPTIONS"},
    {"authority form", "CONNECT", "a:443", "CONNECT"},
    {"CONNECT to a path", "CONNECT", "/a", "CONNECT"},
    {"relative path", "GET", "a/b", "neither"},
    {"other scheme", "GET", "ftp://a/b", "neither"},
    {"user in the authority", "GET", "http://u@a/b", "authority"},
    {"empty authority", "GET", "http:///b", "authority"},
    {"backslash after the authority", "GET", "http://a\\b/c", "backslash"},
    {"fragment after the authority", "GET", "http://a#b", "fragment"},
};

}  // namespace

TEST_CASE("a target that is well formed has one canonical form") {
  for (const Accepted& row : accepted) {
    CAPTURE(row.name);
    const auto parsed = http::parse_target(row.method, row.raw);
    REQUIRE(parsed);
    CHECK(parsed->target.text() == row.text);
    CHECK(parsed->authority == row.authority);
  }
}

TEST_CASE("a canonical target parses to itself") {
  for (const Accepted& row : accepted) {
    CAPTURE(row.name);
    const auto again = http::parse_target(row.method, row.text);
    REQUIRE(again);
    CHECK(again->target.text() == row.text);
  }
}

TEST_CASE("a malformed target is refused with its reason") {
  for (const Refused& row : refused) {
    CAPTURE(row.name);
    const auto parsed = http::parse_target(row.method, row.raw);
    REQUIRE(!parsed);
    CHECK(parsed.error().kind == apigw::ErrorKind::invalid);
    CHECK_MESSAGE(parsed.error().what.find(row.why) != std::string::npos, parsed.error().what);
  }
}

TEST_CASE("encode and decode are inverse over every byte") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(http::decode(http::encode(all)) == all);
  CHECK(http::encode("a b/é") == "a%20b%2F%C3%A9");
  CHECK(http::decode("a%zz%4") == "a%zz%4");
}

TEST_CASE("query pairs come decoded and in order") {
  const auto pairs = http::query_pairs("a=1&b=x+y%2B&&c&a==2");
  REQUIRE(pairs.size() == 4);
  CHECK(pairs[0] == std::pair<std::string, std::string>("a", "1"));
  CHECK(pairs[1] == std::pair<std::string, std::string>("b", "x y+"));
  CHECK(pairs[2] == std::pair<std::string, std::string>("c", ""));
  CHECK(pairs[3] == std::pair<std::string, std::string>("a", "=2"));
  CHECK(http::query_pairs("").empty());
}

TEST_CASE("an authority is a host with an optional port and nothing else") {
  for (const char* good : {"a", "shop.example", "shop.example.", "a-b_c~d", "127.0.0.1:80", "[::1]", "[::1]:8080",
                           "[::]", "[2001:db8::7]", "[1:2:3:4:5:6:7:8]", "[::ffff:10.0.0.1]", "a:0", "a:65535"}) {
    CAPTURE(good);
    CHECK(http::valid_authority(good));
  }
  for (const char* wrong : {"",
                            ":80",
                            "a:",
                            "a:b",
                            "a:65536",
                            "a:000080",
                            "a b",
                            "a/b",
                            "a?b",
                            "a#b",
                            "u@a",
                            "a%41",
                            "[::1",
                            "::1",
                            "[1:2]",
                            "[::1]x",
                            "[::1]:",
                            "[1::2::3]",
                            "[:1:2:3:4:5:6:7]",
                            "[1:2:3:4:5:6:7:]",
                            "[12345::]",
                            "[fe80::1%25eth0]",
                            "[v1.x]",
                            "a,b",
                            ".a",
                            "a..b",
                            "a\\b",
                            "a:80:80",
                            "[1:2:3:4:5:6:7:8:9]",
                            "[::1.2.3]",
                            "[]"}) {
    CAPTURE(wrong);
    CHECK(!http::valid_authority(wrong));
  }
}
