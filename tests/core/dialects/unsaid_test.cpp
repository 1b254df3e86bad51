#include "dialects/unsaid.h"

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("what a stream leaves unsaid is told once a place, in bounds") {
  dialects::Unsaid unsaid;
  std::vector<chat::Event> events;
  for (int i = 0; i < 3; ++i) unsaid.tell("content[0].citations", events);
  REQUIRE(events.size() == 1);
  CHECK(std::get<chat::Unsaid>(events[0]).path == "content[0].citations");
  unsaid.tell(std::string(1 << 20, 'x'), events);
  CHECK(std::get<chat::Unsaid>(events[1]).path.size() < dialects::Unsaid::longest + 8);
  for (int i = 0; i < 1'000; ++i) unsaid.tell(std::to_string(i), events);
  CHECK(events.size() == dialects::Unsaid::most);
}

TEST_CASE("only what was not taken, is not quiet and says something is told, and a place is made for that alone") {
  const std::string text = R"({"id":"x","a":[],"b":false,"c":{"d":0},"e":"said","f":null,"g":1})";
  auto scanned = json::scan(text);
  REQUIRE(scanned);
  dialects::Reading in(text, "d", true);
  dialects::Fields fields(in, std::move(*scanned));
  (void)fields.take("g");
  dialects::Unsaid unsaid;
  std::vector<chat::Event> events;
  int asked = 0;
  const auto place = [&] {
    ++asked;
    return std::string("p");
  };
  const auto quiet = std::to_array<std::string_view>({"id"});
  unsaid.tell_rest(in, fields, quiet, place, events);
  REQUIRE(events.size() == 1);
  CHECK(std::get<chat::Unsaid>(events[0]).path == "p.e");
  CHECK(asked == 1);
}

TEST_CASE("a member without a name has a place too") {
  dialects::Unsaid unsaid;
  std::vector<chat::Event> events;
  unsaid.tell("", events);
  REQUIRE(events.size() == 1);
  CHECK(std::get<chat::Unsaid>(events[0]).path == R"("")");
}
