#include "dialects/json_writer.h"

#include <doctest/doctest.h>

#include "dialects/native.h"

using namespace apigw;
using dialects::JsonWriter;

TEST_CASE("a writer sets commas, omits what is absent and keeps raw bytes") {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  json.member("text", "a\"b");
  json.member("on", true);
  json.member("count", std::uint64_t{18446744073709551615u});
  json.member("below", std::int64_t{-3});
  json.member("number", chat::Number{.text = "1.0", .value = 1});
  json.member("absent", std::optional<bool>());
  json.member("there", std::optional<std::string>("x"));
  json.filled("empty", "");
  json.filled("filled", "y");
  json.member("raw", json::Raw{R"({ "a" : 1.0 })"});
  json.null("nil");
  json.open_array("list");
  json.element(1);
  json.open_object();
  json.close();
  json.open_array();
  json.close();
  json.element(std::string("z"));
  json.close();
  json.open_object("inner");
  json.member("k", "v");
  json.close();
  json.close();
  CHECK(
      out ==
      R"({"text":"a\"b","on":true,"count":18446744073709551615,"below":-3,"number":1.0,"there":"x","filled":"y","raw":{ "a" : 1.0 },"nil":null,"list":[1,{},[],"z"],"inner":{"k":"v"}})");
}

TEST_CASE("native fields go back into their own dialect at the top and are losses everywhere else") {
  const chat::Native native{.dialect = "a", .fields = {{"x", {"1.0"}}, {"m[0].y", {"2"}}, {"o.z", {"3"}}}};
  std::string out;
  JsonWriter json(out);
  chat::Losses losses;
  json.open_object();
  dialects::write_native(json, native, "a", "A", dialects::asks_nothing, losses);
  json.close();
  CHECK(out == R"({"x":1.0})");
  REQUIRE(losses.count() == 2);
  CHECK(losses.list()[0].path == "m[0].y");
  CHECK(losses.list()[0].why == "A has no place for it");

  std::string other;
  JsonWriter empty(other);
  empty.open_object();
  dialects::write_native(empty, native, "b", "B", dialects::asks_nothing, losses);
  empty.close();
  CHECK(other == "{}");
  CHECK(losses.count() == 5);
}

TEST_CASE("what says nothing is no loss, and how a call was served is none either") {
  const chat::Native native{.dialect = "a",
                            .fields = {{"a", {"[ ]"}},
                                       {"b", {"{}"}},
                                       {"c", {R"("")"}},
                                       {"d", {"false"}},
                                       {"e", {"0.0"}},
                                       {"f", {R"({"x":[{"y":null}],"z":0})"}},
                                       {"g", {R"({"x":[{"y":"no"}]})"}},
                                       {"h", {"1"}},
                                       {"i", {R"("default")"}, true}}};
  const auto lost = [&](bool (&nothing)(std::string_view, json::Slice)) {
    std::string out, paths;
    JsonWriter json(out);
    chat::Losses losses;
    json.open_object();
    dialects::write_native(json, native, "b", "B", nothing, losses);
    for (const chat::Loss& loss : losses.list()) paths += loss.path;
    return paths;
  };
  CHECK(lost(dialects::asks_nothing) == "defgh");  // a client that switches something off says something
  CHECK(lost(dialects::tells_nothing) == "gh");
}
