// stack.yaml under the loader of `docker stack`, which refuses every key that it does not know.
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

TEST_CASE("random plans are stacks for docker stack") {
  int status = -1;
  shell("docker stack config --help", status);
  if (status != 0) APIGW_SKIP("needs a Docker client with stack config");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-swarm-" + std::to_string(getpid()));
  const unsigned count = plans("swarm", 40);
  for (unsigned seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    for (const auto& [path, file] : emitted("swarm", RandomPlan(seed))) {
      const fs::path at = root / std::to_string(seed) / path;
      fs::create_directories(at.parent_path());
      std::ofstream(at, std::ios::binary) << file.content;
    }
  }
  const std::string out = shell(fmt::format("cd {} && printf '%s\\0' */stack.yaml | xargs -0 -n 1 -P 2 sh -c "
                                            "'said=$(docker stack config -c $1 2>&1) || echo \"$1: $said\"' _",
                                            root.string()),
                                status);
  CHECK_MESSAGE((status == 0 && out.empty()), out.substr(0, 6000));
  fs::remove_all(root);
}

TEST_CASE("a stack waits for nothing, and the name of a config is that of its content") {
  RandomPlan made(1);
  made.plan.consumers.clear();
  const std::string one = emitted("swarm", made).at("stack.yaml").content;
  CHECK(one.find("depends_on") == std::string::npos);
  CHECK(one.find("  gateway-apigw.yaml:\n    name: gateway-apigw.yaml-") != std::string::npos);
  made.options.files[0].text += "# another\n";
  const std::string two = emitted("swarm", made).at("stack.yaml").content;
  CHECK(one != two);
  CHECK(one.find("order: start-first") != std::string::npos);
  made.plan.consumers.push_back({.name = "web"});
  const std::string alone = emitted("swarm", made).at("stack.yaml").content;
  CHECK(alone.find("replicas: 1\n      update_config:\n        parallelism: 1\n        delay: \"5s\"\n        order: "
                   "stop-first") != std::string::npos);
}
