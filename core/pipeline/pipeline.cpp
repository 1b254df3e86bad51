#include "pipeline/pipeline.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "pipeline/writing.h"

namespace apigw::pipeline {
namespace {

constexpr System rows[] = {
    {"github", "GitHub Actions", ".github/workflows/apigw.yml", "sarif", "reports/apigw.sarif", write_github},
    {"gitlab", "GitLab CI", ".gitlab-ci.yml", "gitlab", "reports/codequality.json", write_gitlab},
    {"jenkins", "Jenkins", "Jenkinsfile", "junit", "reports/validate.xml", write_jenkins},
    {"circleci", "CircleCI", ".circleci/config.yml", "junit", "reports/validate.xml", write_circleci},
};

}  // namespace

std::span<const System> systems() {
  return rows;
}

const System* find_system(std::string_view word) {
  const auto found = std::ranges::find(rows, word, &System::word);
  return found == std::end(rows) ? nullptr : &*found;
}

std::string registry_of(std::string_view image) {
  const auto slash = image.find('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view first = image.substr(0, slash);
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ? std::string(first) : "";
}

std::vector<std::string> push_lines(const Image& image) {
  const std::string name = text::shell_word(image.image), registry = registry_of(image.image);
  return {R"(printf '%s' "$REGISTRY_PASSWORD" |)",
          fmt::format(R"(  docker login --username "$REGISTRY_USER" --password-stdin{}{})",
                      registry.empty() ? "" : " ", registry.empty() ? "" : text::shell_word(registry)),
          fmt::format("if docker manifest inspect {} >/dev/null 2>&1", name),
          fmt::format("then echo {} is in its registry already", name),
          fmt::format("else docker push {}", name),
          "fi"};
}

std::string build_line(const Image& image) {
  const std::string tag = image.image.empty() ? "" : "--tag " + text::shell_word(image.image) + " ";
  return fmt::format("docker build --pull {}{}", tag, text::shell_word(image.folder));
}

std::vector<std::string> check_names(const Pipeline& pipeline) {
  std::vector<std::string> out;
  for (const Check& check : pipeline.checks) out.push_back(check.name);
  return out;
}

std::vector<std::string> job_names(const Pipeline& pipeline) {
  std::vector<std::string> out = check_names(pipeline);
  for (const Image& image : pipeline.images) out.push_back(image.name);
  return out;
}

bool wants_registry(const Pipeline& pipeline) {
  return std::ranges::any_of(pipeline.checks, [](const Check& check) { return !registry_of(check.image).empty(); }) ||
         std::ranges::any_of(pipeline.images, [](const Image& image) { return !image.image.empty(); });
}

std::string lines(const std::vector<std::string>& commands) {
  return commands.size() == 1 ? commands.front() : text::join(commands, "\n") + "\n";
}

std::string comment(std::string_view mark, const std::vector<std::string>& head) {
  std::string out;
  for (const std::string& line : head) out += fmt::format("{} {}\n", mark, line);
  return out;
}

}  // namespace apigw::pipeline
