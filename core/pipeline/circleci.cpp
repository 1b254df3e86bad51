// CircleCI 2.1: jobs, and a workflow that orders them; credentials come from contexts.
#include <fmt/format.h>

#include "pipeline/writing.h"
#include "render/yaml_writer.h"

namespace apigw::pipeline {
namespace {

constexpr std::string_view machine = "ubuntu-2404:2025.09.1", deploy_image = "cimg/deploy:2026.07";

Value run(std::string_view name, const std::vector<std::string>& commands) {
  return object({{"run", object({{"name", name}, {"command", lines(commands)}})}});
}

Value check_job(const Check& check) {
  Value image = object({{"image", check.image}, {"user", "root"}});  // the workspace is not the image's user's
  if (!registry_of(check.image).empty())
    put(image, "auth", object({{"username", "$REGISTRY_USER"}, {"password", "$REGISTRY_PASSWORD"}}));
  Value steps = list({text("checkout"), run(check.name, check.commands)});
  const std::string& report = check.tests.empty() ? check.findings : check.tests;
  if (!report.empty())
    steps.items.push_back(object({{"store_test_results", object({{"path", report.substr(0, report.rfind('/'))}})}}));
  return object({{"docker", list({std::move(image)})}, {"steps", std::move(steps)}});
}

Value image_job(const Pipeline& pipeline, const Image& image) {
  Value steps = list({text("checkout"), run("build", {build_line(image)})});
  if (!image.image.empty()) {
    std::vector<std::string> push = push_lines(image);
    push.insert(push.begin(), fmt::format("[ \"$CIRCLE_BRANCH\" = {} ] || exit 0", pipeline.branch));
    steps.items.push_back(run("push", push));
  }
  return object({{"machine", object({{"image", machine}})}, {"steps", std::move(steps)}});
}

Value deploy_job(const Deploy& deploy) {
  std::vector<std::string> commands{"umask 077", R"(export KUBECONFIG="$HOME/kubeconfig")",
                                    R"(printf '%s' "$KUBECONFIG_BASE64" | base64 -d >"$KUBECONFIG")"};
  commands.insert(commands.end(), deploy.commands.begin(), deploy.commands.end());
  return object({{"docker", list({object({{"image", deploy_image}})})},
                 {"steps", list({text("checkout"), run("deploy", commands)})}});
}

Value only_on(const Pipeline& pipeline) {
  return object({{"branches", object({{"only", pipeline.branch}})}});
}

Value invoked(const std::string& job, const std::vector<std::string>& requires_, bool registry) {
  Value body = object();
  if (!requires_.empty()) put(body, "requires", texts(requires_));
  if (registry) put(body, "context", texts({"registry"}));
  return body.members.empty() ? text(job) : object({{job, std::move(body)}});
}

Value workflow(const Pipeline& pipeline) {
  Value jobs = list();
  for (const Check& check : pipeline.checks)
    jobs.items.push_back(invoked(check.name, {}, !registry_of(check.image).empty()));
  for (const Image& image : pipeline.images)
    jobs.items.push_back(invoked(image.name, check_names(pipeline), !image.image.empty()));
  if (pipeline.deploy) {
    jobs.items.push_back(object({{"approve", object({{"type", "approval"},
                                                     {"requires", texts(job_names(pipeline))},
                                                     {"filters", only_on(pipeline)}})}}));
    jobs.items.push_back(object({{"deploy", object({{"requires", texts({"approve"})},
                                                    {"context", texts({pipeline.deploy->environment})},
                                                    {"filters", only_on(pipeline)}})}}));
  }
  return object({{"jobs", std::move(jobs)}});
}

std::vector<std::string> needs(const Pipeline& pipeline) {
  std::vector<std::string> out;
  if (wants_registry(pipeline))
    out.emplace_back("Context registry: REGISTRY_USER and REGISTRY_PASSWORD, of the registry of images.");
  if (pipeline.deploy)
    out.push_back(fmt::format("Context {}: KUBECONFIG_BASE64, the cluster's; its job waits for the approval.",
                              pipeline.deploy->environment));
  if (!pipeline.paths.empty())
    out.emplace_back("It runs for every change: CircleCI filters paths in the project's settings.");
  return out;
}

}  // namespace

std::string write_circleci(const Pipeline& pipeline, const std::vector<std::string>& head) {
  Value jobs = object();
  for (const Check& check : pipeline.checks) put(jobs, check.name, check_job(check));
  for (const Image& image : pipeline.images) put(jobs, image.name, image_job(pipeline, image));
  if (pipeline.deploy) put(jobs, "deploy", deploy_job(*pipeline.deploy));
  const Value out = object({{"version", Value{Value::Kind::number, "2.1", {}, {}}},
                            {"jobs", std::move(jobs)},
                            {"workflows", object({{pipeline.title, workflow(pipeline)}})}});
  return comment("#", head) + comment("#", needs(pipeline)) + render::write_yaml(out);
}

}  // namespace apigw::pipeline
