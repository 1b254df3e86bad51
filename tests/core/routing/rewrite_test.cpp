#include "routing/rewrite.h"

#include <doctest/doctest.h>

using namespace apigw;

namespace {

const std::vector<std::string> names{"id", "tab"};

routing::Captures captures() {
  routing::Captures out;
  out.values = {"7%3F", "x"};
  out.size = 2;
  out.rest = "a/b";
  return out;
}

http::Target target(std::string_view raw) {
  auto parsed = http::parse_target("GET", raw);
  REQUIRE(parsed);
  return parsed->target;
}

}  // namespace

TEST_CASE("the upstream's target is built from the route's words") {
  struct Row {
    std::string_view name, base, strip, rewrite, asked, upstream;
  };
  const auto taken = captures();
  for (const Row& row : {
           Row{"as it came", "", "", "", "/orders/7?x=1", "/orders/7?x=1"},
           {"empty query kept", "", "", "", "/orders?", "/orders?"},
           {"base path", "/api", "", "", "/orders", "/api/orders"},
           {"strip", "", "/stock", "", "/stock/7", "/7"},
           {"strip with a slash", "", "/stock/", "", "/stock/7", "/7"},
           {"strip all", "", "/stock", "", "/stock?x", "/?x"},
           {"strip ends at a segment", "", "/stock", "", "/stocks/7", "/stocks/7"},
           {"strip and base", "/v2", "/stock", "", "/stock/7", "/v2/7"},
           {"rewrite", "", "", "/o/{id}/{tab}", "/q", "/o/7%3F/x"},
           {"rewrite with rest", "/b", "", "/r/{rest}", "/q?y", "/b/r/a/b?y"},
           {"rewrite with a query of its own", "", "", "/r?v=1", "/q?y=2", "/r?v=1&y=2"},
           {"rewrite without a slash", "", "", "r", "/q", "/r"},
           {"never two slashes in front", "", "", "//{rest}", "/q", "/a/b"},
       }) {
    CAPTURE(row.name);
    model::ToService to;
    to.strip = row.strip;
    if (!row.rewrite.empty()) to.rewrite = row.rewrite;
    const auto out = routing::upstream_target(to, row.base, target(row.asked), {names, taken});
    REQUIRE(out);
    CHECK(*out == row.upstream);
  }
}

TEST_CASE("a variable's value is not read again") {
  routing::Captures taken;
  taken.values = {"{tab}", "x"};
  taken.size = 2;
  model::ToService to;
  to.rewrite = "/{id}";
  CHECK(*routing::upstream_target(to, "", target("/q"), {names, taken}) == "/{tab}");
}

TEST_CASE("a redirect keeps the request out of its host") {
  struct Row {
    std::string_view name, location, asked, result;
  };
  const auto taken = captures();
  for (const Row& row : {
           Row{"path", "/new/{id}", "/q?x=1", "/new/7%3F?x=1"},
           {"elsewhere", "https://shop.example/new/{rest}", "/q", "https://shop.example/new/a/b"},
           {"host alone", "https://shop.example", "/q?x=1", "https://shop.example?x=1"},
           {"own query", "/n?y=1", "/q?x=1", "/n?y=1"},
           {"variable behind the port", "https://shop.example:8443{rest}", "/q", ""},
           {"variable as host", "https://{id}/x", "/q", ""},
           {"variable in the host", "https://{id}.shop.example/x", "/q", ""},
           {"variable as everything", "{rest}", "/q", ""},
           {"unknown variable", "/{nope}", "/q", ""},
       }) {
    CAPTURE(row.name);
    const auto out = routing::redirect_location({308, std::string(row.location)}, target(row.asked), {names, taken});
    CHECK(out.value_or("") == row.result);
  }
}
