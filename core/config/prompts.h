// The `.prompt` files beside a config: found, read and compiled once, whatever profiles the config has.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/draft.h"
#include "config/load.h"
#include "prompt/prompt.h"

namespace apigw::config {

// Tells two texts of one file apart (FNV-1a); of several texts, each with the one before.
[[nodiscard]] std::uint64_t fingerprint(std::string_view text, std::uint64_t before = 0xcbf29ce484222325);

struct PromptFile {
  std::string path;
  std::string name;
  Span where;                                     // the file's first byte
  std::shared_ptr<const prompt::Prompt> content;  // null: it has errors, and the report has them
  std::vector<model::Example> examples;           // from NAME.test.yaml, which is read and judged too
  std::uint64_t revision = 0;
};

// prompts/*.prompt below `folder` ("" or ending in a slash), sorted. Adds to out's sources, report, files and globs.
// `judge_tests` as in Request.
[[nodiscard]] std::vector<PromptFile> read_prompts(const std::string& folder, const Files& files,
                                                   const std::optional<std::vector<std::string>>& judge_tests,
                                                   Loaded& out);

// The settings that hold for `name`: its own entry, else the pattern with the most literal characters; null: none.
[[nodiscard]] const PromptDraft* settings_of(const Draft& draft, std::string_view name);

// The model that a prompt is sent to: the one it names, else the only one that the config declares; empty: none.
[[nodiscard]] std::string_view model_of(const prompt::Prompt& prompt, const Draft& draft);

}  // namespace apigw::config
