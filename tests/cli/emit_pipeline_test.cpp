// `apigw emit github|gitlab|jenkins|circleci`.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "pipeline/pipeline.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr const char* shop =
    "apigw: 1\n"
    "defaults: { auth: key }\n"
    "providers: { openai: {} }\n"
    "models: { chat: [openai/gpt-5-mini, mock/chat] }\n"
    "services:\n"
    "  orders: { run: python3 main.py, dir: services/orders, image: \"registry.shop.example/orders:1.4.2\" }\n"
    "  stock: { run: ./stock, dir: ./services/stock/, image: \"ghcr.io/shop/stock:2.0.0\", calls: [orders] }\n"
    "  reviews: { image: \"registry.shop.example/reviews:0.3.0\" }\n"
    "routes: { /orders/**: orders, /stock/**: stock, /reviews/**: reviews }\n"
    "deploy:\n"
    "  gateway: { image: \"registry.shop.example/apigw:1.0.0\" }\n"
    "  kubernetes: { namespace: shop }\n"
    "profiles: { prod: { health: 0.0.0.0:9090 } }\n";

MemoryFiles project() {
  return {{"apigw.yaml", shop},
          {"services/orders/Dockerfile", "FROM scratch\n"},
          {"services/stock/Dockerfile", "FROM scratch\n"},
          {"tests/orders.test.yaml", "cases: []\n"}};
}

}  // namespace

TEST_CASE("each pipeline of a project is written as it was read over") {
  for (const pipeline::System& system : pipeline::systems()) {
    CAPTURE(system.word);
    auto files = project();
    const auto ran =
        run({"emit", std::string(system.word), "--to", ".", "--profile", "prod", "--create-namespace"}, files);
    CHECK(ran.exit == 0);
    CHECK(ran.out == fmt::format("create\t{}\n", system.path));
    golden::check(fmt::format("golden/emit/shop.{}", system.word),
                  files.content.at(fmt::format("/project/{}", system.path)));
    golden::check("golden/emit/shop.pipeline.losses", ran.err);
    CHECK(run({"emit", std::string(system.word), "--to", ".", "--profile", "prod", "--create-namespace", "--check"},
              files)
              .exit == 0);
    const auto piped = run({"emit", std::string(system.word), "--profile", "prod", "--create-namespace"}, files);
    CHECK(piped.out == files.content.at(fmt::format("/project/{}", system.path)));
  }
}

TEST_CASE("a pipeline says again how its target was written, and deploys that") {
  struct Row {
    std::vector<std::string> flags;
    std::string drift, deploy;
  };
  const std::string config = "shop/apigw.yaml";
  const std::vector<Row> rows = {
      {{}, "apigw emit k8s --to deploy --check -c shop/apigw.yaml\n", "kubectl apply -f deploy\n"},
      {{"--profile", "prod", "--deploy", "kustomize", "--deploy-from", "deploy/prod", "--secrets", "stub"},
       "apigw emit kustomize --to deploy/prod --check --secrets stub -c shop/apigw.yaml\n",
       "kubectl apply -k deploy/prod/overlays/prod\n"},
      {{"--deploy", "kustomize"},
       "apigw emit kustomize --to deploy --check -c shop/apigw.yaml\n",
       "kubectl apply -k deploy/base\n"},
      {{"--profile", "prod", "--deploy", "helm", "--no-cpu-limit", "--kube-version", "1.32"},
       "apigw emit helm --to deploy --check --no-cpu-limit --kube-version 1.32 -c shop/apigw.yaml\n",
       "helm upgrade --install shop deploy -n shop --create-namespace -f deploy/values-prod.yaml --wait --timeout "
       "10m\n"},
      {{"--namespace", "other", "--set", "listen=0.0.0.0:9000", "--profile", "prod"},
       "apigw emit k8s --to deploy --check --namespace other -c shop/apigw.yaml --profile prod --set "
       "listen=0.0.0.0:9000\n",
       "kubectl rollout status -n other deployment/gateway --timeout=10m\n"},
  };
  for (const Row& row : rows) {
    MemoryFiles files{{config, shop}};
    std::vector<std::string> command{"emit", "gitlab", "-c", config};
    command.insert(command.end(), row.flags.begin(), row.flags.end());
    const auto ran = run(command, files);
    CAPTURE(ran.out);
    CHECK(ran.exit == 0);
    CHECK(ran.out.contains(row.drift));
    CHECK(ran.out.contains(row.deploy));
  }
  auto files = project();
  const auto none =
      run({"emit", "github", "--deploy", "none", "--branch", "release/2", "--environment", "staging"}, files);
  CHECK(none.exit == 0);
  CHECK_FALSE(none.out.contains("kubectl"));
  CHECK(none.out.contains("refs/heads/release/2"));
}

TEST_CASE("a pipeline tests what has tests, in the image that is named") {
  MemoryFiles prompts{
      {"apigw.yaml",
       "apigw: 1\nproviders: { openai: {} }\nmodels: { chat: openai/gpt-5-mini }\ndefaults: { auth: key }\n"
       "deploy: { gateway: { image: \"r.example/apigw:1\" } }\n"},
      {"prompts/hello.prompt", "---\nmodel: chat\n---\nSay hello to {{name}}\n"},
      {"prompts/hello.test.yaml",
       "tests:\n  - name: says hello\n    vars: { name: Ada }\n    mock: hello\n    expect: [{ contains: hello "
       "}]\n"}};
  const auto ran = run({"emit", "circleci", "--deploy", "none", "--image", "r.example/tools:2"}, prompts);
  CAPTURE(ran.err);
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("apigw prompt test -o junit=reports/tests.xml"));
  CHECK(ran.out.contains("image: r.example/tools:2\n"));
  auto routes = project();
  CHECK(run({"emit", "circleci"}, routes).out.contains("apigw test -o junit=reports/tests.xml"));
  MemoryFiles neither{{"apigw.yaml", shop}};
  CHECK_FALSE(run({"emit", "circleci"}, neither).out.contains("reports/tests.xml"));
}

TEST_CASE("a pipeline says what the image of its tests must have") {
  const auto said = [](bool tests, const std::vector<std::string>& more) {
    auto files = project();
    if (!tests) files.content.erase("/project/tests/orders.test.yaml");
    std::vector<std::string> words{"emit", "github", "--to", "."};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, files).err;
  };
  const std::string own = said(true, {});
  CHECK(
      own.contains("note[AGW712]: 'services.orders.run' is written only nearly: the job 'test' starts it in "
                   "registry.shop.example/apigw:1.0.0, which must have what 'python3 main.py' needs"));
  CHECK(own.contains("which must have what './stock' needs"));
  CHECK(said(true, {"--image", "r.example/tools:1"}).contains("starts it in r.example/tools:1, which"));
  CHECK_FALSE(said(false, {}).contains(".run'"));
}

TEST_CASE("a pipeline of GitLab includes those of the services") {
  auto files = project();
  files.content["/project/services/stock/.gitlab-ci.yml"] = "";
  CHECK(run({"emit", "gitlab"}, files).out.contains("include:\n- local: services/stock/.gitlab-ci.yml\n"));
  CHECK_FALSE(run({"emit", "jenkins"}, files).out.contains(".gitlab-ci.yml"));
}

TEST_CASE("what no pipeline can say is refused with what to write") {
  struct Row {
    std::vector<std::string> flags;
    std::string error, help;
  };
  const std::vector<Row> rows = {
      {{"k8s", "--deploy", "helm"}, "'k8s' is no pipeline", "--image, --deploy"},
      {{"github", "-c", "../apigw.yaml"}, "a pipeline finds no config at '../apigw.yaml'", "root of the repository"},
      {{"github", "-c", "/project/apigw.yaml"}, "a pipeline finds no config", "root of the repository"},
      {{"github", "--branch", "a b"}, "--branch 'a b' has other characters", "release/2"},
      {{"github", "--environment", "'"}, "--environment ''' has other characters", "release/2"},
      {{"github", "--image", "a b"}, "'a b' is no image", "registry.shop.example"},
      {{"github", "--deploy-from", "../x"}, "--deploy-from '../x' lies outside the repository", "below this one"},
      {{"github", "--only", "orders"}, "'github' is written whole", "leave out --only"},
      {{"github", "--deploy", "swarm"}, "--deploy cannot be 'swarm'", "'kustomize'"},
  };
  for (const Row& row : rows) {
    auto files = project();
    std::vector<std::string> command{"emit"};
    command.insert(command.end(), row.flags.begin(), row.flags.end());
    const auto ran = run(command, files);
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    CHECK(ran.err.contains(row.error));
    CHECK(ran.err.contains(row.help));
    CHECK(ran.out == "");
  }
}
