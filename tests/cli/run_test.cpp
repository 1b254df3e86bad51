#include <doctest/doctest.h>

#include "globals.h"
#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

TEST_CASE("a mistake on the command line is exit 2 and says what to write instead") {
  struct Row {
    std::string_view name;
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Row rows[] = {
      {"unknown command", {"verson"}, "error: unknown command 'verson'\n help: did you mean 'apigw version'?\n"},
      {"nothing near", {"zzzzzz"}, "error: unknown command 'zzzzzz'\n help: 'apigw --help' lists the commands\n"},
      {"unknown flag", {"version", "--colr"}, "error: unknown flag '--colr'\n help: did you mean '--color'?\n"},
      {"unknown flag with a value",
       {"version", "--colr=x"},
       "error: unknown flag '--colr'\n help: did you mean '--color'?\n"},
      {"unknown flag before the command",
       {"--colr", "version"},
       "error: unknown flag '--colr'\n help: did you mean '--color'?\n"},
      {"unknown flag without a command, and nothing near",
       {"--nope"},
       "error: unknown flag '--nope'\n help: 'apigw --help' shows the flags\n"},
      {"value not allowed",
       {"version", "--color", "pink"},
       "error: --color cannot be 'pink'\n help: one of 'auto', 'always', 'never'\n"},
      {"value nearly allowed",
       {"version", "--color", "nevr"},
       "error: --color cannot be 'nevr'\n help: did you mean 'never'?\n"},
      {"value missing", {"version", "--config"}, "error: --config needs a value\n help: write --config FILE\n"},
      {"set without a value",
       {"version", "--set", "listen"},
       "error: --set cannot be 'listen'\n help: write --set FIELD=VALUE, for example --set listen=127.0.0.1:9000\n"},
      {"too many arguments",
       {"version", "now"},
       "error: unexpected argument 'now'\n help: 'apigw version --help' shows its flags\n"},
      {"control characters are not echoed",
       {"ver\x1b[31m"},
       "error: unknown command 'ver\\u001b[31m'\n help: 'apigw --help' lists the commands\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto ran = run(row.arguments);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == row.says);
  }
}

TEST_CASE("global flags stand on either side of the command, sticky, joined or apart") {
  const std::vector<std::vector<std::string>> lines = {
      {"-C", "sub", "version"},  {"version", "-C", "sub"},
      {"-Csub", "version"},      {"--directory=sub", "version"},
      {"-qC", "sub", "version"}, {"--color", "never", "version", "--directory", "sub"},
  };
  for (const auto& line : lines) {
    CAPTURE(line.front());
    testing::MemoryFiles files{{"sub/apigw.yaml", "apigw: 1\n"}};
    const auto ran = run(line, files);
    CHECK(ran.err.empty());
    CHECK(ran.exit == 0);
    CHECK(files.here == "/project/sub");
  }
}

TEST_CASE("a variable stands in for a flag that is not given") {
  testing::MemoryFiles files{{"a/x", ""}, {"b/x", ""}};
  const testing::Setting setting{.environment = {{"APIGW_DIRECTORY", "a"}}};
  CHECK(run({"version"}, files, setting).exit == 0);
  CHECK(files.here == "/project/a");
  files.here = "/project";
  CHECK(run({"version", "-C", "b"}, files, setting).exit == 0);
  CHECK(files.here == "/project/b");
}

TEST_CASE("a variable with a bad value is named") {
  const auto ran = run({"version"}, {.environment = {{"APIGW_QUIET", "maybe"}}});
  CHECK(ran.exit == 2);
  CHECK(ran.err ==
        "error: APIGW_QUIET is 'maybe', which is neither yes nor no\n help: write APIGW_QUIET=1 or APIGW_QUIET=0\n");
}

TEST_CASE("help wins over whatever else is wrong on the line") {
  for (const auto& line : std::vector<std::vector<std::string>>{
           {"version", "--help"}, {"--help", "version"}, {"version", "x", "-h"}, {"version", "-h", "--colr"}}) {
    const auto ran = run(line);
    CHECK(ran.exit == 0);
    CHECK(ran.out.starts_with("apigw version: print the version\n"));
  }
}

TEST_CASE("without a command the program explains itself") {
  CHECK(run({}).exit == 0);
  CHECK(run({}).out == run({"--help"}).out);
  CHECK(run({"--version"}).out == "apigw " APIGW_VERSION "\n");
  CHECK(run({"-V"}).out == run({"version"}).out);
}

TEST_CASE("-C to a directory that is not there is exit 2") {
  const auto ran = run({"-C", "nowhere", "version"});
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: enter 'nowhere': no such file or directory\n help: give -C a directory\n");
}

TEST_CASE("colour follows the flag, then the variables, then the terminal") {
  struct Row {
    std::string_view name;
    std::string_view flag;
    config::Environment environment;
    bool terminal, expected;
  };
  const Row rows[] = {
      {"a terminal has colour", "auto", {}, true, true},
      {"a pipe has none", "auto", {}, false, false},
      {"always on a pipe", "always", {}, false, true},
      {"never on a terminal", "never", {}, true, false},
      {"NO_COLOR", "auto", {{"NO_COLOR", "1"}}, true, false},
      {"an empty NO_COLOR says nothing", "auto", {{"NO_COLOR", ""}}, true, true},
      {"the flag is stronger than NO_COLOR", "always", {{"NO_COLOR", "1"}}, false, true},
      {"CLICOLOR_FORCE on a pipe", "auto", {{"CLICOLOR_FORCE", "1"}}, false, true},
      {"CLICOLOR_FORCE=0 says nothing", "auto", {{"CLICOLOR_FORCE", "0"}}, false, false},
      {"NO_COLOR is stronger than CLICOLOR_FORCE", "auto", {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}, true, false},
      {"a dumb terminal", "auto", {{"TERM", "dumb"}}, true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(cli::wants_color(row.flag, row.environment, row.terminal) == row.expected);
  }
}

TEST_CASE("an exception that nobody expected is exit 5 and asks for a report") {
  class Broken final : public testing::MemoryFiles {
   public:
    Result<void> enter(const std::string&) override { throw std::runtime_error("broken\n"); }
  } files;
  const auto ran = run({"-C", "x", "version"}, files);
  CHECK(ran.exit == 5);
  CHECK(ran.err ==
        "error: internal error: broken\\n\n help: this is a bug of apigw: please report the command line and this "
        "text\n");
}

TEST_CASE("a time to give up needs its unit") {
  const auto ran = run({"version", "--timeout", "10"});
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: --timeout cannot be '10'\n help: write a whole number and a unit: 500ms, 10s, 2m\n");
}

TEST_CASE("the version is a document too") {
  CHECK(run({"version", "-o", "jsonl"}).out == "{\"apigw\":1,\"kind\":\"version\",\"version\":\"" APIGW_VERSION
                                               "\"}\n");
}
