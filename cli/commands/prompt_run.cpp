// apigw prompt run NAME: one call of a prompt, through the running gateway or one of this process.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "door.h"
#include "output.h"
#include "prompt_input.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds usual_timeout{150'000};

Exit run(Env& env, const Globals& globals, const PromptFlags& flags) {
  if (const auto formats = destinations(globals, document_formats); !formats)
    return complain(env, Exit::input, formats.error());
  const auto door = Door::open(env, globals, {});
  if (!door) return door.error();
  const auto prompt = prompt_named(env, (*door)->plan(), flags.name);
  if (!prompt) return prompt.error();
  auto variables = prompt_variables(env, **prompt, flags);
  if (!variables) return variables.error();
  const auto reply =
      (*door)->ask("/prompts/" + (*prompt)->name, std::move(*variables), globals.timeout.value_or(usual_timeout));
  if (!reply) return complain(env, Exit::world, reply.error().what);
  if (reply->status >= 300) {
    const bool absent = reply->status == 404;
    return complain(env, exit_of_reply(*reply), refusal_text(*reply),
                    absent ? "the running gateway does not serve it; is it still reading the config?" : "");
  }
  ordered_json body = ordered_json::parse(reply->body, nullptr, false);
  if (!body.is_object()) return complain(env, Exit::world, "the gateway's answer is no JSON object");
  body["cost"] = reply->cost ? ordered_json(*reply->cost) : ordered_json();  // in US dollars
  if (body.contains("stop") && body["stop"] == "length" && !globals.quiet)
    env.err << "note: the limit of its length cut the answer; the prompt's maxOutputTokens and the model's output "
               "set it\n";
  if (body["output"] == "" && !globals.quiet) env.err << "note: the output is empty\n";
  return write_document(
      env, globals, "prompt-answer", body,
      [&](bool) {
        const ordered_json& output = body["output"];
        std::string text = output.is_string() ? output.get<std::string>()
                                              : output.dump(2, ' ', false, ordered_json::error_handler_t::replace);
        return text + (text.ends_with('\n') ? "" : "\n");
      },
      Words::of_model);
}

}  // namespace

extern const Command command_prompt_run;
const Command command_prompt_run = {
    .name = "prompt run",
    .summary = "call a prompt and print its output",
    .details =
        "The project's running gateway is asked; when none runs, the same gateway starts in this process.\n"
        "A prompt that needs one variable takes its text from a pipe, whatever it looks like; -d @- takes JSON.\n"
        "Exit code: 1 when the model refused, 2 when the variables are refused, 3 when the provider failed, 4 when\n"
        "the provider's key is missing or refused.\n\n"
        "Examples:\n"
        "  apigw prompt run sentiment --var text='I love it'\n"
        "  cat review.txt | apigw prompt run sentiment\n"
        "  apigw prompt run translate -d '{\"text\": \"Hello\", \"language\": \"French\"}' -o json",
    .job = Job::call,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<PromptFlags>();
      declare_prompt_input(options, *flags);
      return [flags](Env& env, const Globals& globals) { return run(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
