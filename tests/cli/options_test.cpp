#include "options.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace apigw;

namespace {

struct Places {
  bool on = false;
  int count = 0;
  std::string text, first;
  std::vector<std::string> list, rest;
};

std::expected<cli::Options::Parsed, cli::Complaint> parse(Places& places, std::vector<std::string> arguments,
                                                          const config::Environment& environment = {}) {
  cli::Options options;
  options.add({.names = "-s,--switch"}, &places.on);
  options.add({.names = "-n,--more"}, &places.count);
  options.add({.names = "-t,--text-value", .value = "TEXT"}, &places.text);
  options.add({.names = "-d,--data", .value = "DATA"}, &places.list);
  options.add({.names = "FIRST", .doc = "the first"}, &places.first);
  options.add({.names = "REST"}, &places.rest);
  return options.parse(std::move(arguments), environment);
}

}  // namespace

TEST_CASE("values arrive as they were written, whatever they look like") {
  for (const std::string value :
       {"{}", "[1,2]", "{\"a\": [1]}", "-x", "--switch", "a,b", "%%", "'q'", "\"q\"", " "}) {
    CAPTURE(value);
    Places places;
    const auto parsed = parse(places, {"--text-value", value, "-d", value, "-d", value, "one"});
    REQUIRE(parsed);
    CHECK(places.text == value);
    CHECK(places.list == std::vector<std::string>{value, value});
    CHECK(places.first == "one");
    CHECK(!places.on);
  }
}

TEST_CASE("positionals fill in order and the last takes the rest") {
  Places places;
  REQUIRE(parse(places, {"a", "-s", "b", "c", "-nn", "--", "-d"}));
  CHECK(places.first == "a");
  CHECK(places.rest == std::vector<std::string>{"b", "c", "-d"});
  CHECK(places.on);
  CHECK(places.count == 2);
}

TEST_CASE("a switch may be turned off and the last word counts") {
  Places places{.on = true};
  REQUIRE(parse(places, {"--switch=false", "-t", "x", "--text-value=y"}));
  CHECK(!places.on);
  CHECK(places.text == "y");
}

TEST_CASE("each flag has its variable") {
  Places places;
  REQUIRE(parse(places, {},
                {{"APIGW_SWITCH", "yes"},
                 {"APIGW_MORE", "3"},
                 {"APIGW_TEXT_VALUE", "v"},
                 {"APIGW_DATA", "d"},
                 {"APIGW_FIRST", "not read"}}));
  CHECK(places.on);
  CHECK(places.count == 3);
  CHECK(places.text == "v");
  CHECK(places.list == std::vector<std::string>{"d"});
  CHECK(places.first.empty());
}

TEST_CASE("a flag at the end without its value is told so") {
  Places places;
  const auto parsed = parse(places, {"one", "--data"});
  REQUIRE(!parsed);
  CHECK(parsed.error().message == "--data needs a value");
  CHECK(parsed.error().help == "write --data DATA");
}
