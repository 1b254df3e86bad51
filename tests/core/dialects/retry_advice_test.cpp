#include "dialects/retry_advice.h"

#include <vector>

#include <doctest/doctest.h>

using namespace apigw;

namespace {

struct Row {
  const char* name;
  std::vector<std::pair<const char*, const char*>> headers;
  long expected;  // milliseconds; -1: none
};

const Row rows[] = {
    {"none", {}, -1},
    {"seconds", {{"retry-after", "12"}}, 12'000},
    {"a fraction", {{"retry-after", "0.5"}}, 500},
    {"milliseconds go first", {{"retry-after", "12"}, {"retry-after-ms", "250"}}, 250},
    {"a date is read against the reply's own",
     {{"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"date", "Sun, 06 Nov 1994 08:49:07 GMT"}},
     30'000},
    {"a date of the past",
     {{"retry-after", "Sun, 06 Nov 1994 08:49:07 GMT"}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}},
     0},
    {"a date alone says nothing", {{"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}}, -1},
    {"noise", {{"retry-after", "soon"}, {"retry-after-ms", "-1"}}, -1},
    {"more than a day", {{"retry-after", "99999999999999999999"}}, 86'400'000},
    {"a used up limit of OpenAI",
     {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "6m0.5s"}},
     360'500},
    {"a limit that is not used up", {{"x-ratelimit-remaining-tokens", "5"}, {"x-ratelimit-reset-tokens", "6m"}}, -1},
    {"the longest of two",
     {{"x-ratelimit-remaining-tokens", "0"},
      {"x-ratelimit-reset-tokens", "20ms"},
      {"x-ratelimit-remaining-requests", "0"},
      {"x-ratelimit-reset-requests", "1h1s"}},
     3'601'000},
    {"a used up limit of Anthropic",
     {{"anthropic-ratelimit-requests-remaining", "0"},
      {"anthropic-ratelimit-requests-reset", "1994-11-06T08:50:00Z"},
      {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}},
     23'000},
    {"dates that are none",
     {{"retry-after", "Sun, 31 Feb 1994 08:49:37 GMT"}, {"date", "Sun, 06 Nov 1994 25:49:37 GMT"}},
     -1},
};

}  // namespace

TEST_CASE("the advice on when to come back is found in every form that providers give it") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    http::Headers headers;
    for (const auto& [name, value] : row.headers) headers.add(name, value);
    const auto advice = dialects::retry_advice(headers);
    CHECK((advice ? advice->count() : -1) == row.expected);
  }
}
