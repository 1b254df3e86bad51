// A base and its overlays say, once Kustomize has built them, what `emit k8s` says of the same Plans.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "emit/difference.h"
#include "emit/objects.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

namespace fs = std::filesystem;

void save(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// The objects with the ConfigMaps that Kustomize is to make.
std::string expected(const model::Plan& plan, const Options& options) {
  diag::Report report;
  const Bundle bundle = bundle_of(plan, options, report);
  const Setting setting{plan, options, bundle, true};
  std::string out;
  const auto add = [&](const Value& value) {
    render::write_json(value, out);
    out += '\n';
  };
  for (const Object& object : all_objects(setting, report)) add(object.value);
  for (const Workload& workload : bundle.workloads)
    if (!config_values(workload).empty())
      add(object({{"apiVersion", "v1"},
                  {"kind", "ConfigMap"},
                  {"metadata", metadata(setting, workload, workload.name + "-config")},
                  {"immutable", boolean(true)},
                  {"data", object(config_values(workload))}}));
  return out;
}

}  // namespace

TEST_CASE("what Kustomize builds from a base and an overlay are the objects of the two Plans") {
  if (!apigw::test::has_program("kubectl")) APIGW_SKIP("needs kubectl");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-kustomize-" + std::to_string(getpid()));
  fs::remove_all(root);
  std::string folders;
  const unsigned count = plans("kustomize", 8);
  for (unsigned seed = 0; seed < count; ++seed) {
    RandomPlan one(seed), other(seed + 500);
    one.options.create_namespace = false;
    // The same project under a profile: other values, the same files and names of them.
    Options options = one.options;
    other.plan.profile = "other";
    other.plan.file = one.plan.file;
    options.variants = {{"other", std::make_shared<const model::Plan>(other.plan), other.options.sets}};
    diag::Report report;
    const fs::path folder = root / std::to_string(seed);
    for (const auto& [path, file] : emitter_of("kustomize").emit(one.plan, options, report))
      save(folder / path, file.content);
    REQUIRE_FALSE(report.has_errors());
    Options second = one.options;
    second.sets = other.options.sets;
    save(folder / "base.jsonl", expected(one.plan, one.options));
    save(folder / "other.jsonl", expected(other.plan, second));
    folders += " " + folder.string();
  }
  int status = -1;
  const std::string out = shell(
      fmt::format("/usr/bin/python3 {}/tests/core/emit/kustomize_check.py kubectl{}", APIGW_SOURCE_DIR, folders),
      status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(root);
}

TEST_CASE("the operations between two trees turn one into the other") {
  const Value from = *render::read_value(R"({"a":1,"b":{"c":[1,2],"d/e":"x"},"l":[{"n":1},{"n":2}],"gone":true})");
  const Value to = *render::read_value(R"({"b":{"c":[1],"d/e":"y","~":0},"a":1,"l":[{"n":1},{"n":3}],"new":{}})");
  std::string out;
  render::write_json(difference(from, to), out);
  CHECK(out == R"([{"op":"remove","path":"/gone"},{"op":"replace","path":"/b/c","value":[1]},)"
               R"({"op":"replace","path":"/b/d~1e","value":"y"},{"op":"add","path":"/b/~0","value":0},)"
               R"({"op":"replace","path":"/l/1/n","value":3},{"op":"add","path":"/new","value":{}}])");
  CHECK(difference(to, to).items.empty());
}
