// Objects of the Gateway API under its own definitions, and doors that stay shut.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/emit/random_plan.h"
#include "core/emit/random_routes.h"
#include "core/emit/shell.h"
#include "emit/objects.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

RandomPlan with_routes(unsigned seed) {
  RandomPlan made(seed);
  if (!made.plan.services.empty()) add_routes(made.plan, seed, 12);
  for (unsigned i = 0; i < seed % 3; ++i)
    if (i < made.plan.providers.size())
      made.plan.models.push_back(
          {.name = fmt::format("m{}", i), .targets = {{static_cast<model::ProviderId>(i), "x", {}}}});
  made.options.implementation = seed % 2 == 0 ? Implementation::none : Implementation::envoy_gateway;
  return made;
}

}  // namespace

TEST_CASE("random plans are objects of the Gateway API under its definitions") {
  const auto crds = fs::path(APIGW_SOURCE_DIR) / "../shared/oracles/kubernetes/gateway-api";
  if (!fs::exists(crds)) APIGW_SKIP("needs ../shared/oracles/kubernetes beside the tree");
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3 with jsonschema and yaml");
  const fs::path folder = fs::temp_directory_path() / ("apigw-emit-gateway-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::string files;
  const unsigned count = plans("gateway-api", 60);
  for (unsigned seed = 0; seed < count; ++seed) {
    const RandomPlan made = with_routes(seed);
    diag::Report report;
    const auto tree = emitter_of("gateway-api").emit(made.plan, made.options, report);
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    const fs::path path = folder / fmt::format("{}.yaml", seed);
    std::ofstream file(path, std::ios::binary);
    for (const auto& [name, content] : tree)
      if (name.ends_with(".yaml")) file << "---\n" << content.content;
    files += " " + path.string();
  }
  int status = -1;
  const std::string out = shell(fmt::format("/usr/bin/python3 {}/tests/core/emit/gateway_check.py {}{}",
                                            APIGW_SOURCE_DIR, crds.string(), files),
                                status);
  CHECK_MESSAGE(status == 0, out);
  fs::remove_all(folder);
}

TEST_CASE("a route that wants a key is written with a guard or without a backend") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    RandomPlan made = with_routes(seed);
    for (model::Route& route : made.plan.routes) route.auth = {.none = false, .key = true, .where = {}};
    for (model::Route& route : made.plan.routes) route.own_auth = true;
    diag::Report report, again;
    const auto tree = emitter_of("gateway-api").emit(made.plan, made.options, report);
    REQUIRE_FALSE(report.has_errors());
    const bool envoy = made.options.implementation == Implementation::envoy_gateway;
    for (const auto& [name, file] : tree) {
      if (!name.ends_with("-httproute.yaml") || name.starts_with("https-redirect")) continue;
      CAPTURE(name);
      const std::string object = name.substr(0, name.size() - std::string_view("-httproute.yaml").size());
      if (!file.content.contains("backendRefs") && !file.content.contains("requestRedirect")) continue;
      CHECK(envoy);
      CHECK(tree.at("keys-securitypolicy.yaml").content.contains("name: " + object + "\n"));
    }
    const bool same = tree == emitter_of("gateway-api").emit(made.plan, made.options, again);
    CHECK(same);
  }
}
