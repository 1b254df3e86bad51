// What the writers of pipelines say alike. Credentials are variables everywhere: REGISTRY_USER and REGISTRY_PASSWORD
// for images, a kubeconfig for what is deployed.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/pipeline.h"
#include "render/tree.h"

namespace apigw::pipeline {

using render::boolean;
using render::list;
using render::number;
using render::object;
using render::put;
using render::text;
using render::texts;
using render::Value;

// Images that jobs run in where a system has no machine with the tools; tags that their publishers keep.
inline constexpr std::string_view kubectl_image = "alpine/k8s:1.34.1";
inline constexpr std::string_view docker_image = "docker:28.3.2";
inline constexpr unsigned check_minutes = 20, deploy_minutes = 30;

// "registry.shop.example:5000" of an image's name; empty: Docker Hub.
[[nodiscard]] std::string registry_of(std::string_view image);
// For a shell. A version is pushed once: one that is there already stays.
[[nodiscard]] std::string build_line(const Image& image);
[[nodiscard]] std::vector<std::string> push_lines(const Image& image);

// Jobs that must have passed before an image is built, and before something is deployed.
[[nodiscard]] std::vector<std::string> check_names(const Pipeline& pipeline);
[[nodiscard]] std::vector<std::string> job_names(const Pipeline& pipeline);
// Whether some image wants credentials.
[[nodiscard]] bool wants_registry(const Pipeline& pipeline);

[[nodiscard]] std::string lines(
    const std::vector<std::string>& commands);  // "a\nb\n"; one command alone without '\n'
[[nodiscard]] std::string comment(std::string_view mark, const std::vector<std::string>& head);

[[nodiscard]] std::string write_github(const Pipeline& pipeline, const std::vector<std::string>& head);
[[nodiscard]] std::string write_gitlab(const Pipeline& pipeline, const std::vector<std::string>& head);
[[nodiscard]] std::string write_jenkins(const Pipeline& pipeline, const std::vector<std::string>& head);
[[nodiscard]] std::string write_circleci(const Pipeline& pipeline, const std::vector<std::string>& head);

}  // namespace apigw::pipeline
