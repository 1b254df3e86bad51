// Plan → Pipeline: what is checked, which images are built, what is deployed how.
#include "emit/ci.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/bundle.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim claims[] = {
    {"apigw", Claim::config},
    {"include", Claim::config},
    {"listen.**", Claim::config},
    {"health", Claim::config},
    {"admin.**", Claim::config},
    {"defaults.**", Claim::config},
    {"timeouts.**", Claim::config},
    {"caps.**", Claim::config},
    {"outbound.**", Claim::config},
    {"pepper", Claim::config},
    {"providers.**", Claim::config},
    {"models.**", Claim::config},
    {"services.*.url", Claim::config},
    {"services.*.run", Claim::config},
    {"services.*.dir", Claim::written},
    {"services.*.port", Claim::config},
    {"services.*.env", Claim::config},
    {"services.*.calls", Claim::config},
    {"services.*.health", Claim::config},
    {"services.*.timeout", Claim::config},
    {"services.*.connections", Claim::config},
    {"services.*.outbound.**", Claim::config},
    {"services.*.image", Claim::written},
    {"services.*.scale", Claim::config},
    {"services.*.cpu", Claim::config},
    {"services.*.memory", Claim::config},
    {"routes.**", Claim::config},
    {"prompts.**", Claim::config},
    {"consumers.**", Claim::config},
    {"deploy.gateway.image", Claim::written},
    {"deploy.gateway.host", Claim::config},
    {"deploy.gateway.scale", Claim::config},
    {"deploy.gateway.cpu", Claim::config},
    {"deploy.gateway.memory", Claim::config},
    {"deploy.kubernetes.namespace", Claim::written},
    {"deploy.kubernetes.tls", Claim::config},
    {"deploy.patches.**", Claim::config},
    {"profiles", Claim::config},
};

class Making {
 public:
  Making(const pipeline::System& system, const model::Plan& plan, const Options& options, diag::Report& report)
      : system_(system), plan_(plan), options_(options), own_(options.pipeline), report_(report) {}

  pipeline::Pipeline take() {
    pipeline::Pipeline out{.title = "apigw", .branch = own_.branch, .parts = own_.parts};
    // GitHub marks lines of a change by what a job says.
    out.checks.push_back(
        reporting("validate", fmt::format("validate -o {} -o {}={}", system_.word == "github" ? "github" : "concise",
                                          system_.findings, system_.found_in)));
    out.checks.back().findings = system_.found_in;
    tests(out);
    for (const model::Service& service : plan_.services)
      if (!service.container.image.empty()) image(service, out);
    if (own_.target != "none") deploy(out);
    return out;
  }

 private:
  // `apigw COMMAND` on this config.
  [[nodiscard]] std::string apigw(std::string_view command, bool profile = true) const {
    std::string out = fmt::format("apigw {}", command);
    if (plan_.file != "apigw.yaml") out += " -c " + text::shell_word(plan_.file);
    if (profile && !plan_.profile.empty()) out += " --profile " + text::shell_word(plan_.profile);
    for (const auto& [field, value] : options_.sets) out += " --set " + text::shell_word(field + "=" + value);
    return out;
  }

  [[nodiscard]] pipeline::Check check(std::string_view name, std::string_view command, bool profile = true) const {
    return {.name = std::string(name),
            .image = own_.image.empty() ? plan_.deploy.gateway.image : own_.image,
            .commands = {apigw(command, profile)}};
  }

  // One that leaves a report.
  [[nodiscard]] pipeline::Check reporting(std::string_view name, std::string_view command) const {
    pipeline::Check out = check(name, command);
    out.commands.insert(out.commands.begin(), "mkdir -p reports");
    return out;
  }

  // `apigw test` runs the prompts' tests too, and needs what the services need to run.
  void tests(pipeline::Pipeline& out) const {
    if (!own_.route_tests && !own_.prompt_tests) return;
    out.checks.push_back(reporting(
        "test", own_.route_tests ? "test -o junit=reports/tests.xml" : "prompt test -o junit=reports/tests.xml"));
    out.checks.back().tests = "reports/tests.xml";
    if (!own_.route_tests) return;
    for (const model::Service& service : plan_.services)
      if (service.run)
        nearly(
            report_, service.where, fmt::format("services.{}.run", service.name),
            fmt::format("the job 'test' starts it in {}, which must have what '{}' needs; --image names another",
                        text::printable(out.checks.back().image, 100), text::printable(service.run->command, 100)));
  }

  void image(const model::Service& service, pipeline::Pipeline& out) const {
    const std::string field = fmt::format("services.{}.image", service.name);
    const auto folder = own_.contexts.find(service.name);
    if (folder == own_.contexts.end())
      return nearly(report_, service.container.where, field,
                    "no Dockerfile is known for it, so it is built elsewhere: `dir:` of a service with `run:` says "
                    "where one is");
    if (service.container.image.find('@') != std::string::npos)
      return nearly(report_, service.container.where, field,
                    "it names the bytes of an image, so it is built elsewhere");
    out.images.push_back({"image-" + object_name(service.name), service.container.image, folder->second});
  }

  void deploy(pipeline::Pipeline& out) const {
    // Some targets hold every profile: then it is chosen when it is deployed.
    const bool profiles = own_.target != "k8s";
    const std::string folder = text::shell_word(own_.folder);
    out.checks.push_back(
        check("drift", fmt::format("emit {} --to {} --check{}", own_.target, folder, own_.flags), !profiles));
    const std::string space = options_.name_space.empty() ? plan_.deploy.name_space : options_.name_space;
    pipeline::Deploy& made = out.deploy.emplace(pipeline::Deploy{.environment = own_.environment, .commands = {}});
    if (own_.target == "helm") {
      const std::string name = space.empty() ? "apigw" : space;
      const std::string values =
          plan_.profile.empty() ? "" : fmt::format(" -f {}/values-{}.yaml", folder, plan_.profile);
      made.commands.push_back(fmt::format(
          "helm upgrade --install {0} {1} -n {0} --create-namespace{2} --wait --timeout 10m", name, folder, values));
      return;
    }
    made.commands.push_back(own_.target == "k8s" ? fmt::format("kubectl apply -f {}", folder)
                            : plan_.profile.empty()
                                ? fmt::format("kubectl apply -k {}/base", folder)
                                : fmt::format("kubectl apply -k {}/overlays/{}", folder, plan_.profile));
    const std::string in = space.empty() ? "" : " -n " + space;
    const auto wait = [&](std::string_view name) {
      made.commands.push_back(fmt::format("kubectl rollout status{} deployment/{} --timeout=10m", in, name));
    };
    wait(gateway_name);
    for (const model::Service& service : plan_.services)
      if (!service.container.image.empty()) wait(object_name(service.name));
  }

  const pipeline::System& system_;
  const model::Plan& plan_;
  const Options& options_;
  const PipelineOptions& own_;
  diag::Report& report_;
};

}  // namespace

const std::span<const FieldClaim> pipeline_claims = claims;

render::FileTree emit_pipeline(std::string_view word, const model::Plan& plan, const Options& options,
                               diag::Report& report) {
  const pipeline::System& system = *pipeline::find_system(word);
  if (plan.deploy.gateway.image.empty() && options.pipeline.image.empty())
    report.add(701, plan.deploy.gateway.where, "the gateway has no image")
        .helps.push_back(
            "add deploy: { gateway: { image: NAME:VERSION } } to the config, or name an image that has "
            "apigw with --image");
  const pipeline::Pipeline made = Making(system, plan, options, report).take();
  if (report.has_errors()) return {};
  const std::vector<std::string> head{fmt::format(
      "Written by apigw emit {}. Change the config and write it again; a file that was edited here is not "
      "overwritten.",
      word)};
  return {{std::string(system.path), {.content = system.write(made, head)}}};
}

}  // namespace apigw::emit
