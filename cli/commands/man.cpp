// apigw man: the manual page, for man(1) and for packages.
#include <ostream>

#include "command.h"
#include "man_page.h"

namespace apigw::cli {

extern const Command command_man;
const Command command_man = {
    .name = "man",
    .summary = "print the manual page",
    .details =
        "An installed apigw has it already: man apigw.\n\n"
        "Examples:\n"
        "  apigw man | man -l -\n"
        "  apigw man > ~/.local/share/man/man1/apigw.1",
    .prints = "man prints a page: apigw man | man -l -",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals&) {
        env.out << man_page();
        return Exit::done;
      };
    },
};

}  // namespace apigw::cli
