// The pipeline of one service: its own tests, then its image, when something in its folder changed.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/pipeline.h"
#include "scaffold/service.h"

namespace apigw::scaffold {

// Where a system wants the file of a service, from the folder of the config, which is the repository's root.
// `directory` is the service's, from there.
[[nodiscard]] std::string pipeline_path(const pipeline::System& system, std::string_view name,
                                        std::string_view directory);

// What a person does so that the system runs that file: "put into .gitlab-ci.yml: …". Empty: the system finds it
// where it stands.
[[nodiscard]] std::string pipeline_wiring(const pipeline::System& system, std::string_view name,
                                          std::string_view directory);

// `files` are the service's: its container file says what it is tested in, and is what it is built of. Nothing where
// there is neither.
[[nodiscard]] std::optional<std::string> pipeline_file(const pipeline::System& system, std::string_view name,
                                                       const Stack& stack, std::string_view directory,
                                                       const render::FileTree& files);

}  // namespace apigw::scaffold
