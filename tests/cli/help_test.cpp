#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "assembly/matrix.h"
#include "mock/faults.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::run;

TEST_CASE("help without a topic lists the topics, and each has a text") {
  const auto list = run({"help"});
  CHECK(list.exit == 0);
  for (const std::string topic : {"exit-codes", "environment", "config", "formats", "prompts", "matrix"}) {
    CAPTURE(topic);
    CHECK(list.out.find("  apigw help " + topic) != std::string::npos);
    const auto ran = run({"help", topic});
    CHECK(ran.exit == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.size() > 100);
  }
}

TEST_CASE("the topic of exit codes names every code") {
  const auto ran = run({"help", "exit-codes"});
  for (const cli::ExitRow& row : cli::exit_codes())
    CHECK(ran.out.find(fmt::format("  {:<4} {}\n", static_cast<int>(row.exit), row.meaning)) != std::string::npos);
}

TEST_CASE("the topic of the environment names the variable of each flag") {
  const auto ran = run({"help", "environment"});
  CHECK(ran.out.find("  APIGW_PROFILE ") != std::string::npos);
  CHECK(ran.out.find("  APIGW_GENERATE ") != std::string::npos);
  CHECK(ran.out.find("key hash --generate\n") != std::string::npos);
  CHECK(ran.out.find("NO_COLOR") != std::string::npos);
}

TEST_CASE("help on a command is its --help") {
  CHECK(run({"help", "key", "hash"}).out == run({"key", "hash", "--help"}).out);
}

TEST_CASE("help on the mock lists every fault") {
  const std::string text = run({"mock", "--help"}).out;
  for (const mock::FaultRow& row : mock::faults()) {
    CAPTURE(row.name);
    CHECK(text.find(fmt::format("\n  {}{} ", row.name, row.number)) != std::string::npos);
    CHECK(text.find(row.what) != std::string::npos);
  }
}

TEST_CASE("the list of commands, and the flags and details of one, are no wider than a terminal") {
  const std::string program = run({"--help"}).out, service = run({"new", "service", "--help"}).out;
  const std::string flags = service.substr(0, service.find("\n\n", service.find("Flags\n")));
  REQUIRE(flags.contains("--route"));
  const auto details = service.find("\n\nThe folder holds");
  REQUIRE(details != std::string::npos);
  const std::string told = service.substr(details, service.find("\n\nExamples:", details) - details);
  CHECK(told.contains("\n\nRun it again"));
  for (const std::string& text : {program, flags, told})
    for (const std::string& line : golden::lines(text)) CHECK_MESSAGE(line.size() <= 80, line);
}

TEST_CASE("no word of the matrix runs into its neighbour") {
  const std::string text = run({"help", "matrix"}).out;
  for (const std::string_view target : assembly::matrix_targets()) {
    CAPTURE(target);
    CHECK(text.find(fmt::format("\n  {}  ", target)) != std::string::npos);
    for (auto at = text.find(fmt::format("\n  {}", target)); at != std::string::npos;
         at = text.find(fmt::format("\n  {}", target), at + 1)) {
      const char next = text[at + 3 + target.size()];
      CHECK((next == ' ' || next == '-'));  // or another word that begins like it
    }
  }
}

TEST_CASE("help on something unknown is exit 2") {
  const auto ran = run({"help", "exit-code"});
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: no help on 'exit-code'\n help: did you mean 'apigw help exit-codes'?\n");
}

TEST_CASE("the help of the program and of each command is as it was agreed") {
  golden::check("golden/cli/help/apigw.txt", run({"--help"}).out);
  for (const cli::RosterRow& row : cli::roster()) {
    std::vector<std::string> line;
    for (const std::string_view word : text::split(row.command->name, ' ')) line.emplace_back(word);
    line.emplace_back("--help");
    golden::check(fmt::format("golden/cli/help/{}.txt", row.word), run(line).out);
  }
}

TEST_CASE("a word that begins several commands explains them, and alone is exit 2 with the same text") {
  std::set<std::string> groups;
  for (const cli::RosterRow& row : cli::roster())
    if (const auto blank = row.command->name.find(' '); blank != std::string_view::npos)
      groups.insert(std::string(row.command->name.substr(0, blank)));
  CHECK(groups.contains("prompt"));
  for (const std::string& group : groups) {
    CAPTURE(group);
    const auto help = run({group, "--help"});
    CHECK(help.exit == 0);
    CHECK(help.err.empty());
    CHECK(run({"-h", group}).out == help.out);
    CHECK(run({"help", group}).out == help.out);
    for (const cli::RosterRow& row : cli::roster()) {
      if (!row.command->name.starts_with(group + " ")) continue;
      CAPTURE(row.command->name);
      CHECK(help.out.contains(row.command->summary));
      // In its row, and in an example; after a pipe, perhaps.
      CHECK(help.out.contains(fmt::format("apigw {}", row.command->name)));
    }
    const auto alone = run({group});
    CHECK(alone.exit == 2);
    CHECK(alone.out.empty());
    CHECK(alone.err == fmt::format("error: '{}' needs a word behind it\n\n", group) + help.out);
    const auto wrong = run({group, "--nope"});
    CHECK(wrong.exit == 2);
    CHECK(wrong.err.starts_with("error: unknown flag '--nope'\n"));
  }
  golden::check("golden/cli/help/group.txt", run({"prompt", "--help"}).out);
}
