// The command table and the files behind it say the same.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "support/cli.h"

using namespace apigw;

namespace {

std::set<std::string> files_of_rows() {
  std::set<std::string> files;
  std::ifstream table{APIGW_SOURCE_DIR "/cli/commands.txt"};
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{line};
    std::string word, name, file;
    words >> word >> name >> file;
    files.insert(file);
  }
  return files;
}

}  // namespace

TEST_CASE("every command file is a row of commands.txt and every row a file") {
  std::set<std::string> present;
  for (const auto& entry : std::filesystem::directory_iterator{APIGW_SOURCE_DIR "/cli/commands"})
    if (entry.path().extension() == ".cpp") present.insert("commands/" + entry.path().filename().string());
  CHECK(present == files_of_rows());
}

TEST_CASE("every command's help has a summary, a synopsis and an example that names it") {
  for (const cli::RosterRow& row : cli::roster()) {
    const cli::Command& command = *row.command;
    CAPTURE(command.name);
    std::vector<std::string> line;
    for (const std::string_view word : text::split(command.name, ' ')) line.emplace_back(word);
    line.emplace_back("--help");
    const auto ran = testing::run(line);
    CHECK(ran.exit == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.starts_with(fmt::format("apigw {}: {}\n", command.name, command.summary)));
    CHECK(ran.out.find(fmt::format("\nUsage: apigw {}", command.name)) != std::string::npos);
    const auto example = ran.out.find("\nExample");
    REQUIRE(example != std::string::npos);
    CHECK(ran.out.find(fmt::format("  apigw {}", command.name), example) != std::string::npos);
  }
}
