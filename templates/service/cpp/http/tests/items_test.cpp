// The rules of an item, without HTTP.

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "items.h"

using runtime::Json;

namespace {

std::vector<std::string> pointers(const char* text) {
  try {
    parse_item(Json::parse(text));
  } catch (const runtime::Problem& problem) {
    CHECK(problem.status == 422);
    std::vector<std::string> list;
    for (const runtime::Fault& fault : problem.errors) list.push_back(fault.pointer);
    return list;
  }
  return {};
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("valid items") {
  CHECK(parse_item({ {"name", "cup"} }) == NewItem{"cup", 0});
  std::string longest;
  for (std::size_t i = 0; i < most_name; ++i) longest += "\xF0\x9F\x8D\xB5";
  CHECK(parse_item({ {"name", longest}, {"quantity", most_quantity} }) == NewItem{longest, most_quantity});
}

TEST_CASE("each fault has its pointer") {
  CHECK(pointers("[]") == List{""});
  CHECK(pointers("null") == List{""});
  CHECK(pointers("{}") == List{"/name"});
  CHECK(pointers(R"({"name": "", "quantity": -1, "color": "red"})") == List{"/name", "/quantity", "/color"});
  for (const char* quantity : {"true", "1.5", "\"1\"", "null", "1000001", "18446744073709551615"}) {
    CAPTURE(quantity);
    CHECK(pointers((std::string(R"({"name": "cup", "quantity": )") + quantity + "}").c_str()) == List{"/quantity"});
  }
}

TEST_CASE("items are kept") {
  Items items;
  const Item cup = items.add({"cup", 2});
  CHECK(items.get(cup.id) == cup);
  CHECK(items.all() == std::vector<Item>{cup});
  CHECK(items.remove(cup.id));
  CHECK_FALSE(items.remove(cup.id));
}
