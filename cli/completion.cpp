#include "completion.h"

#include "completion_rows.h"
#include "globals.h"

namespace apigw::cli {

std::vector<CompletionEntry> visible_commands() {
  std::vector<CompletionEntry> entries;
  GlobalPlaces places;
  for (const RosterRow& row : roster()) {
    if (row.command->hidden) continue;
    auto options = std::make_shared<Options>();
    declare_globals(*options, places);
    const auto body = row.command->declare(*options);
    entries.push_back({row.command, std::move(options)});
  }
  return entries;
}

std::string completion_kind(const OptionRow& row) {
  if (row.choices.empty()) return std::string{row.completes};
  std::string words = "=";
  for (const std::string_view choice : row.choices) words += (words.size() > 1 ? " " : "") + std::string{choice};
  return words;
}

std::vector<std::string_view> command_groups(const std::vector<CompletionEntry>& entries) {
  std::vector<std::string_view> words;
  for (const CompletionEntry& entry : entries)
    if (entry.command->name.contains(' ') && std::ranges::count(words, first_word(entry.command->name)) == 0)
      words.push_back(first_word(entry.command->name));
  return words;
}

std::span<const Shell> shells() {
  static constexpr Shell rows[] = {
      {"bash", "apigw.bash", bash_script}, {"zsh", "_apigw", zsh_script}, {"fish", "apigw.fish", fish_script}};
  return rows;
}

}  // namespace apigw::cli
