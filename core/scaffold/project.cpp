#include "scaffold/project.h"

#include <span>
#include <utility>

#include "render/template.h"

namespace apigw::scaffold {

// Generated from templates/; paths below it.
std::span<const std::pair<std::string_view, std::string_view>> embedded();

namespace {

constexpr std::string_view folder = "project/";

// A name in templates/ begins with "dot-" where the project's begins with a dot: else git would obey our .gitignore.
std::string project_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    if (part.starts_with("dot-")) {
      out += '.';
      part.remove_prefix(4);
    }
    out += part;
    if (slash == std::string_view::npos) break;
    out += '/';
    path.remove_prefix(slash + 1);
  }
  return out;
}

}  // namespace

Result<render::FileTree> project(const ProjectRequest& request) {
  const render::Values values{{"name", request.name}};
  render::FileTree tree;
  for (const auto& [path, bytes] : embedded()) {
    if (!path.starts_with(folder)) continue;
    auto content = render::render(bytes, values);
    if (!content) return fail(ErrorKind::internal, fmt::format("template {}: {}", path, content.error().what));
    tree[project_path(path.substr(folder.size()))].content = std::move(*content);
  }
  tree[".apigw/schema.json"].content = request.schema_json;
  return tree;
}

}  // namespace apigw::scaffold
