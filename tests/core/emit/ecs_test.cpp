// Tasks, services and templates of random Plans, by what AWS's own clients and cfn-lint refuse.
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

bool has_module(std::string_view name) {
  int status = -1;
  shell(fmt::format("/usr/bin/python3 -c 'import {}'", name), status);
  return status == 0;
}

// Writes what random Plans make below `root`, a folder each.
void write(const fs::path& root, unsigned count) {
  for (unsigned seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    const RandomPlan made(seed);
    diag::Report report;
    const auto tree = emitter_of("ecs").emit(made.plan, made.options, report);
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    for (const auto& [path, file] : tree) {
      const fs::path at = root / std::to_string(seed) / path;
      fs::create_directories(at.parent_path());
      std::ofstream(at, std::ios::binary) << file.content;
    }
  }
}

}  // namespace

TEST_CASE("a thousand random plans are what RegisterTaskDefinition and CreateService of ECS take") {
  if (!apigw::test::has_program("python3") || !has_module("botocore"))
    APIGW_SKIP("needs python3 with botocore, as tests/oracles/run gets it");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-ecs-" + std::to_string(getpid()));
  write(root, plans("ecs by botocore", 1000));
  int status = -1;
  const std::string out = shell(
      fmt::format("/usr/bin/python3 {}/tests/core/emit/ecs_check.py {}", APIGW_SOURCE_DIR, root.string()), status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(root);
}

TEST_CASE("random plans are templates of CloudFormation for ECS") {
  if (!apigw::test::has_program("python3") || !has_module("cfnlint.runner"))
    APIGW_SKIP("needs python3 with cfn-lint, as tests/oracles/run gets it");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-cfn-" + std::to_string(getpid()));
  write(root, plans("ecs by cfn-lint", 20));
  int status = -1;
  const std::string out =
      shell(fmt::format("cd {} && printf '%s\\0' */cloudformation.yaml | xargs -0 -n 250 -P 2 /usr/bin/python3 -c "
                        "'import cfnlint.runner, sys; sys.exit(cfnlint.runner.main())' --non-zero-exit-code warning",
                        root.string()),
            status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(root);
}
