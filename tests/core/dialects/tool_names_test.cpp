#include "dialects/tool_names.h"

#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace dialects = apigw::dialects;

TEST_CASE("a name that the target allows is sent as it is, others find their way back") {
  dialects::WayBack way_back;
  dialects::ToolNames names(8, way_back);
  for (const char* name : {"a_b", "get", "a.b", "a:b"}) names.reserve(name);
  CHECK(names.sent("get") == "get");
  CHECK(names.sent("a.b") == "a_b_1");  // a_b is somebody's own
  CHECK(names.sent("a:b") == "a_b_2");
  CHECK(names.sent("a.b") == "a_b_1");
  CHECK(names.sent("wörter") == "w__rter");
  CHECK(names.sent("123456789") == "12345678");
  CHECK(names.sent("") == "_5");
  CHECK(way_back.tools.size() == 5);
  for (const char* name : {"get", "a.b", "a:b", "wörter", "123456789", ""}) {
    CHECK(dialects::original_name(way_back, names.sent(name)) == name);
  }
  CHECK(dialects::original_name(way_back, "unheard_of") == "unheard_of");
}

TEST_CASE("many names that differ only where nothing is allowed stay different") {
  dialects::WayBack way_back;
  dialects::ToolNames names(64, way_back);
  std::set<std::string> sent;
  for (int i = 0; i < 300; ++i) sent.insert(names.sent(std::string(100, 'a') + std::to_string(i)));
  CHECK(sent.size() == 300);
  for (const std::string& name : sent) CHECK(name.size() <= 64);
}

TEST_CASE("no number is tried twice, however many names are taken") {
  dialects::WayBack way_back;
  dialects::ToolNames names(64, way_back);
  constexpr int many = 20'000;
  names.reserve("a_b");
  for (int i = 1; i <= many; ++i) names.reserve(fmt::format("a_b_{}", i));
  CHECK(names.sent("a.b") == fmt::format("a_b_{}", many + 1));
  CHECK(names.sent("a:b") == fmt::format("a_b_{}", many + 2));
  CHECK(names.sent("a.b") == fmt::format("a_b_{}", many + 1));
}
