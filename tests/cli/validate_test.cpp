#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view good = "apigw: 1\nmodels:\n  chat: mock/chat\n";
constexpr std::string_view bad = "apigw: 1\nroutes:\n  GET /x: nosuch\n";
constexpr std::string_view finding =
    "bad.yaml:3:11: error[AGW322]: route 'GET /x' sends to unknown service 'nosuch'\n";

testing::MemoryFiles project() {
  return {{"apigw.yaml", std::string{good}}, {"bad.yaml", std::string{bad}}, {"dir/file", "x"}};
}

}  // namespace

TEST_CASE("validate reads apigw.yaml when nothing is named") {
  auto files = project();
  const auto ran = run({"validate"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err == "no findings in 1 file\n");
  CHECK(run({"validate", "-q"}, files).err.empty());
}

TEST_CASE("an admin API without a key is what run takes and serve refuses: the commands beside run go on") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\nadmin: { listen: 127.0.0.1:18081 }\nmodels: { chat: mock/chat }\n"
                              "services: { s: http://127.0.0.1:9 }\nroutes: { GET /a: s }\n"}};
  const std::vector<std::vector<std::string>> beside_run{
      {"validate"}, {"explain", "GET", "/a"}, {"models"}, {"api", "list"}};
  for (const auto& words : beside_run) {
    CAPTURE(words[0]);
    CHECK(run(words, files).exit == 0);
  }
  CHECK(run({"validate"}, files).out == "apigw.yaml:2:8: warning[AGW408]: the admin API has no key\n");
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 1);
  CHECK(run({"validate", "--resolve"}, files).exit == 1);
}

TEST_CASE("findings go to stdout, their count to stderr in a pipe, and the exit code is 1") {
  auto files = project();
  const auto ran = run({"validate", "bad.yaml"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.out == finding);
  CHECK(ran.err == "1 error in bad.yaml\n");
}

TEST_CASE("on a terminal the report is full and counts itself") {
  auto files = project();
  const auto ran = run({"validate", "-c", "bad.yaml"}, files, {.terminal = {.out = true}});
  CHECK(ran.exit == 1);
  CHECK(ran.out.find("declare it below services") != std::string::npos);
  CHECK(ran.out.find("\x1b[") != std::string::npos);
  CHECK(ran.out.ends_with("1 error in bad.yaml\n"));
  CHECK(ran.err.empty());
}

TEST_CASE("several files and several formats leave in one run") {
  auto files = project();
  const auto ran =
      run({"validate", "apigw.yaml", "bad.yaml", "-o", "concise", "-o", "json=f.json", "-o", "sarif=f.sarif"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.out == finding);
  const auto json = nlohmann::json::parse(files.content.at("/project/f.json"));
  CHECK(json.at("errors") == 1);
  CHECK(json.at("findings").size() == 1);
  CHECK(files.content.at("/project/f.json").find("bad.yaml") != std::string::npos);
  CHECK(nlohmann::json::parse(files.content.at("/project/f.sarif")).at("version") == "2.1.0");
}

TEST_CASE("an output in a folder that is not there is exit 2, and the folder is not made") {
  auto files = project();
  const auto ran = run({"validate", "apigw.yaml", "-o", "sarif=/new/dir/x"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err.find("error: write '/new/dir/x': there is no folder '/new/dir'\n help: make it first: mkdir -p\n") !=
        std::string::npos);
  CHECK_FALSE(files.exists("/new/dir/x"));
}

TEST_CASE("a config comes over stdin") {
  testing::MemoryFiles files;
  CHECK(run({"validate", "-"}, files, {.in = std::string{good}}).exit == 0);
  const auto ran = run({"validate", "-"}, files, {.in = std::string{bad}});
  CHECK(ran.exit == 1);
  CHECK(ran.out.find("error[AGW322]") != std::string::npos);
}

TEST_CASE("warnings count when they are told to") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nservices:\n  idle: http://127.0.0.1:9001\nmodels:\n  chat: mock/chat\n"}};
  const auto quiet = run({"validate"}, files);
  CHECK(quiet.exit == 0);
  CHECK(quiet.out.find("warning[AGW") != std::string::npos);
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 1);
}

TEST_CASE("what is no config is exit 2 and the other files are checked all the same") {
  struct Row {
    std::string_view name;
    std::string_view content;
    std::string_view says;
  };
  const Row rows[] = {
      {"openapi", "openapi: 3.1.0\n",
       "error: 'f' is an OpenAPI document, a kind that this version does not check\n"
       " help: make a config of it: apigw import openapi f\n"},
      {"openapi in json", "{\n  \"openapi\": \"3.1.0\"\n}\n",
       "error: 'f' is an OpenAPI document, a kind that this version does not check\n"
       " help: make a config of it: apigw import openapi f\n"},
      {"a chart", "# a comment\napiVersion: v2\nname: a\n",
       "error: 'f' is a chart, or a manifest without `kind`, a kind that this version does not check\n"
       " help: validate reads manifests, and apigw configs, which begin with `apigw: 1`\n"},
      {"binary", std::string_view{"apigw\0: 1", 9},
       "error: 'f' is no text: it holds a zero byte\n help: validate reads apigw configs, tests and Kubernetes "
       "manifests\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    auto files = project();
    files.content["/project/f"] = row.content;
    const auto ran = run({"validate", "f", "bad.yaml"}, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(row.says));
    CHECK(ran.out == finding);
  }
}

TEST_CASE("a path that cannot be read is exit 2") {
  auto files = project();
  const auto missing = run({"validate", "nowhere.yaml"}, files);
  CHECK(missing.exit == 2);
  CHECK(missing.err == "error: read 'nowhere.yaml': no such file or directory\n");
  CHECK(run({"validate", "dir"}, files).err.starts_with("error: no Kubernetes manifests in 'dir'\n"));
  const auto empty = run({"validate"});
  CHECK(empty.exit == 2);
  CHECK(empty.err ==
        "error: read 'apigw.yaml': no such file or directory\n help: name a file, or make a project: apigw init\n");
}

TEST_CASE("a text beyond the limit is refused") {
  testing::MemoryFiles files;
  const auto ran = run({"validate", "-"}, files, {.in = std::string((10 << 20) + 1, '#')});
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: read stdin: larger than 10485760 bytes\n");
}

TEST_CASE("secrets are looked for only with --resolve") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nproviders:\n  openai: {}\nmodels:\n  chat: openai/gpt-5-mini\n"}};
  CHECK(run({"validate"}, files).exit == 0);
  const auto ran = run({"validate", "--resolve"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.out.find("OPENAI_API_KEY") != std::string::npos);
  CHECK(run({"validate", "--resolve"}, files, {.environment = {{"OPENAI_API_KEY", "k"}}}).exit == 0);
}

TEST_CASE("--resolve reads the .env beside the config, as run does") {
  testing::MemoryFiles files{{"shop/apigw.yaml", "apigw: 1\nconsumers: { web: { key: env:WEB_KEY } }\n"},
                             {"shop/.env", "WEB_KEY=test-key-0123456789abcdef\n"}};
  CHECK(run({"validate", "shop/apigw.yaml", "--resolve"}, files).exit == 0);
  files.content["/project/shop/.env"] = "WEB_KEY\n";
  const auto broken = run({"validate", "shop/apigw.yaml", "--resolve"}, files);
  CHECK(broken.exit == 2);
  CHECK(broken.err.starts_with("error: 'shop/.env' line 1 is no NAME=VALUE\n"));
  CHECK(run({"validate", "shop/apigw.yaml"}, files).exit == 0);
}

TEST_CASE("--fix writes what the findings offer, keeps the mode, and reports what is left") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nmodles:  # ours\n  chat: mock/x\nroutes:\n  GET /x: nosuch\n"}};
  files.modes["/project/apigw.yaml"] = 0640;
  const auto ran = run({"validate", "--fix"}, files);
  CHECK(ran.exit == 1);
  CHECK(files.content.at("/project/apigw.yaml") ==
        "apigw: 1\nmodels:  # ours\n  chat: mock/x\nroutes:\n  GET /x: nosuch\n");
  CHECK(files.modes.at("/project/apigw.yaml") == 0640);
  CHECK(ran.out == "apigw.yaml:5:11: error[AGW322]: route 'GET /x' sends to unknown service 'nosuch'\n");
  CHECK(ran.err == "mended 1 finding in apigw.yaml\n1 error in apigw.yaml\n");
  CHECK(run({"validate", "--fix"}, files).err == "1 error in apigw.yaml\n");
}

TEST_CASE("--diff and --dry-run show what --fix would do and write nothing") {
  testing::MemoryFiles files{{"apigw.yaml", "modles:\n  chat: mock/x\n"}};
  const auto before = files.content;
  const auto diff = run({"validate", "--fix", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out ==
        "--- apigw.yaml\n+++ apigw.yaml\n@@ -1,2 +1,3 @@\n-modles:\n+apigw: 1\n+models:\n   chat: mock/x\n");
  const auto dry = run({"validate", "--fix", "--dry-run"}, files);
  CHECK(dry.exit == 1);
  CHECK(dry.err ==
        "apigw.yaml:1: would mend AGW201: the config has no field 'modles'\n"
        "apigw.yaml:1: would mend AGW209: the line 'apigw: 1' is missing\n"
        "would mend 2 findings in apigw.yaml; nothing was written\n2 errors in apigw.yaml\n");
  CHECK(files.content == before);
  auto clean = project();
  CHECK(run({"validate", "--fix", "--diff"}, clean).exit == 0);
}

TEST_CASE("--dry-run names each finding by its line in the file as it is, whatever earlier edits add above it") {
  testing::MemoryFiles files{{"apigw.yaml", "include: more.yaml\nmodles:\n  chat: mock/x\n  deep: chta\n"},
                             {"more.yaml", "services:\n  web: http://127.0.0.1:1\nroutes:\n  GET /x: wbe\n"}};
  const auto before = files.content;
  const auto dry = run({"validate", "--fix", "--dry-run"}, files);
  CHECK(
      dry.err.starts_with("apigw.yaml:1: would mend AGW209: the line 'apigw: 1' is missing\n"
                          "apigw.yaml:2: would mend AGW201: the config has no field 'modles'\n"
                          "apigw.yaml:4: would mend AGW323: model 'deep' names unknown model 'chta'\n"
                          "more.yaml:4: would mend AGW322: route 'GET /x' sends to unknown service 'wbe'\n"
                          "would mend 4 findings in apigw.yaml, more.yaml; nothing was written\n"));
  CHECK(files.content == before);
}

TEST_CASE("flags of validate that contradict each other are refused") {
  struct Row {
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Row rows[] = {
      {{"validate", "--diff"}, "error: --diff says what --fix would do\n help: write --fix beside it\n"},
      {{"validate", "--dry-run"}, "error: --dry-run says what --fix would do\n help: write --fix beside it\n"},
      {{"validate", "--fix", "-"}, "error: --fix needs files, not stdin\n help: name the file\n"},
      {{"validate", "--fix", "prompts/a.prompt"},
       "error: 'prompts/a.prompt' is a prompt, which --fix does not mend\n"
       " help: name configs alone beside --fix\n"},
      {{"validate", "--watch", "-"}, "error: --watch needs files, not stdin\n help: name the file\n"},
      {{"validate", "--watch", "--fix"}, "error: --watch cannot stand beside --fix\n help: leave one of them out\n"},
  };
  for (const Row& row : rows) {
    auto files = project();
    const auto ran = run(row.arguments, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err == row.says);
  }
}

TEST_CASE("a file that cannot be written keeps its text and is exit 2") {
  testing::MemoryFiles files{{"apigw.yaml", "models:\n  chat: mock/x\n"}};
  files.denied.insert("/project");
  const auto ran = run({"validate", "--fix"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: write 'apigw.yaml': permission denied\n");
}

TEST_CASE("findings leave in the words of CI systems") {
  auto files = project();
  CHECK(run({"validate", "bad.yaml", "-o", "github"}, files).out.starts_with("::error file=bad.yaml,line=3,col=11,"));
  CHECK(nlohmann::json::parse(run({"validate", "bad.yaml", "-o", "gitlab"}, files).out).at(0).at("severity") ==
        "major");
  CHECK(run({"validate", "bad.yaml", "-o", "junit"}, files).out.starts_with("<?xml"));
}

TEST_CASE("a prompt that is named is judged with the config that serves it, and alone where none does") {
  testing::MemoryFiles files;
  files.content["/project/apigw.yaml"] = "apigw: 1\nmodels: { chat: mock/chat }\n";
  files.content["/project/prompts/good.prompt"] = "---\nmodel: chat\n---\nSay hi\n";
  files.content["/project/prompts/model.prompt"] = "---\nmodel: chta\n---\nSay hi\n";
  files.content["/project/prompts/open.prompt"] = "{{#if";
  files.content["/elsewhere/alone.prompt"] = "---\nmodel: chta\n---\nSay hi\n";
  files.content["/elsewhere/open.prompt"] = "{{#if";
  struct Row {
    const char* file;
    int exit;
    const char* finding;
  };
  for (const Row& row : {Row{"prompts/good.prompt", 0, ""},
                         {"prompts/model.prompt", 1, "prompts/model.prompt:2:8: error[AGW615]"},
                         {"prompts/open.prompt", 1, "prompts/open.prompt:1:1: error[AGW60"},
                         {"/project/prompts/model.prompt", 1, "prompts/model.prompt:2:8: error[AGW615]"},
                         {"/elsewhere/alone.prompt", 0, ""},
                         {"/elsewhere/open.prompt", 1, "/elsewhere/open.prompt:1:1: error[AGW60"},
                         {"prompts/none.prompt", 2, ""}}) {
    CAPTURE(row.file);
    const auto ran = run({"validate", row.file}, files);
    INFO(ran.out);
    INFO(ran.err);
    CHECK(ran.exit == row.exit);
    CHECK(ran.out.find(row.finding) != std::string::npos);
    CHECK(std::ranges::count(ran.out, '\n') == (*row.finding == '\0' ? 0 : 1));
  }
  files.content["/project/apigw.yaml"] = "apigw: [\n";  // the config is not to be read at all
  CHECK(run({"validate", "prompts/good.prompt"}, files).exit == 0);
  CHECK(run({"validate", "prompts/open.prompt"}, files).exit == 1);
}
