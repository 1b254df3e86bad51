// apigw prompt render NAME: the messages that a model would get, with nothing sent.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "output.h"
#include "project.h"
#include "prompt/prompt.h"
#include "prompt_input.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

std::string_view role_word(chat::Role role) {
  return role == chat::Role::system ? "system" : role == chat::Role::user ? "user" : "assistant";
}

ordered_json settings_json(const chat::Request& request) {
  ordered_json out = ordered_json::object();
  const auto number = [&](const char* name, const std::optional<chat::Number>& value) {
    if (value) out[name] = value->value;
  };
  number("temperature", request.temperature);
  number("topP", request.top_p);
  number("topK", request.top_k);
  number("frequencyPenalty", request.frequency_penalty);
  number("presencePenalty", request.presence_penalty);
  if (request.max_output) out["maxOutputTokens"] = *request.max_output;
  if (request.seed) out["seed"] = *request.seed;
  if (!request.stop.empty()) out["stopSequences"] = request.stop;
  return out;
}

// Lines as they are; on a terminal but for what it would obey.
std::string shown(std::string_view text, bool terminal) {
  if (!terminal) return fmt::format("{}\n", text);
  std::string out;
  for (const std::string_view line : text::split(text, '\n')) out += text::printable(line, std::string::npos) + "\n";
  return out;
}

Exit render(Env& env, const Globals& globals, const PromptFlags& flags) {
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  const auto prompt = prompt_named(env, *loaded->plan, flags.name);
  if (!prompt) return prompt.error();
  const auto variables = prompt_variables(env, **prompt, flags);
  if (!variables) return variables.error();
  const auto request = prompt::fill(*(*prompt)->content, *variables);
  if (!request)
    return complain(env, Exit::input, fmt::format("the variables are refused: {}", prompt::sentence(request.error())),
                    "give them with --var NAME=VALUE or -d JSON");
  ordered_json body{{"name", (*prompt)->name}, {"model", (*prompt)->model}, {"config", settings_json(*request)}};
  body["messages"] = ordered_json::array();
  for (const chat::Message& message : request->messages)
    body["messages"].push_back({{"role", role_word(message.role)}, {"text", chat::text_of(message.parts)}});
  return write_document(env, globals, "rendered-prompt", body, [&](bool color) {
    std::string out;
    for (const chat::Message& message : request->messages) {
      const std::string_view role = role_word(message.role);
      out += out.empty() ? "" : "\n";
      out += color ? fmt::format("\x1b[1m{}\x1b[0m\n", role) : fmt::format("[{}]\n", role);
      out += shown(chat::text_of(message.parts), env.terminal.out);
    }
    return out;
  });
}

}  // namespace

extern const Command command_prompt_render;
const Command command_prompt_render = {
    .name = "prompt render",
    .summary = "show the messages that a prompt makes, without a call",
    .details =
        "Examples:\n"
        "  apigw prompt render sentiment --var text='I love it'\n"
        "  apigw prompt render translate -d @variables.json -o json",
    .job = Job::call,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<PromptFlags>();
      declare_prompt_input(options, *flags);
      return [flags](Env& env, const Globals& globals) { return render(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
