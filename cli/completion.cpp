// The command table as shell code: what a flag's value or an argument may be, per command.
//
// bash and zsh share three case tables in plain sh and differ in the function that uses them; fish takes one line a
// flag. A kind is "=a b c" for fixed words, "files", "dirs", or what `apigw __complete` is asked for.
#include "completion.h"

#include "base/text.h"
#include "globals.h"

namespace apigw::cli {
namespace {

// One command with its rows; the globals come first.
struct Entry {
  const Command* command;
  std::shared_ptr<Options> options;
};

std::vector<Entry> visible_commands() {
  std::vector<Entry> entries;
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

std::string kind(const OptionRow& row) {
  if (row.choices.empty()) return std::string{row.completes};
  std::string words = "=";
  for (const std::string_view choice : row.choices) words += (words.size() > 1 ? " " : "") + std::string{choice};
  return words;
}

std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}

// First words of two-word commands.
std::vector<std::string_view> groups(const std::vector<Entry>& entries) {
  std::vector<std::string_view> words;
  for (const Entry& entry : entries)
    if (entry.command->name.contains(' ') && std::ranges::count(words, first_word(entry.command->name)) == 0)
      words.push_back(first_word(entry.command->name));
  return words;
}

// ---- bash and zsh: the tables

std::string flag_words(const Options& options, bool global) {
  std::string words;
  for (const Options::Declared& option : options.declared())
    if (!option.positional() && option.global == global) words += (words.empty() ? "" : " ") + option.flag;
  return words;
}

std::string flag_table(const std::vector<Entry>& entries) {
  std::string out = "_apigw_flags() {\n  case \"$1\" in\n";
  for (const Entry& entry : entries)
    if (const auto words = flag_words(*entry.options, false); !words.empty())
      out += fmt::format("    '{}') echo '{}' ;;\n", entry.command->name, words);
  out += fmt::format("  esac\n  echo '--help {}'\n}}\n", flag_words(*entries.front().options, true));
  return out;
}

// `lead` opens the quote of a pattern: "*' " of every command, "'call " of one.
std::string value_row(std::string_view lead, const Options::Declared& option) {
  const std::string kinds = kind(option.row);
  std::string patterns;
  for (const std::string& name : {option.flag, option.brief})
    if (!name.empty()) patterns += fmt::format("{}{}{}'", patterns.empty() ? "" : "|", lead, name);
  return fmt::format("    {}) echo '{}' ;;\n", patterns, kinds.empty() ? "any" : kinds);
}

std::string value_table(const std::vector<Entry>& entries) {
  std::string out = "_apigw_value() {\n  case \"$1 $2\" in\n";
  for (const Options::Declared& option : entries.front().options->declared())
    if (option.global && option.takes_value()) out += value_row("*' ", option);
  for (const Entry& entry : entries)
    for (const Options::Declared& option : entry.options->declared())
      if (!option.global && !option.positional() && option.takes_value())
        out += value_row(fmt::format("'{} ", entry.command->name), option);
  return out + "  esac\n}\n";
}

std::string argument_table(const std::vector<Entry>& entries) {
  std::string out = "_apigw_argument() {\n  case \"$1 $2\" in\n";
  for (const Entry& entry : entries) {
    std::size_t position = 0;
    for (const Options::Declared& option : entry.options->declared()) {
      if (!option.positional()) continue;
      ++position;
      const std::string at = option.repeats() ? "'*" : fmt::format("{}'", position);
      if (const auto kinds = kind(option.row); !kinds.empty())
        out += fmt::format("    '{} {}) echo '{}' ;;\n", entry.command->name, at, kinds);
    }
  }
  return out + "  esac\n}\n";
}

std::string command_table(const std::vector<Entry>& entries) {
  std::string first, out = "_apigw_commands() {\n  case \"$1\" in\n";
  for (const std::string_view group : groups(entries)) {
    std::string below;
    for (const Entry& entry : entries)
      if (first_word(entry.command->name) == group)
        below += (below.empty() ? "" : " ") + std::string{entry.command->name.substr(group.size() + 1)};
    out += fmt::format("    '{}') echo '{}' ;;\n", group, below);
  }
  for (const Entry& entry : entries) {
    const std::string word{first_word(entry.command->name)};
    if (!(" " + first + " ").contains(" " + word + " ")) first += (first.empty() ? "" : " ") + word;
  }
  return out + fmt::format("    '') echo '{}' ;;\n  esac\n}}\n", first);
}

std::string tables() {
  const auto entries = visible_commands();
  return command_table(entries) + "\n" + flag_table(entries) + "\n" + value_table(entries) + "\n" +
         argument_table(entries);
}

constexpr std::string_view bash_driver = R"sh(
# Reads the words before the cursor: sets command, position (of the next argument) and flag (that waits for a value).
_apigw_scan() {
  command='' position=1 flag=''
  local word plain=0
  for word in "$@"; do
    if [ -n "$flag" ]; then
      flag=''
    elif [ "$word" = -- ]; then
      plain=1
    elif [ $plain = 0 ] && [ "${word#-}" != "$word" ]; then
      [ "${word#*=}" = "$word" ] && [ -n "$(_apigw_value "$command" "$word")" ] && flag=$word
    elif [ -z "$command" ]; then
      command=$word
    elif [ -n "$(_apigw_commands "$command")" ]; then
      command="$command $word"
    else
      position=$((position + 1))
    fi
  done
}
)sh";

constexpr std::string_view bash_main = R"sh(
_apigw() {
  local command position flag kind word words=() current=${COMP_WORDS[COMP_CWORD]}
  local before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  # bash cuts --flag=value into three words
  if [ "$current" = = ]; then current=''; elif [ "${COMP_WORDS[COMP_CWORD-1]}" = = ]; then unset 'before[-1]'; fi
  COMPREPLY=()
  _apigw_scan "${before[@]}"
  if [ -n "$flag" ]; then
    kind=$(_apigw_value "$command" "$flag")
  elif [ "${current#-}" != "$current" ]; then
    kind="=$(_apigw_flags "$command" | tr '\n' ' ')"
  elif [ -n "$(_apigw_commands "$command")" ]; then
    kind="=$(_apigw_commands "$command")"
  else
    kind=$(_apigw_argument "$command" "$position")
  fi
  case $kind in
    ''|any) return ;;
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    dirs) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
    '='*) read -r -a words <<< "${kind#=}" ;;
    *) mapfile -t words < <("${COMP_WORDS[0]}" __complete "$kind" -- "${before[@]}" 2>/dev/null) ;;
  esac
  for word in "${words[@]}"; do
    [ "${word#"$current"}" != "$word" ] || [ -z "$current" ] && COMPREPLY+=("$(printf %q "$word")")
  done
}
complete -F _apigw apigw
)sh";

constexpr std::string_view zsh_main = R"sh(
_apigw() {
  local command position flag kind current=${words[CURRENT]}
  local -a before found
  before=("${(@)words[2,CURRENT-1]}")
  if [[ $current == --*=* ]]; then
    before+=("${current%%=*}")
    compset -P '*='
  fi
  _apigw_scan "${(@Q)before}"
  if [[ -n $flag ]]; then
    kind=$(_apigw_value "$command" "$flag")
  elif [[ $current == -* ]]; then
    kind="=$(_apigw_flags "$command" | tr '\n' ' ')"
  elif [[ -n $(_apigw_commands "$command") ]]; then
    kind="=$(_apigw_commands "$command")"
  else
    kind=$(_apigw_argument "$command" "$position")
  fi
  case $kind in
    ''|any) return 1 ;;
    files) _files; return ;;
    dirs) _files -/; return ;;
    '='*) found=(${=kind#=}) ;;
    *) found=("${(@f)$("${words[1]}" __complete "$kind" -- "${(@Q)before}" 2>/dev/null)}") ;;
  esac
  compadd -a found
}
# As an autoloaded file this runs at the first press of the key; sourced, it only registers.
if [[ ${funcstack[1]} == _apigw ]]; then _apigw "$@"; else compdef _apigw apigw; fi
)sh";

std::string bash_script() {
  return "# bash completion for apigw; generated by `apigw completion bash`.\n\n" + tables() +
         std::string{bash_driver} + std::string{bash_main};
}

std::string zsh_script() {
  return "#compdef apigw\n# zsh completion for apigw; generated by `apigw completion zsh`.\n\n" + tables() +
         std::string{bash_driver} + std::string{zsh_main};
}

// ---- fish

std::string fish_quote(std::string_view value) {
  std::string out = "'";
  for (const char c : value) out += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string{c};
  return out + "'";
}

std::string fish_values(const OptionRow& row) {
  const std::string kinds = kind(row);
  if (kinds.starts_with('=')) return "-a " + fish_quote(kinds.substr(1));
  if (kinds == "files") return "-F";
  if (kinds == "dirs") return "-a '(__fish_complete_directories)'";
  return kinds.empty() ? "" : fmt::format("-a '(__apigw_words {})'", kinds);
}

std::string fish_flag(std::string_view condition, const Options::Declared& option) {
  std::string out = "complete -c apigw";
  if (!condition.empty()) out += fmt::format(" -n {}", fish_quote(condition));
  if (!option.brief.empty()) out += " -s " + option.brief.substr(1);
  out += " -l " + option.flag.substr(2);
  const std::string values = option.takes_value() ? fish_values(option.row) : "";
  if (option.takes_value()) out += values == "-F" ? " -r -F" : values.empty() ? " -x" : " -x " + values;
  return fmt::format("{} -d {}\n", out, fish_quote(option.row.doc));
}

std::string fish_command(const Entry& entry) {
  std::string out;
  std::size_t position = 0;
  for (const Options::Declared& option : entry.options->declared()) {
    if (option.global) continue;
    if (!option.positional()) {
      out += fish_flag(fmt::format("__apigw_in '{}'", entry.command->name), option);
      continue;
    }
    ++position;
    const std::string values = fish_values(option.row);
    const std::string at = option.repeats() ? "" : fmt::format(" {}", position);
    if (!values.empty())
      out += fmt::format("complete -c apigw -n {} {}\n",
                         fish_quote(fmt::format("__apigw_in '{}'{}", entry.command->name, at)), values);
  }
  return out;
}

std::string fish_values_of_flags(const std::vector<Entry>& entries) {
  std::string names;
  const auto add = [&](const Options::Declared& option) {
    if (option.positional() || !option.takes_value()) return;
    for (const std::string& name : {option.flag, option.brief})
      if (!name.empty() && !(" " + names + " ").contains(" " + name + " "))
        names += (names.empty() ? "" : " ") + name;
  };
  for (const Entry& entry : entries)
    for (const Options::Declared& option : entry.options->declared()) add(option);
  return names;
}

constexpr std::string_view fish_driver = R"fish(
# Prints the command before the cursor, then the position of the next argument.
function __apigw_place
    set -l command ''
    set -l position 1
    set -l waits 0
    set -l plain 0
    for word in (commandline -opc)[2..-1]
        if test $waits = 1
            set waits 0
        else if test "$word" = --
            set plain 1
        else if test $plain = 0; and string match -q -- '-*' $word
            contains -- $word $__apigw_value_flags; and set waits 1
        else if test -z "$command"; or contains -- $command $__apigw_groups
            set command (string trim -- "$command $word")
        else
            set position (math $position + 1)
        end
    end
    echo $command
    echo $position
end

# Whether the cursor stands in this command (and at this argument of it).
function __apigw_in
    set -l place (__apigw_place)
    test "$place[1]" = "$argv[1]"; and begin
        not set -q argv[2]; or test "$place[2]" = "$argv[2]"
    end
end

function __apigw_words
    set -l line (commandline -opc)
    $line[1] __complete $argv[1] -- $line[2..-1] 2>/dev/null
end
)fish";

std::string fish_script() {
  const auto entries = visible_commands();
  const auto first_words = groups(entries);
  std::string out = "# fish completion for apigw; generated by `apigw completion fish`.\n\n";
  out += "set -g __apigw_value_flags " + fish_values_of_flags(entries) + "\nset -g __apigw_groups";
  for (const std::string_view group : first_words) out += fmt::format(" {}", group);
  out += "\n" + std::string{fish_driver} + "\ncomplete -c apigw -f\n";
  for (const Entry& entry : entries) {
    const auto word = first_word(entry.command->name);
    const bool grouped = word != entry.command->name;
    const std::string last{grouped ? entry.command->name.substr(word.size() + 1) : word};
    out += fmt::format("complete -c apigw -n {} -a {} -d {}\n",
                       fish_quote(fmt::format("__apigw_in '{}'", grouped ? word : "")), last,
                       fish_quote(entry.command->summary));
  }
  for (const std::string_view group : first_words)
    out += fmt::format("complete -c apigw -n {} -a {}\n", fish_quote("__apigw_in ''"), group);
  out += "complete -c apigw -s h -l help -d 'show this text'\n";
  for (const Options::Declared& option : entries.front().options->declared())
    if (option.global) out += fish_flag("", option);
  for (const Entry& entry : entries) out += fish_command(entry);
  return out;
}

}  // namespace

std::span<const Shell> shells() {
  static constexpr Shell rows[] = {
      {"bash", "apigw.bash", bash_script}, {"zsh", "_apigw", zsh_script}, {"fish", "apigw.fish", fish_script}};
  return rows;
}

}  // namespace apigw::cli
