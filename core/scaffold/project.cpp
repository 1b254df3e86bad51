#include "scaffold/project.h"

#include "scaffold/templates.h"

namespace apigw::scaffold {

Result<render::FileTree> project(const ProjectRequest& request) {
  render::Value values{.kind = render::Value::Kind::object};
  values.members.push_back({"name", render::text_value(request.name)});
  render::FileTree tree;
  if (const auto done = fill("project/", values, tree); !done) return std::unexpected(done.error());
  tree[".apigw/schema.json"].content = request.schema_json;
  return tree;
}

}  // namespace apigw::scaffold
