#include "validate_tests.h"

#include <algorithm>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "project.h"
#include "prompt/prompt.h"

namespace apigw::cli {
namespace {

// In the folder of `file` or above it; empty: there is none.
std::string nearest_config(const Env& env, const std::string& file) {
  const auto above = [&](std::string folder) -> std::string {
    while (true) {
      const auto slash = folder.rfind('/');
      folder = slash == std::string::npos ? "" : folder.substr(0, slash);
      const std::string config =
          folder.empty() && slash != 0 ? std::string(default_config) : fmt::format("{}/{}", folder, default_config);
      if (env.files.exists(config)) return config;
      if (folder.empty()) return {};
    }
  };
  const std::string near = above(file);
  return near.empty() ? above(env.files.absolute(file)) : near;
}

// What the config itself says of the file: it has read the tests of prompts.
void append_findings(const Env& env, const std::string& file, const config::Loaded& loaded, diag::Report& report) {
  const std::string whole = env.files.absolute(file);
  for (diag::Diagnostic finding : loaded.report.all()) {
    const Span where = finding.where();
    if (!where.known() || env.files.absolute(std::string(loaded.sources.name(where.source))) != whole) continue;
    const bool here = std::ranges::all_of(
        finding.labels, [&](const diag::Label& label) { return label.where.source == where.source; });
    const bool told = std::ranges::any_of(report.all(), [&](const auto& other) {
      return other.code == finding.code && other.where().begin == where.begin;
    });
    if (!here || told) continue;
    for (diag::Label& label : finding.labels) label.where.source = SourceId{0};
    for (diag::Fix& fix : finding.fixes) fix.where.source = SourceId{0};
    report.add(std::move(finding));
  }
}

}  // namespace

bool holds_tests(std::string_view content) {
  bool cases = false;
  for (const std::string_view line : text::split(content, '\n')) {
    if (line.starts_with("apigw:")) return false;
    cases = cases || line.starts_with("cases:");
  }
  return cases;
}

std::vector<ReadTests> judge_route_tests(const Env& env, std::string_view config, const model::PlanPtr& plan) {
  const TestReader reader(env.files, plan);
  std::vector<ReadTests> out;
  for (const std::string& file : route_test_files(env.files, config)) {
    auto text = env.files.read(file, config_limit);
    const std::string why = text ? "" : text.error().what;
    if (why.empty()) {
      out.push_back(reader.read(file, std::move(*text)));
      continue;
    }
    ReadTests unreadable;
    const SourceId source = unreadable.sources.add(file, "");
    unreadable.report.add(220, {source, 0, 0}, fmt::format("'{}' cannot be read", text::printable(file)), why);
    unreadable.report.finish(unreadable.sources);
    out.push_back(std::move(unreadable));
  }
  return out;
}

std::expected<JudgedFile, Exit> judge_test_file(Env& env, const Globals& globals, const std::string& file,
                                                std::string text) {
  config::Request request{.path = !globals.config.empty() ? globals.config
                                  : file == "-"           ? std::string(default_config)
                                                          : nearest_config(env, file),
                          .profile = globals.profile,
                          .sets = globals.sets,
                          .judge_tests = std::vector<std::string>{}};
  const std::string config = request.path;
  if (config.empty() || !env.files.exists(config))
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' holds tests, and there is no config that they are for", file),
                                    "name the config with -c"));
  const auto loaded = config::load(request, env.files, env.environment, assembly::vocabulary());
  JudgedFile out{.tests = {}, .config = config};
  if (loaded.plan != nullptr) {
    out.tests = TestReader(env.files, loaded.plan).read(file, std::move(text));
  } else {
    out.tests.sources.add(file, std::move(text));
  }
  append_findings(env, file, loaded, out.tests.report);
  if (loaded.plan == nullptr && !out.tests.report.has_errors())
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' is checked together with '{}', which has errors", file, config),
                                    fmt::format("see them first: apigw validate {}", config)));
  return out;
}

std::expected<JudgedFile, Exit> judge_prompt_file(Env& env, const Globals& globals, const std::string& file) {
  const std::string config = globals.config.empty() ? nearest_config(env, file) : globals.config;
  const std::string whole = env.files.absolute(file);
  const auto slash = config.rfind('/');
  const std::string served =
      fmt::format("{}prompts/{}{}", slash == std::string::npos ? "" : config.substr(0, slash + 1),
                  prompt::name_of(file), prompt::extension);
  JudgedFile out;
  if (!config.empty() && env.files.exists(config) && env.files.absolute(served) == whole) {
    const config::Request request{
        .path = config, .profile = globals.profile, .sets = globals.sets, .judge_tests = std::vector<std::string>{}};
    auto loaded = config::load(request, env.files, env.environment, assembly::vocabulary());
    const auto is_it = [&](SourceId source) {
      return env.files.absolute(std::string(loaded.sources.name(source))) == whole;
    };
    bool read = false;  // not where the config itself could not be
    for (std::uint32_t i = 0; i < loaded.sources.size(); ++i) read = read || is_it(SourceId{i});
    if (read) {
      for (const diag::Diagnostic& finding : loaded.report.all())
        if (finding.where().known() && is_it(finding.where().source)) out.tests.report.add(finding);
      out.tests.sources = std::move(loaded.sources);
      out.config = config;
      return out;
    }
  }
  auto text = env.files.read_named(file, prompt::most_bytes);
  if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
  const SourceId source = out.tests.sources.add(file, std::move(*text));
  static_cast<void>(prompt::read(file, source, out.tests.sources, out.tests.report));
  out.tests.report.finish(out.tests.sources);
  return out;
}

}  // namespace apigw::cli
