// apigw validate [FILE…|-]: every finding of every file, in one run and one report a file.
//
// What a file is follows from its content, not its name; this version knows configs. Reads no secret unless asked to.
#include <ostream>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "diag/render.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::string fail_on = "error";
  bool resolve = false;
};

constexpr std::pair<std::string_view, diag::Format> formats[] = {{"full", diag::Format::full},
                                                                 {"concise", diag::Format::concise},
                                                                 {"json", diag::Format::json},
                                                                 {"sarif", diag::Format::sarif}};

diag::Format format_of(const Destination& destination, const Env& env) {
  for (const auto& [word, format] : formats)
    if (word == destination.format) return format;
  return env.terminal.out ? diag::Format::full : diag::Format::concise;
}

// What else people hand to a validator: how a line of such a file begins.
constexpr std::pair<std::string_view, std::string_view> other_kinds[] = {
    {"openapi:", "an OpenAPI document"},         {"swagger:", "an OpenAPI document"},
    {"\"openapi\"", "an OpenAPI document"},      {"apiVersion:", "a Kubernetes manifest"},
    {"\"apiVersion\"", "a Kubernetes manifest"}, {"_format_version:", "a Kong configuration"},
    {"model_list:", "a LiteLLM configuration"}};

// Empty for a config and for what says nothing about itself.
std::string_view other_kind(std::string_view content) {
  for (const std::string_view line : text::split(content.substr(0, 64 << 10), '\n')) {
    if (line.starts_with("apigw:")) return {};
    for (const auto& [start, kind] : other_kinds)
      if (line.starts_with(start) || (start.front() == '"' && text::trim(line).starts_with(start))) return kind;
  }
  return {};
}

std::expected<std::string, Exit> content_of(Env& env, const std::string& file) {
  if (file == "-") {
    auto content = read_stdin(env, config_limit);
    if (!content) return std::unexpected(complain(env, Exit::input, content.error()));
    return std::move(*content);
  }
  auto content = env.files.read(file, config_limit);
  if (content) return std::move(*content);
  const bool usual = content.error().kind == ErrorKind::not_found && file == default_config;
  return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what,
                                  usual ? "name a file, or make a project: apigw init" : ""));
}

std::expected<std::string, Exit> config_of(Env& env, const std::string& file) {
  auto content = content_of(env, file);
  if (!content) return content;
  if (content->find('\0') != std::string::npos)
    return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is no text: it holds a zero byte", file),
                                    "validate reads apigw configs"));
  if (const auto kind = other_kind(*content); !kind.empty())
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' is {}, a kind that this version does not check", file, kind),
                                    "validate reads apigw configs, which begin with `apigw: 1`"));
  return content;
}

// All files' findings over one set of sources.
struct Findings {
  diag::Sources sources;
  diag::Report report;

  // Findings of one file are finished: sorted, and its ignore comments have been obeyed.
  void append(const config::Loaded& loaded) {
    const auto offset = static_cast<std::uint32_t>(sources.size());
    for (std::uint32_t i = 0; i < loaded.sources.size(); ++i)
      sources.add(std::string{loaded.sources.name(SourceId{i})}, std::string{loaded.sources.text(SourceId{i})});
    const auto shift = [&](Span& where) {
      if (where.known()) where.source = SourceId{static_cast<std::uint32_t>(where.source) + offset};
    };
    for (diag::Diagnostic finding : loaded.report.all()) {
      for (diag::Label& label : finding.labels) shift(label.where);
      for (diag::Fix& fix : finding.fixes) shift(fix.where);
      report.add(std::move(finding));
    }
  }
};

Exit show(Env& env, const std::vector<Destination>& all, const Findings& findings) {
  for (const Destination& destination : all) {
    const bool color = destination.file.empty() && env.terminal.color_out;
    const auto format = format_of(destination, env);
    const Exit exit = deliver(env, destination, diag::render(findings.report, findings.sources, format, color));
    if (exit != Exit::done) return exit;
  }
  return Exit::done;
}

// The counts, where no full report on stdout says them already.
void summarize(Env& env, const Globals& globals, const std::vector<Destination>& all, const Findings& findings,
               std::size_t files) {
  const bool said = std::ranges::any_of(all, [&](const Destination& destination) {
    return destination.file.empty() && format_of(destination, env) == diag::Format::full;
  });
  if (globals.quiet || files == 0) return;
  if (findings.report.all().empty())
    env.err << fmt::format("no findings in {}\n", files == 1 ? "1 file" : fmt::format("{} files", files));
  else if (!said)
    env.err << diag::summary(findings.report, findings.sources) << '\n';
}

Exit validate(Env& env, const Globals& globals, const Flags& flags) {
  static constexpr std::string_view words[] = {"full", "concise", "json", "sarif"};
  const auto all = destinations(globals, words);
  if (!all) return complain(env, Exit::input, all.error());
  std::vector<std::string> files = flags.files;
  if (files.empty()) files.push_back(globals.config.empty() ? std::string{default_config} : globals.config);
  Findings findings;
  std::size_t checked = 0;
  Exit unreadable = Exit::done;
  for (const std::string& file : files) {
    auto content = config_of(env, file);
    if (!content) {
      unreadable = content.error();
      continue;
    }
    const config::Request request{.path = file,
                                  .text = std::move(*content),
                                  .profile = globals.profile,
                                  .sets = globals.sets,
                                  .secrets = flags.resolve ? config::Secrets::checked : config::Secrets::ignore};
    findings.append(config::load(request, env.files, env.environment, assembly::vocabulary()));
    ++checked;
  }
  if (checked == 0) return unreadable;
  if (const Exit exit = show(env, *all, findings); exit != Exit::done) return exit;
  summarize(env, globals, *all, findings, checked);
  if (unreadable != Exit::done) return unreadable;
  const bool warnings_count = flags.fail_on == "warning";
  return findings.report.has_errors() || (warnings_count && findings.report.warnings() > 0) ? Exit::no : Exit::done;
}

}  // namespace

extern const Command command_validate;
const Command command_validate = {
    .name = "validate",
    .summary = "check config files and report every finding",
    .details =
        "Formats of -o: full (on a terminal), concise (in a pipe), json, sarif; -o sarif=FILE may stand beside "
        "another.\n"
        "Exit code: 0 no findings that count, 1 findings, 2 a file cannot be read.\n\n"
        "Examples:\n"
        "  apigw validate\n"
        "  apigw validate a.yaml b.yaml --fail-on warning\n"
        "  apigw validate -o concise -o sarif=findings.sarif\n"
        "  apigw validate - < apigw.yaml",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "FILE", .doc = "configs, '-' for stdin (default apigw.yaml)", .completes = "files"},
                  &flags->files);
      options.add({.names = "--fail-on",
                   .doc = "least severe finding that counts",
                   .value = "SEVERITY",
                   .choices = {"error", "warning"}},
                  &flags->fail_on);
      options.add({.names = "--resolve", .doc = "check also that each secret can be read"}, &flags->resolve);
      return [flags](Env& env, const Globals& globals) { return validate(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
