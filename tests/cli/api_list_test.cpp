#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view shop =
    "apigw: 1\nservices:\n  orders: http://127.0.0.1:9001\nroutes:\n  GET /orders/{id}: orders\n"
    "  /old/**: { redirect: { to: '/orders/{rest}' } }\n  /x: { host: shop.example, to: orders, auth: key }\n";

}  // namespace

TEST_CASE("api list shows each method and path with what stands behind it") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{shop} + "consumers:\n  a: { key: env:A_KEY }\n"}};
  const auto ran = run({"api", "list"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out.find("GET\t/orders/{id}\troute\torders\tnone\tapigw.yaml:5\n") != std::string::npos);
  CHECK(ran.out.find("*\t/old/**\tredirect\t308 /orders/{rest}\tnone\tapigw.yaml:6\n") != std::string::npos);
  CHECK(ran.out.find("*\tshop.example/x\troute\torders\tkey\tapigw.yaml:7\n") != std::string::npos);
}

TEST_CASE("api list shows the endpoints of models once the config has any") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels:\n  chat: mock/chat\n"}};
  const auto document = nlohmann::json::parse(run({"api", "list", "-o", "json"}, files).out);
  CHECK(document.at("kind") == "apis");
  const auto found = std::ranges::any_of(document.at("items"), [](const auto& row) {
    return row.at("path") == "/v1/chat/completions" && row.at("kind") == "model" && row.at("to") == "openai chat" &&
           row.at("auth") == "key";
  });
  CHECK(found);
  CHECK(
      run({"api", "list"}, files)
          .out.contains("POST\t/v1beta/models/**\tmodel\tgemini chat, count_tokens, embeddings, batch_embeddings\t"));
}

TEST_CASE("the auth that a listener sets is the one that is shown") {
  testing::MemoryFiles files{
      {"apigw.yaml",
       "apigw: 1\nlisten: [{ address: 127.0.0.1:8080, auth: none }]\ndefaults: { auth: key }\nservices:\n"
       "  orders: http://127.0.0.1:9001\nroutes:\n  GET /open: orders\n  GET /locked: { to: orders, auth: key }\n"
       "consumers:\n  a: { key: env:A_KEY }\n"}};
  const auto list = run({"api", "list"}, files);
  CHECK(list.out.find("GET\t/open\troute\torders\tnone\t") != std::string::npos);
  CHECK(list.out.find("GET\t/locked\troute\torders\tkey\t") != std::string::npos);
  CHECK(run({"explain", "GET", "/open"}, files).out.find("auth      none") != std::string::npos);
  CHECK(run({"explain", "GET", "/locked"}, files).out.find("auth      key") != std::string::npos);
}

TEST_CASE("a broken config is exit 2 for api list") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nroutes:\n  GET /x: nosuch\n"}};
  CHECK(run({"api", "list"}, files).exit == 2);
}
