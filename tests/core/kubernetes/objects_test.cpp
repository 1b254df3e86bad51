// What is read as an object, where its places are, and how objects of several documents and files meet.
#include <doctest/doctest.h>

#include "core/kubernetes/manifests.h"

using namespace apigw;
using apigw::testing::Judged;
using Places = std::vector<std::string>;

namespace {

std::string pod(std::string_view container, std::string_view spec = {}, std::string_view metadata = "name: orders") {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{ {} }}\nspec:\n{}  containers:\n    - name: app\n      image: "
      "r.example/orders:1.4.2\n{}",
      metadata, spec, container);
}

}  // namespace

TEST_CASE("places are those of the document that a value stands in, whatever stood before it") {
  const std::string first = "# a comment\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
  const std::string second = pod("      securityContext:\n        privileged: true\n");
  struct Row {
    std::string name, text;
    Places places;
  };
  const Row rows[] = {
      {"alone", second, {"a.yaml:9:21"}},
      {"behind a document", first + "---\n" + second, {"a.yaml:14:21"}},
      {"CRLF", first + "---\r\n" + second, {"a.yaml:14:21"}},
      {"a byte order mark", "\xEF\xBB\xBF" + first + "---\n" + second, {"a.yaml:14:21"}},
      {"a comment behind the line", first + "--- # the pod\n" + second, {"a.yaml:14:21"}},
      {"a directive", "%YAML 1.1\n---\n" + first + "...\n%YAML 1.1\n---\n" + second, {"a.yaml:18:21"}},
      {"empty documents", "---\n---\n# nothing\n---\n" + second + "---\n", {"a.yaml:13:21"}},
      {"a document that is broken", "a: [1\n---\n" + second, {"a.yaml:11:21"}},
      {"a block that ends at the line",
       "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    x: {\n---\n" + second,
       {"a.yaml:15:21"}},
      {"letters of several bytes", "# Größe ✓\n" + second, {"a.yaml:10:21"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(Judged(row.text).places(825) == row.places);
  }
}

TEST_CASE("lists are opened, typed ones too, and JSON is read with its places") {
  const std::string list =
      "apiVersion: v1\nkind: List\nitems:\n"
      "  - apiVersion: v1\n    kind: Pod\n    metadata: { name: a }\n"
      "    spec: { hostPID: true, containers: [{ name: app, image: 'r.example/a:1' }] }\n"
      "  - apiVersion: v1\n    kind: List\n    items:\n"
      "      - { apiVersion: v1, kind: Pod, metadata: { name: b }, spec: { hostPID: yes, containers: [] } }\n";
  CHECK(Judged(list).places(807) == Places{"a.yaml:7:22", "a.yaml:11:78"});
  const std::string typed =
      "apiVersion: v1\nkind: PodList\nitems:\n  - metadata: { name: a }\n    spec: { hostPID: true, containers: [] "
      "}\n";
  CHECK(Judged(typed).places(807) == Places{"a.yaml:5:22"});
  const std::string json =
      "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"metadata\": { \"name\": \"a\" },\n"
      "\t\"spec\": { \"hostPID\": true, \"containers\": [] }\n}\n";
  CHECK(Judged(json).places(807) == Places{"a.yaml:5:23"});
}

TEST_CASE("objects meet across files, and only in one namespace") {
  const std::string deployment =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, namespace: shop }\n"
      "spec: { selector: { matchLabels: { app: a } }, template: { metadata: { labels: { app: a, v: '1' } },"
      " spec: { serviceAccountName: a, containers: [] } } }\n";
  const auto service = [](std::string_view space) {
    return fmt::format(
        "apiVersion: v1\nkind: Service\nmetadata: {{ name: a{} }}\nspec: {{ selector: {{ app: a }} }}\n", space);
  };
  CHECK(Judged({{"d.yaml", deployment}, {"s.yaml", service(", namespace: shop")}}).count(865) == 0);
  CHECK(Judged({{"s.yaml", service(", namespace: other")}, {"d.yaml", deployment}}).places(865) ==
        Places{"s.yaml:4:19"});
  CHECK(Judged({{"s.yaml", service("")}, {"d.yaml", deployment}}).count(865) == 1);
  CHECK(Judged({{"d.yaml", deployment}}).count(810) == 1);
  CHECK(Judged({{"d.yaml", deployment},
                {"a.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, namespace: shop }\n"}})
            .count(810) == 0);
}

TEST_CASE("selectors of labels and expressions take what Kubernetes takes") {
  const auto policy = [](std::string_view selector) {
    return Judged(
        fmt::format("apiVersion: v1\nkind: Pod\nmetadata: {{ name: a, labels: {{ app: a, tier: web }} }}\n"
                    "spec: {{ containers: [] }}\n---\n"
                    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ name: p }}\n"
                    "spec: {{ podSelector: {}, policyTypes: [Ingress, Egress] }}\n",
                    selector));
  };
  const std::pair<std::string_view, bool> rows[] = {
      {"{}", true},
      {"{ matchLabels: { app: a } }", true},
      {"{ matchLabels: { app: a, tier: api } }", false},
      {"{ matchExpressions: [{ key: tier, operator: In, values: [api, web] }] }", true},
      {"{ matchExpressions: [{ key: tier, operator: NotIn, values: [web] }] }", false},
      {"{ matchExpressions: [{ key: zone, operator: NotIn, values: [a] }] }", true},
      {"{ matchExpressions: [{ key: tier, operator: Exists }] }", true},
      {"{ matchExpressions: [{ key: zone, operator: Exists }] }", false},
      {"{ matchExpressions: [{ key: zone, operator: DoesNotExist }] }", true},
      {"{ matchExpressions: [{ key: tier, operator: Nonsense }] }", false},
      {"{ matchLabels: { app: a }, matchExpressions: [{ key: app, operator: DoesNotExist }] }", false},
  };
  for (const auto& [selector, takes] : rows) {
    CAPTURE(selector);
    CHECK((policy(selector).count(820) == 0) == takes);
    CHECK((policy(selector).count(870) == 0) == takes);
  }
}

TEST_CASE("a workload of a kind that is not known is judged by its pods") {
  const Judged judged(
      "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: a }\n"
      "spec: { template: { spec: { hostIPC: on, containers: [] } } }\n");
  CHECK(judged.places(805) == Places{"a.yaml:4:38"});
  CHECK(Judged("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: a }\nspec: {}\n").count(865) ==
        0);
}

TEST_CASE("each document that is no object is told, and the others are judged") {
  const Judged judged("[1, 2]\n---\nkind: Pod\n---\napiVersion: v1\n---\njust words\n---\n" + pod(""));
  CHECK(judged.places(800) == Places{"a.yaml:1:1", "a.yaml:3:1", "a.yaml:5:1", "a.yaml:7:1"});
  CHECK(judged.count(827) == 1);
}

TEST_CASE("an annotation exempts by our code and by the names of the three linters") {
  const auto with = [](std::string_view annotation) {
    return Judged(pod("", "", fmt::format("name: orders, annotations: {{ {} }}", annotation)));
  };
  REQUIRE(with("a: b").count(829) == 1);
  struct Row {
    std::string_view annotation;
    std::size_t left;     // findings of 829, writable root file system
    std::size_t reasons;  // findings of 108
  };
  const Row rows[] = {
      {"apigw/ignore-AGW829: 'writes its cache'", 0, 0},
      {"apigw/ignore-AGW829: ''", 1, 1},
      {"apigw/ignore-AGW999: why", 1, 1},
      {"apigw/ignore-AGW828: why", 1, 0},
      {"ignore-check.kube-linter.io/no-read-only-root-fs: why", 0, 0},
      {"ignore-check.kube-linter.io/run-as-non-root: why", 1, 0},
      {"kube-linter.io/ignore-all: why", 0, 0},
      {"kube-score/ignore: 'pod-probes, container-security-context-readonlyrootfilesystem'", 0, 0},
      {"kube-score/ignore: pod-probes", 1, 0},
      {"kube-score/ignore: '*'", 0, 0},
      {"kube-score/skip: 'true'", 0, 0},
      {"polaris.fairwinds.com/notReadOnlyRootFilesystem-exempt: 'true'", 0, 0},
      {"polaris.fairwinds.com/notReadOnlyRootFilesystem-exempt: 'false'", 1, 0},
      {"polaris.fairwinds.com/runAsRootAllowed-exempt: 'true'", 1, 0},
      {"polaris.fairwinds.com/exempt: 'True'", 0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotation);
    CHECK(with(row.annotation).count(829) == row.left);
    CHECK(with(row.annotation).count(108) == row.reasons);
  }
  CHECK(with("kube-score/skip: 'true'").count(819) == 1);  // a matter that kube-score does not know
}

TEST_CASE(
    "a comment with a reason ignores a finding on its line, an annotation of the template counts, an error stays") {
  CHECK(Judged(pod("      securityContext:\n        # apigw-ignore AGW825: it loads a kernel module\n"
                   "        privileged: true\n"))
            .count(825) == 0);
  const auto deployment = [](std::string_view annotations) {
    return Judged(
        fmt::format("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: a }}\nspec:\n"
                    "  selector: {{ matchLabels: {{ app: b }} }}\n  template:\n"
                    "    metadata: {{ labels: {{ app: a }}, annotations: {{ {} }} }}\n"
                    "    spec: {{ hostPID: true, containers: [] }}\n",
                    annotations));
  };
  CHECK(deployment("a: b").count(807) == 1);
  CHECK(deployment("apigw/ignore-AGW807: it watches processes").count(807) == 0);
  CHECK(deployment("ignore-check.kube-linter.io/mismatching-selector: why").count(855) == 1);
}

TEST_CASE("a secret that is found is in no report") {
  const Judged judged(pod("      env: [{ name: MODE, value: fast }, { name: DB_PASSWORD, value: autumn-leaves }]\n"));
  for (const auto format : {diag::Format::full, diag::Format::json, diag::Format::sarif})
    CHECK_FALSE(diag::render(judged.report, judged.sources, format, false).contains("autumn"));
  CHECK(judged.count(836) == 1);
  for (const std::string_view fine :
       {"value: /run/secrets/password", "value: '3600'", "value: 'true'", "value: ''", "valueFrom: {}"})
    CHECK(Judged(pod(fmt::format("      env: [{{ name: TOKEN_TTL, {} }}]\n", fine))).count(836) == 0);
}

TEST_CASE("what is set for a pod holds for its containers, and a container's own setting wins") {
  const auto judged = [](std::string_view pod_level, std::string_view own) {
    return Judged(pod(fmt::format("      securityContext: {{ {} }}\n", own),
                      fmt::format("  securityContext: {{ {} }}\n", pod_level)));
  };
  CHECK(judged("runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001", "").count(827) == 0);
  CHECK(judged("runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001", "").count(828) == 0);
  CHECK(judged("runAsNonRoot: true", "runAsNonRoot: false").count(827) == 1);
  CHECK(judged("runAsUser: 10001", "runAsUser: 0").count(827) == 1);
  CHECK(judged("", "runAsUser: 10001").count(827) == 0);
  CHECK(judged("", "runAsUser: 10001, runAsGroup: 0").count(827) == 1);
  CHECK(judged("seccompProfile: { type: RuntimeDefault }", "").count(832) == 0);
  CHECK(judged("seccompProfile: { type: Unconfined }", "").count(832) == 1);
}

TEST_CASE("images have a version by tag or digest, and a port of a registry is no tag") {
  const std::pair<std::string_view, bool> rows[] = {
      {"orders", false},
      {"orders:latest", false},
      {"r.example:5000/orders", false},
      {"r.example:5000/orders:1", true},
      {"orders@sha256:0123", true},
      {"orders:1.4.2@sha256:0123", true},
      {"orders:latest@sha256:0123", false},
  };
  for (const auto& [image, fixed] : rows) {
    CAPTURE(image);
    const Judged judged(
        fmt::format("apiVersion: v1\nkind: Pod\nspec: {{ containers: [{{ name: a, image: '{}' }}] }}\n", image));
    CHECK((judged.count(838) == 0) == fixed);
  }
}

TEST_CASE("a budget is held against the fewest pods that its workload may have") {
  const auto judged = [](std::string_view replicas, std::string_view least, std::string_view scaler) {
    return Judged(fmt::format(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: a }}\nspec: {{ {} selector: {{ matchLabels: "
        "{{ app: a }} }}, template: {{ metadata: {{ labels: {{ app: a }} }}, spec: {{ containers: [] }} }} }}\n---\n"
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{ name: a }}\nspec: {{ minAvailable: {}, "
        "selector: {{ matchLabels: {{ app: a }} }} }}\n{}",
        replicas, least, scaler));
  };
  constexpr std::string_view scaler =
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: a }\n"
      "spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: a }, minReplicas: 3, maxReplicas: 9 "
      "}\n";
  CHECK(judged("replicas: 3,", "2", "").count(877) == 0);
  CHECK(judged("replicas: 3,", "3", "").count(877) == 1);
  CHECK(judged("", "1", "").count(877) == 1);
  CHECK(judged("replicas: 3,", "60%", "").count(877) == 0);  // 1.8: two
  CHECK(judged("replicas: 3,", "70%", "").count(877) == 1);  // 2.1: three
  CHECK(judged("", "2", scaler).count(877) == 0);
  CHECK(judged("", "3", scaler).count(877) == 1);
  CHECK(judged("replicas: 3,", "'101%'", "").count(877) == 0);
}
