// The files of a new prompt: one that works on the mock at once, and its first test.
//
// Pure: knows no disk and writes nothing.
#pragma once
#include <string>

#include "base/error.h"
#include "render/file_tree.h"

namespace apigw::scaffold {

struct PromptRequest {
  std::string name;   // as in prompts/NAME.prompt
  std::string model;  // a name of the config's models, or provider/model
};

// NAME.prompt and NAME.test.yaml.
[[nodiscard]] Result<render::FileTree> prompt(const PromptRequest& request);

}  // namespace apigw::scaffold
