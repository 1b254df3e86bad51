// Every example that --help prints can be run as it is printed: its flags and choices are known, and what it names
// below examples/ is there.
#include <doctest/doctest.h>

#include "files.h"
#include "globals.h"
#include "project.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;

namespace {

using Words = std::vector<std::string>;

// The commands of one line as a shell would split it: quotes, pipes, redirections to and from files, comments.
std::vector<Words> commands_of(std::string_view line) {
  std::vector<Words> commands(1);
  std::string word;
  bool inside = false, file = false;  // of a word; behind < or >
  const auto end_word = [&] {
    if (inside && !file) commands.back().push_back(word);
    if (inside) file = false;
    inside = false;
    word.clear();
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\'' || c == '"') {
      const auto close = line.find(c, i + 1);
      REQUIRE(close != std::string_view::npos);
      word += line.substr(i + 1, close - i - 1);
      inside = true;
      i = close;
    } else if (c == ' ' || c == '|' || c == '<' || c == '>') {
      end_word();
      if (c == '|') commands.emplace_back();
      if (c == '<' || c == '>') file = true;
    } else if (c == '#' && !inside) {
      break;
    } else {
      CHECK_MESSAGE(c != '*', "a shell looks for files here: quote it");
      word += c;
      inside = true;
    }
  }
  end_word();
  return commands;
}

const cli::Command* command_of(const Words& words) {
  const cli::Command* found = nullptr;
  for (const cli::RosterRow& row : cli::roster()) {
    const auto name = text::split(row.command->name, ' ');
    const bool begins = words.size() > name.size() && std::equal(name.begin(), name.end(), words.begin() + 1);
    if (begins && (found == nullptr || row.command->name.size() > found->name.size())) found = row.command;
  }
  return found;
}

void check_files(const Words& words, const cli::Globals& globals) {
  const std::string root = golden::path("..").string() + "/";
  cli::DiskFiles files;
  for (const std::string& word : words)
    if (word.starts_with("examples/")) CHECK_MESSAGE(files.exists(root + word), word, " is not there");
  const bool here = globals.directory.starts_with("examples/") || globals.config.starts_with("examples/");
  if (globals.profile.empty() || !here) return;
  const std::string config = root + (globals.directory.empty() ? "" : globals.directory + "/") +
                             (globals.config.empty() ? std::string(cli::default_config) : globals.config);
  const auto loaded = config::load({.path = config, .profile = globals.profile}, files, {}, config::Vocabulary{});
  for (const auto& finding : loaded.report.all()) CHECK_MESSAGE(finding.code != 221, finding.message);
}

}  // namespace

TEST_CASE("each example of each command's help can be run as it is printed") {
  std::size_t checked = 0;
  for (const cli::RosterRow& row : cli::roster()) {
    const auto at = row.command->details.find("Examples:\n");
    if (at == std::string_view::npos) continue;
    for (const std::string_view line : text::split(row.command->details.substr(at), '\n')) {
      if (!line.starts_with("  ")) continue;
      CAPTURE(line);
      bool ours = false;
      for (const Words& words : commands_of(line.substr(2))) {
        if (words.empty() || words.front() != "apigw") continue;
        const cli::Command* const command = command_of(words);
        REQUIRE(command != nullptr);
        ours = ours || command == row.command;
        cli::Options options;
        cli::GlobalPlaces places;
        cli::declare_globals(options, places);
        const auto body = command->declare(options);
        const auto depth = std::ptrdiff_t{1} + std::ranges::count(command->name, ' ') + 1;
        const auto parsed = options.parse({words.begin() + depth, words.end()}, {});
        CHECK_MESSAGE(parsed, parsed.error().message);
        const auto globals = cli::finish_globals(std::move(places));
        REQUIRE(globals);
        check_files(words, *globals);
        ++checked;
      }
      CHECK_MESSAGE((ours || line.contains("systemctl ")), "the example is of another command");
    }
  }
  CHECK(checked > 40);
}
