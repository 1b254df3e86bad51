#include "scaffold/prompt.h"

#include "render/yaml_writer.h"
#include "scaffold/templates.h"

namespace apigw::scaffold {

Result<render::FileTree> prompt(const PromptRequest& request) {
  render::Value values{.kind = render::Value::Kind::object};
  values.members.push_back({"name", render::text_value(request.name)});
  values.members.push_back({"model", render::text_value(render::write_yaml_line(render::text_value(request.model)))});
  render::FileTree templates, tree;
  if (const auto done = fill("prompt/", values, templates); !done) return std::unexpected(done.error());
  for (auto& [path, file] : templates) tree[request.name + path.substr(path.find('.'))] = std::move(file);
  return tree;
}

}  // namespace apigw::scaffold
