// apigw completion SHELL: the script that makes the tab key know the commands.
#include "completion.h"

#include <ostream>

#include "command.h"

namespace apigw::cli {

extern const Command command_completion;
const Command command_completion = {
    .name = "completion",
    .summary = "print the completion script of a shell",
    .details =
        "Examples:\n"
        "  apigw completion bash > ~/.local/share/bash-completion/completions/apigw\n"
        "  apigw completion zsh > \"${fpath[1]}/_apigw\"\n"
        "  apigw completion fish > ~/.config/fish/completions/apigw.fish",
    .prints = "completion prints a script: apigw completion bash > FILE",
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto shell = std::make_shared<std::string>();
      options.add({.names = "SHELL", .doc = "which shell", .choices = {"bash", "zsh", "fish"}, .required = true},
                  shell.get());
      return [shell](Env& env, const Globals&) {
        for (const Shell& row : shells())
          if (row.name == *shell) env.out << row.script();
        return Exit::done;
      };
    },
};

}  // namespace apigw::cli
