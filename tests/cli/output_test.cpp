#include "output.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/cli.h"

using namespace apigw;
using nlohmann::ordered_json;

namespace {

const cli::Table table{.kind = "models", .columns = {{"name", "NAME"}, {"targets", "TARGETS"}, {"ready", "READY"}}};
const ordered_json rows = {{{"name", "chat"}, {"targets", {"openai/gpt", "mock/x"}}, {"ready", true}},
                           {{"name", "naïve, \"one\""}, {"targets", ordered_json::array()}, {"ready", false}}};

testing::Ran write(const std::vector<std::string>& output, testing::MemoryFiles& files, bool terminal) {
  std::istringstream in;
  std::ostringstream out, err;
  const testing::StillClock clock;
  cli::Env env{.files = files, .in = in, .out = out, .err = err, .clock = clock, .terminal = {.out = terminal}};
  const auto exit = cli::write_table(env, {.output = output}, table, rows);
  return {static_cast<int>(exit), out.str(), err.str()};
}

}  // namespace

TEST_CASE("a command that prints one thing only refuses -o, and hears no APIGW_OUTPUT") {
  for (const cli::RosterRow& row : cli::roster()) {
    if (row.command->prints.empty()) continue;
    CAPTURE(row.word);
    std::vector<std::string> line{std::string{row.command->name}, "-o", "json"};
    if (row.word == "completion") line.emplace_back("bash");
    if (row.word == "complete") line.emplace_back("topics");
    const auto ran = testing::run(line);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == fmt::format("error: --output has no use here\n help: {}\n", row.command->prints));
  }
  testing::MemoryFiles none;
  CHECK(testing::run({"schema"}, none, {.environment = {{"APIGW_OUTPUT", "yaml"}}}).exit == 0);
  CHECK(testing::run({"__complete", "topics", "--", "-o", "json"}).exit == 0);
}

TEST_CASE("a table is written as its reader wants it") {
  struct Row {
    std::string_view name;
    std::vector<std::string> output;
    bool terminal;
    std::string_view expected;
  };
  const Row cases[] = {
      {"aligned on a terminal",
       {},
       true,
       "NAME          TARGETS             READY\n"
       "chat          openai/gpt, mock/x  yes\n"
       "naïve, \"one\"                      no\n"},
      {"tabs in a pipe", {}, false, "chat\topenai/gpt, mock/x\tyes\nnaïve, \"one\"\t\tno\n"},
      {"csv", {"csv"}, true, "name,targets,ready\nchat,\"openai/gpt, mock/x\",yes\n\"naïve, \"\"one\"\"\",,no\n"},
      {"jsonl",
       {"jsonl"},
       true,
       "{\"apigw\":1,\"kind\":\"models\",\"name\":\"chat\",\"targets\":[\"openai/gpt\",\"mock/x\"],\"ready\":true}\n"
       "{\"apigw\":1,\"kind\":\"models\",\"name\":\"naïve, \\\"one\\\"\",\"targets\":[],\"ready\":false}\n"},
      {"yaml",
       {"yaml"},
       true,
       "apigw: 1\nkind: models\nitems:\n  - name: chat\n    targets:\n      - openai/gpt\n      - mock/x\n    ready: "
       "true\n"
       "  - name: \"naïve, \\\"one\\\"\"\n    targets: []\n    ready: false\n"},
  };
  for (const Row& row : cases) {
    CAPTURE(row.name);
    testing::MemoryFiles files;
    const auto ran = write(row.output, files, row.terminal);
    CHECK(ran.exit == 0);
    CHECK(ran.out == row.expected);
  }
}

TEST_CASE("several outputs leave in one run") {
  testing::MemoryFiles files;
  const auto ran = write({"tsv", "json=out.json", "csv=out.csv"}, files, false);
  CHECK(ran.exit == 0);
  CHECK(ran.out.starts_with("chat\t"));
  CHECK(files.content.at("/project/out.csv").starts_with("name,"));
  const auto document = ordered_json::parse(files.content.at("/project/out.json"));
  CHECK(document.at("kind") == "models");
  CHECK(document.at("items") == rows);
}

TEST_CASE("an output that cannot be is exit 2 with what can") {
  struct Row {
    std::vector<std::string> output;
    std::string_view says;
  };
  const Row cases[] = {
      {{"jsno"}, "error: --output cannot be 'jsno' here\n help: did you mean 'json'?\n"},
      {{"pdf"}, "error: --output cannot be 'pdf' here\n help: one of table, tsv, csv, json, jsonl, yaml\n"},
      {{"json="}, "error: --output 'json=' names no file\n help: write FORMAT=FILE\n"},
      {{"json", "csv"}, "error: two outputs for one stdout\n help: send one to a file: -o FORMAT=FILE\n"},
  };
  for (const Row& row : cases) {
    testing::MemoryFiles files;
    const auto ran = write(row.output, files, false);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == row.says);
  }
}

TEST_CASE("a file that cannot be written is named") {
  testing::MemoryFiles files{{"closed/there", ""}};
  files.denied.insert("/project/closed");
  const auto ran = write({"json=closed/out.json"}, files, false);
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: write 'closed/out.json': permission denied\n");
}
