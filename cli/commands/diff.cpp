// apigw diff [A [B]]: what changes for clients and operators between two states of a config, an OpenAPI document or a
// tree of manifests, and whether it breaks somebody.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "compare/change.h"
#include "diff_state.h"
#include "output.h"

namespace apigw::cli {
namespace {

using compare::Change;
using compare::Grade;
using nlohmann::ordered_json;

struct Flags {
  std::vector<std::string> words;
  std::string fail_on = "cosmetic";
};

std::size_t count(const compare::Changes& changes, Grade grade) {
  return static_cast<std::size_t>(std::ranges::count(changes, grade, &Change::grade));
}

constexpr Grade gravest_first[] = {Grade::breaking, Grade::risky, Grade::safe, Grade::cosmetic};

ordered_json json_of(const compare::Changes& changes, const DiffPlace& from, const DiffPlace& to,
                     std::string_view what) {
  ordered_json counts = ordered_json::object(), rows = ordered_json::array();
  for (const Grade grade : gravest_first) counts[std::string(compare::word(grade))] = count(changes, grade);
  for (const Change& change : changes) {
    ordered_json row{{"grade", compare::word(change.grade)},
                     {"change", compare::word(change.kind)},
                     {"noun", change.noun},
                     {"name", change.name}};
    if (!change.field.empty()) row["field"] = change.field;
    if (!change.before.empty()) row["before"] = change.before;
    if (!change.after.empty()) row["after"] = change.after;
    row["reason"] = change.reason;
    rows.push_back(std::move(row));
  }
  return {{"of", what}, {"from", from.title()}, {"to", to.title()}, {"counts", counts}, {"changes", rows}};
}

std::string colored(std::string_view word, Grade grade, bool color) {
  static constexpr std::string_view codes[] = {"2", "32", "33", "31"};  // by grade
  return color ? fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(grade)], word) : std::string(word);
}

std::string heading(const Change& change) {
  const char sign = change.kind == compare::Kind::added ? '+' : change.kind == compare::Kind::removed ? '-' : '~';
  return fmt::format("{} {}{}{}", sign, text::printable(change.name),
                     change.field.empty() || change.name.empty() ? "" : "  ", text::printable(change.field));
}

std::string counts_text(const compare::Changes& changes) {
  std::string out;
  for (const Grade grade : gravest_first)
    if (const auto n = count(changes, grade); n > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, compare::word(grade));
  return out;
}

std::string text_of(const compare::Changes& changes, const DiffPlace& from, const DiffPlace& to, bool color) {
  if (changes.empty()) return {};
  std::string out =
      fmt::format("{} → {}: {}\n", text::printable(from.title()), text::printable(to.title()), counts_text(changes));
  std::string_view noun;
  for (const Change& change : changes) {
    if (change.noun != noun) out += fmt::format("\n{}\n", text::printable(noun = change.noun));
    const std::string_view word = compare::word(change.grade);
    out += fmt::format("  {}{}  {}\n", colored(word, change.grade, color), std::string(8 - word.size(), ' '),
                       heading(change));
    if (!change.before.empty() && !change.after.empty())
      out += fmt::format("              {} → {}\n", change.before, change.after);
    else if (!change.before.empty() || !change.after.empty())
      out += fmt::format("              {}{}\n", change.after.empty() ? "was " : "", change.before + change.after);
    out += fmt::format("              {}\n", text::printable(change.reason));
  }
  return out;
}

Exit diff(Env& env, const Globals& globals, const Flags& flags) {
  if (flags.words.size() > 2)
    return complain(env, Exit::input, "more than two states to compare", "name two: apigw diff A B");
  if (std::ranges::count(flags.words, "-") > 1)
    return complain(env, Exit::input, "stdin can be read once, so one side alone may be '-'",
                    "write the other one to a file, or name a commit");
  const auto places = diff_places(env, globals, flags.words);
  if (!places) return places.error();
  const auto& [from, to] = *places;
  const auto before = read_state(env, globals, from);
  if (!before) return before.error();
  const auto after = read_state(env, globals, to);
  if (!after) return after.error();
  const auto changes = compare_states(*before, *after);
  if (!changes)
    return complain(env, Exit::input,
                    fmt::format("'{}' ({}) and '{}' ({}) are of different kinds", from.title(), kind_of(*before),
                                to.title(), kind_of(*after)),
                    "compare a config with a config, a document with a document, manifests with manifests");
  if (changes->empty() && !globals.quiet)
    env.err << fmt::format("no differences between {} and {}\n", from.title(), to.title());
  const Exit exit = write_document(env, globals, "diff", json_of(*changes, from, to, kind_of(*after)),
                                   [&](bool color) { return text_of(*changes, from, to, color); });
  if (exit != Exit::done) return exit;
  const Grade least = compare::grade_of(flags.fail_on).value_or(Grade::cosmetic);
  return std::ranges::any_of(*changes, [&](const Change& change) { return change.grade >= least; }) ? Exit::no
                                                                                                    : Exit::done;
}

}  // namespace

extern const Command command_diff;
const Command command_diff = {
    .name = "diff",
    .summary = "what changed in a config, an OpenAPI document or manifests, and what it breaks",
    .details =
        "A and B: a config or a folder with one, an OpenAPI document, manifests or a folder of them ('-' is stdin);\n"
        "or a commit (main, HEAD~1), or COMMIT:PATH as git reads it. Nothing: the last commit against the files\n"
        "here; one path: what the last commit has there against it; one commit: it against the files here.\n"
        "Meaning is compared: order and comments are no difference. Each change is\n"
        "  breaking  a call that worked is refused, goes nowhere, or gets what it cannot read\n"
        "  risky     something behaves otherwise, and whether somebody minds is not known here\n"
        "  safe      who relied on what was there still gets it\n"
        "  cosmetic  words for people\n"
        "Exit code: 0 no difference that counts (--fail-on), 1 differences, 2 a side cannot be read.\n\n"
        "Examples:\n"
        "  apigw diff\n"
        "  apigw diff main --fail-on breaking\n"
        "  apigw diff HEAD~1 HEAD -o json\n"
        "  apigw diff main:openapi.yaml openapi.yaml\n"
        "  apigw diff old/ new/\n"
        "  apigw emit k8s | apigw diff deploy/ -",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "STATE", .doc = "what to compare, the older first", .completes = "files"}, &flags->words);
      options.add({.names = "--fail-on",
                   .doc = "least grave change that counts (default cosmetic: any)",
                   .value = "GRADE",
                   .choices = {"breaking", "risky", "safe", "cosmetic"}},
                  &flags->fail_on);
      return [flags](Env& env, const Globals& globals) { return diff(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
