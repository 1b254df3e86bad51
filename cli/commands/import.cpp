// apigw import KIND FILE: another program's file as an apigw.yaml, and what did not come along.
//
// The config is the result and goes to stdout; findings go to stderr, or where -o says.
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "command.h"
#include "diag/render.h"
#include "findings.h"
#include "imported.h"
#include "output.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

struct Flags {
  std::string kind, file, to = "-";
  bool strict = false;
  TreeFlags tree;
};

std::optional<Complaint> wrong_flag(const Flags& flags) {
  if (flags.to.empty()) return Complaint{"--to is empty", "name a file, or '-' for stdout"};
  if (flags.to == "-" && (flags.tree.diff || flags.tree.dry_run || flags.tree.force))
    return Complaint{"--diff, --dry-run and --force compare with a file", "name it with --to FILE"};
  return std::nullopt;
}

// Where -o names no file: stderr, for stdout has the config; with --to FILE stdout is free for what -o asks for.
Exit show_findings(Env& env, const Globals& globals, const Flags& flags, const std::vector<Destination>& all,
                   const import::Imported& done) {
  for (const Destination& destination : all) {
    if (!destination.file.empty() || (!destination.format.empty() && flags.to != "-" && !flags.tree.diff)) {
      const auto format = format_of(destination, env.terminal.out);
      const bool color = destination.file.empty() && env.terminal.color_out;
      const Exit exit = deliver(env, destination, diag::render(done.report, done.sources, format, color));
      if (exit != Exit::done) return exit;
    } else if (!destination.format.empty()) {
      env.err << diag::render(done.report, done.sources, format_of(destination, env.terminal.err),
                              env.terminal.color_err);
    } else if (!globals.quiet || done.report.has_errors()) {
      tell_losses(env, done);
    }
  }
  return Exit::done;
}

Exit into_file(Env& env, const Globals& globals, const Flags& flags, bool table, const std::string& config) {
  const auto steps = write_tree(env, {{flags.to, {.content = config}}}, "", flags.tree);
  if (!steps) return steps.error();
  const Step& step = steps->front();
  const bool changes = step.change == Change::create || step.change == Change::replace;
  if (flags.tree.diff) return changes ? Exit::no : Exit::done;
  if (step.change == Change::keep)
    return complain(env, Exit::no, fmt::format("'{}' is there and differs: nothing is changed", flags.to),
                    "--force replaces it; --diff shows what would change");
  if (!table) return Exit::done;
  Globals plain = globals;
  plain.output.clear();  // -o is for the findings
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  rows.push_back({{"change", word(step.change)}, {"path", step.path}});
  return write_table(env, plain, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
}

Exit import_file(Env& env, const Globals& globals, const Flags& flags) {
  const auto all = destinations(globals, finding_formats);
  if (!all) return complain(env, Exit::input, all.error());
  if (const auto wrong = wrong_flag(flags)) return complain(env, Exit::input, *wrong);
  auto document = importable_text(env, flags.file);
  if (!document) return document.error();
  const std::string folder =
      flags.to == "-" ? "." : std::filesystem::path(env.files.absolute(flags.to)).parent_path().string();
  const auto done = imported(flags.kind, flags.file, std::move(*document), path_beside(env, flags.file, folder));
  if (const Exit exit = show_findings(env, globals, flags, *all, done); exit != Exit::done) return exit;
  if (done.report.has_errors()) return complain(env, Exit::input, "nothing was imported");
  if (flags.strict && (done.report.warnings() > 0 || done.report.dropped() > 0))
    return complain(env, Exit::no, "something would be lost, and --strict refuses that");
  const bool on_stdout = std::ranges::any_of(
      *all, [](const Destination& destination) { return destination.file.empty() && !destination.format.empty(); });
  if (flags.to != "-") return into_file(env, globals, flags, !on_stdout, done.config);
  env.out << done.config;
  return Exit::done;
}

std::string kinds() {
  std::string out = "Kinds\n";
  for (const import::RosterRow& row : import::roster())
    out += fmt::format("  {:<12} {}\n", row.word, row.importer->summary);
  return out;
}

std::vector<std::string_view> kind_words() {
  std::vector<std::string_view> words;
  for (const import::RosterRow& row : import::roster()) words.push_back(row.word);
  return words;
}

}  // namespace

extern const Command command_import;
const Command command_import = {
    .name = "import",
    .summary = "write a config from another program's file",
    .details =
        "The config goes to stdout, or with --to into a file; it always passes `apigw validate`. What does not come\n"
        "along is listed on stderr with its place: AGW722 only nearly, AGW723 a secret to set, AGW724 lost, AGW725\n"
        "left out until it is enforced, AGW726 not readable. Literal secrets are never copied. -o FORMAT prints the\n"
        "findings as concise, full, json, sarif, github, gitlab or junit (on stdout with --to), -o FORMAT=FILE\n"
        "writes them to a file. Routes name the operations of an OpenAPI document that stands below the config's "
        "folder:\n"
        "that of --to, else this one.\n"
        "Exit code 1: with --strict, something is lost; the file of --to is there and differs. 2: FILE is not of\n"
        "that kind.\n\n"
        "Examples:\n"
        "  apigw import openapi petstore.yaml > apigw.yaml\n"
        "  apigw import openapi petstore.yaml --to apigw.yaml --diff\n"
        "  apigw import openapi - --strict -o sarif=losses.sarif < petstore.json",
    .job = Job::start,
    .table = kinds,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "KIND", .doc = "what FILE is", .choices = kind_words(), .required = true}, &flags->kind);
      options.add({.names = "FILE", .doc = "what to import, '-' for stdin", .completes = "files", .required = true},
                  &flags->file);
      options.add({.names = "--to",
                   .doc = "file to write into, '-' for stdout (default -)",
                   .value = "FILE",
                   .completes = "files"},
                  &flags->to);
      options.add({.names = "--strict", .doc = "write nothing and exit 1 when something is lost"}, &flags->strict);
      declare_tree_flags(options, flags->tree);
      return [flags](Env& env, const Globals& globals) { return import_file(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
