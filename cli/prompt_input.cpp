#include "prompt_input.h"

#include <set>

#include "base/text.h"
#include "project.h"
#include "prompt/prompt.h"
#include "prompt/shape.h"

namespace apigw::cli {
namespace {

constexpr std::size_t data_limit = 16 << 20;

// A value is text where the prompt asks for text or where it is no JSON; else the JSON that it is.
std::string json_of(const prompt::Prompt& prompt, const std::string& name, const std::string& value) {
  if (prompt::wants_text(prompt, name) || !json::scan(value)) return json::quote(value);
  return value;
}

bool needs_input(const prompt::Prompt& prompt) {
  return !prompt::fill(prompt, "{}").has_value();
}

}  // namespace

void declare_prompt_input(Options& options, PromptFlags& flags) {
  options.add({.names = "NAME", .doc = "a prompt, as in prompts/NAME.prompt", .completes = "prompts"}, &flags.name);
  options.add({.names = "--var", .doc = "a variable of the prompt; may repeat", .value = "NAME=VALUE"},
              &flags.variables);
  options.add({.names = "-d,--data", .doc = "all variables as JSON, @FILE or @- for stdin", .value = "JSON"},
              &flags.data);
}

std::expected<const model::Prompt*, Exit> prompt_named(Env& env, const model::Plan& plan, const std::string& name) {
  std::vector<std::string_view> names;
  for (const model::Prompt& prompt : plan.prompts) {
    if (prompt.name == name) return &prompt;
    names.emplace_back(prompt.name);
  }
  const auto near = name.empty() ? std::nullopt : text::closest(name, names);
  return std::unexpected(complain(
      env, Exit::input,
      name.empty() ? "no prompt named" : fmt::format("there is no prompt '{}'", text::printable(name)),
      near            ? fmt::format("did you mean '{}'?", *near)
      : names.empty() ? "prompts are files prompts/NAME.prompt beside the config; `apigw help prompts` shows one"
                      : fmt::format("prompts: {}", fmt::join(names, ", "))));
}

std::expected<std::string, Exit> prompt_variables(Env& env, const model::Prompt& prompt, const PromptFlags& flags) {
  const prompt::Prompt& content = *prompt.content;
  if (!flags.data.empty() && !flags.variables.empty())
    return std::unexpected(complain(env, Exit::input, "-d gives all variables, so no --var may stand beside it",
                                    "leave one of them out"));
  if (!flags.data.empty()) return data_of(env, flags.data, data_limit);
  if (flags.variables.empty() && !env.terminal.in && needs_input(content)) {
    auto piped = read_stdin_text(env, data_limit, "give the variables as flags: --var NAME=VALUE");
    if (!piped) return piped;
    while (piped->ends_with('\n')) piped->pop_back();
    if (piped->empty()) return "{}";  // cron and CI give an empty stdin to everything
    auto variables = prompt::variables_of(content, *piped);
    if (variables) return std::move(*variables);
    return std::unexpected(complain(env, Exit::input, prompt::sentence(variables.error())));
  }
  std::string text;
  std::set<std::string> seen;
  for (const std::string& variable : flags.variables) {
    const auto equals = variable.find('=');
    if (equals == std::string::npos || equals == 0)
      return std::unexpected(complain(env, Exit::input,
                                      fmt::format("--var cannot be '{}'", text::printable(variable)),
                                      "write --var NAME=VALUE"));
    const std::string name = variable.substr(0, equals);
    if (!seen.insert(name).second)
      return std::unexpected(complain(env, Exit::input, fmt::format("--var {} is given twice", text::printable(name)),
                                      "leave one of them out"));
    if (!text::valid_utf8(variable))
      return std::unexpected(complain(env, Exit::input,
                                      fmt::format("--var {} is no text: it is not UTF-8", text::printable(name)),
                                      "give it as UTF-8"));
    text += fmt::format("{}{}:{}", text.empty() ? "{" : ",", json::quote(name),
                        json_of(content, name, variable.substr(equals + 1)));
  }
  text += text.empty() ? "{}" : "}";
  const auto filled = prompt::fill(content, text);
  if (filled || flags.variables.empty()) return text;
  const std::vector<std::string> names = prompt::names_of(content.input_text);
  return std::unexpected(
      complain(env, Exit::input, fmt::format("the variables are refused: {}", prompt::sentence(filled.error())),
               names.empty() ? "" : fmt::format("the prompt's variables: {}", fmt::join(names, ", "))));
}

}  // namespace apigw::cli
