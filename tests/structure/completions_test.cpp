// The committed completion scripts are the generated ones, and real shells complete with them.
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include "completion.h"
#include "support/process.h"
#include "support/skip.h"

using namespace apigw;

namespace {

using Words = std::vector<std::string>;

std::string read(const std::string& path) {
  std::ifstream file{path};
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string script_of(std::string_view file) {
  return APIGW_SOURCE_DIR "/completions/" + std::string{file};
}

// bash keeps the words in COMP_WORDS and takes the answer from COMPREPLY.
constexpr const char* drive_bash = R"(source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _apigw
printf '%s\n' "${COMPREPLY[@]}")";

// zsh's completion builtins work only below its line editor: they are replaced by ones that print.
constexpr const char* drive_zsh = R"(compdef() { : }; compset() { : }; compadd() { print -l -- "${(@P)2}" }
source "$1"; shift
words=("$@"); CURRENT=$#; _apigw)";

constexpr const char* drive_fish = R"(source $argv[1]; complete -C (string join ' ' -- $argv[2..-1]))";

// What the shell offers behind these words, descriptions left out.
std::set<std::string> offered(const std::string& shell, const Words& line, const std::string& directory) {
  Words command;
  if (shell == "bash")
    command = {"/usr/bin/env", "bash", "--norc", "-c", drive_bash, "bash", script_of("apigw.bash")};
  if (shell == "zsh") command = {"/usr/bin/env", "zsh", "-f", "-c", drive_zsh, "zsh", script_of("_apigw")};
  if (shell == "fish") command = {"/usr/bin/env", "fish", "--no-config", "-c", drive_fish, script_of("apigw.fish")};
  command.insert(command.end(), line.begin(), line.end());
  const std::string path = APIGW_BINARY_DIR ":" + std::string{std::getenv("PATH")};
  support::Process process{command, {.directory = directory, .environment = {{"PATH", path}, {"HOME", directory}}}};
  process.wait();
  std::set<std::string> words;
  std::istringstream lines{process.out()};
  for (std::string word; std::getline(lines, word);)
    if (!word.empty()) words.insert(word.substr(0, word.find('\t')));
  INFO(process.err());
  return words;
}

struct Row {
  std::string_view name;
  Words line;
  std::set<std::string> all;  // exactly these; empty: see `some`
  std::set<std::string> some = {};
  std::set<std::string> none = {};
};

const Row rows[] = {
    {"commands", {"apigw", ""}, {}, {"call", "init", "key", "validate"}, {"__complete", "hash"}},
    {"the second word of a command", {"apigw", "key", ""}, {"hash"}},
    {"flags of a command and global ones",
     {"apigw", "validate", "--"},
     {},
     {"--fail-on", "--profile"},
     {"--generate"}},
    {"values of a flag", {"apigw", "validate", "--fail-on", ""}, {"error", "warning"}},
    {"values of a global flag before the command", {"apigw", "--color", ""}, {"always", "auto", "never"}},
    {"an argument with fixed words", {"apigw", "models", ""}, {"list", "show", "update"}},
    {"models of the project", {"apigw", "models", "show", ""}, {"chat", "deep"}},
    {"models of another project", {"apigw", "-C", "other", "models", "show", ""}, {"local"}},
    {"profiles", {"apigw", "--profile", ""}, {"prod"}},
    {"services and paths", {"apigw", "call", ""}, {}, {"orders", "/orders", "GET"}},
    {"paths behind a method", {"apigw", "call", "-v", "GET", "/o"}, {}, {"/orders"}},
    {"codes", {"apigw", "explain", "AGW10"}, {}, {"AGW101", "AGW103"}},
    {"topics", {"apigw", "help", ""}, {}, {"exit-codes", "environment", "validate"}},
    {"files", {"apigw", "validate", ""}, {}, {"apigw.yaml"}},
};

void check_shell(const std::string& shell) {
  const support::TempDir dir;
  dir.write("apigw.yaml",
            "apigw: 1\nmodels:\n  chat: mock/chat\n  deep: mock/deep\nservices:\n  orders: http://127.0.0.1:9001\n"
            "routes:\n  GET /orders: orders\nprofiles:\n  prod: { listen: 127.0.0.1:80 }\n");
  dir.write("other/apigw.yaml", "apigw: 1\nmodels:\n  local: mock/chat\n");
  for (const Row& row : rows) {
    CAPTURE(row.name);
    if (shell == "zsh" && row.name == "files") continue;  // _files needs the line editor
    const auto words = offered(shell, row.line, dir.path());
    const std::string list = fmt::format("{}", fmt::join(words, " "));
    CAPTURE(list);
    if (!row.all.empty()) CHECK(words == row.all);
    for (const std::string& word : row.some) CHECK(words.contains(word));
    for (const std::string& word : row.none) CHECK(!words.contains(word));
  }
}

}  // namespace

TEST_CASE("the committed completion scripts are what the binary prints") {
  for (const cli::Shell& shell : cli::shells()) {
    CAPTURE(shell.name);
    if (std::getenv("APIGW_ACCEPT") != nullptr) std::ofstream{script_of(shell.file)} << shell.script();
    CHECK(read(script_of(shell.file)) == shell.script());
  }
}

TEST_CASE("bash completes commands, flags, values and the names of the project") {
  if (!test::has_program("bash")) APIGW_SKIP("needs bash");
  check_shell("bash");
}

TEST_CASE("zsh completes commands, flags, values and the names of the project") {
  if (!test::has_program("zsh")) APIGW_SKIP("needs zsh");
  check_shell("zsh");
}

TEST_CASE("fish completes commands, flags, values and the names of the project") {
  if (!test::has_program("fish")) APIGW_SKIP("needs fish");
  check_shell("fish");
}
