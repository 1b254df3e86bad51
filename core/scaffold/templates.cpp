#include "scaffold/templates.h"

#include <span>
#include <utility>

#include <fmt/format.h>

#include "render/template.h"

namespace apigw::scaffold {

// Generated from templates/; paths below it.
std::span<const std::pair<std::string_view, std::string_view>> embedded();

std::string target_path(std::string_view path) {
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

namespace {

Result<std::string> filled(std::string_view text, const render::Value& values) {
  const auto parsed = render::Template::parse(text, render::Language::file);
  if (!parsed) return fail(ErrorKind::internal, parsed.error().front().message);
  const auto passages = parsed->render(values);
  if (!passages) return std::unexpected(passages.error());
  return passages->empty() ? std::string{} : passages->front().text;
}

}  // namespace

Result<void> fill(std::string_view folder, const render::Value& values, render::FileTree& tree) {
  for (const auto& [path, bytes] : embedded()) {
    if (!path.starts_with(folder)) continue;
    auto content = filled(bytes, values);
    if (!content) return fail(ErrorKind::internal, fmt::format("template {}: {}", path, content.error().what));
    tree[target_path(path.substr(folder.size()))].content = std::move(*content);
  }
  return {};
}

}  // namespace apigw::scaffold
