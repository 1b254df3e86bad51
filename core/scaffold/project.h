// The files of a new project, made from the templates inside the binary.
//
// Pure: knows no disk and writes nothing. The project's name is used only in prose, so it may be any text.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "render/file_tree.h"

namespace apigw::scaffold {

struct ProjectRequest {
  std::string name;         // for the README's title
  std::string schema_json;  // content of .apigw/schema.json
};

[[nodiscard]] Result<render::FileTree> project(const ProjectRequest& request);

}  // namespace apigw::scaffold
