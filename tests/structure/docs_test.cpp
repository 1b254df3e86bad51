// What the documents claim about the tree and the program: files, folders and commands that they name exist.
#include <algorithm>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "command.h"
#include "structure/layers.h"
#include "structure/tree.h"
#include "support/cli.h"
#include "support/skip.h"

using namespace apigw::test;

namespace {

namespace fs = std::filesystem;

// What stands between `open` and `close`, wherever both are on one line.
std::vector<std::string_view> between(std::string_view text, std::string_view open, std::string_view close) {
  std::vector<std::string_view> found;
  for (const std::string_view line : lines(text)) {
    for (size_t at = line.find(open); at != std::string_view::npos; at = line.find(open, at)) {
      at += open.size();
      const size_t end = line.find(close, at);
      if (end == std::string_view::npos) {
        break;
      }
      found.push_back(line.substr(at, end - at));
      at = end + close.size();
    }
  }
  return found;
}

// Targets of the links that lead into the tree, resolved from the document's folder.
std::vector<std::string> linked_files(const SourceFile& document) {
  std::vector<std::string> found;
  for (std::string_view target : between(document.text, "](", ")")) {
    target = target.substr(0, target.find('#'));
    if (target.empty() || target.find("://") != std::string_view::npos) {
      continue;
    }
    found.push_back((fs::path(document.path).parent_path() / target).lexically_normal().string());
  }
  return found;
}

// "word" or "word second" for every `apigw word …` in the code of a document: fenced, indented or in backticks.
std::set<std::string> commands_in(std::string_view markdown) {
  std::set<std::string> found;
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  bool fenced = false;
  for (const std::string_view line : lines(markdown)) {
    fenced = line.starts_with("```") ? !fenced : fenced;
    const bool code = fenced || line.starts_with("    ");
    for (size_t at = line.find("apigw "); at != std::string_view::npos; at = line.find("apigw ", at + 6)) {
      const bool starts = at == 0 || line[at - 1] == ' ' || line[at - 1] == '`' || line[at - 1] == '/';
      const bool quoted = at > 0 && line[at - 1] == '`';
      const std::string_view rest = line.substr(at + 6);
      const auto end = std::ranges::find_if_not(rest, is_word);
      if (starts && (code || quoted) && end != rest.begin() && rest.front() != '-') {
        found.insert(std::string(rest.begin(), end));
      }
    }
  }
  return found;
}

std::set<std::string> roster_words() {
  std::set<std::string> words;
  for (const auto& row : apigw::cli::roster()) {
    if (!row.command->hidden) {
      words.insert(std::string(row.word.substr(0, row.word.find('-'))));
    }
  }
  words.insert("help");
  return words;
}

}  // namespace

TEST_CASE("every link of a document leads to a file of the tree") {
  const auto documents = source_files("", {".md"});
  REQUIRE(documents.size() > 5);
  for (const SourceFile& document : documents) {
    for (const std::string& path : linked_files(document)) {
      CAPTURE(document.path);
      CAPTURE(path);
      CHECK(fs::exists(fs::path(APIGW_SOURCE_DIR) / path));
    }
  }
  CHECK(linked_files({"a/b.md", "[x](../c.md#d) [y](https://e) [z](#f)"}) == std::vector<std::string>{"c.md"});
}

TEST_CASE("every command that a document shows exists") {
  const auto words = roster_words();
  for (const char* path : {"README.md", "core/ARCHITECTURE.md", ".github/CONTRIBUTING.md"}) {
    const auto shown = commands_in(read_text(path));
    CHECK(!shown.empty());
    for (const std::string& word : shown) {
      CAPTURE(path);
      CHECK_MESSAGE(words.contains(word), word);
    }
  }
  CHECK(commands_in("`apigw frob x` and apigw prose\n    apigw a\n```\n$ build/apigw b-c --d\n```\n") ==
        std::set<std::string>{"a", "b-c", "frob"});
}

TEST_CASE("the README shows every command of the table") {
  const auto shown = commands_in(read_text("README.md"));
  for (const std::string& word : roster_words()) {
    CHECK_MESSAGE(shown.contains(word), word);
  }
}

TEST_CASE("every example is a config without findings") {
  size_t examples = 0;
  for (const SourceFile& example : source_files("examples", {"apigw.yaml"})) {
    CAPTURE(example.path);
    apigw::testing::MemoryFiles files{{example.path, example.text}};
    const auto ran = apigw::testing::run({"validate", "-o", "full", example.path}, files);
    CHECK(ran.exit == 0);
    CHECK(ran.out == "");
    ++examples;
  }
  CHECK(examples > 0);
}

TEST_CASE("the architecture describes each folder, and none that is not there") {
  const Layers layers = parse_layers(read_text("core/layers.txt"));
  std::set<std::string> described;
  const std::string text = read_text("core/ARCHITECTURE.md");
  for (const std::string_view line : lines(text)) {
    if (line.starts_with("| `")) {
      for (const std::string_view name : between(line.substr(0, line.find('|', 1)), "`", "`")) {
        described.insert(std::string(name));
      }
    }
  }
  for (const auto& [folder, _] : layers.arrows) {
    const bool there = !source_files("core/" + folder, {".h", ".cpp"}).empty();
    CHECK_MESSAGE(described.contains(folder) == there, folder);
  }
}

TEST_CASE("the files of the reading path exist") {
  const std::string text = read_text("core/ARCHITECTURE.md");
  size_t steps = 0;
  for (const std::string_view line : lines(text)) {
    const bool step = !line.empty() && line.front() >= '0' && line.front() <= '9' && line.find(". `") < 4;
    if (step) {
      ++steps;
      const std::string path(between(line, "`", "`").at(0));
      CHECK_MESSAGE(fs::exists(fs::path(APIGW_SOURCE_DIR) / path), path);
    }
  }
  CHECK(steps == 10);
}

TEST_CASE("every source file says first what it is for") {
  for (const char* folder : {"core", "cli"}) {
    for (const SourceFile& file : source_files(folder, {".h", ".cpp"})) {
      // A .cpp beside its header may leave the word to the header.
      const std::string header = file.path.substr(0, file.path.rfind('.')) + ".h";
      const bool told =
          file.text.starts_with("//") || (file.path.ends_with(".cpp") && read_text(header).starts_with("//"));
      CHECK_MESSAGE(told, file.path);
    }
  }
}

TEST_CASE("no file knows the directory that it was written in") {
  const std::string here = std::string(APIGW_SOURCE_DIR) + "/";
  if (std::ranges::count(here, '/') < 3) APIGW_SKIP("a path as short as " + here + " may stand in a text by chance");
  for (const SourceFile& file : source_files("")) {
    CHECK_MESSAGE(file.text.find(here) == std::string::npos, file.path);
  }
}
