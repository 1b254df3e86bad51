#include "complaint.h"

#include <ostream>

#include "env.h"

namespace apigw::cli {

Exit complain(Env& env, Exit exit, std::string_view message, std::string_view help) {
  const bool color = env.terminal.color_err;
  env.err << (color ? "\x1b[1;31merror\x1b[0m: " : "error: ") << message << '\n';
  if (!help.empty()) env.err << (color ? " \x1b[1;36mhelp\x1b[0m: " : " help: ") << help << '\n';
  return exit;
}

Exit complain(Env& env, Exit exit, const Complaint& complaint) {
  return complain(env, exit, complaint.message, complaint.help);
}

Exit exit_of_file(const Error& error) {
  switch (error.kind) {
    case ErrorKind::not_found:
    case ErrorKind::denied:
    case ErrorKind::invalid:
    case ErrorKind::too_large:
      return Exit::input;
    case ErrorKind::internal:
      return Exit::bug;
    default:
      return Exit::world;
  }
}

Exit exit_of_world(const Error& error) {
  switch (error.kind) {
    case ErrorKind::denied:
      return Exit::credentials;
    case ErrorKind::invalid:
      return Exit::input;
    case ErrorKind::internal:
      return Exit::bug;
    default:
      return Exit::world;
  }
}

}  // namespace apigw::cli
