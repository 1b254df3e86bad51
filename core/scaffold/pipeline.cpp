#include "scaffold/pipeline.h"

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::scaffold {
namespace {

// One row a system: where the file is, and what must be told to who is to find it: `note` in the file itself,
// `wiring` to who made it. {0} is the service's name as a word, {1} its folder.
struct Place {
  std::string_view word, path, note, wiring;
};
constexpr Place places[] = {
    {"github", ".github/workflows/{0}.yml", "", ""},
    {"gitlab", "{1}/.gitlab-ci.yml",
     "`apigw emit gitlab` includes it; in a file of your own: include: [{{ local: {1}/.gitlab-ci.yml }}].",
     "put into .gitlab-ci.yml: include: [{{ local: {1}/.gitlab-ci.yml }}]"},
    {"jenkins", "{1}/Jenkinsfile", "A job of its own, with this as its script path.",
     "make a job of its own with the script path {1}/Jenkinsfile"},
    {"circleci", "{1}/.circleci/config.yml",
     "A pipeline of its own in the project's settings, with this as its config.",
     "make a pipeline of its own in the project's settings with the config {1}/.circleci/config.yml, or have the "
     "project's .circleci/config.yml continue with it"},
};

const Place& place_of(const pipeline::System& system) {
  const Place* found = std::ranges::find(places, system.word, &Place::word);
  return *found;
}

std::string filled(std::string_view pattern, std::string_view name, std::string_view directory) {
  return fmt::format(fmt::runtime(pattern), text::dns_label(name), directory);
}

// "python:3.11" of "FROM python:3.11 AS test"; the first stage is where tests run. Empty: it is told by a variable.
std::string first_base(std::string_view dockerfile) {
  for (const std::string_view line : text::split(dockerfile, '\n')) {
    if (!line.starts_with("FROM ")) continue;
    for (const std::string_view word : text::split(line.substr(5), ' '))
      if (!word.empty() && !word.starts_with("--")) return word.contains('$') ? "" : std::string(word);
  }
  return {};
}

}  // namespace

std::string pipeline_path(const pipeline::System& system, std::string_view name, std::string_view directory) {
  return filled(place_of(system).path, name, directory);
}

std::string pipeline_wiring(const pipeline::System& system, std::string_view name, std::string_view directory) {
  return filled(place_of(system).wiring, name, directory);
}

std::optional<std::string> pipeline_file(const pipeline::System& system, std::string_view name, const Stack& stack,
                                         std::string_view directory, const render::FileTree& files) {
  const auto container = files.find("Dockerfile");
  if (container == files.end()) return std::nullopt;
  const std::string label = text::dns_label(name), folder(directory);
  pipeline::Pipeline made{.title = label,
                          .branch = "main",
                          .paths = {folder + "/**"},
                          .parts = {},
                          .checks = {},
                          .images = {{.name = "build-" + label, .image = {}, .folder = folder}},
                          .deploy = {}};
  const std::string base = first_base(container->second.content);
  if (!stack.test.empty() && !base.empty()) {
    pipeline::Check test{.name = "test-" + label, .image = base, .root = !stack.prepare.empty(), .commands = {}};
    if (!stack.prepare.empty()) test.commands.push_back(stack.prepare);
    test.commands.push_back("cd " + text::shell_word(folder));
    test.commands.push_back(stack.test);
    made.checks.push_back(std::move(test));
  }
  if (const std::string own = pipeline_path(system, name, directory); !own.starts_with(folder + "/"))
    made.paths.push_back(own);
  std::vector<std::string> head{fmt::format("Written by apigw new service {}, once: it is yours.", name)};
  if (const std::string note = filled(place_of(system).note, name, directory); !note.empty()) head.push_back(note);
  return system.write(made, head);
}

}  // namespace apigw::scaffold
