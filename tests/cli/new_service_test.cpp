#include <doctest/doctest.h>
#include <fmt/format.h>

#include "scaffold/service.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr const char* own_config = R"(apigw: 1   # the shop

services:
  # what is left of it
  stock: { run: ./stock, dir: services/old }   # since 2019

routes:
  /stock/**: { to: stock, strip: /stock }
)";

std::vector<std::string> python(const std::string& name, std::vector<std::string> more = {}) {
  std::vector<std::string> line{"new", "service", name, "--lang", "python"};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace

TEST_CASE("the files of each language and kind") {
  for (const scaffold::Language& language : scaffold::languages())
    for (const std::string_view kind : scaffold::kinds) {
      testing::MemoryFiles files{{"apigw.yaml", own_config}};
      const auto made = run({"new", "service", "orders", "--lang", std::string(language.word), "--kind",
                             std::string(kind), "--calls", "stock"},
                            files);
      CHECK(made.exit == 0);
      golden::check(fmt::format("golden/cli/new-service/{}-{}.txt", language.word, kind), made.out);
    }
}

TEST_CASE("the service and its route stand in the config, which keeps its comments and its layout") {
  testing::MemoryFiles files{{"apigw.yaml", own_config}};
  const auto made = run(python("orders", {"--calls", "stock", "--route", "/shop/orders/", "--port", "9001"}), files);
  CHECK(made.exit == 0);
  CHECK(made.err ==
        "\nNext:\n  cd services/orders && python3 -m unittest    # its tests\n  apigw run\n  apigw call GET "
        "/shop/orders/items    # in a second terminal\n");
  CHECK(files.content.at("/project/apigw.yaml") == R"(apigw: 1   # the shop

services:
  # what is left of it
  stock: { run: ./stock, dir: services/old }   # since 2019
  orders: { run: exec python3 main.py, dir: services/orders, health: /readyz, port: 9001, calls: [stock] }

routes:
  /stock/**: { to: stock, strip: /stock }
  GET,POST /shop/orders/items: { to: orders, strip: /shop/orders }
  GET,DELETE /shop/orders/items/{id}: { to: orders, strip: /shop/orders }
  GET /shop/orders/dependencies: { to: orders, strip: /shop/orders }
)");
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);
  CHECK(files.content.at("/project/services/orders/main.py").find("\"STOCK_URL\"") != std::string::npos);
}

TEST_CASE("without a config one is written, and a worker has no route") {
  testing::MemoryFiles files;
  CHECK(run(python("mailer", {"--kind", "worker"}), files).exit == 0);
  CHECK(files.content.at("/project/apigw.yaml") ==
        "apigw: 1\n\nservices:\n  mailer: { run: exec python3 main.py, dir: services/mailer, health: /readyz }  # "
        "apigw-ignore AGW336: a worker, called by nobody\n");
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);
}

TEST_CASE("a config elsewhere has its services beside it") {
  testing::MemoryFiles files{{"shop/apigw.yaml", "apigw: 1\n"}};
  auto line = python("stock", {"--dir", "svc//stock/"});
  line.insert(line.end(), {"-c", "shop/apigw.yaml"});
  CHECK(run(line, files).exit == 0);
  CHECK(files.content.contains("/project/shop/svc/stock/main.py"));
  CHECK(files.content.at("/project/shop/apigw.yaml").find("dir: svc/stock,") != std::string::npos);
  const auto before = files.content;
  CHECK(run({"new", "service", "stock", "-c", "shop/apigw.yaml"}, files).exit == 0);
  CHECK(files.content == before);
}

TEST_CASE("again: nothing changes, own files are never touched, and owned ones are written anew") {
  testing::MemoryFiles files;
  REQUIRE(run(python("stock"), files).exit == 0);
  const auto before = files.content;
  const auto again = run({"new", "service", "stock"}, files);
  CHECK(again.exit == 0);
  CHECK(again.err.empty());
  CHECK(again.out.find("create") == std::string::npos);
  CHECK(again.out.find("replace") == std::string::npos);
  CHECK(files.content == before);
  for (const auto& [flags, named] : {std::pair<std::vector<std::string>, std::string>{{"--port", "9001"}, "--port"},
                                     {{"--route", "/shop"}, "--route"},
                                     {{"--route", "/shop", "--port", "9001"}, "--route and --port"}}) {
    CHECK(run(python("stock", flags), files).err ==
          fmt::format("note: service 'stock' is in apigw.yaml already: {} changed nothing there; edit its lines\n",
                      named));
    CHECK(files.content == before);
  }

  files.content["/project/services/stock/items.py"] = "mine\n";
  files.content.erase("/project/services/stock/README.md");
  files.content["/project/apigw.yaml"] = "apigw: 1\nservices: { stock: { url: http://127.0.0.1:1 } }\n";
  const auto elsewhere = run({"new", "service", "stock"}, files);
  CHECK(elsewhere.exit == 2);
  CHECK(elsewhere.err.find("service 'stock' is in apigw.yaml already, at another place") != std::string::npos);

  files.content["/project/apigw.yaml"] = before.at("/project/apigw.yaml");
  // As an older version would have left it: another text, under the hash of that text.
  files.content["/project/services/stock/Dockerfile"] = "";
  std::string& lock = files.content["/project/services/stock/service.lock"];
  const auto hash = lock.find("\"Dockerfile\": \"") + 15;
  lock.replace(hash, 64, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto newer = run({"new", "service", "stock", "--lang", "python"}, files);
  CHECK(newer.exit == 0);
  CHECK(newer.out.find("replace\tservices/stock/Dockerfile\n") != std::string::npos);
  CHECK(newer.out.find("replace\tservices/stock/service.lock\n") != std::string::npos);
  CHECK(files.content.at("/project/services/stock/Dockerfile") == before.at("/project/services/stock/Dockerfile"));
  CHECK(files.content.at("/project/services/stock/service.lock") ==
        before.at("/project/services/stock/service.lock"));
  CHECK(files.content.at("/project/services/stock/items.py") == "mine\n");
  CHECK(!files.content.contains("/project/services/stock/README.md"));
}

TEST_CASE("an owned file that was edited stops it by name, until --force") {
  testing::MemoryFiles files;
  REQUIRE(run(python("stock"), files).exit == 0);
  const auto before = files.content;
  files.content["/project/services/stock/Dockerfile"] += "# mine\n";
  const auto edited = files.content;
  for (const char* flag : {"--quiet", "--dry-run"}) {
    const auto refused = run({"new", "service", "stock", flag}, files);
    CHECK(refused.exit == 2);
    CHECK(
        refused.err ==
        "error: 'services/stock/Dockerfile' was edited since it was written\n help: --diff shows what would change, "
        "--force replaces; nothing was written\n");
    CHECK(files.content == edited);
  }
  const auto diff = run({"new", "service", "stock", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("-# mine\n") != std::string::npos);
  CHECK(files.content == edited);
  CHECK(run({"new", "service", "stock", "--force"}, files).exit == 0);
  CHECK(files.content == before);
}

TEST_CASE("a folder with another program is refused, and --force keeps what is the user's in it") {
  struct Row {
    std::string_view there, named;
  };
  for (const Row& row : {Row{"main.py", "'services/stock/main.py' is"}, Row{"go.mod", "'services/stock/go.mod' is"},
                         Row{"src/index.ts", "'services/stock/src/index.ts' is"},
                         Row{"Dockerfile", "'services/stock/Dockerfile' is"}}) {
    CAPTURE(row.there);
    const std::string path = fmt::format("/project/services/stock/{}", row.there);
    testing::MemoryFiles files{{path, "mine\n"}};
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--dry-run"}}) {
      const auto refused = run(python("stock", more), files);
      CHECK(refused.exit == 2);
      CHECK(refused.err ==
            fmt::format("error: {} there already\n help: a service that is there comes in with: apigw add service "
                        "services/stock; --force writes around your files, and replaces what is in runtime/, "
                        "Dockerfile and .dockerignore; nothing was written\n",
                        row.named));
      CHECK(files.content.size() == 1);
    }
    REQUIRE(run(python("stock", {"--force"}), files).exit == 0);
    CHECK((files.content.at(path) == "mine\n") == (row.there != "Dockerfile"));
    CHECK(files.content.contains("/project/services/stock/items.py"));
  }
  testing::MemoryFiles notes{{"services/stock/NOTES.txt", "mine\n"}};  // no program
  CHECK(run(python("stock"), notes).exit == 0);
}

TEST_CASE("a run that was broken off anywhere is taken up again") {
  testing::MemoryFiles whole;
  const auto made = run(python("stock"), whole);
  REQUIRE(made.exit == 0);
  std::vector<std::string> order;  // in which the files were written
  for (const std::string_view line : text::split(made.out, '\n'))
    if (const auto tab = line.find('\t'); tab != std::string_view::npos && line.starts_with("create"))
      order.push_back("/project/" + std::string(line.substr(tab + 1)));
  REQUIRE(order.size() == whole.content.size());
  for (std::size_t done = 0; done < order.size(); ++done) {
    CAPTURE(order[done]);
    testing::MemoryFiles files;
    for (std::size_t i = 0; i < done; ++i) files.content[order[i]] = whole.content.at(order[i]);
    CHECK(run(python("stock"), files).exit == 0);
    CHECK(files.content == whole.content);
  }
}

TEST_CASE("a config that cannot be written keeps the whole service from being written") {
  testing::MemoryFiles files{{"apigw.yaml", own_config}};
  files.sealed.insert("/project/apigw.yaml");
  const auto ran = run(python("orders"), files);
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: write 'apigw.yaml': permission denied\n");
  CHECK(files.content.size() == 1);
}

TEST_CASE("an error that was there is told where it stands, and one that the service makes as that") {
  testing::MemoryFiles wrong{{"apigw.yaml", "apigw: 1\nservices:\n  a: { urll: x }\nroutes:\n  GET /a: nope\n"}};
  const auto before = run(python("orders"), wrong);
  CHECK(before.exit == 2);
  CHECK(before.err.find("apigw.yaml:5:11") != std::string::npos);
  CHECK(before.err.find("error: the config has errors\n help: mend them first; nothing was written\n") !=
        std::string::npos);
  testing::MemoryFiles replaced{
      {"apigw.yaml", "apigw: 1\nprofiles: { prod: { services: { a: { url: http://127.0.0.1:9 } } } }\n"}};
  const auto after = run(python("orders"), replaced);
  CHECK(after.exit == 2);
  CHECK(after.err.find("it has none without it: where a profile replaces a section, add the entry there by hand") !=
        std::string::npos);
  CHECK(replaced.content.size() == 1);
}

TEST_CASE("a dry run and a diff write nothing") {
  testing::MemoryFiles files;
  const auto dry = run(python("stock", {"--dry-run"}), files);
  CHECK(dry.exit == 0);
  CHECK(dry.out.find("create\tservices/stock/main.py\n") != std::string::npos);
  CHECK(dry.out.ends_with("create\tapigw.yaml\ncreate\tservices/stock/service.lock\n"));
  CHECK(dry.err.empty());
  const auto diff = run(python("stock", {"--diff"}), files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("+++ services/stock/main.py\n") != std::string::npos);
  CHECK(diff.out.find("+++ apigw.yaml\n") != std::string::npos);
  CHECK(files.content.empty());
  REQUIRE(run(python("stock"), files).exit == 0);
  CHECK(run({"new", "service", "stock", "--diff"}, files).exit == 0);
}

TEST_CASE("nothing is written through a link or out of the project") {
  testing::MemoryFiles files{{"elsewhere/x", ""}};
  for (const char* link : {"/project/services", "/project/services/stock", "/project/services/stock/runtime",
                           "/project/services/stock/service.lock", "/project/services/stock/runtime/server.py"}) {
    CAPTURE(link);
    files.links = {link};
    const auto ran = run(python("stock"), files);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(fmt::format("error: '{}' is a symbolic link\n", std::string(link).substr(9))));
  }
  files.links.clear();
  for (const char* directory : {"/tmp/x", "..", "../x", "services/../../x", ".", "./", "a/..", "a\nb"}) {
    CAPTURE(directory);
    const auto ran = run(python("stock", {"--dir", directory}), files);
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("is not a folder below the project's\n") != std::string::npos);
  }
  CHECK(files.content.size() == 1);
}

TEST_CASE("what is missing or wrong is said with what to write instead, and nothing is written") {
  struct Row {
    std::vector<std::string> line;
    const char* error;
  };
  const Row rows[] = {
      {{"new", "service", "stock"}, "error: the language is missing\n help: give --lang one of python"},
      {{"new", "service", "stock", "--lang", "pyton"}, "python"},
      {python("a b"), "error: 'a b' is not a service name\n help: a letter or digit, then"},
      {python("../x"), "error: '../x' is not a service name\n"},
      {python("null"), "error: 'null' means something else than a name in YAML\n help: choose another name"},
      {python("True"), "error: 'True' means something else than a name in YAML\n"},
      {python("on"), "error: 'on' means something else than a name in YAML\n"},
      {python("12"), "error: '12' means something else than a name in YAML\n"},
      {python("1e3"), "error: '1e3' means something else than a name in YAML\n"},
      {python("2026-01-01"), "error: '2026-01-01' means something else than a name in YAML\n"},
      {python("~"), "error: '~' is not a service name\n"},
      {python("stock", {"--kind", "worker", "--route", "/x"}), "error: --route is for services of kind http\n"},
      {python("stock", {"--route", "x"}), "error: --route 'x': it needs a name behind its '/'\n"},
      {python("stock", {"--route", "/"}), "error: --route '/': it needs a name behind its '/'\n"},
      {python("stock", {"--route", "/a b"}), "error: --route '/a b': "},
      {python("stock", {"--route", "/a/../b"}), "error: --route '/a/../b': "},
      {python("stock", {"--port", "1, x: y"}), "error: --port '1, x: y' is no port\n"},
      {python("stock", {"--port", "65536"}), "error: --port '65536' is no port\n"},
      {python("stock", {"--calls", "nobody"}), "AGW322"},
      {python("stock", {"--calls", "stock"}), "error: --calls: 'stock' is not another service's name\n"},
      {python("stock", {"--calls", "a,,b"}), "error: --calls: '' is not another service's name\n"},
      {python("stock", {"-c", "-"}), "error: new service needs a file, not stdin\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line.back());
    testing::MemoryFiles files;
    const auto ran = run(row.line, files);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK_MESSAGE(ran.err.find(row.error) != std::string::npos, ran.err);
    CHECK(files.content.empty());
  }
}

TEST_CASE("a name that only begins like a number is one") {
  testing::MemoryFiles files;
  CHECK(run(python("2fa"), files).exit == 0);
  CHECK(files.content.at("/project/apigw.yaml").contains("\n  \"2fa\": { run: "));
}

TEST_CASE("a route that is there already is not taken from its service") {
  testing::MemoryFiles files;
  CHECK(run(python("stock", {"--route", "/r"}), files).exit == 0);
  const auto before = files.content;
  const auto ran = run(python("other", {"--route", "/r"}), files);
  CHECK(ran.exit == 2);
  CHECK(ran.err ==
        "error: the config has a route 'GET,POST /r/items' already\n help: choose another path with --route\n");
  CHECK(files.content == before);
}

TEST_CASE("what is there already is not made into another service") {
  testing::MemoryFiles files{{"apigw.yaml", own_config}};
  const auto taken = run(python("stock"), files);
  CHECK(taken.exit == 2);
  CHECK(taken.err ==
        "error: service 'stock' is in apigw.yaml already, at another place\n help: choose another name, or take it "
        "out first\n");
  REQUIRE(run(python("orders"), files).exit == 0);
  const auto folder = run(python("other", {"--dir", "services/orders"}), files);
  CHECK(folder.exit == 2);
  CHECK(folder.err.starts_with("error: 'services/orders' holds service 'orders' in python, kind http\n"));
  const auto kind = run(python("orders", {"--kind", "worker"}), files);
  CHECK(kind.exit == 2);
  const auto calls = run(python("orders", {"--calls", "stock"}), files);
  CHECK(calls.exit == 2);
  CHECK(calls.err.starts_with("error: service 'orders' is there already: --calls has no use\n"));
  files.content["/project/services/orders/service.lock"] = "{}";
  const auto broken = run(python("orders"), files);
  CHECK(broken.exit == 2);
  CHECK(broken.err.starts_with("error: 'services/orders/service.lock': it is no lock file of this version\n"));
}

TEST_CASE("a service that somebody wrote by hand is not written into") {
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--force"}, {"--dry-run"}})
    for (const char* language : {"python", "node"}) {
      testing::MemoryFiles files;
      REQUIRE(run({"init"}, files).exit == 0);
      const auto before = files.content;
      std::vector<std::string> line{"new", "service", "hello", "--lang", language};
      line.insert(line.end(), more.begin(), more.end());
      const auto ran = run(line, files);
      CHECK(ran.exit == 2);
      CHECK(
          ran.err ==
          "error: service 'hello' is in apigw.yaml already, and starts with 'python3 app.py'\n help: choose another "
          "name, or take it out first\n");
      CHECK(files.content == before);
    }
  // Without its lock, a service of this command begins anew.
  testing::MemoryFiles files;
  REQUIRE(run(python("stock"), files).exit == 0);
  const auto before = files.content;
  files.content.erase("/project/services/stock/service.lock");
  CHECK(run(python("stock", {"--force"}), files).exit == 0);
  CHECK(files.content == before);
}

TEST_CASE("on a terminal the language is asked for") {
  testing::MemoryFiles files;
  const testing::Setting setting{.in = "Python\n", .terminal = {.err = true, .in = true}};
  const auto made = run({"new", "service", "stock"}, files, setting);
  CHECK(made.exit == 0);
  CHECK(made.err.starts_with("Language (python"));
  CHECK(files.content.contains("/project/services/stock/main.py"));
  testing::MemoryFiles none;
  const auto wrong = run({"new", "service", "stock"}, none, {.in = "cobol\n", .terminal = {.err = true, .in = true}});
  CHECK(wrong.exit == 2);
  CHECK(wrong.err.find("'cobol' is none of the languages") != std::string::npos);
  CHECK(run({"new", "service", "stock", "--no-input"}, none, setting).exit == 2);
  CHECK(none.content.empty());
}

TEST_CASE("a framework brings its language, and stays what the service is on") {
  for (const scaffold::Language& framework : scaffold::frameworks()) {
    CAPTURE(framework.word);
    const std::string word(framework.word);
    testing::MemoryFiles files{{"apigw.yaml", own_config}};
    const auto made = run({"new", "service", "orders", "--framework", word, "--calls", "stock"}, files);
    CHECK(made.exit == 0);
    golden::check(fmt::format("golden/cli/new-service/{}.txt", word), made.out);
    CHECK(files.content.at("/project/services/orders/service.lock").contains("\"framework\": \"" + word + "\""));
    CHECK(files.content.at("/project/apigw.yaml").contains(framework.run));
    const auto again = run({"new", "service", "orders"}, files);
    CHECK(again.exit == 0);
    CHECK_FALSE(again.out.contains("replace"));
    CHECK_FALSE(again.out.contains("create"));
    const auto other = run({"new", "service", "orders", "--lang", "cpp"}, files);
    CHECK(other.exit == 2);
    CHECK(other.err.contains(fmt::format("in {} on {}, kind http", framework.of, word)));
  }
  testing::MemoryFiles files;
  const auto cpp = run({"new", "service", "a", "--framework", "fastapi", "--lang", "cpp"}, files);
  CHECK(cpp.exit == 2);
  CHECK(cpp.err ==
        "error: FastAPI is a framework of python\n help: leave out --lang cpp, or take its standard library "
        "and leave out --framework\n");
  const auto worker = run({"new", "service", "a", "--framework", "fastapi", "--kind", "worker"}, files);
  CHECK(worker.exit == 2);
  CHECK(worker.err.starts_with("error: --framework is for services of kind http\n"));
}

TEST_CASE("a service's pipeline is written for the system that the project has, or that --ci names, once") {
  struct Row {
    std::string system, there, path;
  };
  const std::vector<Row> rows = {
      {"github", "README.md", ".github/workflows/my-orders.yml"},
      {"gitlab", ".gitlab-ci.yml", "services/my.orders/.gitlab-ci.yml"},
      {"jenkins", "Jenkinsfile", "services/my.orders/Jenkinsfile"},
      {"circleci", ".circleci/config.yml", "services/my.orders/.circleci/config.yml"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.system);
    testing::MemoryFiles files{{row.there, ""}}, asked;
    REQUIRE(run({"new", "service", "my.orders", "--lang", "cpp"}, files).exit == 0);
    REQUIRE(run({"new", "service", "my.orders", "--lang", "cpp", "--ci", row.system}, asked).exit == 0);
    std::string& written = files.content.at("/project/" + row.path);
    golden::check(fmt::format("golden/cli/new-service/{}-pipeline.txt", row.system), written);
    CHECK(written == asked.content.at("/project/" + row.path));
    written += "# mine\n";
    CHECK_FALSE(run({"new", "service", "my.orders"}, files).out.contains(row.path));
    CHECK(run({"new", "service", "my.orders", "--ci", row.system}, files).out.contains("keep\t" + row.path));
    CHECK(files.content.at("/project/" + row.path).ends_with("# mine\n"));
    files.content.erase("/project/" + row.path);
    run({"new", "service", "my.orders"}, files);
    CHECK_FALSE(files.content.contains("/project/" + row.path));
    CHECK(run({"new", "service", "my.orders", "--ci", row.system}, files).out.contains("create\t" + row.path));
  }
  testing::MemoryFiles none;
  CHECK(run(python("orders", {"--ci", "none"}), none).exit == 0);
  CHECK_FALSE(none.content.contains("/project/.github/workflows/orders.yml"));
  testing::MemoryFiles elsewhere{{"shop/apigw.yaml", own_config}};
  CHECK(run(python("orders", {"-c", "shop/apigw.yaml"}), elsewhere).exit == 0);
  CHECK(elsewhere.content.at("/project/shop/.github/workflows/orders.yml").contains("cd services/orders\n"));
  testing::MemoryFiles linked{{"apigw.yaml", own_config}};
  linked.links.insert("/project/.github");
  const auto refused = run(python("orders"), linked);
  CHECK(refused.exit == 2);
  CHECK(refused.err ==
        "error: '.github' is a symbolic link\n help: the pipeline would be written through it; name "
        "another system with --ci, or none\n");
}

TEST_CASE("what is left to do for a pipeline is said until the project's own file names it") {
  struct Row {
    std::string system, own, says;
  };
  const std::vector<Row> rows = {
      {"github", ".github/workflows/apigw.yml", ""},
      {"gitlab", ".gitlab-ci.yml",
       "  for the pipeline, put into .gitlab-ci.yml: include: [{ local: services/stock/.gitlab-ci.yml }]\n"},
      {"jenkins", "Jenkinsfile",
       "  for the pipeline, make a job of its own with the script path services/stock/Jenkinsfile\n"},
      {"circleci", ".circleci/config.yml",
       "  for the pipeline, make a pipeline of its own in the project's settings with the config "
       "services/stock/.circleci/config.yml, or have the project's .circleci/config.yml continue with it\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.system);
    const std::string usual =
        "\nNext:\n  cd services/stock && python3 -m unittest    # its tests\n  apigw run\n"
        "  apigw call GET /stock/items    # in a second terminal\n";
    testing::MemoryFiles files, named{{row.own,
                                       "- services/stock/.gitlab-ci.yml services/stock/Jenkinsfile "
                                       "services/stock/.circleci/config.yml\n"}};
    CHECK(run(python("stock", {"--ci", row.system}), files).err == usual + row.says);
    CHECK(run({"new", "service", "stock", "--ci", row.system}, files).err ==
          (row.says.empty() ? "" : "\nNext:\n" + row.says));
    CHECK(run(python("stock", {"--ci", row.system}), named).err == usual);
  }
}

TEST_CASE("a service's pipeline is for the system of the other services' where the project has none itself") {
  testing::MemoryFiles files;
  REQUIRE(run(python("stock", {"--ci", "gitlab", "--dir", "parts/one"}), files).exit == 0);
  REQUIRE(run(python("orders"), files).exit == 0);
  CHECK(files.content.contains("/project/services/orders/.gitlab-ci.yml"));
  CHECK_FALSE(files.content.contains("/project/.github/workflows/orders.yml"));
}

TEST_CASE("a pipeline of another's name is not taken for one's own") {
  for (const auto& [first, second] : {std::pair{"a.b", "a-b"}, {"Class", "class"}}) {
    testing::MemoryFiles files;
    REQUIRE(run(python(first), files).exit == 0);
    const auto before = files.content;
    const auto ran = run(python(second), files);
    CHECK(ran.exit == 2);
    CHECK(ran.err == fmt::format("error: the pipeline of service '{}' is called '{}' already\n help: choose another "
                                 "name, or leave the pipeline out with --ci none\n",
                                 first, second));
    CHECK(files.content == before);
    CHECK(run(python(second, {"--ci", "none"}), files).exit == 0);
  }
  testing::MemoryFiles own{{".github/workflows/release.yml", "name: mine\n"}};
  const auto ran = run(python("release"), own);
  CHECK(ran.exit == 0);
  CHECK(
      ran.err.starts_with("note: '.github/workflows/release.yml' was there and is kept: no other pipeline is "
                          "written for this service\n\nNext:\n"));
  CHECK(own.content.at("/project/.github/workflows/release.yml") == "name: mine\n");
}

TEST_CASE("probes and metrics of a service are not public, and its document is a test all the same") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nservices: {}\nroutes: {}\n"}};
  REQUIRE(run(python("stock"), files).exit == 0);
  for (const char* path : {"/stock/metrics", "/stock/readyz", "/stock/healthz", "/stock/other"})
    CHECK(run({"explain", "GET", path}, files).out.contains("404"));
  CHECK_FALSE(run({"explain", "GET", "/stock/items/1"}, files).out.contains("404"));
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);
}

TEST_CASE("a project that is not the root of its repository is told where its pipeline must go") {
  testing::MemoryFiles files{{"/r/.git/HEAD", ""}, {"/r/sub/apigw.yaml", "apigw: 1\n"}};
  files.here = "/r/sub";
  CHECK(run(python("stock"), files)
            .err.starts_with(
                "note: the repository begins at '/r', and '.github/workflows/stock.yml' takes '/r/sub' for "
                "its root: write 'sub/' before its paths, and move it to "
                "'/r/.github/workflows/stock.yml', where it is looked for\n"));
  CHECK(
      run(python("orders", {"--ci", "gitlab"}), files)
          .err.starts_with("note: the repository begins at '/r', and 'services/orders/.gitlab-ci.yml' takes '/r/sub' "
                           "for its root: write 'sub/' before its paths\n"));
  CHECK(
      run({"emit", "github", "--image", "x:1", "--deploy", "none"}, files)
          .err.starts_with("note: the repository begins at '/r', and this pipeline takes '/r/sub' for its root: run "
                           "this there, and name the config with -c\n"));
  files.content["/r/sub/.git"] = "gitdir: ../.git/modules/sub\n";
  CHECK_FALSE(run(python("prices"), files).err.contains("note:"));
  CHECK_FALSE(run({"emit", "github", "--image", "x:1", "--deploy", "none"}, files).err.contains("note:"));
}
