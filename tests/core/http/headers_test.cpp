#include "http/headers.h"

#include <doctest/doctest.h>

using apigw::http::Headers;

TEST_CASE("names are lowered and found, values are kept as they came") {
  Headers headers;
  headers.add("Content-TYPE", "Text/HTML");
  CHECK(headers.find("content-type") == "Text/HTML");
  CHECK(!headers.has("accept"));
}

TEST_CASE("fields keep their order and may repeat") {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("A", "3");
  CHECK(headers.count("a") == 2);
  std::string seen;
  for (const auto field : headers) seen.append(field.name).append("=").append(field.value).append(" ");
  CHECK(seen == "a=1 b=2 a=3 ");
}

TEST_CASE("set replaces every field of a name, whatever its case") {
  Headers headers;
  headers.add("x", "1");
  headers.add("y", "2");
  headers.add("X", "3");
  headers.set("X", "4");
  CHECK(headers.count("x") == 1);
  CHECK(headers.find("x") == "4");
  CHECK(headers.size() == 2);
}

TEST_CASE("remove takes all of a name and nothing else") {
  Headers headers;
  headers.add("x", "1");
  headers.add("xy", "2");
  headers.add("x", "3");
  headers.remove("x");
  CHECK(headers.size() == 1);
  CHECK(headers[0].name == "xy");
  headers.clear();
  CHECK(headers.size() == 0);
}

TEST_CASE("a field may be added from a view into the same headers while they grow") {
  Headers headers;
  headers.add("name", std::string(300, 'v'));
  for (int i = 0; i < 8; ++i) headers.add(headers[0].name, headers[0].value);
  CHECK(headers.count("name") == 9);
  for (const auto field : headers) CHECK(field.value == std::string(300, 'v'));
}
