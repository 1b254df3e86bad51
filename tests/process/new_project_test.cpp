// What `init` writes runs, and every command of its README does what the README says.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/process.h"
#include "support/skip.h"

using namespace support;

namespace {

// The commands of the fenced sh blocks, continued lines joined.
std::vector<std::string> commands_of(const std::string& markdown) {
  std::vector<std::string> commands;
  bool inside = false, open = false;
  std::size_t at = 0;
  while (at < markdown.size()) {
    const std::size_t end = markdown.find('\n', at);
    const std::string line = markdown.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```")) {
      inside = line == "```sh";
    } else if (inside) {
      if (open)
        commands.back() += line;
      else
        commands.push_back(line);
      open = commands.back().ends_with('\\');
      if (open) commands.back().pop_back();
    }
  }
  return commands;
}

std::string after(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  return at == std::string::npos
             ? ""
             : text.substr(at + mark.size(), text.find_first_of(" \n", at + mark.size()) - at - mark.size());
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the commands of a new project's README work in their order") {
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3");
  if (!apigw::test::has_program("curl")) APIGW_SKIP("needs curl");
  const TempDir dir;
  const std::string binary = apigw_binary();
  std::map<std::string, std::string> environment{
      {"PATH", binary.substr(0, binary.rfind('/')) + ":" + std::getenv("PATH")}, {"XDG_RUNTIME_DIR", dir.path()}};
  Process init({binary, "init", "a shop"}, {.directory = dir.path(), .environment = environment});
  REQUIRE(init.wait().code == 0);
  auto commands = commands_of(dir.read("a shop/README.md"));
  REQUIRE(commands.size() >= 6);
  REQUIRE(commands.front() == "apigw run");
  const std::string project = dir / "a shop";
  Process run({binary, "run"}, {.directory = project, .environment = environment});
  run.wait_for("export OPENAI_BASE_URL");
  const std::string screen = run.out() + run.err();
  environment["APIGW_KEY"] = after(screen, "OPENAI_API_KEY=");
  for (std::size_t i = 1; i < commands.size(); ++i) {
    std::string command = commands[i];
    replace(command, "http://127.0.0.1:8080/v1", after(screen, "OPENAI_BASE_URL="));  // 8080 may be busy here
    if (command.starts_with("curl ")) command += " --fail-with-body -sS";
    Process process({"/bin/sh", "-c", command}, {.directory = project, .environment = environment});
    const Ended ended = process.wait();
    CAPTURE(command);
    CAPTURE(process.err());
    CHECK(ended.code == 0);
    if (command == "apigw call hello") CHECK(process.out() == "{\"message\": \"Hello, world!\"}\n");
    if (command == "apigw call GET /hello/Ada") CHECK(process.out() == "{\"message\": \"Hello, Ada!\"}\n");
    if (command.find("chat/completions") != std::string::npos)
      CHECK(process.out().find("\"choices\"") != std::string::npos);
  }
  run.signal(SIGTERM);
  CHECK(run.wait().code == 0);
}

TEST_CASE("commands that write one config wait for each other") {
  const TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\n");
  const std::vector<std::string> names{"one", "two", "three", "four"};
  std::vector<std::unique_ptr<Process>> all;
  for (const std::string& name : names)
    all.push_back(std::make_unique<Process>(
        std::vector<std::string>{apigw_binary(), "new", "service", name, "--lang", "python"},
        Process::Options{.directory = dir.path()}));
  for (const auto& process : all) {
    CHECK(process->wait().code == 0);
    CAPTURE(process->err());
    CHECK_FALSE(process->err().contains("error"));
  }
  const std::string config = dir.read("apigw.yaml");
  CAPTURE(config);
  for (const std::string& name : names) {
    CHECK(config.contains("\n  " + name + ": { run: "));
    CHECK(config.contains("\n  GET,POST /" + name + "/items: { to: " + name));
  }
  Process validate({apigw_binary(), "validate"}, {.directory = dir.path()});
  CHECK(validate.wait().code == 0);
}
