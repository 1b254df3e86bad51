// `apigw validate` on Kubernetes manifests: files, folders, stdin, charts, and every form of output.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "diag/diagnostic.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr std::string_view service =
    "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { selector: { app: a }, ports: [{ port: 80 }] }\n";
constexpr std::string_view account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n";
constexpr std::string_view privileged =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: { app: a }\n"
    "  annotations: { kube-linter.io/ignore-all: test, kube-score/skip: 'true', polaris.fairwinds.com/exempt: 'true' "
    "}\n"
    "spec:\n  hostname: a\n  containers: [{ name: a, ports: [{ name: A_B, containerPort: 80 }] }]\n";
constexpr std::string_view finding =
    "pod.yaml:9:43: error[AGW849]: 'A_B' cannot name a port of container 'a' of Pod 'a'\n";
constexpr std::string_view chart_template =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.on }}\nspec: {}\n{{- end "
    "}}\n";

MemoryFiles files() {
  return {{"k8s/service.yaml", std::string(service)},
          {"k8s/pods/pod.yaml", std::string(privileged)},
          {"k8s/values.yaml", "a: 1\n"},
          {"k8s/.hidden/pod.yaml", std::string(privileged)},
          {"k8s/node_modules/x/pod.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"},
          {"pod.yaml", std::string(privileged)},
          {"service.yaml", std::string(service)},
          {"account.yaml", std::string(account)}};
}

}  // namespace

TEST_CASE("a manifest is known by what it holds, and its findings are told in every form") {
  auto all = files();
  const auto ran = run({"validate", "pod.yaml"}, all);
  CHECK(ran.exit == 1);
  CHECK(ran.out == finding);
  CHECK(ran.err == "1 error in pod.yaml\n");
  for (const std::string form : {"full", "concise", "json", "sarif", "github", "gitlab", "junit"}) {
    CAPTURE(form);
    const auto formed = run({"validate", "pod.yaml", "-o", form}, all);
    CHECK(formed.exit == 1);
    CHECK(formed.out.contains("AGW849"));
    CHECK(formed.out.contains("pod.yaml"));
    if (form == "json" || form == "sarif" || form == "gitlab") CHECK(nlohmann::json::accept(formed.out));
  }
  const auto sarif = nlohmann::json::parse(run({"validate", "pod.yaml", "-o", "sarif"}, all).out);
  const auto& place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
  CHECK(place["startLine"] == 9);
  CHECK(place["startColumn"] == 43);
}

TEST_CASE("files of one run are one cluster, a folder is read to its depth, and stdin is a file") {
  auto all = files();
  CHECK(run({"validate", "service.yaml"}, all).out.contains("AGW865"));
  CHECK_FALSE(run({"validate", "service.yaml", "pod.yaml"}, all).out.contains("AGW865"));
  const auto folder = run({"validate", "k8s"}, all);
  CHECK(folder.exit == 1);
  CHECK(folder.out.starts_with("k8s/pods/"));
  CHECK(folder.out.contains("AGW849"));
  CHECK_FALSE(folder.out.contains("AGW865"));
  CHECK_FALSE(folder.out.contains("hidden"));
  CHECK_FALSE(folder.out.contains("node_modules"));
  CHECK(run({"validate", "k8s/"}, all).out == folder.out);
  CHECK(run({"validate", "account.yaml"}, all).err == "no findings in 1 file\n");
  const auto piped = run({"validate", "-"}, all, {.in = std::string(privileged)});
  CHECK(piped.exit == 1);
  CHECK(piped.out.starts_with("-:9:43: error[AGW849]"));
}

TEST_CASE("warnings count when they are asked to") {
  auto all = files();
  CHECK(run({"validate", "service.yaml"}, all).exit == 0);
  CHECK(run({"validate", "service.yaml", "--fail-on", "warning"}, all).exit == 1);
}

TEST_CASE("a Helm chart is passed over with a sentence, and a template that is named is refused with what to do") {
  MemoryFiles all{
      {"deploy/chart/Chart.yaml", "apiVersion: v2\nname: a\n"},
      {"deploy/chart/templates/a.yaml", std::string(chart_template)},
      {"deploy/chart/templates/b.yaml",
       "apiVersion: v1\nkind: Service\nmetadata: { name: \"{{ .Release.Name }}\" }\n"},
      {"deploy/account.yaml", std::string(account)},
      {"loose.yaml", std::string(chart_template)},
      {"dashboard.yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  a.json: |\n    {{ instance }}\n"}};
  const auto folder = run({"validate", "deploy"}, all);
  CHECK(folder.exit == 0);
  CHECK(folder.err ==
        "2 templates of the Helm chart 'deploy/chart' passed over: helm template deploy/chart | apigw validate -\n"
        "no findings in 1 file\n");
  const auto chart = run({"validate", "deploy/chart"}, all);
  CHECK(chart.exit == 2);
  CHECK(chart.err.contains("no Kubernetes manifests in 'deploy/chart'"));
  const auto named = run({"validate", "loose.yaml"}, all);
  CHECK(named.exit == 2);
  CHECK(named.err ==
        "error: 'loose.yaml' is a template, no manifest yet\n"
        " help: render it first: helm template CHART | apigw validate -\n");
  CHECK(run({"validate", "deploy/chart/templates/b.yaml"}, all).exit == 2);
  CHECK(run({"validate", "dashboard.yaml"}, all).exit == 0);
}

TEST_CASE("what a Kustomization names as a patch is no object") {
  MemoryFiles all{{"k/kustomization.yaml",
                   "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [account.yaml]\n"
                   "patches: [{ path: ./patch.yaml }]\npatchesStrategicMerge: [old/patch.yaml]\n"},
                  {"k/account.yaml", std::string(account)},
                  {"k/patch.yaml", std::string(privileged)},
                  {"k/old/patch.yaml", std::string(privileged)}};
  const auto ran = run({"validate", "k"}, all);
  CHECK(ran.exit == 0);
  CHECK(ran.out.empty());
}

TEST_CASE("what cannot be judged is said, with what to do") {
  MemoryFiles all{
      {"chart.yaml", "apiVersion: v2\nname: a\n"}, {"empty/a.txt", "x"}, {"pod.yaml", std::string(service)}};
  CHECK(run({"validate", "chart.yaml"}, all).exit == 2);
  CHECK(run({"validate", "chart.yaml"}, all).err.contains("a manifest without `kind`"));
  CHECK(run({"validate", "empty"}, all).err.contains("no Kubernetes manifests in 'empty'"));
  CHECK(run({"validate", "empty"}, all).exit == 2);
  CHECK(run({"validate", "pod.yaml", "--fix"}, all).err.contains("'pod.yaml' holds Kubernetes objects"));
  CHECK(run({"validate", "empty", "--fix"}, all).exit == 2);
}

TEST_CASE("--rules lists every rule with the names of other linters") {
  const auto ran = run({"validate", "--rules", "-o", "json"});
  CHECK(ran.exit == 0);
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["kind"] == "rules");
  CHECK(json["items"].size() > 65);
  CHECK(json["items"][0]["code"] == "AGW801");
  CHECK(json["items"][0]["kube_score"] == nlohmann::json::array({"stable-version"}));
  const auto csv = run({"validate", "--rules", "-o", "csv"}).out;
  CHECK(csv.contains("AGW829,warning,writable root file system,containers,no-read-only-root-fs,"));
  CHECK(run({"validate", "--rules", "-o", "sarif"}).exit == 2);
}

TEST_CASE("what emit writes for the examples has no finding, not even a note") {
  for (const char* const written : {"cluster.k8s.yaml", "cluster.kustomize.base.yaml", "cluster.kustomize.prod.yaml",
                                    "routes.gateway-api.yaml", "routes.envoy-gateway.yaml"}) {
    CAPTURE(written);
    MemoryFiles all{{"a.yaml", golden::read(golden::path("golden/emit") / written)}};
    const auto ran = run({"validate", "a.yaml"}, all);
    CHECK(ran.exit == 0);
    CHECK(ran.out == "");
  }
}
