// apigw validate [FILE…|-]: every finding of every file, in one run and one report a file.
//
// What a file is follows from its content; this version knows configs, tests, Kubernetes manifests and, by their
// name, prompts. Reads no secret unless asked to.
#include <ostream>

#include "assembly/identity.h"
#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "diag/render.h"
#include "dotenv.h"
#include "findings.h"
#include "kubernetes/objects.h"
#include "mend_files.h"
#include "output.h"
#include "project.h"
#include "prompt/prompt.h"
#include "validate_input.h"
#include "validate_kubernetes.h"
#include "validate_tests.h"
#include "watch_loop.h"

namespace apigw::cli {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::string fail_on = "error";
  bool resolve = false;
  bool watch = false;
  bool rules = false;
  FixFlags mend;
};

// All files' findings over one set of sources.
struct Findings {
  diag::Sources sources;
  diag::Report report;

  // Findings of one file are finished: sorted, and its ignore comments have been obeyed.
  void append(const diag::Sources& of_file, const diag::Report& found) {
    const auto offset = static_cast<std::uint32_t>(sources.size());
    for (std::uint32_t i = 0; i < of_file.size(); ++i)
      sources.add(std::string{of_file.name(SourceId{i})}, std::string{of_file.text(SourceId{i})});
    const auto shift = [&](Span& where) {
      if (where.known()) where.source = SourceId{static_cast<std::uint32_t>(where.source) + offset};
    };
    for (diag::Diagnostic finding : found.all()) {
      for (diag::Label& label : finding.labels) shift(label.where);
      for (diag::Fix& fix : finding.fixes) shift(fix.where);
      report.add(std::move(finding));
    }
  }
};

Exit show(Env& env, const std::vector<Destination>& all, const Findings& findings) {
  for (const Destination& destination : all) {
    const bool color = destination.file.empty() && env.terminal.color_out;
    const auto format = format_of(destination, env.terminal.out);
    const Exit exit = deliver(env, destination, diag::render(findings.report, findings.sources, format, color));
    if (exit != Exit::done) return exit;
  }
  return Exit::done;
}

// The counts, where no full report on stdout says them already.
void summarize(Env& env, const Globals& globals, const std::vector<Destination>& all, const Findings& findings,
               std::size_t files) {
  const bool said = std::ranges::any_of(all, [&](const Destination& destination) {
    return destination.file.empty() && format_of(destination, env.terminal.out) == diag::Format::full;
  });
  if (globals.quiet || files == 0) return;
  if (findings.report.all().empty())
    env.err << fmt::format("no findings in {}\n", files == 1 ? "1 file" : fmt::format("{} files", files));
  else if (!said)
    env.err << diag::summary(findings.report, findings.sources) << '\n';
}

// One run over all files.
struct Round {
  Findings findings;
  Watched watched;
  std::size_t checked = 0;
  std::vector<ManifestFile> manifests;  // judged together, behind all others
  bool mendable = false;                // --fix changed something, or would
  Exit unreadable = Exit::done;
};

// Whether each listener's certificate and key are such as `serve` starts with.
void try_identities(config::Loaded& loaded) {
  if (loaded.plan == nullptr) return;
  for (const model::Listener& listener : loaded.plan->listeners) {
    const auto tried = listener.tls ? assembly::try_identity(*listener.tls) : Result<void>{};
    if (tried) continue;
    loaded.report
        .add(405, listener.where,
             fmt::format("certificate and key of '{}' cannot be used: {}", listener.text(),
                         text::printable(tried.error().what)))
        .helps.push_back("`apigw doctor` looks at all certificates");
  }
  loaded.report.finish(loaded.sources);
}

std::expected<config::Loaded, Exit> check(Env& env, const Globals& globals, const Flags& flags,
                                          const std::string& file, std::string content, Round& round) {
  const config::Request request{.path = file,
                                .text = std::move(content),
                                .profile = globals.profile,
                                .sets = globals.sets,
                                .secrets = flags.resolve ? config::Secrets::checked : config::Secrets::ignore,
                                .judge_tests = std::vector<std::string>{}};
  DotEnvFile dotenv{.environment = env.environment};
  if (flags.resolve) {  // as `run` would find them
    auto read = with_dotenv(env, file);
    if (!read) return std::unexpected(read.error());
    dotenv = std::move(*read);
    round.watched.files.push_back(dotenv.path);
  }
  if (!flags.mend.fix) {
    auto loaded = config::load(request, env.files, dotenv.environment, assembly::vocabulary());
    if (flags.resolve) try_identities(loaded);
    return loaded;
  }
  auto mended = mend_files(env, globals, flags.mend, request, dotenv.environment);
  if (!mended) return std::unexpected(mended.error());
  round.mendable = round.mendable || mended->changes;
  return std::move(mended->loaded);
}

// A config with the tests of its routes, or done with its exit code.
Exit look_at_config(Env& env, const Globals& globals, const Flags& flags, const std::string& file,
                    std::string content, Round& round) {
  const auto loaded = check(env, globals, flags, file, std::move(content), round);
  if (!loaded) return loaded.error();
  round.findings.append(loaded->sources, loaded->report);
  std::ranges::copy(loaded->files, std::back_inserter(round.watched.files));
  std::ranges::copy(loaded->globs, std::back_inserter(round.watched.globs));
  if (file == "-") return Exit::done;
  std::ranges::copy(route_test_globs(file), std::back_inserter(round.watched.globs));
  std::ranges::copy(route_test_files(env.files, file), std::back_inserter(round.watched.files));
  if (loaded->plan != nullptr)
    for (const ReadTests& tests : judge_route_tests(env, file, loaded->plan))
      round.findings.append(tests.sources, tests.report);
  return Exit::done;
}

// What --fix says to a file that it cannot mend; nothing without --fix.
std::optional<Complaint> unmended(const Flags& flags, const std::string& file, std::string_view what) {
  if (!flags.mend.fix) return std::nullopt;
  return Complaint{fmt::format("'{}' {}, which --fix does not mend", file, what), "name configs alone beside --fix"};
}

Exit look_at_tests(Env& env, const Globals& globals, const Flags& flags, const std::string& file, std::string content,
                   Round& round) {
  if (const auto wrong = unmended(flags, file, "holds tests")) return complain(env, Exit::input, *wrong);
  const auto judged = judge_test_file(env, globals, file, std::move(content));
  if (!judged) return judged.error();
  round.watched.files.push_back(judged->config);
  round.findings.append(judged->tests.sources, judged->tests.report);
  return Exit::done;
}

Exit look_at_prompt(Env& env, const Globals& globals, const Flags& flags, const std::string& file, Round& round) {
  if (const auto wrong = unmended(flags, file, "is a prompt")) return complain(env, Exit::input, *wrong);
  const auto judged = judge_prompt_file(env, globals, file);
  if (!judged) return judged.error();
  if (!judged->config.empty()) round.watched.files.push_back(judged->config);
  round.findings.append(judged->tests.sources, judged->tests.report);
  return Exit::done;
}

Exit look_at_folder(Env& env, const Globals& globals, const Flags& flags, const std::string& folder, Round& round) {
  if (const auto wrong = unmended(flags, folder, "is a folder of manifests"))
    return complain(env, Exit::input, *wrong);
  std::ranges::copy(manifest_globs(folder), std::back_inserter(round.watched.globs));
  auto found = manifests_below(env, env.files, globals, folder);
  if (!found) return found.error();
  for (ManifestFile& file : *found) {
    round.watched.files.push_back(file.path);
    round.manifests.push_back(std::move(file));
  }
  round.checked += found->size() - 1;  // the folder itself counts as one
  return Exit::done;
}

Exit look_at_manifest(Env& env, const Flags& flags, const std::string& file, std::string text, Round& round) {
  if (const auto wrong = unmended(flags, file, "holds Kubernetes objects")) return complain(env, Exit::input, *wrong);
  auto found = manifest(env, file, std::move(text));
  if (!found) return found.error();
  round.manifests.push_back(std::move(*found));
  return Exit::done;
}

Exit look_at(Env& env, const Globals& globals, const Flags& flags, const std::string& file, Round& round) {
  if (file.ends_with(prompt::extension)) return look_at_prompt(env, globals, flags, file, round);
  if (env.files.directory(file)) return look_at_folder(env, globals, flags, file, round);
  auto content = text_of(env, file);
  if (!content) return content.error();
  if (kubernetes::holds_objects(*content)) return look_at_manifest(env, flags, file, std::move(*content), round);
  return holds_tests(*content) ? look_at_tests(env, globals, flags, file, std::move(*content), round)
                               : look_at_config(env, globals, flags, file, std::move(*content), round);
}

Round look(Env& env, const Globals& globals, const Flags& flags, const std::vector<std::string>& files) {
  Round round;
  for (const std::string& file : files) {
    round.watched.files.push_back(file);
    const Exit exit = look_at(env, globals, flags, file, round);
    if (exit == Exit::done)
      ++round.checked;
    else
      round.unreadable = exit;
  }
  if (!round.manifests.empty()) {
    const JudgedManifests judged = judge_manifests(std::move(round.manifests));
    round.findings.append(judged.sources, judged.report);
  }
  return round;
}

// What a round says and the exit code that it stands for. A diff has stdout for itself.
Exit tell(Env& env, const Globals& globals, const Flags& flags, std::vector<Destination> all, const Round& round) {
  if (round.checked == 0) return round.unreadable;
  if (flags.mend.diff) std::erase_if(all, [](const Destination& destination) { return destination.file.empty(); });
  if (const Exit exit = show(env, all, round.findings); exit != Exit::done) return exit;
  summarize(env, globals, all, round.findings, round.checked);
  if (round.unreadable != Exit::done) return round.unreadable;
  const diag::Report& report = round.findings.report;
  const bool counts = report.has_errors() || (flags.fail_on == "warning" && report.warnings() > 0);
  return counts || (flags.mend.diff && round.mendable) ? Exit::no : Exit::done;
}

std::optional<Complaint> contradiction(const Flags& flags, const std::vector<std::string>& files) {
  if ((flags.mend.diff || flags.mend.dry_run) && !flags.mend.fix)
    return Complaint{fmt::format("--{} says what --fix would do", flags.mend.diff ? "diff" : "dry-run"),
                     "write --fix beside it"};
  const bool piped = std::ranges::find(files, "-") != files.end();
  if (flags.watch && flags.mend.fix) return Complaint{"--watch cannot stand beside --fix", "leave one of them out"};
  if (piped && (flags.watch || flags.mend.fix))
    return Complaint{fmt::format("--{} needs files, not stdin", flags.watch ? "watch" : "fix"), "name the file"};
  return std::nullopt;
}

Exit validate(Env& env, const Globals& globals, const Flags& flags) {
  if (flags.rules) return list_rules(env, globals);
  const auto all = destinations(globals, finding_formats);
  if (!all) return complain(env, Exit::input, all.error());
  std::vector<std::string> files = flags.files;
  if (files.empty()) files.push_back(globals.config.empty() ? std::string{default_config} : globals.config);
  if (const auto wrong = contradiction(flags, files)) return complain(env, Exit::input, *wrong);
  if (!flags.watch) return tell(env, globals, flags, *all, look(env, globals, flags, files));
  Exit last = Exit::done;
  watch_loop(env, globals.timeout, [&] {
    Round round = look(env, globals, flags, files);
    last = tell(env, globals, flags, *all, round);
    return std::move(round.watched);
  });
  return last;
}

}  // namespace

extern const Command command_validate;
const Command command_validate = {
    .name = "validate",
    .summary = "check configs, prompts, tests and Kubernetes manifests, and report every finding",
    .details =
        "Formats of -o: full (on a terminal), concise (in a pipe), json, sarif, github, gitlab, junit;\n"
        "-o sarif=FILE may stand beside another.\n"
        "Kubernetes manifests are judged together, by what kube-linter, kube-score and polaris have on by default\n"
        "(--rules); a folder is read for manifests. `# apigw-ignore AGW829: why`, an annotation\n"
        "`apigw/ignore-AGW829: why`, and the annotations of these three exempt from a rule.\n"
        "With a config its prompts and tests are checked; a prompt or a test file alone with the config of -c,\n"
        "else the nearest.\n"
        "--fix makes the edits that findings offer ('replace with …') and touches nothing else; it keeps a file\n"
        "that would become worse.\n"
        "--watch ends at Ctrl-C, or after --timeout.\n"
        "Exit code: 0 no findings that count, 1 findings (or --diff prints something), 2 a file cannot be read.\n\n"
        "Examples:\n"
        "  apigw validate\n"
        "  apigw validate a.yaml b.yaml --fail-on warning\n"
        "  apigw validate tests/orders.test.yaml prompts/sentiment.prompt\n"
        "  apigw validate k8s/ --fail-on warning\n"
        "  helm template shop | apigw validate -\n"
        "  apigw validate --rules -o csv\n"
        "  apigw validate -o concise -o sarif=findings.sarif\n"
        "  apigw validate --fix --diff\n"
        "  apigw validate --watch\n"
        "  apigw validate - < apigw.yaml",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add(
          {.names = "FILE",
           .doc = "configs, prompts, test files, manifests or folders of them, '-' for stdin (default apigw.yaml)",
           .completes = "files"},
          &flags->files);
      options.add({.names = "--fail-on",
                   .doc = "least severe finding that counts",
                   .value = "SEVERITY",
                   .choices = {"error", "warning"}},
                  &flags->fail_on);
      options.add({.names = "--resolve",
                   .doc = "check also that secrets and listeners' keys can be read, with the .env beside the config"},
                  &flags->resolve);
      options.add({.names = "--fix", .doc = "make the edits that findings offer"}, &flags->mend.fix);
      options.add({.names = "--dry-run", .doc = "with --fix: say which findings would be mended, write nothing"},
                  &flags->mend.dry_run);
      options.add({.names = "--diff", .doc = "with --fix: print what would change, write nothing"},
                  &flags->mend.diff);
      options.add({.names = "--rules", .doc = "list the rules for Kubernetes manifests, and whose they are"},
                  &flags->rules);
      options.add({.names = "--watch", .doc = "check again whenever a file is saved"}, &flags->watch);
      return [flags](Env& env, const Globals& globals) { return validate(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
