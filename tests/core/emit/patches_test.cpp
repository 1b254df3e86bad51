#include "emit/patches.h"

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::emit;

namespace {

std::vector<Value> things() {
  return {*render::read_value(R"({"spec":{"a/b":1,"list":[1,2,3]}})"), *render::read_value(R"({"spec":{}})")};
}

struct Patched {
  std::string first, second, fault;
};

Patched patched(std::string to, bool merge, std::string json, bool all = true, std::string target = "") {
  model::Plan plan;
  plan.deploy.patches.push_back({std::move(to), merge, std::move(json), {}});
  auto objects = things();
  diag::Report report;
  apply_patches(plan, target, all, {{"Deployment/orders", objects.data()}, {"Service/orders", &objects[1]}}, report);
  Patched out;
  render::write_json(*objects[0].find("spec"), out.first);
  render::write_json(*objects[1].find("spec"), out.second);
  if (!report.all().empty()) out.fault = report.all()[0].message;
  return out;
}

}  // namespace

TEST_CASE("merge patches and operations do what their standards say") {
  struct Row {
    const char *name, *json, *expected;
    bool merge = false;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"merge adds, replaces and removes", R"({"spec":{"a/b":null,"list":[9],"new":{"x":null,"y":1}}})",
            R"({"list":[9],"new":{"y":1}})", true},
           {"add a member", R"([{"op":"add","path":"/spec/c","value":{"d":true}}])",
            R"({"a/b":1,"list":[1,2,3],"c":{"d":true}})"},
           {"add over a member", R"([{"op":"add","path":"/spec/a~1b","value":2}])", R"({"a/b":2,"list":[1,2,3]})"},
           {"add at an index", R"([{"op":"add","path":"/spec/list/1","value":9}])", R"({"a/b":1,"list":[1,9,2,3]})"},
           {"add behind the last", R"([{"op":"add","path":"/spec/list/-","value":9}])",
            R"({"a/b":1,"list":[1,2,3,9]})"},
           {"remove", R"([{"op":"remove","path":"/spec/list/0"},{"op":"remove","path":"/spec/a~1b"}])",
            R"({"list":[2,3]})"},
           {"replace", R"([{"op":"replace","path":"/spec/list","value":"x"}])", R"({"a/b":1,"list":"x"})"},
           {"move", R"([{"op":"move","from":"/spec/list/0","path":"/spec/first"}])",
            R"({"a/b":1,"list":[2,3],"first":1})"},
           {"copy", R"([{"op":"copy","from":"/spec/list/0","path":"/spec/first"}])",
            R"({"a/b":1,"list":[1,2,3],"first":1})"},
           {"test that holds", R"([{"op":"test","path":"/spec/list","value":[1,2,3]}])",
            R"({"a/b":1,"list":[1,2,3]})"}}) {
    CAPTURE(row.name);
    const Patched done = patched("Deployment/orders", row.merge, row.json);
    CHECK(done.fault == "");
    CHECK(done.first == row.expected);
    CHECK(done.second == "{}");
  }
  CHECK(patched("Service/*", true, R"({"spec":{"x":1}})").second == R"({"x":1})");
  CHECK(patched("Service/ord*", true, R"({"spec":{"x":1}})").first == R"({"a/b":1,"list":[1,2,3]})");
}

TEST_CASE("a patch that does nothing is an error") {
  for (const char* json :
       {R"([{"op":"remove","path":"/spec/none"}])", R"([{"op":"replace","path":"/spec/none","value":1}])",
        R"([{"op":"add","path":"/none/x","value":1}])", R"([{"op":"add","path":"/spec/list/9","value":1}])",
        R"([{"op":"add","path":"/spec/list/01","value":1}])", R"([{"op":"add","path":"spec","value":1}])",
        R"([{"op":"add","path":"/spec/~2","value":1}])", R"([{"op":"add","path":"/spec/x"}])",
        R"([{"op":"test","path":"/spec/list/0","value":2}])", R"([{"op":"move","from":"/none","path":"/spec/x"}])",
        R"([{"op":"move","from":"/spec","path":"/spec/x"}])", R"([{"op":"copy","path":"/spec/x"}])",
        R"([{"op":"frob","path":"/spec"}])", R"([{"path":"/spec"}])", R"([1])", R"({"op":"add"})"}) {
    CAPTURE(json);
    CHECK(patched("Deployment/orders", false, json).fault.find("does not apply") != std::string::npos);
  }
  CHECK(patched("Deployment/order", true, "{}").fault == "patch of 'Deployment/order' fits no object");
  CHECK(patched("Deployment/order", true, "{}", false).fault == "");
}

TEST_CASE("a patch is for Kubernetes or for the target that it names") {
  CHECK(patched("compose/orders", true, R"({"spec":1})").fault == "");
  CHECK(patched("compose/orders", true, R"({"spec":1})").first == R"({"a/b":1,"list":[1,2,3]})");
  CHECK(patched("compose/order", true, "{}", true, "compose").fault == "patch of 'compose/order' fits no object");
  CHECK(patched("Deployment/none", true, "{}", true, "compose").fault == "");
}
