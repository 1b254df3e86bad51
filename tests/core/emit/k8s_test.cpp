// What `emit k8s` writes: laws that hold for every Plan, and a bundle to read.
#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "core/emit/random_plan.h"
#include "core/emit/shell.h"
#include "core/kubernetes/manifests.h"
#include "emit/objects.h"
#include "render/yaml_writer.h"
#include "support/golden.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::emit;
using namespace apigw::emit::testing;

namespace {

std::vector<Object> objects(const RandomPlan& made, diag::Report& report) {
  const Bundle bundle = bundle_of(made.plan, made.options, report);
  const Setting setting{made.plan, made.options, bundle};
  std::vector<Object> out;
  if (made.options.create_namespace && !setting.name_space().empty()) out.push_back(namespace_of(setting));
  for (const Workload* workload : chosen(bundle, made.options))
    std::ranges::move(objects_of(setting, *workload), std::back_inserter(out));
  return out;
}

// "spec/template/spec": nothing where there is nothing.
const Value* at(const Value& root, std::string_view path) {
  const Value* value = &root;
  for (const std::string_view step : text::split(path, '/')) {
    if (value == nullptr) return nullptr;
    const auto index = text::parse_number(step);
    if (index && value->kind == Value::Kind::list)
      value = *index < value->items.size() ? &value->items[*index] : nullptr;
    else
      value = value->find(step);
  }
  return value;
}

std::string json_of(const Value* value) {
  std::string out;
  if (value != nullptr) render::write_json(*value, out);
  return out;
}

bool holds(const Value& labels, const Value& selector) {
  return std::ranges::all_of(selector.members, [&](const render::Member& member) {
    const Value* label = labels.find(member.name);
    return label != nullptr && label->text == member.value.text;
  });
}

// The graph of one Plan, by kind and name.
struct World {
  std::vector<Object> all;
  [[nodiscard]] const Object* find(std::string_view kind, std::string_view name) const {
    const auto found =
        std::ranges::find_if(all, [&](const Object& o) { return o.kind() == kind && o.name() == name; });
    return found == all.end() ? nullptr : &*found;
  }
};

void check_deployment(const World& world, const Object& object) {
  const Value& deployment = object.value;
  const Value& pod = *at(deployment, "spec/template/spec");
  const Value& container = *at(pod, "containers/0");
  const std::string name = object.name();
  // an autoscaler or a number, never both and never neither
  CHECK((at(deployment, "spec/replicas") == nullptr) == (world.find("HorizontalPodAutoscaler", name) != nullptr));
  CHECK(holds(*at(deployment, "spec/template/metadata/labels"), *at(deployment, "spec/selector/matchLabels")));
  CHECK(at(deployment, "metadata/labels")->find("app.kubernetes.io/instance")->text == name);
  for (const char* kind : {"Service", "PodDisruptionBudget", "NetworkPolicy", "ServiceAccount"})
    CHECK_MESSAGE(world.find(kind, name) != nullptr, kind);
  const Value& labels = *at(deployment, "spec/template/metadata/labels");
  CHECK(holds(labels, *at(world.find("Service", name)->value, "spec/selector")));
  CHECK(holds(labels, *at(world.find("PodDisruptionBudget", name)->value, "spec/selector/matchLabels")));
  CHECK(holds(labels, *at(world.find("NetworkPolicy", name)->value, "spec/podSelector/matchLabels")));
  // probes ask different things, at ports that are declared
  CHECK(json_of(at(container, "livenessProbe")) != json_of(at(container, "readinessProbe")));
  std::set<std::string> ports;
  for (const Value& port : at(container, "ports")->items) ports.insert(port.find("name")->text);
  for (const char* probe : {"startupProbe", "livenessProbe", "readinessProbe"}) {
    const Value* asked = container.find(probe);
    const Value* get = asked->find("httpGet") != nullptr ? asked->find("httpGet") : asked->find("tcpSocket");
    REQUIRE(get != nullptr);
    CHECK(ports.contains(get->find("port")->text));
    CHECK(asked->find("timeoutSeconds") != nullptr);
    CHECK(asked->find("failureThreshold") != nullptr);
  }
  for (const Value& port : at(world.find("Service", name)->value, "spec/ports")->items)
    CHECK(ports.contains(port.find("targetPort")->text));
  CHECK_FALSE(container.find("image")->text.ends_with(":latest"));
  CHECK(json_of(at(container, "securityContext/capabilities/drop")) == R"(["ALL"])");
  CHECK(json_of(at(container, "securityContext/readOnlyRootFilesystem")) == "true");
  CHECK(json_of(at(pod, "automountServiceAccountToken")) == "false");
  CHECK(at(container, "resources/limits/ephemeral-storage") != nullptr);
  // every mount has its volume, and every volume its mount
  std::set<std::string> volumes, mounts;
  for (const Value& volume : pod.find("volumes")->items) volumes.insert(volume.find("name")->text);
  for (const Value& mount : container.find("volumeMounts")->items) mounts.insert(mount.find("name")->text);
  CHECK(volumes == mounts);
  // what it refers to is there, or is a secret of its own
  const std::string config = json_of(&pod);
  for (const Object& other : world.all)
    if (other.kind() == "ConfigMap" && other.workload == object.workload)
      CHECK(config.contains("\"" + other.name() + "\""));
  if (const Value* env = container.find("env"))
    for (const Value& variable : env->items)
      if (const Value* key = at(variable, "valueFrom/secretKeyRef")) {
        CHECK(key->find("name")->text == name + "-secrets");
        CHECK_FALSE(key->find("key")->text.empty());
      }
}

void check_policies(const World& world) {
  // a rule out of one workload has its rule into the other
  std::set<std::pair<std::string, std::string>> out, in;
  for (const Object& object : world.all) {
    if (object.kind() != "NetworkPolicy") continue;
    CHECK(json_of(at(object.value, "spec/policyTypes")) == R"(["Ingress","Egress"])");
    const auto collect = [&](const char* direction, const char* end, auto add) {
      for (const Value& rule : at(object.value, std::string("spec/") + direction)->items) {
        const Value* ends = rule.find(end);
        if (ends == nullptr) continue;
        for (const Value& peer : ends->items) {
          const Value* labels = at(peer, "podSelector/matchLabels");
          if (labels != nullptr) add(labels->find("app.kubernetes.io/name")->text);
        }
      }
    };
    collect("egress", "to", [&](const std::string& name) { out.emplace(object.name(), name); });
    collect("ingress", "from", [&](const std::string& name) { in.emplace(name, object.name()); });
  }
  std::erase_if(out, [](const auto& edge) { return edge.second == gateway_name; });  // open to all
  CHECK(out == in);
}

}  // namespace

TEST_CASE("a version is the tag of an image, else the beginning of its digest") {
  const std::string digest = "sha256:" + std::string(64, 'a');
  for (const auto& [image, version] : {std::pair<std::string, std::string>{"foo:1", "1"},
                                       {"myservice:1.4.2", "1.4.2"},
                                       {"r.example:5000/foo:1.0-rc.1", "1.0-rc.1"},
                                       {"r.example:5000/foo@" + digest, "aaaaaaaaaaaa"},
                                       {"foo@" + digest, "aaaaaaaaaaaa"},
                                       {"foo:2@" + digest, "2"},
                                       {"foo:_2_", "2"},
                                       {"foo", ""}}) {
    CAPTURE(image);
    CHECK(version_of(image) == version);
  }
}

TEST_CASE("laws of every bundle hold for a thousand random plans") {
  std::size_t deployments = 0, autoscalers = 0;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    const RandomPlan made(seed);
    diag::Report report;
    const World world{objects(made, report)};
    INFO(diag::render(report, {}, diag::Format::concise, false));
    REQUIRE_FALSE(report.has_errors());
    std::set<std::string> names;
    for (const Object& object : world.all) {
      CHECK(names.insert(object.kind() + "/" + object.name()).second);
      if (object.kind() == "Deployment") check_deployment(world, object);
      deployments += object.kind() == "Deployment";
      autoscalers += object.kind() == "HorizontalPodAutoscaler";
      if (object.kind() == "Secret")
        for (const render::Member& value : at(object.value, "stringData")->members) CHECK(value.value.text.empty());
    }
    check_policies(world);
    if (seed % 10 != 0) continue;
    diag::Report again;
    const auto second = objects(RandomPlan(seed), again);
    REQUIRE(second.size() == world.all.size());
    for (std::size_t i = 0; i < second.size(); ++i)
      CHECK(render::write_yaml(second[i].value) == render::write_yaml(world.all[i].value));
  }
  CHECK(deployments > 2000);
  CHECK(autoscalers > 500);
}

TEST_CASE("`apigw validate` finds nothing in what random plans write, but for what is exempted with a reason") {
  for (unsigned seed = 0; seed < 250; ++seed) {
    CAPTURE(seed);
    diag::Report report;
    std::string stream;
    for (const Object& object : objects(RandomPlan(seed), report))
      stream += "---\n" + render::write_yaml(object.value);
    const apigw::testing::Judged judged(std::move(stream));
    INFO(diag::render(judged.report, judged.sources, diag::Format::full, false));
    REQUIRE(judged.report.all().empty());
  }
}

TEST_CASE("a thousand random plans are objects of Kubernetes under its strict schema") {
  const auto definitions = std::filesystem::path(APIGW_SOURCE_DIR) / "../shared/oracles/kubernetes/definitions.json";
  if (!std::filesystem::exists(definitions)) APIGW_SKIP("needs ../shared/oracles/kubernetes beside the tree");
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3 with jsonschema and yaml");
  const auto folder = std::filesystem::temp_directory_path() / ("apigw-emit-random-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / "objects.jsonl", std::ios::binary);
  for (unsigned seed = 0; seed < 1000; ++seed) {
    diag::Report report;
    for (const Object& object : objects(RandomPlan(seed), report)) file << json_of(&object.value) << "\n";
  }
  file.close();
  int status = -1;
  const std::string out =
      shell(fmt::format("/usr/bin/python3 {}/tests/core/emit/kubernetes_check.py {} {}", APIGW_SOURCE_DIR,
                        definitions.string(), (folder / "objects.jsonl").string()),
            status);
  CHECK_MESSAGE(status == 0, out);
  std::filesystem::remove_all(folder);
}
