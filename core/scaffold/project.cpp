#include "scaffold/project.h"

#include "scaffold/templates.h"

namespace apigw::scaffold {

Result<render::FileTree> project(const ProjectRequest& request) {
  render::Value values{.kind = render::Value::Kind::object};
  values.members.push_back({"name", render::text_value(request.name)});
  if (request.api) values.members.push_back({"document", render::text_value(request.api->document)});
  render::FileTree tree;
  for (const std::string_view folder : {"project/common/", request.api ? "project/api/" : "project/hello/"})
    if (const auto done = fill(folder, values, tree); !done) return std::unexpected(done.error());
  tree[".githooks/pre-commit"].mode = 0755;
  tree[".apigw/schema.json"].content = request.schema_json;
  if (!request.api) return tree;
  tree["apigw.yaml"].content = "# yaml-language-server: $schema=.apigw/schema.json\n" + request.api->config;
  if (!request.api->text.empty()) tree[request.api->document].content = request.api->text;
  return tree;
}

}  // namespace apigw::scaffold
