// A prompt: a `.prompt` file read, checked and compiled, ready to be filled and sent.
//
//   file ──► Prompt ──► fill(variables) ──► chat::Request ──► … ──► check_answer(text) ──► output
//
// Pure: knows no disk, no clock and no network, and of models only the name that the file gives. Immutable once read,
// so that any number of threads may fill it at once. Variables are checked before the template sees them, and what
// they hold is text of the message where the template has it, whatever it looks like.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "chat/request.h"
#include "diag/diagnostic.h"
#include "prompt/frontmatter.h"
#include "render/template.h"
#include "schema/schema.h"

namespace apigw::prompt {

inline constexpr std::size_t most_bytes = 1u << 20;  // of a file
inline constexpr std::string_view extension = ".prompt";

// "prompts/sentiment.prompt" is "sentiment".
[[nodiscard]] std::string_view name_of(std::string_view path);
// Letters, digits, '.', '_' and '-', a letter or digit first, at most 64.
[[nodiscard]] bool is_prompt_name(std::string_view name);

struct Prompt {
  std::string name;
  std::string description;
  std::string model;  // as the file names it; empty: it names none
  Span model_at;      // the whole file where there is none
  Span where;

  chat::Request settings;  // without messages and model

  std::string input_text;     // JSON Schema of the variables
  bool input_stated = false;  // the file says it; else it is made from the template's names
  schema::Schema input;
  render::Value fallback;  // object

  OutputForm form = OutputForm::text;
  std::string output_text;  // JSON Schema of the answer; empty: none
  std::optional<schema::Schema> output;

  render::Template body;
};

// What is wrong goes to the report, with nothing returned when there are errors. `path` names the prompt.
[[nodiscard]] std::optional<Prompt> read(std::string_view path, SourceId source, const diag::Sources& sources,
                                         diag::Report& report);

// One thing that is wrong with the variables of a call, or with an answer.
struct Problem {
  std::string pointer;  // JSON pointer; empty is all of it
  std::string message;
};
struct Problems {
  std::vector<Problem> list;  // never empty
  bool more = false;
};

// `variables` is the text of a JSON object, from whoever calls. The request names the prompt's own model.
[[nodiscard]] std::expected<chat::Request, Problems> fill(const Prompt& prompt, std::string_view variables,
                                                          const json::Limits& limits = {});

// The answer's text as JSON: a string of it where the prompt asks for text, else the document, which fits the schema.
[[nodiscard]] std::expected<std::string, Problems> check_answer(const Prompt& prompt, std::string_view answer);
// The second and last try: the same call with the answer and what is wrong with it behind.
[[nodiscard]] chat::Request repair(const chat::Request& asked, std::string_view answer, const Problems& problems);

// Whether the input's schema names it; whether it wants a text there.
[[nodiscard]] bool has_variable(const Prompt& prompt, std::string_view name);
[[nodiscard]] bool wants_text(const Prompt& prompt, std::string_view name);
// The variables of a call by a person's text and those that stand beside it in `given`, a JSON object (empty: none).
// The text is the value of the only variable that the prompt still cannot do without, or has at all, whatever it
// looks like: whoever writes it sets no other. Where several are needed and none is given, it is a JSON object of
// them. A problem: text that stands for no variable, since all that are needed are given.
[[nodiscard]] std::expected<std::string, Problems> variables_of(const Prompt& prompt, std::string_view text,
                                                                std::string_view given = {},
                                                                const json::Limits& limits = {});

// The first three: "/name must be a string; /age is missing; /city is missing; and 2 more".
[[nodiscard]] std::string sentence(const Problems& problems);

}  // namespace apigw::prompt
