#include "start_screen.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/golden.h"

using namespace apigw;
using namespace apigw::cli;

namespace {

model::Plan shop() {
  model::Plan plan;
  plan.file = "apigw.yaml";
  plan.profile = "staging";
  plan.providers = {{.name = "openai", .dialect = "openai", .off = "OPENAI_API_KEY is not set"},
                    {.name = "groq",
                     .dialect = "openai",
                     .origin = {.tls = true, .host = "api.groq.example", .port = 443},
                     .base_path = "/v1"},
                    {.name = "mock", .dialect = "openai", .mock = true}};
  plan.models = {{.name = "cloud", .targets = {{.provider = model::ProviderId{0}, .model = "gpt-5-mini"}}},
                 {.name = "chat",
                  .targets = {{.provider = model::ProviderId{0}, .model = "gpt-5-mini"},
                              {.provider = model::ProviderId{2}, .model = "assistant"}}},
                 {.name = "gpt-*", .pattern = true, .targets = {{.provider = model::ProviderId{1}}}}};
  plan.services = {
      {.name = "orders", .instances = {{.host = "127.0.0.1", .port = 20500}}, .run = model::RunSpec{}},
      {.name = "stock", .instances = {{.host = "127.0.0.1", .port = 20501}}, .run = model::RunSpec{}},
      {.name = "reviews", .instances = {{.host = "reviews.internal", .port = 9003}}, .base_path = "/v2"}};
  plan.routes = {{.id = "GET /orders/{id}", .methods = {"GET"}, .path = "/orders/{id}", .action = model::ToService{}},
                 {.id = "GET /products", .methods = {"GET"}, .path = "/products", .action = model::ToService{}},
                 {.id = "POST /v1/chat/completions", .action = model::Endpoint{"openai", "chat"}}};
  return plan;
}

StartFacts facts() {
  return {.addresses = {{"gateway", "http://127.0.0.1:8082", true}, {"admin", "http://127.0.0.1:8081"}},
          .services = {{"orders", "healthy", 20500}, {"stock", "not healthy yet", 20501}},
          .warnings = 2,
          .dotenv = ".env",
          .dev_key = Secret("agw_dev")};
}

}  // namespace

TEST_CASE("the start screen says what runs, what is off and why, and what to copy") {
  std::string screen = start_screen(shop(), facts(), false);
  const std::size_t version = screen.find(APIGW_VERSION);
  REQUIRE(version != std::string::npos);
  screen.replace(version, std::string(APIGW_VERSION).size(), "VERSION");
  golden::check(golden::path("golden/cli/start_screen.txt"), screen);
}

TEST_CASE("without a config it names where the providers came from, and the mock answers") {
  model::Plan plan;
  plan.providers = {{.name = "mock", .dialect = "openai", .mock = true}};
  const std::string screen = start_screen(plan, {.addresses = {{"gateway", "http://127.0.0.1:8080"}}}, false);
  CHECK(screen.find("no config file: providers from the environment") != std::string::npos);
  CHECK(screen.find("\"model\":\"mock/assistant\"") != std::string::npos);
  CHECK(screen.find("\nservices\n") == std::string::npos);
  CHECK(screen.find("apigw call POST /v1/chat/completions") != std::string::npos);
}

TEST_CASE("the line to copy calls a real provider as soon as one is on") {
  model::Plan plan = shop();
  std::swap(plan.models[0], plan.models[1]);
  plan.models[0].targets.erase(plan.models[0].targets.begin());  // chat: the mock alone, and first
  CHECK(start_screen(plan, facts(), false).contains(R"("model":"chat")"));
  plan.providers[0].off.clear();
  CHECK(start_screen(plan, facts(), false).contains(R"("model":"cloud")"));
}

TEST_CASE("colour changes no word") {
  std::string coloured = start_screen(shop(), facts(), true);
  CHECK(coloured.find("\x1b[") != std::string::npos);
  for (std::size_t at = 0; (at = coloured.find("\x1b[", at)) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  CHECK(coloured == start_screen(shop(), facts(), false));
}

TEST_CASE("all but the lines to copy fit 80 columns, and a hundred models do not scroll the rest away") {
  model::Plan plan = shop();
  for (int i = 0; i < 100; ++i)
    plan.models.push_back({.name = "m" + std::to_string(i), .targets = plan.models[0].targets});
  const std::string screen = start_screen(plan, facts(), false);
  CHECK(screen.find("and 91 more") != std::string::npos);
  const std::string before = screen.substr(0, screen.find("copy one of these"));
  for (const std::string_view line : text::split(before, '\n')) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}
