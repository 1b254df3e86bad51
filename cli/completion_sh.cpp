// bash and zsh: three case tables in plain sh say what a flag's value or an argument may be, and one function for
// each shell uses them.
#include "completion_rows.h"

namespace apigw::cli {
namespace {

std::string flag_words(const Options& options, bool global) {
  std::string words;
  for (const Options::Declared& option : options.declared())
    if (!option.positional() && option.global == global) words += (words.empty() ? "" : " ") + option.flag;
  return words;
}

std::string flag_table(const std::vector<CompletionEntry>& entries) {
  std::string out = "_apigw_flags() {\n  case \"$1\" in\n";
  for (const CompletionEntry& entry : entries)
    if (const auto words = flag_words(*entry.options, false); !words.empty())
      out += fmt::format("    '{}') echo '{}' ;;\n", entry.command->name, words);
  out += fmt::format("  esac\n  echo '--help {}'\n}}\n", flag_words(*entries.front().options, true));
  return out;
}

// `lead` opens the quote of a pattern: "*' " of every command, "'call " of one.
std::string value_row(std::string_view lead, const Options::Declared& option) {
  const std::string kinds = completion_kind(option.row);
  std::string patterns;
  for (const std::string& name : {option.flag, option.brief})
    if (!name.empty()) patterns += fmt::format("{}{}{}'", patterns.empty() ? "" : "|", lead, name);
  return fmt::format("    {}) echo '{}' ;;\n", patterns, kinds.empty() ? "any" : kinds);
}

std::string value_table(const std::vector<CompletionEntry>& entries) {
  std::string out = "_apigw_value() {\n  case \"$1 $2\" in\n";
  for (const CompletionEntry& entry : entries)
    for (const Options::Declared& option : entry.options->declared())
      if (!option.global && !option.positional() && option.takes_value())
        out += value_row(fmt::format("'{} ", entry.command->name), option);
  // Last: a command's own short name wins.
  for (const Options::Declared& option : entries.front().options->declared())
    if (option.global && option.takes_value()) out += value_row("*' ", option);
  return out + "  esac\n}\n";
}

std::string argument_table(const std::vector<CompletionEntry>& entries) {
  std::string out = "_apigw_argument() {\n  case \"$1 $2\" in\n";
  for (const CompletionEntry& entry : entries) {
    std::size_t position = 0;
    for (const Options::Declared& option : entry.options->declared()) {
      if (!option.positional()) continue;
      ++position;
      const std::string at = option.repeats() ? "'*" : fmt::format("{}'", position);
      if (const auto kinds = completion_kind(option.row); !kinds.empty())
        out += fmt::format("    '{} {}) echo '{}' ;;\n", entry.command->name, at, kinds);
    }
  }
  return out + "  esac\n}\n";
}

std::string command_table(const std::vector<CompletionEntry>& entries) {
  std::string first, out = "_apigw_commands() {\n  case \"$1\" in\n";
  for (const std::string_view group : command_groups(entries)) {
    std::string below;
    for (const CompletionEntry& entry : entries)
      if (first_word(entry.command->name) == group)
        below += (below.empty() ? "" : " ") + std::string{entry.command->name.substr(group.size() + 1)};
    out += fmt::format("    '{}') echo '{}' ;;\n", group, below);
  }
  for (const CompletionEntry& entry : entries) {
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

}  // namespace

std::string bash_script() {
  return "# bash completion for apigw; generated by `apigw completion bash`.\n\n" + tables() +
         std::string{bash_driver} + std::string{bash_main};
}

std::string zsh_script() {
  return "#compdef apigw\n# zsh completion for apigw; generated by `apigw completion zsh`.\n\n" + tables() +
         std::string{bash_driver} + std::string{zsh_main};
}

}  // namespace apigw::cli
