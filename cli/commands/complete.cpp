// apigw __complete KIND -- LINE…: words for a completion script, one a line. For scripts, so it is not listed.
#include <ostream>

#include "command.h"
#include "completion.h"

namespace apigw::cli {

extern const Command command_complete;
const Command command_complete = {
    .name = "__complete",
    .summary = "words for completion scripts",
    .details = "Example:\n  apigw __complete models -- -C shop",
    .hidden = true,
    .prints = "__complete prints words, one a line",
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      struct Asked {
        std::string kind;
        std::vector<std::string> line;
      };
      auto asked = std::make_shared<Asked>();
      options.add(
          {.names = "KIND", .doc = "models, routes, services, profiles, codes, fields, topics, …", .required = true},
          &asked->kind);
      options.add({.names = "LINE", .doc = "the command line so far"}, &asked->line);
      return [asked](Env& env, const Globals&) {
        for (const std::string& word : completion_words(env, asked->kind, asked->line)) env.out << word << '\n';
        return Exit::done;
      };
    },
};

}  // namespace apigw::cli
