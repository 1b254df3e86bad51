// What the completion scripts are made of: each listed command with its rows, and what a value may be as one word.
//
// The rows are read, never parsed into: the places that they name are gone.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace apigw::cli {

struct CompletionEntry {
  const Command* command;
  std::shared_ptr<Options> options;  // the globals first
};
[[nodiscard]] std::vector<CompletionEntry> visible_commands();

// "=a b c" for fixed words, "files", "dirs", what `apigw __complete` is asked for, or empty.
[[nodiscard]] std::string completion_kind(const OptionRow& row);
// First words of the commands that have two.
[[nodiscard]] std::vector<std::string_view> command_groups(const std::vector<CompletionEntry>& entries);
[[nodiscard]] inline std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}

[[nodiscard]] std::string bash_script();
[[nodiscard]] std::string zsh_script();
[[nodiscard]] std::string fish_script();

}  // namespace apigw::cli
