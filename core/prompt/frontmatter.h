// The settings in front of a prompt's template: a YAML mapping between two lines of `---`, read by field tables.
//
// The form is dotprompt's. Places are those of the whole file. Schemas stay nodes here; prompt.cpp compiles them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chat/request.h"
#include "diag/diagnostic.h"
#include "yaml/fields.h"
#include "yaml/tree.h"

namespace apigw::prompt {

using yaml::Given;

struct ConfigDraft {
  Given<chat::Number> temperature, top_p, top_k, frequency_penalty, presence_penalty;
  Given<std::uint64_t> max_output, seed;
  Given<std::vector<Given<std::string>>> stop;
};

struct InputDraft {
  Given<const yaml::Node*> schema, fallback;
};

enum class OutputForm : std::uint8_t { text, json };

struct OutputDraft {
  Given<OutputForm> format;
  Given<const yaml::Node*> schema;
};

struct Frontmatter {
  Given<std::string> model, description;
  Given<ConfigDraft> config;
  Given<InputDraft> input;
  Given<OutputDraft> output;
};

[[nodiscard]] const yaml::Table& frontmatter_table();

// Where the template of a prompt's text begins, and where its settings end; both 0 in a text without settings.
struct Parts {
  std::size_t settings_end = 0;  // the closing line's first byte
  std::size_t body = 0;
  bool unclosed = false;  // begins with `---` and has no second one
};
[[nodiscard]] Parts parts_of(std::string_view text);

// The nodes that a Frontmatter points to live in `tree`.
struct Settings {
  std::optional<yaml::Tree> tree;
  Frontmatter fields;
};
// What is wrong goes to the report (AGW1xx, AGW2xx); what could be read is there all the same.
[[nodiscard]] Settings read_settings(SourceId source, const diag::Sources& sources, std::size_t end,
                                     diag::Report& report);

}  // namespace apigw::prompt
