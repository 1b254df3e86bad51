// The files of a new project, made from the templates inside the binary.
//
// Pure: knows no disk and writes nothing. The project's name is used only in prose, so it may be any text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "render/file_tree.h"

namespace apigw::scaffold {

// An API that is there already, in place of the example.
struct GivenApi {
  std::string config;    // content of apigw.yaml
  std::string document;  // path of the OpenAPI document from the project's folder
  std::string text;      // its content; empty: it stands there already
};

struct ProjectRequest {
  std::string name;         // for the README's title
  std::string schema_json;  // content of .apigw/schema.json
  std::optional<GivenApi> api = {};
};

[[nodiscard]] Result<render::FileTree> project(const ProjectRequest& request);

}  // namespace apigw::scaffold
