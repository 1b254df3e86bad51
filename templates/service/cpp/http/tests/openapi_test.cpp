// openapi.json and the code say the same: paths, methods, and the rules of an item.

#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "items.h"
#include "tests/support.h"

using runtime::Json;

namespace {

Json document() {
  std::ifstream file("openapi.json");
  return Json::parse(file);
}

bool accepts(const Json& value) {
  try {
    parse_item(value);
    return true;
  } catch (const runtime::Problem&) {
    return false;
  }
}

}  // namespace

TEST_CASE("paths and methods") {
  std::set<std::string> described;
  const Json paths = document()["paths"];
  for (const auto& [path, operations] : paths.items())
    for (const auto& [name, operation] : operations.items()) {
      if (name == "parameters") continue;
      std::string method = name;
      std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::toupper(c); });
      described.insert(method + " " + path);
    }
  CHECK(described == service()->router.routes());
}

TEST_CASE("the schema of a new item") {
  const Json schema = document()["components"]["schemas"]["NewItem"];
  const Json name = schema["properties"]["name"], quantity = schema["properties"]["quantity"];
  CHECK(schema["required"] == Json::array({"name"}));
  CHECK(schema["additionalProperties"] == false);
  const int shortest = name["minLength"], longest = name["maxLength"];
  for (const auto& [size, fits] : std::map<int, bool>{ {shortest - 1, false}, {shortest, true}, {longest, true}, {longest + 1, false} })
    CHECK(accepts({ {"name", std::string(static_cast<std::size_t>(size), 'x')} }) == fits);
  const int least = quantity["minimum"], most = quantity["maximum"];
  for (const auto& [number, fits] : std::map<int, bool>{ {least - 1, false}, {least, true}, {most, true}, {most + 1, false} })
    CHECK(accepts({ {"name", "x"}, {"quantity", number} }) == fits);
  CHECK(parse_item({ {"name", "x"} }).quantity == quantity["default"]);
}
