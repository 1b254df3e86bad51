// GitLab CI: stages, each job with its rules; findings as a code quality report, tests as JUnit.
#include <algorithm>

#include <fmt/format.h>

#include "pipeline/writing.h"
#include "render/yaml_writer.h"

namespace apigw::pipeline {
namespace {

constexpr std::string_view merge_request = "$CI_PIPELINE_SOURCE == \"merge_request_event\"";

std::string on_branch(const Pipeline& pipeline) {
  return fmt::format("$CI_COMMIT_BRANCH == \"{}\"", pipeline.branch);
}

Value rule(std::string_view condition, const std::vector<std::string>& paths = {}) {
  Value out = object({{"if", condition}});
  if (!paths.empty()) put(out, "changes", texts(paths));
  return out;
}

Value rules(const Pipeline& pipeline) {
  return list({rule(merge_request, pipeline.paths), rule(on_branch(pipeline), pipeline.paths)});
}

Value job(std::string_view stage, std::string_view image, unsigned minutes) {
  return object({{"stage", stage},
                 {"image", object({{"name", image}, {"entrypoint", texts({""})}})},
                 {"timeout", fmt::format("{} minutes", minutes)}});
}

Value check_job(const Pipeline& pipeline, const Check& check) {
  Value out = job("check", check.image, check_minutes);
  put(out, "rules", rules(pipeline));
  put(out, "interruptible", boolean(true));
  put(out, "script", texts(check.commands));
  Value reports = object();
  if (!check.findings.empty()) put(reports, "codequality", text(check.findings));
  if (!check.tests.empty()) put(reports, "junit", text(check.tests));
  if (!reports.members.empty())
    put(out, "artifacts", object({{"when", "always"}, {"expire_in", "1 week"}, {"reports", std::move(reports)}}));
  return out;
}

Value image_job(const Pipeline& pipeline, const Image& image) {
  Value out = job("build", docker_image, deploy_minutes);
  put(out, "rules", rules(pipeline));
  put(out, "services", texts({fmt::format("{}-dind", docker_image)}));
  put(out, "variables",
      object({{"DOCKER_HOST", "tcp://docker:2376"},
              {"DOCKER_TLS_CERTDIR", "/certs"},
              {"DOCKER_TLS_VERIFY", "1"},
              {"DOCKER_CERT_PATH", "/certs/client"}}));
  std::vector<std::string> script{build_line(image)};
  if (!image.image.empty()) {
    std::string push = fmt::format(
        "if [ \"$CI_COMMIT_BRANCH\" = {} ]; then\n  REGISTRY_USER=${{REGISTRY_USER:-$CI_REGISTRY_USER}}\n"
        "  REGISTRY_PASSWORD=${{REGISTRY_PASSWORD:-$CI_REGISTRY_PASSWORD}}\n",
        pipeline.branch);
    for (const std::string& line : push_lines(image)) push += fmt::format("  {}\n", line);
    script.push_back(push + "fi\n");
  }
  put(out, "script", texts(script));
  return out;
}

Value deploy_job(const Pipeline& pipeline, const Deploy& deploy) {
  Value out = job("deploy", kubectl_image, deploy_minutes);
  Value gate = rule(on_branch(pipeline));
  put(gate, "when", text("manual"));
  put(out, "rules", list({std::move(gate)}));
  put(out, "environment", object({{"name", deploy.environment}}));
  put(out, "resource_group", text(deploy.environment));
  put(out, "script", texts(deploy.commands));
  return out;
}

std::vector<std::string> needs(const Pipeline& pipeline) {
  std::vector<std::string> out;
  if (wants_registry(pipeline)) {
    out.emplace_back(
        "Variables REGISTRY_USER and REGISTRY_PASSWORD: of the registry of images; without them, of GitLab's own.");
    out.emplace_back("DOCKER_AUTH_CONFIG: for jobs in images of another private registry.");
  }
  if (pipeline.deploy)
    out.push_back(
        fmt::format("Variable KUBECONFIG, of type file, for environment {}: the cluster's. Its job waits for "
                    "somebody to start it.",
                    pipeline.deploy->environment));
  return out;
}

}  // namespace

std::string write_gitlab(const Pipeline& pipeline, const std::vector<std::string>& head) {
  Value out = object();
  put(out, "stages", texts({"check", "build", "deploy"}));
  put(out, "workflow", object({{"rules", list({rule(merge_request), rule(on_branch(pipeline))})}}));
  if (!pipeline.parts.empty()) {
    Value parts = list();
    for (const std::string& part : pipeline.parts) parts.items.push_back(object({{"local", part}}));
    put(out, "include", std::move(parts));
  }
  for (const Check& check : pipeline.checks) put(out, check.name, check_job(pipeline, check));
  for (const Image& image : pipeline.images) put(out, image.name, image_job(pipeline, image));
  if (pipeline.deploy) put(out, "deploy", deploy_job(pipeline, *pipeline.deploy));
  return comment("#", head) + comment("#", needs(pipeline)) + render::write_yaml(out);
}

}  // namespace apigw::pipeline
