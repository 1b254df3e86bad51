// Test files and prompts as `validate` judges them: together with the config that they are for.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "test_files.h"

namespace apigw::cli {

// Whether a text is a test file, by its content.
[[nodiscard]] bool holds_tests(std::string_view content);

// The files of routes' tests beside the config at `config`, each read against its plan. Unreadable ones are a finding
// (AGW220).
[[nodiscard]] std::vector<ReadTests> judge_route_tests(const Env& env, std::string_view config,
                                                       const model::PlanPtr& plan);

struct JudgedFile {
  ReadTests tests;
  std::string config;  // the file that it was judged with; empty: none
};
// One test file that was named, with the config of -c, else the nearest apigw.yaml in its folder or above it.
// Complains where there is none, or none that can be used.
[[nodiscard]] std::expected<JudgedFile, Exit> judge_test_file(Env& env, const Globals& globals,
                                                              const std::string& file, std::string text);

// One prompt that was named: as the config of -c, or the nearest one, serves it; alone where none does.
[[nodiscard]] std::expected<JudgedFile, Exit> judge_prompt_file(Env& env, const Globals& globals,
                                                                const std::string& file);

}  // namespace apigw::cli
