// compose.yaml under the schema of Compose, for random Plans.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("random plans are Compose files under the schema of Compose") {
  const auto schema = fs::path(APIGW_SOURCE_DIR) / "../shared/oracles/compose/compose-spec.json";
  if (!fs::exists(schema)) APIGW_SKIP("needs ../shared/oracles/compose beside the tree");
  const fs::path folder = fs::temp_directory_path() / ("apigw-emit-compose-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::string files;
  const unsigned count = plans("compose", 1000);
  for (unsigned seed = 0; seed < count; ++seed) {
    const auto tree = emitted("compose", RandomPlan(seed));
    REQUIRE(tree.contains("compose.yaml"));
    const fs::path path = folder / fmt::format("{}.yaml", seed);
    std::ofstream(path, std::ios::binary) << tree.at("compose.yaml").content;
    files += " " + path.string();
  }
  int status = -1;
  const std::string out = shell(fmt::format("/usr/bin/python3 {}/tests/core/emit/compose_check.py {}{}",
                                            APIGW_SOURCE_DIR, schema.string(), files),
                                status);
  CHECK_MESSAGE(status == 0, out);
  fs::remove_all(folder);
}

TEST_CASE("a service has the health check of its image, and is waited for until it has started") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    const RandomPlan made(seed);
    const bool gateway = !made.plan.deploy.gateway.image.empty();
    for (const auto& [target, file] : {std::pair{"compose", "compose.yaml"}, {"swarm", "stack.yaml"}}) {
      CAPTURE(target);
      const std::string text = emitted(target, made).at(file).content;
      std::size_t checks = 0;
      for (auto at = text.find("healthcheck:"); at != std::string::npos; at = text.find("healthcheck:", at + 1))
        ++checks;
      CHECK(checks == (gateway ? 1 : 0));
      CHECK_FALSE(text.contains("service_healthy"));
    }
  }
}

TEST_CASE("a Compose file expands nothing of ours, and holds no secret") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    RandomPlan made(seed);
    for (model::Service& service : made.plan.services) service.environment["PRICE"] = "5$ or ${NAME}";
    const auto tree = emitted("compose", made);
    const std::string& text = tree.at("compose.yaml").content;
    const bool services =
        std::ranges::any_of(made.plan.services, [](const auto& s) { return !s.container.image.empty(); });
    CHECK((text.find("5$$ or $${NAME}") != std::string::npos) == services);
    CHECK(text.find("5$ or") == std::string::npos);
    CHECK(text.find("DB_PASSWORD: x") == std::string::npos);
    const bool same = tree == emitted("compose", made);
    CHECK(same);
  }
}
