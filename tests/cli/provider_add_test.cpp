#include <doctest/doctest.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view with_groq = "apigw: 1\nproviders:\n  groq: {}  # fast\nmodels:\n  chat: groq/x\n";
const cli::Terminal person{.err = true, .in = true};

testing::MemoryFiles project() {
  return {{"apigw.yaml", std::string{with_groq}}};
}

}  // namespace

TEST_CASE("the key is asked for, goes to .env with mode 0600, and the line stands beside its neighbours") {
  auto files = project();
  files.modes["/project/apigw.yaml"] = 0640;
  const auto ran =
      run({"provider", "add", "openai", "--no-ping"}, files, {.in = " sk-test-1 \n", .terminal = person});
  CHECK(ran.exit == 0);
  CHECK(files.content.at("/project/apigw.yaml") ==
        "apigw: 1\nproviders:\n  groq: {}  # fast\n  openai: { key: env:OPENAI_API_KEY }\nmodels:\n  chat: groq/x\n");
  CHECK(files.modes.at("/project/apigw.yaml") == 0640);
  CHECK(files.content.at("/project/.env") == "OPENAI_API_KEY=sk-test-1\n");
  CHECK(files.modes.at("/project/.env") == 0600);
  CHECK(
      ran.out ==
      "openai  not asked\nwrote OPENAI_API_KEY to .env\nwrote 'openai: { key: env:OPENAI_API_KEY }' to apigw.yaml\n");
  CHECK((ran.out + ran.err).find("sk-test-1") == std::string::npos);
}

TEST_CASE("a provider of a cloud is added with its region, and not asked what would cost something") {
  auto files = project();
  const auto ran = run({"provider", "add", "bedrock", "--region", "eu-central-1"}, files,
                       {.in = {}, .environment = {{"AWS_BEARER_TOKEN_BEDROCK", "a-key-of-bedrock"}}});
  CHECK(ran.exit == 0);
  CHECK(files.content.at("/project/apigw.yaml")
            .contains("  bedrock: { region: eu-central-1, key: env:AWS_BEARER_TOKEN_BEDROCK }\n"));
  CHECK(ran.out.starts_with("bedrock  not asked, as it has no call that costs nothing\n"));
  const auto without = run({"provider", "add", "vertex", "--region", "global"}, files,
                           {.in = {}, .environment = {{"GOOGLE_CREDENTIALS", "ya29.token"}}});
  CHECK(without.exit == 2);
  CHECK(without.err.contains("provider 'vertex' has no project"));
}

TEST_CASE("a second run changes nothing") {
  auto files = project();
  CHECK(run({"provider", "add", "openai", "--no-ping"}, files, {.in = "sk-1\n", .terminal = person}).exit == 0);
  const auto before = files.content;
  const auto again = run({"provider", "add", "openai", "--no-ping"}, files);
  CHECK(again.exit == 0);
  CHECK(again.out == "openai  not asked\nOPENAI_API_KEY is set, from .env\napigw.yaml has it already\n");
  CHECK(again.err.empty());
  CHECK(files.content == before);
  const auto other = run(
      {"provider", "add", "openai", "--no-ping", "--provider-url", "http://127.0.0.1:9/v1", "--variable", "OTHER"},
      files);
  CHECK(other.exit == 0);
  CHECK(
      other.err ==
      "note: provider 'openai' is in apigw.yaml already: --provider-url, --variable changed nothing there; edit its "
      "line\n");
  CHECK(files.content == before);
}

TEST_CASE("a key that is in the environment is used and written nowhere") {
  testing::MemoryFiles files;
  const auto ran =
      run({"provider", "add", "openai", "--no-ping"}, files, {.environment = {{"OPENAI_API_KEY", "sk-env"}}});
  CHECK(ran.exit == 0);
  CHECK(files.content.at("/project/apigw.yaml") == "apigw: 1\n\nproviders:\n  openai: { key: env:OPENAI_API_KEY }\n");
  CHECK(!files.content.contains("/project/.env"));
  CHECK(ran.out.find("OPENAI_API_KEY is set, from the environment\n") != std::string::npos);
}

TEST_CASE("a key that no config could load is not written") {
  for (const char* const key : {"gsk-test\n1", "gsk-test\r"}) {
    testing::MemoryFiles files;
    const auto ran = run({"provider", "add", "groq", "--no-ping"}, files, {.environment = {{"GROQ_API_KEY", key}}});
    CHECK(ran.exit == 4);
    CHECK(ran.err ==
          "error: GROQ_API_KEY holds control characters\n help: copy the key again, without a line's end\n");
    CHECK(files.content.empty());
  }
  testing::MemoryFiles files;
  const auto typed =
      run({"provider", "add", "groq", "--no-ping"}, files, {.in = "gsk\x1b[A-test\n", .terminal = person});
  CHECK(typed.exit == 4);
  CHECK(files.content.empty());
}

TEST_CASE("a .env that is there keeps its lines") {
  auto files = project();
  files.content["/project/.env"] = "OTHER=1";
  CHECK(run({"provider", "add", "openai", "--no-ping"}, files, {.in = "two words\n", .terminal = person}).exit == 0);
  CHECK(files.content.at("/project/.env") == "OTHER=1\nOPENAI_API_KEY=\"two words\"\n");
}

TEST_CASE("without a person a missing key is exit 4, says what to do, and writes nothing") {
  auto files = project();
  const auto before = files.content;
  for (const bool no_input : {false, true}) {
    std::vector<std::string> line{"provider", "add", "openai"};
    if (no_input) line.emplace_back("--no-input");
    const auto ran =
        run(line, files, {.environment = {{"NO_COLOR", "1"}}, .terminal = no_input ? person : cli::Terminal{}});
    CHECK(ran.exit == 4);
    CHECK(ran.err ==
          "error: OPENAI_API_KEY is not set\n help: export OPENAI_API_KEY=…, or write OPENAI_API_KEY=… "
          "into .env, and run this again\n");
  }
  CHECK(run({"provider", "add", "openai"}, files, {.in = "\n", .terminal = person}).exit == 4);
  CHECK(files.content == before);
}

TEST_CASE("a provider that is not reached is exit 3 and writes nothing, unless somebody says yes") {
  const cli::Terminal nobody{};
  auto files = project();
  const auto before = files.content;
  const std::vector<std::string> line{"provider", "add", "local", "--provider-url", "http://127.0.0.1:1/v1"};
  const testing::Setting setting{.environment = {{"LOCAL_API_KEY", "k"}}, .terminal = nobody};
  const auto ran = run(line, files, setting);
  CHECK(ran.exit == 3);
  CHECK(ran.err.starts_with("error: GET http://127.0.0.1:1/v1/models: connection refused\n"));
  CHECK(files.content == before);
  std::vector<std::string> yes = line;
  yes.emplace_back("--yes");
  CHECK(run(yes, files, setting).exit == 0);
  CHECK(files.content.at("/project/apigw.yaml")
            .find("  local: { url: http://127.0.0.1:1/v1, key: env:LOCAL_API_KEY }\n") != std::string::npos);
}

TEST_CASE("a config that was saved while the key was looked for keeps what was saved") {
  struct SavedMeanwhile final : testing::MemoryFiles {
    using testing::MemoryFiles::MemoryFiles;
    Result<void> write(const std::string& path, std::string_view text, unsigned mode) override {
      if (path == ".env") content["/project/apigw.yaml"] += "# saved\n";
      return MemoryFiles::write(path, text, mode);
    }
  };
  SavedMeanwhile files{{"apigw.yaml", std::string{with_groq}}};
  const auto ran = run({"provider", "add", "openai", "--no-ping"}, files,
                       {.in = "sk-1\n", .environment = {{"NO_COLOR", "1"}}, .terminal = person});
  CHECK(ran.exit == 0);
  CHECK(files.content.at("/project/apigw.yaml").contains("# saved\n"));
  CHECK(files.content.at("/project/apigw.yaml").contains("  openai: { key: env:OPENAI_API_KEY }\n"));
  CHECK(files.content.at("/project/.env") == "OPENAI_API_KEY=sk-1\n");
}

TEST_CASE("--diff and --dry-run write nothing and ask nothing") {
  auto files = project();
  const auto before = files.content;
  const auto diff = run({"provider", "add", "ollama", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("\n+  ollama: {}\n") != std::string::npos);
  const auto dry = run({"provider", "add", "openai", "--dry-run"}, files);
  CHECK(dry.exit == 0);
  CHECK(dry.out.find("would write 'openai: { key: env:OPENAI_API_KEY }' to apigw.yaml\n") != std::string::npos);
  CHECK(files.content == before);
}

TEST_CASE("what cannot be added says why") {
  struct Row {
    std::string_view name;
    std::vector<std::string> arguments;
    std::string text;
    std::string_view says;
  };
  const Row rows[] = {
      {"unknown",
       {"opnai"},
       std::string{with_groq},
       "error: no provider 'opnai' is known\n help: did you mean 'openai'?\n"},
      {"stdin", {"openai", "-c", "-"}, std::string{with_groq}, "error: provider add needs a file, not stdin\n"},
      {"broken yaml",
       {"openai"},
       "providers: [\n",
       "apigw.yaml:1:12: error[AGW105]: '[' is never closed\nerror: apigw.yaml is broken YAML\n"},
      {"a list", {"openai"}, "apigw: 1\nproviders: [a]\n", "error: apigw.yaml: 'providers' cannot be added to"},
      {"a broken config", {"openai"}, "apigw: 1\nroutes:\n  GET /x: nosuch\n", "apigw.yaml:3:11: error[AGW322]"},
      {"a name that is none",
       {"a b", "--provider-url", "http://x"},
       std::string{with_groq},
       "apigw.yaml:4:3: error[AGW215]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    testing::MemoryFiles files{{"apigw.yaml", row.text}};
    std::vector<std::string> line{"provider", "add"};
    line.insert(line.end(), row.arguments.begin(), row.arguments.end());
    const auto ran = run(line, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(row.says));
    CHECK(files.content.at("/project/apigw.yaml") == row.text);
  }
}
