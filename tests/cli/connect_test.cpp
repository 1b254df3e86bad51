#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "assembly/vocabulary.h"
#include "connect_tools.h"
#include "runtime_file.h"
#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles project() {
  return {{"apigw.yaml",
           "apigw: 1\nlisten: 127.0.0.1:9999\nmodels:\n  chat: mock/chat\n  deep: mock/x\n  gpt-*: chat\n"
           "consumers:\n  me: { key: env:MY_KEY }\n"}};
}

const testing::Setting at_home{.environment = {{"HOME", "/home/me"}}};

}  // namespace

TEST_CASE("connect prints each tool's settings with address, variable and model") {
  struct Row {
    std::string_view tool;
    std::vector<std::string_view> parts;
  };
  const Row rows[] = {
      {"claude-code",
       {"\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:9999\"", "\"ANTHROPIC_MODEL\": \"chat\"",
        "\"apiKeyHelper\": \"printenv MY_KEY\""}},
      {"codex", {"[model_providers.apigw]\n", "base_url = \"http://127.0.0.1:9999/v1\"\n", "env_key = \"MY_KEY\"\n"}},
      {"cohere-python",
       {"base_url=\"http://127.0.0.1:9999\"", "api_key=os.environ[\"MY_KEY\"]", "client.chat(model=\"chat\""}},
      {"cursor", {"Override OpenAI Base URL   http://127.0.0.1:9999/v1\n", "MY_KEY"}},
      {"gemini-cli",
       {"export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9999\n", "export GEMINI_API_KEY=\"$MY_KEY\"\n",
        "export GEMINI_MODEL=chat\n"}},
      {"langchain", {"base_url=\"http://127.0.0.1:9999/v1\"", "os.environ[\"MY_KEY\"]"}},
      {"ollama-python", {"host=\"http://127.0.0.1:9999\"", "os.environ[\"MY_KEY\"]", "client.chat(model=\"chat\""}},
      {"openai-python", {"export OPENAI_BASE_URL=http://127.0.0.1:9999/v1\n", "export OPENAI_API_KEY=\"$MY_KEY\"\n"}},
  };
  CHECK(std::size(rows) == cli::connectable_tools().size());
  for (const Row& row : rows) {
    CAPTURE(row.tool);
    auto files = project();
    const auto before = files.content;
    const auto ran = run({"connect", std::string{row.tool}}, files, at_home);
    CHECK(ran.exit == 0);
    for (const std::string_view part : row.parts) {
      CAPTURE(part);
      CHECK(ran.out.find(part) != std::string::npos);
    }
    CHECK(ran.out.find("chat") != std::string::npos);
    CHECK(files.content == before);
  }
}

TEST_CASE("flags replace what connect finds, and the model must be one of the config") {
  auto files = project();
  const auto ran = run({"connect", "langchain", "--model", "gpt-9", "--url", "https://api.shop.example/",
                        "--variable", "OTHER", "-o", "json"},
                       files, at_home);
  const auto document = nlohmann::json::parse(ran.out);
  CHECK(document.at("kind") == "connection");
  CHECK(document.at("address") == "https://api.shop.example");
  CHECK(document.at("model") == "gpt-9");
  CHECK(document.at("variable") == "OTHER");
  const auto unknown = run({"connect", "langchain", "--model", "chta"}, files, at_home);
  CHECK(unknown.exit == 2);
  CHECK(unknown.err == "error: there is no model 'chta'\n help: did you mean 'chat'?\n");
}

TEST_CASE("provider/model is a model for connect where the gateway of `run` is what is called") {
  auto files = project();
  const std::vector<std::string> direct{"connect", "openai-python", "--model", "mock/x"};
  const auto refused = run(direct, files, at_home);
  CHECK(refused.exit == 2);
  CHECK(refused.err ==
        "error: there is no model 'mock/x'\n help: only `apigw run` takes provider/model: start it first, or declare "
        "`models: { NAME: mock/x }`\n");
  cli::RuntimeFile gateway{.address = "http://127.0.0.1:7777", .pid = ::getpid(), .config = "/project/apigw.yaml"};
  REQUIRE(cli::write_runtime_file(gateway, files, at_home.environment));
  CHECK(run(direct, files, at_home).exit == 2);  // `serve`: it has no key of its own
  gateway.dev_key = Secret{"dev"};
  REQUIRE(cli::write_runtime_file(gateway, files, at_home.environment));
  const auto taken = run(direct, files, at_home);
  CHECK(taken.exit == 0);
  CHECK(taken.out.contains("OPENAI_BASE_URL=http://127.0.0.1:7777/v1\n"));
  CHECK(taken.out.contains("model=\"mock/x\""));
  CHECK(run({"connect", "cursor", "--model", "mock/x", "--url", "http://127.0.0.1:7777/"}, files, at_home).exit == 0);
  CHECK(run({"connect", "cursor", "--model", "mock/x", "--url", "https://api.shop.example"}, files, at_home).exit ==
        2);
  CHECK(run({"connect", "cursor", "--model", "mok/x"}, files, at_home).err ==
        "error: there is no model 'mok/x'\n help: 'apigw models' lists them\n");
  for (const char* const odd : {"mock/", "mock/x'y", "mock/$(id)"})
    CHECK(run({"connect", "cursor", "--model", odd}, files, at_home).exit == 2);
}

TEST_CASE("a pattern is no model that a tool can be given, and names stay such as a shell takes for words") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { 'gpt-*': mock/* }\n"}};
  CHECK(run({"connect", "gemini-cli"}, files, at_home).err ==
        "error: the models of the config are patterns, and a tool wants a name\n help: name one that 'gpt-*' fits: "
        "--model NAME\n");
  CHECK(run({"connect", "gemini-cli", "--model", "gpt-5"}, files, at_home).out.contains("GEMINI_MODEL=gpt-5\n"));
  for (const char* odd : {"gpt-5; ls", "gpt-$(ls)", "gpt-\n"})
    CHECK(run({"connect", "gemini-cli", "--model", odd}, files, at_home)
              .err.contains("cannot stand in settings that a shell may run\n"));
}

TEST_CASE("a prompt is a model for connect too: named, suggested, and the default where there is no other") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nprompts: { draft: { serve: false } }\n"},
                             {"prompts/draft.prompt", "---\nmodel: mock/chat\n---\nHello"},
                             {"prompts/mood.prompt", "---\nmodel: mock/chat\n---\nHello"}};
  const auto named = run({"connect", "openai-python", "--model", "prompt/mood"}, files, at_home);
  CHECK(named.exit == 0);
  CHECK(named.out.contains("model=\"prompt/mood\""));
  CHECK(run({"connect", "openai-python"}, files, at_home).out == named.out);
  CHECK(run({"connect", "openai-python", "--model", "prompt/moood"}, files, at_home).err ==
        "error: there is no model 'prompt/moood'\n help: did you mean 'prompt/mood'?\n");
  CHECK(run({"connect", "openai-python", "--model", "prompt/draft"}, files, at_home).exit == 2);
}

TEST_CASE("--write keeps what else is in the tool's file and leaves a copy of the old one") {
  auto files = project();
  const std::string old = "{\n \"theme\": \"dark\", \"env\": {\"A\": \"1\"}}";
  files.content["/home/me/.claude/settings.json"] = old;
  files.modes["/home/me/.claude/settings.json"] = 0640;
  const auto ran = run({"connect", "claude-code", "--write"}, files, at_home);
  CHECK(ran.exit == 0);
  CHECK(ran.out.empty());
  const auto settings = nlohmann::json::parse(files.content.at("/home/me/.claude/settings.json"));
  CHECK(settings.at("theme") == "dark");
  CHECK(settings.at("env").at("A") == "1");
  CHECK(settings.at("env").at("ANTHROPIC_BASE_URL") == "http://127.0.0.1:9999");
  CHECK(files.content.at("/home/me/.claude/settings.json.before-apigw") == old);
  CHECK(files.modes.at("/home/me/.claude/settings.json.before-apigw") == 0640);
  CHECK(files.modes.at("/home/me/.claude/settings.json") == 0640);
  const auto after = files.content;
  const auto again = run({"connect", "claude-code", "--write", "-o", "jsonl"}, files, at_home);
  CHECK(again.exit == 0);
  CHECK(again.out ==
        "{\"apigw\":1,\"kind\":\"connection-written\",\"tool\":\"claude-code\","
        "\"file\":\"/home/me/.claude/settings.json\",\"change\":\"same\"}\n");
  CHECK(files.content == after);
  CHECK(run({"connect", "claude-code", "--write", "--model", "deep"}, files, at_home).exit == 0);
  CHECK(files.content.at("/home/me/.claude/settings.json.before-apigw") == old);
  CHECK(files.content.contains("/home/me/.claude/settings.json.before-apigw-2"));
}

TEST_CASE("--write makes a new file private, and --diff and --dry-run make none") {
  auto files = project();
  const auto diff = run({"connect", "claude-code", "--write", "--diff"}, files, at_home);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("\n+    \"ANTHROPIC_MODEL\": \"chat\",\n") != std::string::npos);
  CHECK(run({"connect", "claude-code", "--write", "--dry-run"}, files, at_home).exit == 0);
  CHECK(files.content.size() == 1);
  const testing::Setting elsewhere{.environment = {{"HOME", "/home/me"}, {"CLAUDE_CONFIG_DIR", "/opt/claude"}}};
  CHECK(run({"connect", "claude-code", "--write"}, files, elsewhere).exit == 0);
  CHECK(files.modes.at("/opt/claude/settings.json") == 0600);
  CHECK(files.content.size() == 2);
}

TEST_CASE("a dry run says to programs that it is one, and names no copy that is not there") {
  auto files = project();
  const std::vector<std::string> dry{"connect", "claude-code", "--write", "--dry-run", "-o", "jsonl"};
  const std::string head =
      "{\"apigw\":1,\"kind\":\"connection-written\",\"tool\":\"claude-code\","
      "\"file\":\"/home/me/.claude/settings.json\",\"change\":";
  CHECK(run(dry, files, at_home).out == head + "\"create\",\"dry_run\":true}\n");
  files.content["/home/me/.claude/settings.json"] = "{}\n";
  CHECK(run(dry, files, at_home).out == head + "\"replace\",\"dry_run\":true}\n");
  const auto written = run({"connect", "claude-code", "--write", "-o", "jsonl"}, files, at_home);
  CHECK(written.out == head + "\"replace\",\"backup\":\"/home/me/.claude/settings.json.before-apigw\"}\n");
  CHECK(run(dry, files, at_home).out == head + "\"same\",\"dry_run\":true}\n");
}

TEST_CASE("what each tool calls is served") {
  const auto& endpoints = assembly::vocabulary().endpoints;
  for (const cli::Tool& tool : cli::connectable_tools()) {
    CAPTURE(tool.name);
    CHECK(std::ranges::find(endpoints, tool.endpoint, &config::KnownEndpoint::path) != endpoints.end());
  }
}

TEST_CASE("codex is written into its own file, whose endpoint is Responses") {
  auto files = project();
  const auto ran = run({"connect", "codex", "--write"}, files, at_home);
  CHECK(ran.exit == 0);
  CHECK(ran.err.find("warning") == std::string::npos);
  const std::string& settings = files.content.at("/home/me/.codex/config.toml");
  CHECK(settings.contains("base_url = \"http://127.0.0.1:9999/v1\"\n"));
  CHECK(settings.contains("wire_api = \"responses\"\n"));
}

TEST_CASE("a profile of codex that goes before what is written is told") {
  struct Row {
    std::string_view settings, says;
  };
  for (const Row& row :
       {Row{"profile = \"p\"\n[profiles.p]\nmodel = \"o3\"\nmodel_provider = \"openai\"\n",
            "profile 'p' is active and its own 'model' and 'model_provider' go before what was written: take them "
            "out "
            "of it, or start codex with another --profile\n"},
        {"profile = 'p'\nprofiles.p.model = 'o3'\n", "profile 'p' is active and its own 'model' goes before"},
        {"profile = 'p'\n[profiles]\np = { model_provider = 'openai' }\n", "its own 'model"},
        {"profile = 'q'\n[profiles.p]\nmodel = 'o3'\n", ""},
        {"[profiles.p]\nmodel = 'o3'\n", ""},
        {"profile = 'p'\n[profiles.p]\nmodel = 'chat'\nmodel_provider = 'apigw'\napproval_policy = 'never'\n", ""}}) {
    CAPTURE(row.settings);
    auto files = project();
    files.content["/home/me/.codex/config.toml"] = row.settings;
    const auto ran = run({"connect", "codex", "--write"}, files, at_home);
    CHECK(ran.exit == 0);
    CHECK(ran.err.contains("warning: ") == !row.says.empty());
    CHECK(ran.err.contains(row.says));
  }
}

TEST_CASE("claude-code's file keeps every byte but the values that are set") {
  auto files = project();
  std::string& settings = files.content["/home/me/.claude/settings.json"];
  settings =
      "{\n\t\"id\": 12345678901234567890123,\n\t\"env\": {\n\t\t\"A\": 1.0,\n\t\t\"ANTHROPIC_MODEL\": \"x\"\n\t}\n}";
  CHECK(run({"connect", "claude-code", "--write"}, files, at_home).exit == 0);
  CHECK(files.content["/home/me/.claude/settings.json"] ==
        "{\n\t\"id\": 12345678901234567890123,\n\t\"env\": {\n\t\t\"A\": 1.0,\n\t\t\"ANTHROPIC_MODEL\": \"chat\",\n"
        "\t\t\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:9999\",\n\t\t\"ANTHROPIC_DEFAULT_OPUS_MODEL\": \"chat\",\n"
        "\t\t\"ANTHROPIC_DEFAULT_SONNET_MODEL\": \"chat\",\n\t\t\"ANTHROPIC_DEFAULT_HAIKU_MODEL\": \"chat\"\n\t},\n"
        "\t\"apiKeyHelper\": \"printenv MY_KEY\"\n}");
}

TEST_CASE("each tool's own file is edited once, and a second time changes nothing") {
  const cli::Connection connection{.address = "http://127.0.0.1:1", .variable = "K", .model = "chat"};
  for (const cli::Tool& tool : cli::connectable_tools()) {
    if (tool.edit == nullptr) continue;
    CAPTURE(tool.name);
    const auto once = tool.edit("", connection);
    REQUIRE(once);
    CHECK(once->text.contains("http://127.0.0.1:1"));
    CHECK(once->warnings.empty());
    CHECK(tool.edit(once->text, connection)->text == once->text);
  }
}

TEST_CASE("an address that a shell would take for more than text is refused, and /v1 at its end is the tools' own") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { chat: mock/chat }\n"}};
  for (const char* url :
       {"http://x/;touch$IFS/tmp/a;", "http://x/$(id)", "http://x/`id`", "http://x/a&b", "http://x/(a)"}) {
    CAPTURE(url);
    const auto refused = run({"connect", "openai-python", "--url", url}, files);
    CHECK(refused.exit == 2);
    CHECK(refused.out.empty());
  }
  CHECK(run({"connect", "openai-python", "--url", "http://x/v1"}, files).out.contains("=http://x/v1\n"));
}

TEST_CASE("keys in the file that would be sent to the gateway are named") {
  const auto& tool = *std::ranges::find(cli::connectable_tools(), "claude-code", &cli::Tool::name);
  const cli::Connection connection{.address = "http://127.0.0.1:1", .variable = "K", .model = "chat"};
  const auto edited = tool.edit(R"({"env":{"ANTHROPIC_API_KEY":"sk-ant-test"},"apiKeyHelper":"mine"})", connection);
  REQUIRE(edited);
  REQUIRE(edited->warnings.size() == 2);
  CHECK(edited->warnings[0].contains("ANTHROPIC_API_KEY"));
  CHECK(edited->warnings[1].contains("apiKeyHelper"));
}

TEST_CASE("what connect cannot do says why") {
  struct Row {
    std::string_view name;
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Row rows[] = {
      {"no such tool", {"connect", "codx"}, "error: TOOL cannot be 'codx'\n help: did you mean 'codex'?\n"},
      {"no file to write", {"connect", "cursor", "--write"}, "error: cursor has no settings file to write\n"},
      {"diff of nothing", {"connect", "codex", "--diff"}, "error: --diff says what --write would do\n"},
      {"broken settings",
       {"connect", "claude-code", "--write"},
       "error: '/home/me/.claude/settings.json' cannot be edited: it is no JSON object: "},
      {"broken TOML",
       {"connect", "codex", "--write"},
       "error: '/home/me/.codex/config.toml' cannot be edited: it is no TOML in line 2\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    auto files = project();
    files.content["/home/me/.claude/settings.json"] = "{ // comment\n";
    files.content["/home/me/.codex/config.toml"] = "a = 1\nmodel = chat\n";
    const auto before = files.content;
    const auto ran = run(row.arguments, files, at_home);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(row.says));
    CHECK(files.content == before);
  }
  testing::MemoryFiles none{{"apigw.yaml", "apigw: 1\n"}};
  CHECK(run({"connect", "codex"}, none, at_home).err.starts_with("error: the config has no models\n"));
}

TEST_CASE("connect says what keeps the tool from working") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels:\n  chat: mock/chat\n"}};
  const auto ran = run({"connect", "cursor"}, files, at_home);
  CHECK(ran.err.find("no consumer has its key in a variable; put one into APIGW_KEY") != std::string::npos);
  CHECK(ran.err.contains("; under `apigw run` APIGW_KEY may hold the key in the lines that it prints"));
  CHECK(ran.err.find("reachable from the internet") != std::string::npos);
  CHECK(run({"connect", "cursor", "-q"}, files, at_home).err.empty());
}

TEST_CASE("connect takes an address and a variable's name, and writes nothing else into a tool's settings") {
  struct Row {
    const char *flag, *value, *told;
  };
  for (const Row& row :
       {Row{"--variable", "X; rm -rf ~", "error: --variable cannot be 'X; rm -rf ~'\n"},
        {"--variable", "9X", "error: --variable cannot be '9X'\n"},
        {"--url", "notaurl", "error: --url cannot be 'notaurl'\n"},
        {"--url", "ftp://api.shop.example", "error: --url cannot be"},
        {"--url", "http://", "error: --url cannot be"},
        {"--url", "https://a b.example", "error: --url cannot be"},
        {"--url", "https://key@api.shop.example", "error: --url cannot be 'https://…@api.shop.example'\n"},
        {"--url", "https://api.shop.example/\"x", "error: --url cannot be"}}) {
    CAPTURE(row.value);
    auto files = project();
    const auto before = files.content;
    const auto ran = run({"connect", "claude-code", "--write", row.flag, row.value}, files, at_home);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(row.told));
    CHECK(files.content == before);
  }
  auto files = project();
  CHECK(run({"connect", "claude-code", "--url", "http://[::1]:8080/below"}, files, at_home).exit == 0);
  CHECK(run({"connect", "claude-code"}, files, at_home).err.find("--write puts them in") != std::string::npos);
}
