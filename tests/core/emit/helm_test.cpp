// A chart says, once Helm has rendered it, what `emit k8s` says of the same Plans.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
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

// The same project twice, the second time under a profile: other values, the same files.
struct Twice {
  RandomPlan one, other;
  Options options;
  explicit Twice(unsigned seed) : one(seed), other(seed + 500) {
    one.options.create_namespace = false;
    options = one.options;
    other.plan.profile = "other";
    other.plan.file = one.plan.file;
    options.variants = {{"other", std::make_shared<const model::Plan>(other.plan), other.options.sets}};
  }
};

std::string objects_as_lines(const model::Plan& plan, const Options& options) {
  diag::Report report;
  const Bundle bundle = bundle_of(plan, options, report);
  std::string out;
  for (const Object& object : all_objects({plan, options, bundle}, report)) {
    render::write_json(object.value, out);
    out += '\n';
  }
  return out;
}

void save(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("what Helm renders of a chart and its profiles are the objects of the Plans") {
  if (!apigw::test::has_program("helm")) APIGW_SKIP("needs helm");
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3 with yaml");
  const fs::path root = fs::temp_directory_path() / ("apigw-emit-helm-" + std::to_string(getpid()));
  fs::remove_all(root);
  std::string folders;
  const unsigned count = plans("helm", 24);
  for (unsigned seed = 0; seed < count; ++seed) {
    const Twice pair(seed);
    diag::Report report;
    const fs::path folder = root / std::to_string(seed);
    for (const auto& [path, file] : emitter_of("helm").emit(pair.one.plan, pair.options, report))
      save(folder / "chart" / path, file.content);
    REQUIRE_FALSE(report.has_errors());
    Options second = pair.one.options;
    second.sets = pair.other.options.sets;
    save(folder / "chart.jsonl", objects_as_lines(pair.one.plan, pair.one.options));
    save(folder / "other.jsonl", objects_as_lines(pair.other.plan, second));
    folders += " " + folder.string();
  }
  int status = -1;
  const std::string out = shell(
      fmt::format("/usr/bin/python3 {}/tests/core/emit/helm_check.py helm{}", APIGW_SOURCE_DIR, folders), status);
  CHECK_MESSAGE(status == 0, out.substr(0, 6000));
  fs::remove_all(root);
}

TEST_CASE("a chart holds no half-made place, no secret, and the same bytes twice") {
  for (unsigned seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    Twice pair(seed);
    pair.one.plan.deploy.patches.push_back(
        {.to = "Deployment/gateway", .json = R"({"metadata":{"annotations":{"note":"{{ slot0x }} and {{"}}})"});
    diag::Report report, again;
    const auto tree = emitter_of("helm").emit(pair.one.plan, pair.options, report);
    REQUIRE_FALSE(report.has_errors());
    const bool same = tree == emitter_of("helm").emit(pair.one.plan, pair.options, again);
    CHECK(same);
    const std::string& gateway = tree.at("templates/gateway-deployment.yaml").content;
    for (const auto& [path, file] : tree) {
      if (!path.starts_with("templates/")) continue;
      CAPTURE(path);
      if (path == "templates/gateway-deployment.yaml")
        CHECK((gateway.contains("{{ \"{{\" }} slot0x }} and {{ \"{{\" }}") ||
               tree.at("values.yaml").content.contains("{{ slot0x }} and {{")));
      else
        CHECK_FALSE(file.content.contains("slot"));
      std::size_t opened = 0, closed = 0;
      for (const std::string_view line : text::split(file.content, '\n')) {
        opened += line.starts_with("{{- if");
        closed += line == "{{- end }}";
      }
      if (!path.ends_with(".tpl")) CHECK(opened == closed);
    }
    CHECK(tree.at("values.yaml").content.find("DB_PASSWORD: x") == std::string::npos);
  }
}

TEST_CASE("values are held to one instance of the gateway where every profile has one") {
  for (const bool both : {false, true}) {
    Twice pair(3);
    pair.one.plan.consumers = {{.name = "web"}};
    pair.other.plan.consumers = both ? pair.one.plan.consumers : std::vector<model::Consumer>();
    pair.options.variants.front().plan = std::make_shared<const model::Plan>(pair.other.plan);
    diag::Report report;
    const auto tree = emitter_of("helm").emit(pair.one.plan, pair.options, report);
    REQUIRE_FALSE(report.has_errors());
    const Value schema = *render::read_value(tree.at("values.schema.json").content);
    const Value* replicas = schema.find("properties")->find("gateway")->find("properties")->find("replicas");
    REQUIRE(replicas != nullptr);
    CHECK((replicas->find("maximum") != nullptr) == both);
  }
}

TEST_CASE("a merge patch between two objects says what goes, what comes and what changes") {
  const Value from = *render::read_value(R"({"a":1,"b":{"c":[1,2],"d":"x"},"gone":{"e":1},"same":{}})");
  const Value to = *render::read_value(R"({"a":2,"b":{"c":[1],"d":"x","n":{"m":1}},"same":{}})");
  std::string out;
  render::write_json(merge_difference(from, to), out);
  CHECK(out == R"({"gone":null,"a":2,"b":{"c":[1],"n":{"m":1}}})");
  CHECK(merge_difference(to, to).members.empty());
}
