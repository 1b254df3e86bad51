// GitHub Actions: a workflow.
//
// Every job has the permissions that it needs and no other; actions are pinned by the hash of a commit, with the
// version behind it as a comment that update tools read.
#include <algorithm>

#include <fmt/format.h>

#include "pipeline/writing.h"
#include "render/yaml_writer.h"

namespace apigw::pipeline {
namespace {

struct Action {
  std::string_view name, commit, version;
};
constexpr Action checkout{"actions/checkout", "de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"};
constexpr Action upload_artifact{"actions/upload-artifact", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"};
constexpr Action upload_sarif{"github/codeql-action/upload-sarif", "5d4e8d1aca955e8d8589aabd499c5cae939e33c7",
                              "v4.31.9"};
constexpr Action setup_buildx{"docker/setup-buildx-action", "d7f5e7f509e45cec5c76c4d5afdd7de93d0b3df5", "v4.1.0"};
constexpr Action docker_login{"docker/login-action", "650006c6eb7dba73a995cc03b0b2d7f5ca915bee", "v4.2.0"};
constexpr Action build_push{"docker/build-push-action", "f9f3042f7e2789586610d6e8b85c8f03e5195baf", "v7.2.0"};
constexpr const Action* actions[] = {&checkout,     &upload_artifact, &upload_sarif,
                                     &setup_buildx, &docker_login,    &build_push};

constexpr std::string_view own_registry = "ghcr.io";  // whose images the token of the run reaches

std::string reference(const Action& action) {
  return fmt::format("{}@{}", action.name, action.commit);
}

std::string with_versions(std::string text) {
  for (const Action* action : actions) {
    const std::string line = reference(*action) + "\n",
                      noted = fmt::format("{} # {}\n", reference(*action), action->version);
    for (auto at = text.find(line); at != std::string::npos; at = text.find(line, at + noted.size()))
      text.replace(at, line.size(), noted);
  }
  return text;
}

Value use(std::string_view name, const Action& action, Value with = object()) {
  Value out = object({{"name", name}, {"uses", reference(action)}});
  if (!with.members.empty()) put(out, "with", std::move(with));
  return out;
}

Value step(std::string_view name, const std::vector<std::string>& commands) {
  return object({{"name", name}, {"run", lines(commands)}});
}

Value under(std::string_view condition, Value step) {
  put(step, "if", text(condition));
  return step;
}

Value checked_out() {
  return use("check out", checkout, object({{"persist-credentials", boolean(false)}}));
}

Value user_of(std::string_view registry) {
  return text(registry == own_registry ? "${{ github.actor }}" : "${{ secrets.REGISTRY_USER }}");
}

Value password_of(std::string_view registry) {
  return text(registry == own_registry ? "${{ secrets.GITHUB_TOKEN }}" : "${{ secrets.REGISTRY_PASSWORD }}");
}

std::string on_branch(const Pipeline& pipeline) {
  return fmt::format("github.event_name == 'push' && github.ref == 'refs/heads/{}'", pipeline.branch);
}

Value job(const std::vector<std::string>& needs, unsigned minutes, Value permissions) {
  Value out = object();
  if (!needs.empty()) put(out, "needs", texts(needs));
  put(out, "runs-on", text("ubuntu-latest"));
  put(out, "timeout-minutes", number(minutes));
  put(out, "permissions", std::move(permissions));
  return out;
}

Value container(const Check& check) {
  const std::string registry = registry_of(check.image);
  Value out =
      object({{"image", check.image}, {"options", "--user root"}});  // the workspace is not the image's user's
  if (!registry.empty())
    put(out, "credentials", object({{"username", user_of(registry)}, {"password", password_of(registry)}}));
  return out;
}

Value check_job(const Check& check) {
  Value permissions = object({{"contents", "read"}});
  if (registry_of(check.image) == own_registry) put(permissions, "packages", text("read"));
  if (!check.findings.empty()) {
    put(permissions, "security-events", text("write"));
    put(permissions, "actions", text("read"));
  }
  Value out = job({}, check_minutes, std::move(permissions));
  put(out, "container", container(check));
  Value steps = list({checked_out(), step(check.name, check.commands)});
  if (!check.findings.empty())  // a fork's token may not write there
    steps.items.push_back(
        under("${{ !cancelled() && (github.event_name == 'push' || github.event.pull_request.head.repo.full_name == "
              "github.repository) }}",
              use("show findings", upload_sarif, object({{"sarif_file", check.findings}, {"category", "apigw"}}))));
  if (!check.tests.empty())
    steps.items.push_back(
        under("${{ !cancelled() }}",
              use("keep reports", upload_artifact,
                  object({{"name", check.name}, {"path", check.tests}, {"if-no-files-found", "error"}}))));
  put(out, "steps", std::move(steps));
  return out;
}

Value image_job(const Pipeline& pipeline, const Image& image) {
  const bool published = !image.image.empty();
  const std::string registry = registry_of(image.image), push = on_branch(pipeline);
  Value permissions = object({{"contents", "read"}});
  if (registry == own_registry) put(permissions, "packages", text("write"));
  Value out = job(check_names(pipeline), deploy_minutes, std::move(permissions));
  Value steps = list({checked_out(), use("set up the builder", setup_buildx)});
  Value with = object({{"context", image.folder}, {"pull", boolean(true)}});
  if (published) {
    Value credentials = object({{"username", user_of(registry)}, {"password", password_of(registry)}});
    if (!registry.empty()) put(credentials, "registry", text(registry));
    steps.items.push_back(under("${{ " + push + " }}", use("log in", docker_login, std::move(credentials))));
    Value look =
        step("look for this version",
             {fmt::format("if docker manifest inspect \"$IMAGE\" >/dev/null 2>&1; then echo there=true; else echo "
                          "there=false; fi >>\"$GITHUB_OUTPUT\"")});
    put(look, "id", text("registry"));
    put(look, "env", object({{"IMAGE", image.image}}));
    steps.items.push_back(under("${{ " + push + " }}", std::move(look)));
    put(with, "tags", text(image.image));
    put(with, "push", text(fmt::format("${{{{ {} && steps.registry.outputs.there == 'false' }}}}", push)));
  }
  put(with, "cache-from", text("type=gha,scope=" + image.name));
  put(with, "cache-to", text("type=gha,mode=max,scope=" + image.name));
  steps.items.push_back(use("build", build_push, std::move(with)));
  put(out, "steps", std::move(steps));
  return out;
}

Value deploy_job(const Pipeline& pipeline, const Deploy& deploy) {
  Value out = job(job_names(pipeline), deploy_minutes, object({{"contents", "read"}}));
  put(out, "if", text("${{ " + on_branch(pipeline) + " }}"));
  put(out, "environment", text(deploy.environment));
  put(out, "concurrency",
      object({{"group", "deploy-" + deploy.environment}, {"cancel-in-progress", boolean(false)}}));
  Value config = step("write the kubeconfig", {"umask 077", R"(printf '%s' "$CONTENT" >"$RUNNER_TEMP/kubeconfig")"});
  put(config, "env", object({{"CONTENT", "${{ secrets.KUBECONFIG }}"}}));
  Value run = step("deploy", deploy.commands);
  put(run, "env", object({{"KUBECONFIG", "${{ runner.temp }}/kubeconfig"}}));
  put(out, "steps", list({checked_out(), std::move(config), std::move(run)}));
  return out;
}

Value triggers(const Pipeline& pipeline) {
  Value push = object({{"branches", texts({pipeline.branch})}}), pull = object();
  if (!pipeline.paths.empty()) {
    put(push, "paths", texts(pipeline.paths));
    put(pull, "paths", texts(pipeline.paths));
  }
  return object({{"push", std::move(push)}, {"pull_request", std::move(pull)}});
}

std::vector<std::string> needs(const Pipeline& pipeline) {
  std::vector<std::string> out;
  if (std::ranges::any_of(pipeline.checks, [](const Check& check) { return !check.findings.empty(); }))
    out.emplace_back(
        "Findings are shown where code scanning is on; in private repositories that is GitHub Code Security.");
  if (wants_registry(pipeline))
    out.emplace_back("Secrets REGISTRY_USER and REGISTRY_PASSWORD: of the registry of images (not for ghcr.io).");
  if (pipeline.deploy)
    out.push_back(fmt::format("Environment {}: its reviewers are the gate, its secret KUBECONFIG is the cluster's.",
                              pipeline.deploy->environment));
  return out;
}

}  // namespace

std::string write_github(const Pipeline& pipeline, const std::vector<std::string>& head) {
  Value jobs = object();
  for (const Check& check : pipeline.checks) put(jobs, check.name, check_job(check));
  for (const Image& image : pipeline.images) put(jobs, image.name, image_job(pipeline, image));
  if (pipeline.deploy) put(jobs, "deploy", deploy_job(pipeline, *pipeline.deploy));
  // A run on the branch may be deploying: it is never cut off.
  const Value concurrency = object({{"group", "${{ github.workflow }}-${{ github.ref }}"},
                                    {"cancel-in-progress", "${{ github.event_name == 'pull_request' }}"}});
  const Value workflow = object({{"name", pipeline.title},
                                 {"on", triggers(pipeline)},
                                 {"permissions", object({{"contents", "read"}})},
                                 {"concurrency", concurrency},
                                 {"jobs", std::move(jobs)}});
  return comment("#", head) + comment("#", needs(pipeline)) + with_versions(render::write_yaml(workflow));
}

}  // namespace apigw::pipeline
