// `apigw emit openapi`, and its way back through `apigw import openapi`.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr const char* shop =
    "apigw: 1\n"
    "defaults: { auth: key }\n"
    "services: { orders: http://127.0.0.1:9001, stock: http://127.0.0.1:9002 }\n"
    "routes:\n"
    "  GET /orders/{id}: { to: orders, auth: none }\n"
    "  DELETE /orders/{number}: orders\n"
    "  POST /orders-now: orders\n"
    "  POST /orders/now: orders\n"
    "  /stock/**: { to: stock, host: stock.shop.example }\n"
    "  GET /when: [{ to: stock, when: { query: { a: '1' } } }, orders]\n";

std::set<std::string> routes_of(std::string_view config) {
  std::set<std::string> found;
  const auto begin = config.find("\nroutes:\n") + 9;
  for (const std::string& line : golden::lines(std::string(config.substr(begin, config.find("\n\n", begin) - begin))))
    if (line.starts_with("  ") && line[2] != ' ') found.insert(line.substr(2, line.find(':') - 2));
  return found;
}

}  // namespace

TEST_CASE("emit openapi describes routes once each, with who may call, and tells what a document cannot say") {
  MemoryFiles files{{"apigw.yaml", shop}};
  const auto ran = run({"emit", "openapi"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/shop.openapi.yaml", ran.out);
  golden::check("golden/emit/shop.openapi.losses", ran.err);
  CHECK(run({"emit", "openapi", "--strict"}, files).exit == 1);
  CHECK(run({"emit", "openapi", "--only", "orders"}, files).exit == 2);
}

TEST_CASE("emit openapi names the address of the gateway, and asks for nothing that only a deployment needs") {
  MemoryFiles files{{"apigw.yaml",
                     "apigw: 1\nservices: { a: http://127.0.0.1:9001 }\nroutes: { GET /a: a }\n"
                     "deploy: { gateway: { host: api.shop.example }, kubernetes: { tls: shop-tls } }\n"}};
  const auto ran = run({"emit", "openapi", "--to", "docs"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "create\topenapi.yaml\n");
  CHECK(files.content.at("/project/docs/openapi.yaml").contains("- url: https://api.shop.example\n"));
  CHECK(run({"emit", "openapi", "--to", "docs", "--check"}, files).exit == 0);
}

TEST_CASE("what emit openapi writes is imported with the same routes") {
  MemoryFiles files{{"apigw.yaml", shop}};
  files.content["/project/openapi.yaml"] = run({"emit", "openapi"}, files).out;
  const auto back = run({"import", "openapi", "openapi.yaml"}, files);
  CHECK(back.exit == 0);
  const auto routes = routes_of(back.out);
  for (const auto* route : {"GET /orders/{id}", "DELETE /orders/{id}", "POST /orders-now", "POST /orders/now",
                            "GET /when", "GET /stock/{rest_of}"})
    CHECK_MESSAGE(routes.contains(route), back.out);
  files.content["/project/back.yaml"] = back.out;
  CHECK(run({"validate", "back.yaml"}, files).exit == 0);
}
