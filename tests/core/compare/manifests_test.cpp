// Objects of two trees, met by kind and name, and what each of their changes means.
#include "compare/manifests.h"

#include <doctest/doctest.h>

#include "core/compare/lines.h"

using namespace apigw;
using apigw::testing::joined;
using apigw::testing::lines;
using Lines = std::vector<std::string>;

namespace {

struct Read {
  diag::Sources sources;
  diag::Report report;
  kubernetes::Objects objects;
  explicit Read(std::string text) {
    objects.read(sources.add("a.yaml", std::move(text)), sources, report);
    objects.finish(sources);
    INFO(diag::render(report, sources, diag::Format::full, false));
    REQUIRE_FALSE(report.has_errors());
  }
};

Lines compared(std::string_view before, std::string_view after) {
  const Read a{std::string(before)}, b{std::string(after)};
  return lines(compare::compare_manifests(a.objects, b.objects));
}

std::string object(std::string_view kind, std::string_view body, std::string_view meta = "name: a",
                   std::string_view version = "v1") {
  return fmt::format("apiVersion: {}\nkind: {}\nmetadata: {{ {} }}\n{}\n", version, kind, meta, body);
}

std::string deployment(std::string_view spec, std::string_view container) {
  return object(
      "Deployment",
      fmt::format("spec: {{ {} template: {{ spec: {{ containers: [{{ name: app{} }}] }} }} }}", spec, container),
      "name: a, namespace: shop", "apps/v1");
}

}  // namespace

TEST_CASE("each change of an object has its grade") {
  struct Row {
    std::string_view name;
    std::string before, after;
    Lines lines;
  };
  const std::string at = "Deployment shop/a spec.template.spec.containers[app]";
  const Row rows[] = {
      {"order and comments",
       "# x\n" + object("ConfigMap", "data: { a: '1', b: '2' }"),
       object("ConfigMap", "data: { b: '2', a: '1' } # y"),
       {}},
      {"an image",
       deployment("", ", image: r/a:1"),
       deployment("", ", image: r/a:2"),
       {fmt::format("risky ~ {}.image: r/a:1 → r/a:2", at)}},
      {"fewer replicas",
       deployment("replicas: 3,", ""),
       deployment("replicas: 2,", ""),
       {"risky ~ Deployment shop/a spec.replicas: 3 → 2"}},
      {"more memory",
       deployment("", ", resources: { limits: { memory: 512Mi } }"),
       deployment("", ", resources: { limits: { memory: 1Gi } }"),
       {fmt::format("safe ~ {}.resources.limits.memory: 512Mi → 1Gi", at)}},
      {"less CPU",
       deployment("", ", resources: { requests: { cpu: 1 } }"),
       deployment("", ", resources: { requests: { cpu: 500m } }"),
       {fmt::format("risky ~ {}.resources.requests.cpu: 1 → 500m", at)}},
      {"a selector",
       deployment("selector: { matchLabels: { a: b } },", ""),
       deployment("selector: { matchLabels: { a: c } },", ""),
       {"breaking ~ Deployment shop/a spec.selector.matchLabels.a: b → c"}},
      {"privileges",
       deployment("", ", securityContext: { privileged: false }"),
       deployment("", ", securityContext: { privileged: true }"),
       {fmt::format("risky ~ {}.securityContext.privileged: false → true", at)}},
      {"a variable",
       deployment("", ", env: [{ name: A, value: x }, { name: B, value: y }]"),
       deployment("", ", env: [{ name: B, value: y }, { name: A, value: z }]"),
       {fmt::format("risky ~ {}.env[A].value: x → z", at)}},
      {"a port of a Service",
       object("Service", "spec: { ports: [{ name: http, port: 80 }] }"),
       object("Service", "spec: { ports: [{ name: http, port: 81 }] }"),
       {"breaking ~ Service a spec.ports[http].port: 80 → 81"}},
      {"an annotation",
       object("Service", "spec: {}", "name: a, annotations: { x.y/z: a }"),
       object("Service", "spec: {}", "name: a, annotations: { x.y/z: b }"),
       {"cosmetic ~ Service a metadata.annotations[x.y/z]: a → b"}},
      {"a ConfigMap under another hash",
       object("ConfigMap", "data: { a: '1' }", "name: a-config-0123abcd"),
       object("ConfigMap", "data: { a: '2' }", "name: a-config-4567abcd"),
       {"risky ~ ConfigMap a-config data.a: 1 → 2"}},
      {"a Secret",
       object("Secret", "stringData: { a: winter }"),
       object("Secret", "stringData: { a: autumn }"),
       {"risky ~ Secret a stringData.a: (hidden) → (hidden)"}},
      {"a Service gone, a policy new",
       object("Service", "spec: {}"),
       object("NetworkPolicy", "spec: {}"),
       {"risky + NetworkPolicy a", "breaking - Service a"}},
      {"another namespace",
       object("Service", "spec: {}", "name: a, namespace: x"),
       object("Service", "spec: {}", "name: a, namespace: y"),
       {"breaking - Service x/a", "safe + Service y/a"}},
      {"lists opened",
       "apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Service, metadata: { name: a } }]\n",
       object("Service", ""),
       {}},
      {"another version of the API",
       object("Service", "", "name: a", "v1"),
       object("Service", "", "name: a", "v2"),
       {"cosmetic ~ Service a apiVersion: v1 → v2"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Lines found = compared(row.before, row.after);
    std::ranges::sort(found);
    Lines wanted = row.lines;
    std::ranges::sort(wanted);
    CHECK(joined(found) == joined(wanted));
    CHECK(compared(row.after, row.after).empty());
  }
}
