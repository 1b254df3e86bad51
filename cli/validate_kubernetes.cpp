#include "validate_kubernetes.h"

#include <map>
#include <ostream>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "kubernetes/check.h"
#include "kubernetes/objects.h"
#include "kubernetes/rule.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

constexpr int most_depth = 10;

std::string above(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// How paths below a folder begin.
std::string start_of(const std::string& folder) {
  if (folder == "." || folder == "./") return {};
  return folder.ends_with('/') ? folder : folder + "/";
}

// The folder of the Helm chart that a file stands in; empty: none.
std::string chart_of(const config::Files& files, const std::string& file) {
  for (std::string folder = above(file); !folder.empty(); folder = above(folder))
    if (files.exists(folder + "/Chart.yaml")) return folder;
  return {};
}

bool needs_rendering(const config::Files& files, const std::string& file, std::string_view text) {
  if (!text.contains("{{")) return false;
  return (file.contains("templates/") && !chart_of(files, file).empty()) || kubernetes::is_template(text);
}

std::string how_to_render(const std::string& chart) {
  return fmt::format("helm template {} | apigw validate -", chart.empty() ? "CHART" : chart);
}

// Below the folder that was named: what tools keep for themselves.
bool passed_over(std::string_view path) {
  return path.contains("/.") || path.contains("/node_modules/");
}

void tell_templates(Env& env, const Globals& globals, const std::map<std::string, std::size_t>& charts) {
  if (globals.quiet) return;
  for (const auto& [chart, count] : charts)
    env.err << fmt::format(
        "{} of {} passed over: {}\n", count == 1 ? "1 template" : fmt::format("{} templates", count),
        chart.empty() ? "Helm" : fmt::format("the Helm chart '{}'", text::printable(chart)), how_to_render(chart));
}

}  // namespace

std::vector<std::string> manifest_globs(const std::string& folder) {
  std::vector<std::string> globs;
  std::string at = start_of(folder);
  for (int depth = 0; depth < most_depth; ++depth, at += "*/")
    for (const std::string_view ending : {"yaml", "yml", "json"}) globs.push_back(fmt::format("{}*.{}", at, ending));
  return globs;
}

std::expected<std::vector<ManifestFile>, Exit> manifests_below(Env& env, const config::Files& files,
                                                               const Globals& globals, const std::string& folder) {
  std::set<std::string> paths;
  for (const std::string& glob : manifest_globs(folder))
    for (std::string& path : files.glob(glob))
      if (!passed_over("/" + path.substr(start_of(folder).size()))) paths.insert(std::move(path));
  std::vector<ManifestFile> found;
  std::map<std::string, std::size_t> charts;
  for (const std::string& path : paths) {
    auto text = files.read(path, config_limit);
    if (!text && text.error().kind == ErrorKind::invalid) continue;  // a folder or a pipe of that name
    if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
    if (!kubernetes::holds_objects(*text)) continue;
    if (needs_rendering(files, path, *text))
      ++charts[chart_of(files, path)];
    else
      found.push_back({path, std::move(*text)});
  }
  tell_templates(env, globals, charts);
  if (found.empty())
    return std::unexpected(
        complain(env, Exit::input, fmt::format("no Kubernetes manifests in '{}'", text::printable(folder)),
                 charts.empty() ? "a folder is read for manifests alone: name a config or a test file itself"
                                : "render the chart first, as said above"));
  return found;
}

std::expected<ManifestFile, Exit> manifest(Env& env, const std::string& file, std::string text) {
  if (needs_rendering(env.files, file, text))
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' is a template, no manifest yet", text::printable(file)),
                                    fmt::format("render it first: {}", how_to_render(chart_of(env.files, file)))));
  return ManifestFile{file, std::move(text)};
}

JudgedManifests judge_manifests(std::vector<ManifestFile> files) {
  JudgedManifests out;
  kubernetes::Objects objects;
  for (ManifestFile& file : files)
    objects.read(out.sources.add(std::move(file.path), std::move(file.text)), out.sources, out.report);
  objects.finish(out.sources);
  kubernetes::check(objects, out.sources, out.report);
  out.report.finish(out.sources);
  return out;
}

Exit list_rules(Env& env, const Globals& globals) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  const auto names = [](std::string_view words) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const std::string_view word : text::split(words, ' '))
      if (!word.empty()) list.push_back(std::string(word));
    return list;
  };
  for (const kubernetes::Rule& rule : kubernetes::rules()) {
    const diag::Code& code = *diag::find_code(rule.code);
    rows.push_back({{"code", diag::code_name(rule.code)},
                    {"severity", std::string(diag::word(code.severity))},
                    {"title", std::string(code.title)},
                    {"looks_at", std::string(rule.looks_at)},
                    {"kube_linter", names(rule.kube_linter)},
                    {"kube_score", names(rule.kube_score)},
                    {"polaris", names(rule.polaris)}});
  }
  return write_table(env, globals,
                     {.kind = "rules",
                      .columns = {{"code", "CODE"},
                                  {"severity", "SEVERITY"},
                                  {"title", "RULE"},
                                  {"looks_at", "LOOKS AT"},
                                  {"kube_linter", "KUBE-LINTER"},
                                  {"kube_score", "KUBE-SCORE"},
                                  {"polaris", "POLARIS"}}},
                     rows);
}

}  // namespace apigw::cli
