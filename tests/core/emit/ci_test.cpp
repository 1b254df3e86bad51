// Pipelines of random Plans, by the schemas of their systems where these are here, and by what the systems refuse
// late.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "pipeline/pipeline.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

// A random Plan with random wishes for its pipeline.
RandomPlan wished(unsigned seed) {
  RandomPlan made(seed);
  static constexpr const char* targets[] = {"k8s", "kustomize", "helm", "none"};
  PipelineOptions& own = made.options.pipeline;
  own.target = targets[seed % 4];
  if (seed % 3 == 0) own.image = "ghcr.io/shop/tools:1.0.0";
  if (seed % 5 == 0) own.folder = "deploy of \"shop\" 'now'";
  if (seed % 2 == 0) own.flags = " --create-namespace";
  own.route_tests = seed % 3 == 1;
  for (const model::Service& service : made.plan.services)
    if (seed % 7 != 0) own.contexts[service.name] = "services/it's " + service.name;
  return made;
}

}  // namespace

TEST_CASE("random plans are pipelines that their systems take") {
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3 with yaml and jsonschema");
  const fs::path folder = fs::temp_directory_path() / ("apigw-emit-ci-" + std::to_string(getpid()));
  fs::create_directories(folder);
  for (const pipeline::System& system : pipeline::systems()) {
    const fs::path schema =
        fs::path(APIGW_SOURCE_DIR) / fmt::format("../shared/oracles/{}/schema.json",
                                                 system.word == "gitlab" ? "gitlab-ci" : std::string(system.word));
    std::string files;
    const unsigned count = plans(system.word, 40);
    for (unsigned seed = 0; seed < count; ++seed) {
      CAPTURE(seed);
      const RandomPlan made = wished(seed);
      const auto tree = emitted(system.word, made);
      REQUIRE(tree.size() == 1);
      const bool same = tree == emitted(system.word, made);
      CHECK(same);
      const fs::path path = folder / fmt::format("{}.{}", system.word, seed);
      std::ofstream(path, std::ios::binary) << tree.at(std::string(system.path)).content;
      files += " " + path.string();
    }
    if (system.word == "jenkins") continue;  // judged by tests/oracles/run
    int status = -1;
    const std::string out =
        shell(fmt::format("/usr/bin/python3 {}/tests/core/emit/pipeline_check.py {}{}{}", APIGW_SOURCE_DIR,
                          system.word, files, fs::exists(schema) ? " --schema " + schema.string() : ""),
              status);
    CHECK_MESSAGE(status == 0, out);
  }
  fs::remove_all(folder);
}

TEST_CASE("a pipeline builds what it knows the folder of, pushes a version once, and holds no value of a variable") {
  RandomPlan made(3);
  made.plan.services = {
      {.name = "Stock_API", .environment = {{"DB_PASSWORD", "x-secret"}}}, {.name = "pinned"}, {.name = "elsewhere"}};
  made.plan.services[0].container.image = "r.example:5000/stock:1.0.0";
  made.plan.services[1].container.image = "r.example:5000/pinned@sha256:" + std::string(64, 'a');
  made.plan.services[2].container.image = "elsewhere:2";
  made.options.pipeline.contexts = {{"Stock_API", "services/stock"}, {"pinned", "services/pinned"}};
  for (const pipeline::System& system : pipeline::systems()) {
    CAPTURE(system.word);
    diag::Report report;
    const auto tree = emitter_of(system.word).emit(made.plan, made.options, report);
    const std::string& text = tree.at(std::string(system.path)).content;
    CHECK(text.contains("r.example:5000/stock:1.0.0"));
    CHECK(text.contains("services/stock"));
    CHECK(text.contains("manifest inspect"));
    CHECK_FALSE(text.contains("services/pinned"));
    CHECK_FALSE(text.contains("elsewhere:2"));
    CHECK_FALSE(text.contains("x-secret"));
    std::string told;
    for (const diag::Diagnostic& finding : report.all()) told += finding.message + "\n";
    CHECK(told.contains("'services.pinned.image' is written only nearly"));
    CHECK(told.contains("'services.elsewhere.image' is written only nearly"));
    CHECK(report.all().size() == 2);
  }
}

TEST_CASE("a pipeline without an image that has apigw is refused") {
  RandomPlan made(1);
  made.plan.deploy.gateway.image.clear();
  diag::Report report;
  CHECK(emitter_of("gitlab").emit(made.plan, made.options, report).empty());
  REQUIRE(report.has_errors());
  CHECK(report.all().front().code == 701);
  made.options.pipeline.image = "r.example/tools:1";
  diag::Report fine;
  CHECK(emitter_of("gitlab").emit(made.plan, made.options, fine).size() == 1);
}
