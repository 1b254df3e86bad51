#include "validate_input.h"

#include "base/text.h"
#include "kubernetes/objects.h"
#include "project.h"

namespace apigw::cli {
namespace {

// What else people hand to a validator: how a line of such a file begins, and by which word it is imported.
struct OtherKind {
  std::string_view start, what, imported;
};
constexpr OtherKind other_kinds[] = {{"openapi:", "an OpenAPI document", "openapi"},
                                     {"swagger:", "an OpenAPI document", "openapi"},
                                     {"\"openapi\"", "an OpenAPI document", "openapi"},
                                     {"apiVersion:", "a chart, or a manifest without `kind`", ""},
                                     {"_format_version:", "a Kong configuration", "kong"},
                                     {"model_list:", "a LiteLLM configuration", "litellm"}};

// Nothing for a config and for what says nothing about itself.
const OtherKind* other_kind(std::string_view content) {
  for (const std::string_view line : text::split(content.substr(0, 64 << 10), '\n')) {
    if (line.starts_with("apigw:")) return nullptr;
    for (const OtherKind& kind : other_kinds)
      if (line.starts_with(kind.start) || (kind.start.front() == '"' && text::trim(line).starts_with(kind.start)))
        return &kind;
  }
  return nullptr;
}

std::expected<std::string, Exit> content_of(Env& env, const std::string& file) {
  if (file == "-") return read_stdin(env, config_limit);
  auto content = env.files.read_named(file, config_limit);
  if (content) return std::move(*content);
  const bool usual = content.error().kind == ErrorKind::not_found && file == default_config;
  return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what,
                                  usual ? "name a file, or make a project: apigw init" : ""));
}

}  // namespace

std::expected<std::string, Exit> text_of(Env& env, const std::string& file) {
  auto content = content_of(env, file);
  if (!content) return content;
  if (content->find('\0') != std::string::npos)
    return std::unexpected(complain(env, Exit::input, fmt::format("'{}' is no text: it holds a zero byte", file),
                                    "validate reads apigw configs, tests and Kubernetes manifests"));
  if (kubernetes::holds_objects(*content)) return content;
  if (const OtherKind* kind = other_kind(*content))
    return std::unexpected(complain(
        env, Exit::input, fmt::format("'{}' is {}, a kind that this version does not check", file, kind->what),
        kind->imported.empty() ? "validate reads manifests, and apigw configs, which begin with `apigw: 1`"
                               : fmt::format("make a config of it: apigw import {} {}", kind->imported, file)));
  return content;
}

}  // namespace apigw::cli
