// The templates inside the binary, filled; only this folder sees them.
#pragma once
#include <string_view>

#include "base/error.h"
#include "render/file_tree.h"
#include "render/value.h"

namespace apigw::scaffold {

// The path that a template is written to: "dot-gitignore" is ".gitignore".
[[nodiscard]] std::string target_path(std::string_view path);
// Adds every template below `folder` ("project/") to the tree, under the path that follows it. A name that begins
// with "dot-" there begins with a dot here: else git would obey our .gitignore. Error internal: a template is broken.
[[nodiscard]] Result<void> fill(std::string_view folder, const render::Value& values, render::FileTree& tree);

}  // namespace apigw::scaffold
