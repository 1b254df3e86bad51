// What a command says when it cannot do what was asked: what is wrong, and what to do.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "exit_code.h"

namespace apigw::cli {

struct Env;

// Grammar as for diagnostics: lower case, the user's words, values in single quotes.
struct Complaint {
  std::string message;
  std::string help;  // may be empty
};

// Prints `error: message` and ` help: …` on stderr and returns `exit`.
Exit complain(Env& env, Exit exit, std::string_view message, std::string_view help = {});
Exit complain(Env& env, Exit exit, const Complaint& complaint);

// The exit code of a failure to read or write what the user named, and of one out in the world.
[[nodiscard]] Exit exit_of_file(const Error& error);
[[nodiscard]] Exit exit_of_world(const Error& error);

}  // namespace apigw::cli
