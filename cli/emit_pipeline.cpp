#include "emit_pipeline.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "prompt/tests.h"
#include "test_files.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

// Seen from here, which a pipeline takes for the root of the repository.
bool in_repository(const std::string& path) {
  return !path.starts_with('/') && path != ".." && !path.starts_with("../");
}

}  // namespace

void declare_pipeline_flags(Options& options, PipelineFlags& flags) {
  options.add({.names = "--image",
               .doc = "of pipelines: image of their jobs, with apigw in it (default deploy.gateway.image)",
               .value = "IMAGE"},
              &flags.image);
  options.add({.names = "--deploy",
               .doc = "of pipelines: what they deploy (default k8s)",
               .value = "TARGET",
               .choices = {"k8s", "kustomize", "helm", "none"}},
              &flags.deploy);
  options.add({.names = "--deploy-from",
               .doc = "of pipelines: folder that it was written to (default deploy)",
               .value = "DIR",
               .completes = "dirs"},
              &flags.deploy_from);
  options.add({.names = "--branch", .doc = "of pipelines: the one that is deployed (default main)", .value = "NAME"},
              &flags.branch);
  options.add({.names = "--environment",
               .doc = "of pipelines: where to, behind a gate (default production)",
               .value = "NAME"},
              &flags.environment);
}

std::optional<Complaint> wrong_pipeline_flag(const Globals& globals, const PipelineFlags& flags,
                                             std::string_view target, bool pipeline) {
  if (!pipeline) {
    const bool given = !(flags.image + flags.deploy + flags.deploy_from + flags.branch + flags.environment).empty();
    if (!given) return std::nullopt;
    return Complaint{
        fmt::format("'{}' is no pipeline", target),
        "--image, --deploy, --deploy-from, --branch and --environment are for github, gitlab, jenkins and "
        "circleci"};
  }
  const std::string config = std::filesystem::path{globals.config}.lexically_normal().string();
  if (!in_repository(config) || config == "-")
    return Complaint{
        fmt::format("a pipeline finds no config at '{}'", text::printable(globals.config)),
        "run this at the root of the repository and name the config from there, as in -c shop/apigw.yaml"};
  const auto word = [](const std::string& value) {
    const auto letter = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("._/-").find(c) != std::string_view::npos;
    };
    return std::ranges::all_of(value, letter) && !value.starts_with('-');
  };
  for (const auto& [flag, value] :
       {std::pair{"--branch", &flags.branch}, std::pair{"--environment", &flags.environment}})
    if (!word(*value))
      return Complaint{fmt::format("{} '{}' has other characters than letters, digits, '.', '_', '/' and '-'", flag,
                                   text::printable(*value, 80)),
                       fmt::format("write it as in {} release/2", flag)};
  const auto image_letter = [&](char c) { return word(std::string(1, c)) || c == '-' || c == ':' || c == '@'; };
  if (!std::ranges::all_of(flags.image, image_letter))
    return Complaint{fmt::format("'{}' is no image", text::printable(flags.image, 80)),
                     "write it as registry.shop.example/tools:1.0.0"};
  if (!in_repository(std::filesystem::path{flags.deploy_from}.lexically_normal().string()))
    return Complaint{
        fmt::format("--deploy-from '{}' lies outside the repository", text::printable(flags.deploy_from)),
        "name a folder below this one"};
  return std::nullopt;
}

emit::PipelineOptions pipeline_options(const Env& env, const PipelineFlags& flags, std::string shaping,
                                       const model::Plan& plan) {
  emit::PipelineOptions out{.image = flags.image, .flags = std::move(shaping), .contexts = {}};
  if (!flags.deploy.empty()) out.target = flags.deploy;
  if (!flags.deploy_from.empty()) out.folder = flags.deploy_from;
  if (!flags.branch.empty()) out.branch = flags.branch;
  if (!flags.environment.empty()) out.environment = flags.environment;
  for (const model::Service& service : plan.services) {
    if (!service.run) continue;
    std::string folder = std::filesystem::path{service.run->directory}.lexically_normal().string();
    if (folder.ends_with('/')) folder.pop_back();
    if (!in_repository(folder)) continue;
    if (env.files.exists(below(folder, "Dockerfile"))) out.contexts[service.name] = folder;
    if (std::string part = below(folder, ".gitlab-ci.yml"); env.files.exists(part))
      out.parts.push_back(std::move(part));
  }
  out.prompt_tests = std::ranges::any_of(
      plan.prompts, [&](const model::Prompt& prompt) { return env.files.exists(prompt::tests_of(prompt.file)); });
  out.route_tests = !route_test_files(env.files, plan.file).empty();
  return out;
}

}  // namespace apigw::cli
