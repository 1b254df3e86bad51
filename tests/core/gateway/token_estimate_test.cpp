#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/translation.h"

using namespace apigw;

TEST_CASE("an estimate counts the strings of the values at four bytes a token, and a picture at a flat price") {
  struct Row {
    std::string_view name;
    std::string body;
    std::uint64_t tokens;
  };
  for (const Row& row : {
           Row{"nothing", "{}", 0},
           Row{"a text", R"({"messages":[{"content":"12345678"}]})", 2},
           Row{"rounded up for each", R"({"system":"1","messages":[{"content":"12345"}]})", 3},
           Row{"keys are free", R"({"messages":[{"a long key that no model reads":"1"}]})", 1},
           Row{"blanks before the colon", "{\"messages\":[{\"key\" \n:\"1\"}]}", 1},
           Row{"escapes", R"({"system":"a\"b\\"})", 2},
           Row{"other members are free", R"({"model":"12345678","metadata":{"user_id":"12345678"}})", 0},
           Row{"a picture", fmt::format(R"({{"messages":["{}"]}})", std::string(100'000, 'A')), 1'600},
           Row{"a long text", fmt::format(R"({{"messages":["a {}"]}})", std::string(99'998, 'A')), 25'000},
       }) {
    CAPTURE(row.name);
    const auto scanned = json::scan(row.body);
    REQUIRE(scanned);
    CHECK(gateway::estimate_tokens(row.body, *scanned) == row.tokens);
  }
}
