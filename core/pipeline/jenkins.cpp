// Jenkins: a declarative Jenkinsfile. Jobs in containers want the Docker Pipeline plugin, reports the JUnit plugin.
#include <fmt/format.h>

#include "pipeline/writing.h"

namespace apigw::pipeline {
namespace {

std::string quoted(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return fmt::format("'{}'", out);
}

// Blocks of Groovy, indented by four spaces.
class Groovy {
 public:
  void line(std::string_view text) { out_ += fmt::format("{:{}}{}\n", "", depth_ * 4, text); }
  void block(std::string_view head, const auto& body) {
    line(fmt::format("{} {{", head));
    ++depth_;
    body();
    --depth_;
    line("}");
  }
  void with(std::string_view head, std::string_view only) {
    block(head, [&] { line(only); });
  }
  // One line as it is, several as a block of text, which Groovy and the shell leave as they are.
  void shell(const std::vector<std::string>& commands) {
    if (commands.size() == 1) return line("sh " + quoted(commands.front()));
    line("sh '''");
    for (const std::string& command : commands) {
      const std::string inside = quoted(command);
      line("    " + inside.substr(1, inside.size() - 2));
    }
    line("'''");
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  std::string out_;
  unsigned depth_ = 0;
};

class Writing {
 public:
  explicit Writing(const Pipeline& pipeline) : pipeline_(pipeline) {}

  std::string take() {
    to_.block("pipeline", [&] {
      to_.line("agent any");
      to_.block("options", [&] {
        to_.line("timeout(time: 60, unit: 'MINUTES')");
        to_.line("disableConcurrentBuilds()");
        to_.line("buildDiscarder(logRotator(numToKeepStr: '30'))");
      });
      to_.block("stages", [&] {
        group("checks", pipeline_.checks, [&](const Check& check) { this->check(check); });
        group("images", pipeline_.images, [&](const Image& image) { this->image(image); });
        if (pipeline_.deploy) deploy(*pipeline_.deploy);
      });
    });
    return to_.text();
  }

 private:
  void group(std::string_view name, const auto& rows, const auto& write) {
    if (rows.empty()) return;
    to_.block(fmt::format("stage({})", quoted(name)), [&] {
      if (!pipeline_.paths.empty())
        to_.block("when", [&] {
          to_.block("anyOf", [&] {
            for (const std::string& path : pipeline_.paths) to_.line("changeset " + quoted(path));
          });
        });
      to_.block("parallel", [&] {
        for (const auto& row : rows) write(row);
      });
    });
  }

  // The image's own command is not asked, the container waits.
  void container(std::string_view image, bool root) {
    const std::string registry = registry_of(image);
    to_.block("agent", [&] {
      to_.block("docker", [&] {
        to_.line("image " + quoted(image));
        to_.line(fmt::format("args {}", quoted(root ? "--entrypoint= --user root" : "--entrypoint=")));
        to_.line("reuseNode true");
        if (registry.empty()) return;
        to_.line("registryUrl " + quoted("https://" + registry));
        to_.line("registryCredentialsId 'registry'");
      });
    });
  }

  void check(const Check& check) {
    to_.block(fmt::format("stage({})", quoted(check.name)), [&] {
      container(check.image, check.root);
      // The agent's user has no home in there.
      if (!check.root) to_.with("environment", "HOME = \"${WORKSPACE_TMP}\"");
      to_.block("steps", [&] { to_.shell(check.commands); });
      const std::string& report = check.tests.empty() ? check.findings : check.tests;
      if (!report.empty()) to_.block("post", [&] { to_.with("always", "junit " + quoted(report)); });
    });
  }

  void image(const Image& image) {
    const auto build = [&] { to_.block("steps", [&] { to_.shell({build_line(image)}); }); };
    to_.block(fmt::format("stage({})", quoted(image.name)), [&] {
      if (image.image.empty()) return build();
      to_.block("stages", [&] {
        to_.block("stage('build')", build);
        to_.block("stage('push')", [&] { push(image); });
      });
    });
  }

  // Its password stays out of the agent's own Docker config.
  void push(const Image& image) {
    std::vector<std::string> commands = push_lines(image);
    commands.insert(commands.begin(), {"DOCKER_CONFIG=$(mktemp -d)", "export DOCKER_CONFIG",
                                       "REGISTRY_USER=$REGISTRY_USR REGISTRY_PASSWORD=$REGISTRY_PSW"});
    to_.with("when", "branch " + quoted(pipeline_.branch));
    to_.with("environment", "REGISTRY = credentials('registry')");
    to_.block("steps", [&] { to_.shell(commands); });
  }

  void deploy(const Deploy& deploy) {
    to_.block("stage('deploy')", [&] {
      to_.block("when", [&] {
        to_.line("beforeInput true");
        to_.line("beforeAgent true");
        to_.line("branch " + quoted(pipeline_.branch));
      });
      to_.with("input", "message " + quoted(fmt::format("Deploy to {}?", deploy.environment)));
      container(kubectl_image, false);
      to_.with("environment", "KUBECONFIG = credentials(" + quoted("kubeconfig-" + deploy.environment) + ")");
      to_.block("steps", [&] { to_.shell(deploy.commands); });
    });
  }

  const Pipeline& pipeline_;
  Groovy to_;
};

std::vector<std::string> needs(const Pipeline& pipeline) {
  std::vector<std::string> out{"Agents with Docker; plugins Docker Pipeline and JUnit; a multibranch job."};
  if (wants_registry(pipeline))
    out.emplace_back("Credentials registry, user name and password: of the registry of images.");
  if (pipeline.deploy)
    out.push_back(
        fmt::format("Credentials kubeconfig-{}, a secret file: the cluster's. Somebody says yes within the hour.",
                    pipeline.deploy->environment));
  return out;
}

}  // namespace

std::string write_jenkins(const Pipeline& pipeline, const std::vector<std::string>& head) {
  return comment("//", head) + comment("//", needs(pipeline)) + "\n" + Writing(pipeline).take();
}

}  // namespace apigw::pipeline
