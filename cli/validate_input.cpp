#include "validate_input.h"

#include "base/text.h"
#include "project.h"

namespace apigw::cli {
namespace {

// What else people hand to a validator: how a line of such a file begins.
constexpr std::pair<std::string_view, std::string_view> other_kinds[] = {
    {"openapi:", "an OpenAPI document"},         {"swagger:", "an OpenAPI document"},
    {"\"openapi\"", "an OpenAPI document"},      {"apiVersion:", "a Kubernetes manifest"},
    {"\"apiVersion\"", "a Kubernetes manifest"}, {"_format_version:", "a Kong configuration"},
    {"model_list:", "a LiteLLM configuration"}};

// Empty for a config and for what says nothing about itself.
std::string_view other_kind(std::string_view content) {
  for (const std::string_view line : text::split(content.substr(0, 64 << 10), '\n')) {
    if (line.starts_with("apigw:")) return {};
    for (const auto& [start, kind] : other_kinds)
      if (line.starts_with(start) || (start.front() == '"' && text::trim(line).starts_with(start))) return kind;
  }
  return {};
}

std::expected<std::string, Exit> content_of(Env& env, const std::string& file) {
  if (file == "-") {
    auto content = read_stdin(env, config_limit);
    if (!content) return std::unexpected(complain(env, Exit::input, content.error()));
    return std::move(*content);
  }
  auto content = env.files.read_named(file, config_limit);
  if (content) return std::move(*content);
  const bool usual = content.error().kind == ErrorKind::not_found && file == default_config;
  return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what,
                                  usual ? "name a file, or make a project: apigw init" : ""));
}

}  // namespace

std::expected<std::string, Exit> config_of(Env& env, const std::string& file) {
  auto content = content_of(env, file);
  if (!content) return content;
  if (content->find('\0') != std::string::npos)
    return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is no text: it holds a zero byte", file),
                                    "validate reads apigw configs"));
  if (const auto kind = other_kind(*content); !kind.empty())
    return std::unexpected(complain(env, Exit::input,
                                    fmt::format("'{}' is {}, a kind that this version does not check", file, kind),
                                    "validate reads apigw configs, which begin with `apigw: 1`"));
  return content;
}

}  // namespace apigw::cli
