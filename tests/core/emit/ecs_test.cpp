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

bool has_botocore() {
  int status = -1;
  shell("/usr/bin/python3 -c 'import botocore'", status);
  return status == 0;
}

}  // namespace

TEST_CASE("random plans are what RegisterTaskDefinition and CreateService take, and templates of CloudFormation") {
  if (!apigw::test::has_program("python3") || !has_botocore() || !apigw::test::has_program("cfn-lint"))
    APIGW_SKIP("needs python3 with botocore, and cfn-lint, as tests/oracles/run gets them");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-ecs-" + std::to_string(getpid()));
  const unsigned count = plans("ecs", 20);
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
  int status = -1;
  std::string out = shell(
      fmt::format("/usr/bin/python3 {}/tests/core/emit/ecs_check.py {}", APIGW_SOURCE_DIR, root.string()), status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  out = shell(fmt::format("/usr/bin/python3 \"$(command -v cfn-lint)\" --non-zero-exit-code warning "
                          "{}/*/cloudformation.yaml",
                          root.string()),
              status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(root);
}
