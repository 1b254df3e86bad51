#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "diag/diagnostic.h"
#include "support/cli.h"
#include "support/golden.h"
#include "yaml/tree.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr const char* shop =
    "apigw: 1\n"
    "services:\n"
    "  orders: { image: \"r.example/orders:1.4.2\", calls: [stock] }\n"
    "  stock: { image: \"r.example/stock:2.0.0\", scale: 2 }\n"
    "routes: { /orders/**: { to: orders, auth: none } }\n"
    "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n";

MemoryFiles project(std::string config = shop) {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = std::move(config);
  return files;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string block(int code, std::string_view kind) {
  const std::string_view page = diag::page(code);
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open) + open.size();
  return std::string(page.substr(begin, page.find("\n```", begin) + 1 - begin));
}

// The documents of a stream, read by the reader of configs; they live as long as this.
struct Documents {
  diag::Sources sources;
  std::vector<yaml::Tree> trees;
  explicit Documents(std::string_view stream) {
    while (!stream.empty()) {
      const auto end = std::min(stream.find("\n---\n"), stream.size());
      diag::Report report;
      auto tree = yaml::parse(sources.add("object", std::string(stream.substr(0, end))), sources, report);
      REQUIRE_FALSE(report.has_errors());
      trees.push_back(std::move(*tree));
      stream.remove_prefix(std::min(end + 5, stream.size()));
    }
  }
  [[nodiscard]] const yaml::Node& object(std::string_view kind, std::string_view prefix) const {
    for (const yaml::Tree& tree : trees)
      if (tree.root().find("kind")->value == kind &&
          tree.root().find("metadata")->find("name")->value.starts_with(prefix))
        return tree.root();
    FAIL("no such object: ", kind, " ", prefix);
    std::abort();
  }
};

// The bad example of 704 would be as large as what is refused.
void make_large(MemoryFiles& files) {
  files.content["/project/services/orders/apigw.yaml"] =
      "services: { orders: { image: \"r.example/orders:1\" } }\n"
      "routes: { /orders: { to: orders, auth: none } }\n";
}

}  // namespace

TEST_CASE("the bad example of each page of emit yields its code, the good one does not") {
  for (const diag::Code& row : diag::codes()) {
    if (row.number < 700 || row.number >= 720) continue;
    CAPTURE(row.number);
    const std::string more = row.number == 704 ? "deploy: { gateway: { image: \"r.example/apigw:1\" } }\n" : "";
    auto bad = project(block(row.number, "bad") + more);
    auto good = project(block(row.number, "good") + more);
    make_large(bad);
    make_large(good);
    if (row.number == 704)
      bad.content["/project/services/large/apigw.yaml"] = "# " + std::string(1 << 20, 'x') + "\n";
    const std::string name = diag::code_name(row.number);
    const auto refused =
        run({"emit", "k8s", "--color", "never"}, bad, {.in = {}, .environment = {}, .terminal = {.err = true}});
    golden::check(fmt::format("golden/emit/{}.expected", name), refused.err);
    CHECK(refused.err.contains(fmt::format("[{}]: ", name)));
    CHECK(refused.exit == (row.severity == diag::Severity::error ? 2 : 0));
    CHECK(refused.out.empty() == (row.severity == diag::Severity::error));
    const auto taken = run({"emit", "k8s"}, good);
    CHECK(taken.exit == 0);
    CHECK(taken.err == "");
  }
}

TEST_CASE("the example for a cluster is written as it was read over") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "k8s", "--create-namespace", "--secrets", "stub"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/cluster.k8s.yaml", ran.out);
  golden::check("golden/emit/cluster.k8s.losses", ran.err);
  const auto again = run({"emit", "k8s", "--create-namespace", "--secrets", "stub"}, files);
  CHECK(again.out == ran.out);
}

TEST_CASE("what stands in the gateway's place says which times and sizes it does not keep") {
  MemoryFiles files = project(
      "apigw: 1\ntimeouts: { header: 5s, whole: 60s }\ncaps: { fields: 50, body: 1MB }\n"
      "services: { orders: \"http://127.0.0.1:9001\" }\nroutes: { /orders/**: { to: orders, auth: none } }\n");
  const auto told = [&](const char* target) {
    return run({"emit", target, "--to", "out", "--force", "--dry-run"}, files).err;
  };
  for (const char* target : {"nginx", "haproxy"}) {
    const std::string said = told(target);
    CHECK_MESSAGE(said.contains("'timeouts.whole' is not written"), said);
    CHECK_MESSAGE(said.contains("'caps.fields' is not written"), said);
    CHECK_MESSAGE(!said.contains("timeouts.header"), said);
    CHECK_MESSAGE(!said.contains("routes./orders/**.timeout"), said);  // told once, for all
    CHECK_MESSAGE(!said.contains("'caps.body' is not written"), said);
  }
  const std::string said = told("gateway-api");
  for (const char* field : {"timeouts.header", "caps.fields", "caps.body"})
    CHECK_MESSAGE(said.contains(fmt::format("'{}' is not written", field)), said);
  CHECK_MESSAGE(!said.contains("timeouts.whole"), said);  // each route's own, and written there
}

TEST_CASE("secrets come from a store or are sealed, and Cilium's policies name hosts") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto cilium = run({"emit", "k8s", "--secrets", "external-secrets", "--secret-store", "vault", "--cni",
                           "cilium", "--monitoring", "metrics", "--namespace", "shop"},
                          files);
  CHECK(cilium.exit == 0);
  golden::check("golden/emit/cluster.cilium.yaml", cilium.out);
  golden::check("golden/emit/cluster.cilium.losses", cilium.err);
  files.content["/project/all.yaml"] = cilium.out;
  CHECK(run({"validate", "all.yaml", "--fail-on", "warning"}, files).exit == 0);
  CHECK(run({"emit", "k8s", "--secrets", "external-secrets", "--to", "store"}, files).exit == 0);
  CHECK(files.content.at("/project/store/README.md").contains("from the ClusterSecretStore 'secrets'"));
  CHECK(run({"emit", "k8s", "--secrets", "sealed", "--to", "sealed"}, files).exit == 0);
  CHECK(files.content.at("/project/sealed/README.md")
            .contains(" --dry-run=client -o yaml | kubeseal -o yaml > gateway-sealedsecret.yaml\n"));
  CHECK(run({"emit", "k8s", "--secret-store", "vault"}, files).exit == 2);
  CHECK(run({"emit", "k8s", "--secrets", "external-secrets", "--secret-store", "A B"}, files).exit == 2);
  CHECK(run({"emit", "compose", "--cni", "cilium"}, files).exit == 2);
  CHECK(run({"emit", "k8s", "--monitoring", "A"}, files).exit == 2);
  CHECK(run({"emit", "k8s", "--ingress", "A B"}, files).exit == 2);
  const auto reached = run({"emit", "k8s", "--ingress", "nginx", "--only", "gateway"}, files);
  golden::check("golden/emit/cluster.ingress.yaml", reached.out);
  CHECK_FALSE(reached.err.contains("deploy.gateway.host"));
  files.content["/project/reached.yaml"] = reached.out;
  CHECK(run({"validate", "reached.yaml", "--fail-on", "warning"}, files).out == "");
  CHECK(run({"emit", "k8s", "--monitoring", "metrics", "--only", "gateway"}, files)
            .out.contains(
                "    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: metrics\n"));
}

TEST_CASE("clouds bring their secrets by name, and the address that gives access tokens") {
  auto files = project(
      "apigw: 1\n"
      "defaults: { auth: key }\n"
      "providers:\n"
      "  bedrock: { region: eu-central-1, aws: { access_key_id: env:KEY_ID, secret_access_key: file:/run/secrets/aws "
      "} }\n"
      "  vertex: { region: global, project: shop }\n"
      "models: { chat: [bedrock/amazon.nova-lite-v1:0, vertex/gemini-2.5-flash] }\n"
      "consumers: { web: { key: env:WEB_KEY } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n");
  const auto ran = run({"emit", "k8s", "--cni", "cilium"}, files);
  CHECK_MESSAGE(ran.exit == 0, ran.err);
  for (const char* name : {"KEY_ID", "FILE_RUN_SECRETS_AWS", "GOOGLE_CREDENTIALS"})
    CHECK_MESSAGE(ran.out.contains(fmt::format("key: {}\n", name)), name);
  CHECK(ran.out.contains("- providers.bedrock.aws.secret_access_key=env:FILE_RUN_SECRETS_AWS\n"));
  for (const char* host :
       {"bedrock-runtime.eu-central-1.amazonaws.com", "aiplatform.googleapis.com", "oauth2.googleapis.com"})
    CHECK_MESSAGE(ran.out.contains(fmt::format("- matchName: {}\n", host)), host);
}

TEST_CASE("a folder is written once, and the same again changes nothing") {
  auto files = project();
  const auto made = run({"emit", "k8s", "--to", "deploy"}, files);
  CHECK(made.err == "");
  CHECK(made.exit == 0);
  CHECK(made.out.starts_with("create\tREADME.md\ncreate\tgateway-configmap.yaml\n"));
  CHECK(files.content.contains("/project/deploy/orders-horizontalpodautoscaler.yaml"));
  CHECK(files.content.contains("/project/deploy/emit.lock"));
  const auto before = files.content;
  const auto again = run({"emit", "k8s", "--to", "deploy"}, files);
  CHECK(again.exit == 0);
  CHECK(again.out.find("create") == std::string::npos);
  CHECK(again.out.find("replace") == std::string::npos);
  CHECK(files.content == before);
  CHECK(run({"emit", "k8s", "--to", "deploy", "--check"}, files).exit == 0);
  CHECK(run({"emit", "k8s", "--to", "deploy", "--diff"}, files).exit == 0);
}

TEST_CASE("an edit by hand is neither overwritten nor removed") {
  auto files = project();
  REQUIRE(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  files.content["/project/deploy/stock-service.yaml"] += "# mine\n";
  files.content["/project/apigw.yaml"] = replaced(shop, "orders:1.4.2", "orders:1.5.0");
  const auto before = files.content;
  const auto refused = run({"emit", "k8s", "--to", "deploy"}, files);
  CHECK(refused.exit == 1);
  CHECK(refused.err ==
        "error: 'stock-service.yaml' was edited since it was written: nothing is changed\n"
        " help: make the edit with deploy.patches, or give it up with --force; --diff shows it\n");
  CHECK(files.content == before);
  const auto drift = run({"emit", "k8s", "--to", "deploy", "--check"}, files);
  CHECK(drift.exit == 1);
  CHECK(drift.out.contains("edited\tstock-service.yaml\n"));
  CHECK(drift.out.contains("replace\torders-deployment.yaml\n"));
  CHECK_FALSE(drift.out.contains("stock-deployment"));
  const auto diff = run({"emit", "k8s", "--to", "deploy", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.contains("-# mine\n"));
  CHECK(run({"emit", "k8s", "--to", "deploy", "--dry-run", "--force"}, files)
            .out.contains("edited\tstock-service.yaml\n"));
  CHECK(files.content == before);
  CHECK(run({"emit", "k8s", "--to", "deploy", "--force"}, files).exit == 0);
  CHECK_FALSE(files.content["/project/deploy/stock-service.yaml"].contains("# mine"));
  CHECK(run({"emit", "k8s", "--to", "deploy", "--check"}, files).exit == 0);
}

TEST_CASE("nothing is written, read or removed through a link in the folder") {
  auto files = project();
  REQUIRE(run({"emit", "compose", "--to", "deploy"}, files).exit == 0);
  files.content["/project/deploy/compose.yaml"] = "of another place\n";
  const auto before = files.content;
  for (const std::string link : {"deploy/compose.yaml", "deploy/config", "deploy/emit.lock"}) {
    CAPTURE(link);
    files.links = {"/project/" + link};
    for (const char* flag : {"--force", "--diff", "--check"}) {
      const auto refused = run({"emit", "compose", "--to", "deploy", flag}, files);
      CHECK(refused.exit == 2);
      CHECK(refused.out == "");
      CHECK(refused.err.contains(fmt::format("error: '{}' is a symbolic link\n", link)));
    }
    CHECK(files.content == before);
  }
  files.links = {"/project/deploy"};  // named by the person who runs it
  CHECK(run({"emit", "compose", "--to", "deploy", "--force"}, files).exit == 0);
}

TEST_CASE("a file that is no longer written goes, and one that was never ours stays") {
  auto files = project();
  REQUIRE(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  files.content["/project/deploy/mine.yaml"] = "a: b\n";
  files.content["/project/apigw.yaml"] = replaced(shop, "orders:1.4.2\", calls", "orders:1.4.2\", scale: 4, calls");
  const auto ran = run({"emit", "k8s", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("remove\torders-horizontalpodautoscaler.yaml\n"));
  CHECK_FALSE(files.content.contains("/project/deploy/orders-horizontalpodautoscaler.yaml"));
  CHECK(files.content.contains("/project/deploy/mine.yaml"));
  files.content["/project/deploy/orders-service.yaml"] = "a: b\n";
  files.content.erase("/project/deploy/emit.lock");
  CHECK(run({"emit", "k8s", "--to", "deploy"}, files).exit == 1);  // without a lock nothing is known to be ours
}

TEST_CASE("a folder of another target is refused, whatever is asked of it") {
  auto files = project();
  REQUIRE(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  const auto before = files.content;
  for (const std::string flag : {"--force", "--check", "--diff", "--dry-run"}) {
    const auto refused = run({"emit", "compose", "--to", "deploy", flag}, files);
    CHECK(refused.exit == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err.ends_with(
        "error: 'deploy' holds what 'emit k8s' wrote\n"
        " help: name another folder with --to, or remove this one when it is to hold 'compose' instead\n"));
  }
  CHECK(run({"emit", "compose", "--to", "deploy"}, files).exit == 2);
  CHECK(files.content == before);
  CHECK(run({"emit", "compose", "--to", "other"}, files).exit == 0);
}

TEST_CASE("a broken emit.lock is an error that says where, and nothing is written") {
  auto files = project();
  REQUIRE(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  std::string& lock = files.content["/project/deploy/emit.lock"];
  const std::string whole = lock;
  struct Row {
    std::string_view name;
    std::string text;
    std::string_view says;
  };
  const Row rows[] = {
      {"cut", whole.substr(0, 30), "error: 'deploy/emit.lock' is broken: JSON at byte 30: "},
      {"empty", "", "error: 'deploy/emit.lock' is broken: JSON at byte 0: "},
      {"of a merge", "<<<<<<< ours\n" + whole, "error: 'deploy/emit.lock' is broken: JSON at byte 0: "},
      {"another format", replaced(whole, "\"apigw\": 1", "\"apigw\": 2"), "is broken: 'apigw' is not 1\n"},
      {"no list", replaced(whole, "\"files\"", "\"file\""), "is broken: 'files' is no object\n"},
      {"a path that leaves", replaced(whole, "\"README.md\"", "\"../README.md\""),
       "is broken: 'files' holds '../README.md', which is none\n"},
      {"a hash that is none", replaced(whole, "\"README.md\": \"", "\"README.md\": 1, \"x\": \""),
       "is broken: 'files' holds 'README.md', which is none\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    lock = row.text;
    const auto before = files.content;
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--only", "orders"}, {"--check"}}) {
      std::vector<std::string> line{"emit", "k8s", "--to", "deploy"};
      line.insert(line.end(), more.begin(), more.end());
      const auto refused = run(line, files);
      CHECK(refused.exit == 2);
      CHECK(refused.out.empty());
      CHECK(refused.err.contains(row.says));
      CHECK(refused.err.contains(" help: bring back what was committed, or remove it"));
    }
    CHECK(files.content == before);
  }
}

TEST_CASE("--only touches nothing else") {
  auto files = project();
  REQUIRE(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  files.content["/project/deploy/stock-service.yaml"] += "# mine\n";
  const auto before = files.content;
  files.content["/project/apigw.yaml"] = replaced(shop, "orders:1.4.2", "orders:1.5.0");
  const auto ran = run({"emit", "k8s", "--to", "deploy", "--only", "orders"}, files);
  CHECK(ran.err == "");
  CHECK(ran.exit == 0);
  for (const auto& [path, text] : before)
    if (path.starts_with("/project/deploy/") && !path.contains("orders-") && !path.ends_with("emit.lock"))
      CHECK_MESSAGE(files.content.at(path) == text, path);
  CHECK(files.content["/project/deploy/orders-deployment.yaml"].contains("orders:1.5.0"));
  CHECK(run({"emit", "k8s", "--only", "orders"}, files).out.find("name: stock\n  labels") == std::string::npos);
  CHECK(run({"emit", "k8s", "--only", "gateway"}, files).out.contains("kind: Deployment"));
  CHECK(run({"emit", "k8s", "--only", "ordres"}, files).exit == 2);
}

TEST_CASE("the gateway's config travels as it is, and is told where it is deployed") {
  auto files = project();
  files.content["/project/prompts/hello.prompt"] = "---\nmodel: mock/small\n---\nSay hello to {{name}}\n";
  const std::string config = replaced(shop, "deploy:", "defaults: { auth: none }\nservices2: 1\ndeploy:");
  files.content["/project/apigw.yaml"] = replaced(config, "services2: 1\n", "models: { chat: mock/small }\n");
  const auto ran = run({"emit", "k8s"}, files);
  CHECK(ran.err == "");
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("  apigw.yaml: |\n    apigw: 1\n    services:\n"));
  CHECK(ran.out.contains("  prompts__hello.prompt: |\n    ---\n    model: mock/small\n"));
  CHECK(ran.out.contains("path: prompts/hello.prompt\n"));
  CHECK(ran.out.contains("- \"--set\"\n        - listen=0.0.0.0:8080\n"));
  CHECK(ran.out.contains("- \"--set\"\n        - health=0.0.0.0:8082\n"));
  CHECK(ran.out.contains("- \"--set\"\n        - services.orders.url=http://orders:8080\n"));
}

TEST_CASE("what would be refused where it is deployed is refused before") {
  auto files = project(replaced(shop, ", auth: none", ""));
  const auto ran = run({"emit", "k8s"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.out == "");
  CHECK(ran.err.starts_with("<listen where it is deployed>:1:8: error[AGW402]"));
  const auto asked = run({"emit", "k8s", "--set", "listen=nowhere:x"}, files);
  CHECK(asked.err.starts_with("<--set listen>:1:8: error["));
}

TEST_CASE("no secret is written, and each is referred to by name") {
  auto files = project(
      "apigw: 1\n"
      "defaults: { auth: key }\n"
      "providers: { openai: {}, anthropic: { key: file:/run/secrets/anthropic } }\n"
      "models: { chat: [openai/gpt-5-mini, anthropic/claude-haiku-4-5] }\n"
      "services:\n"
      "  orders:\n"
      "    image: r.example/orders:1.4.2\n"
      "    env:\n"
      "      DB_PASSWORD: ${DB_PASSWORD}\n"
      "      REGION: ${REGION}\n"
      "routes: { /orders: orders }\n"
      "consumers: { web: { key: env:WEB_KEY } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n");
  const auto ran =
      run({"emit", "k8s"}, files,
          {.in = {},
           .environment = {{"DB_PASSWORD", "planted-secret"}, {"REGION", "eu-1"}, {"OPENAI_API_KEY", "planted-key"}},
           .terminal = {}});
  CHECK(ran.exit == 0);
  CHECK_FALSE((ran.out + ran.err).contains("planted"));
  CHECK(ran.out.contains("REGION: eu-1\n"));
  for (const char* name : {"OPENAI_API_KEY", "WEB_KEY", "DB_PASSWORD", "FILE_RUN_SECRETS_ANTHROPIC"})
    CHECK_MESSAGE(ran.out.contains(fmt::format("key: {}\n", name)), name);
  CHECK(ran.out.contains("- providers.anthropic.key=env:FILE_RUN_SECRETS_ANTHROPIC\n"));
}

TEST_CASE("what a variable of the environment brings along is written nowhere when it is a secret by its value") {
  const std::string config =
      "apigw: 1\n"
      "services:\n"
      "  orders:\n"
      "    image: r.example/orders:1.4.2\n"
      "    env: { DB: \"${ORDERS_DB}\", OPENAI: \"${ORDERS_AI}\", LEVEL: \"${ORDERS_LEVEL}\" }\n"
      "routes: { /orders/**: { to: orders, auth: none } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n";
  const config::Environment environment{{"ORDERS_DB", "postgres://orders:hunter2@db.internal/orders"},
                                        {"ORDERS_AI", "sk-proj-0000000000EXAMPLE0000000000"},
                                        {"ORDERS_LEVEL", "debug"}};
  for (const std::string target : {"k8s", "compose", "swarm", "kustomize"}) {
    CAPTURE(target);
    auto files = project(config);
    const auto ran = run({"emit", target, "--to", "out"}, files, {.environment = environment});
    CHECK(ran.exit == 0);
    std::string all = ran.out + ran.err;
    for (const auto& [path, content] : files.content) all += content;
    CHECK_FALSE(all.contains("hunter2"));
    CHECK_FALSE(all.contains("sk-proj-"));
    CHECK(all.contains("debug"));
    CHECK(ran.err.contains("'services.orders.env.DB' is written only nearly: it looks like a secret"));
  }
  auto literal = project(replaced(config, "${ORDERS_DB}", "postgres://orders:hunter2@db.internal/orders"));
  const auto refused = run({"emit", "k8s"}, literal, {.environment = environment});
  CHECK(refused.exit == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err.contains("error[AGW412]: the URL of 'DB' holds a password\n"));
  CHECK_FALSE(refused.err.contains("hunter2"));
}

TEST_CASE("--strict refuses a loss, and nothing is written") {
  auto files = project(replaced(shop, "apigw:1.0.0\"", "apigw:1.0.0\", host: api.shop.example"));
  const auto before = files.content;
  const auto ran = run({"emit", "k8s", "--to", "deploy", "--strict"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.err.starts_with("apigw.yaml:6:"));
  CHECK(ran.err.contains("[AGW711]"));
  CHECK(files.content == before);
  CHECK(run({"emit", "k8s", "--to", "deploy"}, files).exit == 0);
  auto fine = project();
  CHECK(run({"emit", "k8s", "--strict"}, fine).exit == 0);
}

TEST_CASE("flags that make no sense are refused") {
  auto files = project();
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"emit"},
                                                    {"emit", "k9s"},
                                                    {"emit", "k8s", "--check"},
                                                    {"emit", "k8s", "--diff"},
                                                    {"emit", "k8s", "--kube-version", "1.2"},
                                                    {"emit", "k8s", "--kube-version", "latest"},
                                                    {"emit", "k8s", "--namespace", "No_Name"},
                                                    {"emit", "k8s", "--to", ""},
                                                    {"emit", "k8s", "--secrets", "plain"}}) {
    CAPTURE(arguments.back());
    CHECK(run(arguments, files).exit == 2);
  }
  MemoryFiles none;
  CHECK(run({"emit", "k8s"}, none).exit == 2);
  CHECK(run({"emit", "k8s", "--kube-version", "1.29"}, files).out.find("preStop") == std::string::npos);
  CHECK(run({"emit", "k8s", "--no-cpu-limit"}, files).out.find("kube-score/ignore: container-resources") !=
        std::string::npos);
  CHECK(run({"emit", "k8s", "--namespace", "stage"}, files).out.find("namespace: stage\n") != std::string::npos);
}

TEST_CASE("what is not written is told by the names of the config, not by those of the objects") {
  auto files = project(
      "apigw: 1\n"
      "services:\n"
      "  Orders_API: { image: \"r.example/orders:1.4.2\", scale: 1..4, env: { API_KEY: \"${ORDERS_KEY}\" } }\n"
      "routes: { /orders/**: { to: Orders_API, auth: none } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n");
  for (const std::string target : {"k8s", "compose", "swarm", "kustomize"}) {
    CAPTURE(target);
    const auto ran = run({"emit", target, "--to", target}, files, {.environment = {{"ORDERS_KEY", "k"}}});
    CHECK(ran.exit == 0);
    CHECK(ran.err.contains("[AGW712]: 'services.Orders_API.scale' is written only nearly"));
    CHECK(ran.err.contains("[AGW712]: 'services.Orders_API.env.API_KEY' is written only nearly"));
    CHECK_FALSE(ran.err.contains("services.orders-api"));
  }
}

TEST_CASE("kustomize is a base and an overlay for each profile") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "kustomize", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  CHECK(files.content.contains("/project/deploy/base/orders-deployment.yaml"));
  CHECK(files.content.at("/project/deploy/base/config/apigw.yaml") == files.content.at("/project/apigw.yaml"));
  golden::check("golden/emit/cluster.kustomize.base.yaml",
                files.content.at("/project/deploy/base/kustomization.yaml"));
  golden::check("golden/emit/cluster.kustomize.prod.yaml",
                files.content.at("/project/deploy/overlays/prod/kustomization.yaml"));
  CHECK(run({"emit", "kustomize", "--to", "deploy", "--check"}, files).exit == 0);
  CHECK(run({"emit", "kustomize"}, files).exit == 2);
  CHECK(run({"emit", "kustomize", "--to", "deploy", "--only", "orders"}, files).exit == 2);
  CHECK(run({"emit", "kustomize", "--to", "deploy", "--profile", "prod"}, files).exit == 2);
}

TEST_CASE("helm is a chart with values for each profile") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "helm", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  for (const char* name :
       {"values.yaml", "values-prod.yaml", "values.schema.json", "templates/orders-deployment.yaml"})
    golden::check(fmt::format("golden/emit/cluster.helm.{}",
                              std::string_view(name).substr(0, 9) == "templates" ? "orders-deployment.yaml" : name),
                  files.content.at(fmt::format("/project/deploy/{}", name)));
  CHECK(files.content.at("/project/deploy/files/apigw.yaml") == files.content.at("/project/apigw.yaml"));
  CHECK(run({"emit", "helm", "--to", "deploy", "--check"}, files).exit == 0);
  CHECK(run({"emit", "helm", "--to", "deploy", "--profile", "prod"}, files).exit == 2);
}

namespace {

// Routes of every kind: a variable, a key, strips, a rewrite, conditions, a redirect, a service outside.
constexpr const char* routed =
    "apigw: 1\n"
    "defaults: { auth: none }\n"
    "providers: { openai: {}, anthropic: {} }\n"
    "models: { chat: [openai/gpt-5-mini, anthropic/claude-haiku-4-5] }\n"
    "services:\n"
    "  orders: { image: \"r.example/orders:1.4.2\", scale: 2..4, calls: [stock] }\n"
    "  stock: { image: \"r.example/stock:2.0.0\", timeout: 3s }\n"
    "  reviews: { url: \"https://reviews.partner.example/v3\" }\n"
    "routes:\n"
    "  GET /orders/{id}: orders\n"
    "  POST /orders: { to: orders, auth: key, timeout: 5s }\n"
    "  /stock/**: { to: stock, strip: /stock }\n"
    "  GET /stock/special: { to: orders, set: { x-a: b }, remove: [cookie], when: { header: { x-beta: \"on*\" } } "
    "}\n"
    "  GET /reviews: reviews\n"
    "  /reviews/items/**: { to: reviews, strip: /reviews }\n"
    "  /old/**: { redirect: \"https://new.shop.example/{rest}\" }\n"
    "consumers: { web: { key: env:WEB_KEY } }\n"
    "deploy:\n"
    "  gateway: { host: api.shop.example }\n"
    "  kubernetes: { namespace: shop, tls: shop-tls }\n";

}  // namespace

TEST_CASE("gateway-api writes the routes in the gateway's place, and says what it cannot") {
  auto files = project(std::string(routed) +
                       "  patches: [ { to: Gateway/shop, merge: { metadata: { annotations: { owner: web } } } } ]\n");
  const auto plain = run({"emit", "gateway-api"}, files);
  CHECK(plain.exit == 0);
  golden::check("golden/emit/routes.gateway-api.yaml", plain.out);
  golden::check("golden/emit/routes.gateway-api.losses", plain.err);
  const auto envoy = run({"emit", "gateway-api", "--implementation", "envoy-gateway"}, files);
  CHECK(envoy.exit == 0);
  golden::check("golden/emit/routes.envoy-gateway.yaml", envoy.out);
  golden::check("golden/emit/routes.envoy-gateway.losses", envoy.err);
  CHECK(run({"emit", "gateway-api", "--gateway-class", "front"}, files).out.contains("gatewayClassName: front\n"));
  CHECK(run({"emit", "gateway-api", "--gateway-class", "Front!"}, files).exit == 2);
  CHECK(run({"emit", "k8s", "--implementation", "none"}, files).exit == 2);
  CHECK(run({"emit", "gateway-api", "--strict"}, files).exit == 1);
}

TEST_CASE("nginx and haproxy are one file each, and what they cannot do is said") {
  for (const auto& [word, name] :
       {std::pair<std::string, std::string>{"nginx", "apigw.conf"}, {"haproxy", "haproxy.cfg"}}) {
    CAPTURE(word);
    auto files = project(routed);
    const auto ran = run({"emit", word, "--to", "deploy"}, files);
    CHECK(ran.exit == 0);
    golden::check(fmt::format("golden/emit/routes.{}", name), files.content.at("/project/deploy/" + name));
    golden::check(fmt::format("golden/emit/routes.{}.losses", word), ran.err);
    CHECK(run({"emit", word, "--to", "deploy", "--check"}, files).exit == 0);
    CHECK(run({"emit", word, "--to", "deploy", "--strict"}, files).exit == 1);
    CHECK(run({"emit", word}, files).exit == 2);
    auto homeless = project("apigw: 1\nservices: { a: { run: ./a } }\nroutes: { /a: { to: a, auth: none } }\n");
    const auto refused = run({"emit", word, "--to", "deploy"}, homeless);
    CHECK(refused.exit == 2);
    CHECK(refused.err.contains("[AGW701]: service 'a' has no address"));
    auto patched = project(std::string(routed) + "  patches: [ { to: " + word + "/server, merge: { a: b } } ]\n");
    CHECK(run({"emit", word, "--to", "deploy"}, patched).err.contains("AGW703"));
  }
}

TEST_CASE("a proxy listens where the config says, and nowhere else") {
  const std::string config =
      "apigw: 1\ndefaults: { auth: none }\nlisten: 127.0.0.1:18410\n"
      "services: { a: { run: ./a, port: 9300 } }\nroutes: { /a: a }\n";
  for (const auto& [word, name, says] :
       {std::tuple{"nginx", "apigw.conf", "listen "}, {"haproxy", "haproxy.cfg", "bind "}}) {
    CAPTURE(word);
    const auto listeners = [&](const std::string& text, std::string& said) {
      auto files = project(text);
      const auto ran = run({"emit", word, "--to", "deploy"}, files);
      CHECK(ran.exit == 0);
      said = ran.err;
      const std::string& file = files.content.at(fmt::format("/project/deploy/{}", name));
      std::string out;
      for (const std::string_view line : text::split(file, '\n')) {
        std::string_view own = text::trim(line);
        if (!own.starts_with(says)) continue;
        if (own.ends_with(';')) own.remove_suffix(1);
        out += fmt::format("{} ", own.substr(std::string_view(says).size()));
      }
      return out;
    };
    std::string said;
    CHECK(listeners(config, said) == "127.0.0.1:18410 ");
    CHECK_FALSE(said.contains("'listen'"));
    CHECK(listeners(config + "health: 127.0.0.1:9090\n", said) == "127.0.0.1:18410 127.0.0.1:9090 ");
    CHECK(listeners(replaced(config, "127.0.0.1:18410", "[ 127.0.0.1:18410, \"[::1]:18411\" ]"), said) ==
          "127.0.0.1:18410 [::1]:18411 ");
    CHECK(listeners(replaced(config, ":18410", ":0") + "health: 127.0.0.1:0\n", said) == "127.0.0.1:8080 ");
    CHECK(said.contains("'listen' is written only nearly"));
    CHECK(said.contains("'health' is not written"));
  }
}

TEST_CASE("systemd is a hardened unit for the gateway and each command") {
  auto files = project(
      "apigw: 1\n"
      "defaults: { auth: key }\n"
      "listen: 127.0.0.1:8080\n"
      "providers: { openai: {}, anthropic: { key: file:/run/secrets/anthropic } }\n"
      "models: { chat: [openai/gpt-5-mini, anthropic/claude-haiku-4-5] }\n"
      "services:\n"
      "  orders:\n"
      "    run: python3 app.py --mode \"100% 'new'\"\n"
      "    dir: services/orders\n"
      "    calls: [stock, reviews]\n"
      "    env: { DB_PASSWORD: \"${DB_PASSWORD:-none}\", NOTE: \"a \\\"b\\\" $c %d\" }\n"
      "    scale: 2\n"
      "  stock: { run: ./stock, dir: services/stock, port: 9200, health: /ready, cpu: 0.5, memory: 64MiB }\n"
      "  reviews: { url: \"https://reviews.partner.example\" }\n"
      "routes: { /orders/**: orders, /stock: stock }\n"
      "consumers: { web: { key: env:WEB_KEY } }\n"
      "deploy:\n"
      "  patches: [ { to: systemd/apigw-stock, merge: { Service: { CPUQuota: 50%, Nice: \"5\" } } } ]\n");
  const auto ran = run({"emit", "systemd", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  std::string units;
  for (const auto& [path, content] : files.content)
    if (path.starts_with("/project/deploy/") && path.ends_with(".service"))
      units += fmt::format("==== {}\n{}", path.substr(16), content);
  golden::check("golden/emit/machine.systemd", units);
  golden::check("golden/emit/machine.systemd.losses", ran.err);
  golden::check("golden/emit/machine.systemd.README.md", files.content.at("/project/deploy/README.md"));
  CHECK(run({"emit", "systemd", "--to", "deploy", "--check"}, files).exit == 0);
  auto bare =
      project("apigw: 1\nservices: { a: { image: \"r.example/a:1\" } }\nroutes: { /a: { to: a, auth: none } }\n");
  const auto refused = run({"emit", "systemd", "--to", "deploy"}, bare);
  CHECK(refused.exit == 2);
  CHECK(refused.err.contains("[AGW701]: service 'a' has no command"));
}

TEST_CASE("ecs is tasks and services, as JSON and as a template") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "ecs", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  for (const char* name : {"gateway.task.json", "orders.task.json", "orders.service.json", "cloudformation.yaml"})
    golden::check(fmt::format("golden/emit/cluster.ecs.{}", name),
                  files.content.at(fmt::format("/project/deploy/{}", name)));
  golden::check("golden/emit/cluster.ecs.losses", ran.err);
  CHECK_FALSE(files.content.at("/project/deploy/cloudformation.yaml").contains("none-here"));
  CHECK(run({"emit", "ecs", "--to", "deploy", "--check"}, files).exit == 0);
}

TEST_CASE("what ECS does not ask of a service is told until a patch says it") {
  const std::string config =
      "apigw: 1\nservices: { orders: { image: \"r.example/orders:1\", health: /readyz } }\n"
      "routes: { /orders/**: { to: orders, auth: none } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1\" } }\n";
  auto files = project(config);
  const auto told = run({"emit", "ecs", "--to", "out"}, files);
  CHECK(told.exit == 0);
  CHECK(told.err.contains("warning[AGW711]: 'services.orders.health' is not written: ECS does not read"));
  CHECK_FALSE(files.content.at("/project/out/orders.task.json").contains("healthCheck"));
  CHECK(files.content.at("/project/out/gateway.task.json").contains("healthCheck"));
  auto patched = project(replaced(config, "apigw:1\" }",
                                  "apigw:1\" }, patches: [ { to: ecs/orders, json: [ { op: add, path: "
                                  "/containerDefinitions/0/healthCheck, value: { command: [CMD, /service, "
                                  "healthcheck] } } ] } ]"));
  const auto quiet = run({"emit", "ecs", "--to", "out"}, patched);
  CHECK(quiet.exit == 0);
  CHECK_FALSE(quiet.err.contains("orders.health"));
  CHECK(patched.content.at("/project/out/orders.task.json").contains("/service"));
}

TEST_CASE("compose is one file with the config beside it") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "compose", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/cluster.compose.yaml", files.content.at("/project/deploy/compose.yaml"));
  golden::check("golden/emit/cluster.compose.losses", ran.err);
  CHECK(files.content.at("/project/deploy/config/apigw.yaml") == files.content.at("/project/apigw.yaml"));
  CHECK(files.content.at("/project/deploy/.gitignore") == ".env\nsecrets/\n");
}

TEST_CASE("swarm is a stack with the config beside it") {
  MemoryFiles files;
  files.content["/project/apigw.yaml"] = golden::read(golden::path("../examples/cluster/apigw.yaml"));
  const auto ran = run({"emit", "swarm", "--to", "deploy"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/cluster.swarm.yaml", files.content.at("/project/deploy/stack.yaml"));
  golden::check("golden/emit/cluster.swarm.losses", ran.err);
}

TEST_CASE("the gateway finds where it is deployed what its command line says, and takes it") {
  auto files = project();
  files.content["/project/apigw.yaml"] =
      "apigw: 1\n"
      "include: services/*/apigw.yaml\n"
      "defaults: { auth: key }\n"
      "providers: { anthropic: { key: file:/run/secrets/anthropic } }\n"
      "models: { chat: [anthropic/claude-haiku-4-5] }\n"
      "consumers: { web: { key: env:WEB_KEY } }\n"
      "profiles: { prod: { timeouts: { drain: 60s } } }\n"
      "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\n";
  files.content["/project/services/orders/apigw.yaml"] =
      "services: { orders: { run: ./orders, image: \"r.example/orders:1\" } }\nroutes: { /orders: orders }\n";
  files.content["/project/prompts/hello.prompt"] = "---\nmodel: chat\n---\nSay hello to {{name}}\n";
  const auto ran = run({"emit", "k8s", "--profile", "prod"}, files);
  REQUIRE(ran.exit == 0);
  const Documents documents(ran.out);
  const yaml::Node& pod = *documents.object("Deployment", "gateway").find("spec")->find("template")->find("spec");
  const yaml::Node& container = *pod.find("containers")->items.at(0);
  const yaml::Node& source =
      *pod.find("volumes")->items.at(0)->find("projected")->find("sources")->items.at(0)->find("configMap");
  const yaml::Node& data = *documents.object("ConfigMap", source.find("name")->value).find("data");
  MemoryFiles there;
  for (const yaml::Node* item : source.find("items")->items)
    there.content["/config/" + item->find("path")->value] = data.find(item->find("key")->value)->value;
  CHECK(there.content.size() == 3);
  testing::Setting setting;
  for (const yaml::Node* variable : container.find("env")->items)
    setting.environment[variable->find("name")->value] = "test-key-of-" + variable->find("name")->value;
  // `serve` as `validate`: the same loading, without the sockets.
  std::vector<std::string> arguments{"validate", "--resolve", "--fail-on", "warning"};
  for (const yaml::Node* argument : container.find("args")->items)
    if (argument->value != "serve") arguments.push_back(argument->value);
  const auto loaded = run(arguments, there, setting);
  CHECK(loaded.err == "no findings in 1 file\n");
  CHECK(loaded.exit == 0);
}

TEST_CASE("what only a profile has wrong is told with the profile, at its place") {
  const std::string replaces = std::string(shop) + "profiles:\n  q: { deploy: { kubernetes: { namespace: qq } } }\n";
  const std::string loses = std::string(shop) + "profiles: { p: { services: { stock: \"http://s.example\" } } }\n";
  for (const char* const target : {"kustomize", "helm"}) {
    CAPTURE(target);
    auto files = project(replaces);
    const auto imageless = run({"emit", target, "--to", "deploy"}, files);
    CHECK(imageless.exit == 2);
    CHECK_MESSAGE(
        imageless.err.starts_with("apigw.yaml:8:16: error[AGW701]: the gateway has no image (profile 'q')\n"),
        imageless.err);
    files = project(loses);
    const auto lost = run({"emit", target, "--to", "deploy"}, files);
    CHECK(lost.exit == 2);
    CHECK_MESSAGE(lost.err.contains("unknown service 'orders' (profile 'p')\n"), lost.err);
    // As written it holds; off loopback, where it is deployed, nothing says who may call.
    files = project(std::string(shop) +
                    "models: { chat: mock/chat }\nconsumers: { me: { key: env:ME } }\ndefaults: { auth: key }\n"
                    "profiles: { p: { defaults: {} } }\n");
    const auto open = run({"emit", target, "--to", "deploy"}, files);
    CHECK(open.exit == 2);
    CHECK_MESSAGE(open.err.contains("error[AGW402]"), open.err);
    CHECK_MESSAGE(open.err.ends_with(" help: this is so with profile 'p'\n"), open.err);
    CHECK(files.content.size() == 1);
  }
  auto base =
      project(replaced(shop, "gateway: { image: \"r.example/apigw:1.0.0\" }", "kubernetes: { namespace: a }"));
  const auto ran = run({"emit", "k8s"}, base);
  CHECK(ran.exit == 2);
  CHECK_MESSAGE(ran.err.starts_with("apigw.yaml:6:9: error[AGW701]: the gateway has no image\n"), ran.err);
}

TEST_CASE("-o is refused where stdout gets the objects themselves") {
  auto files = project();
  for (const char* const format : {"json", "yaml", "json=list.json"}) {
    const auto ran = run({"emit", "k8s", "-o", format}, files);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err ==
          "error: --output is for the list of written files, and stdout gets what 'k8s' writes as it is\n"
          " help: leave it out, or name a folder: --to DIR\n");
  }
  CHECK(run({"emit", "k8s", "--to", "deploy", "-o", "json"}, files).out.contains("\"kind\": \"files\""));
}

TEST_CASE("emit nginx says of which routes it compares otherwise than apigw") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\ndefaults: { auth: none }\nservices: { a: http://127.0.0.1:1 }\nroutes:\n"
                              "  GET /a$b: a\n  GET /q: { to: a, when: { query: { q: x } } }\n"
                              "  GET /h: { to: a, when: { header: { x-h: x } } }\n  GET /a-b.c~d_e: a\n"}};
  const auto ran = run({"emit", "nginx", "--to", "out"}, files);
  CHECK(ran.err.contains("'routes.GET /a$b' is written only nearly: nginx compares decoded paths"));
  CHECK(ran.err.contains("'routes.GET /q.when' is written only nearly: nginx compares the first value of a name"));
  CHECK_FALSE(ran.err.contains("GET /h"));
  CHECK_FALSE(ran.err.contains("GET /a-b.c~d_e"));
  CHECK_FALSE(run({"emit", "haproxy", "--to", "other"}, files).err.contains("is written only nearly"));
}
