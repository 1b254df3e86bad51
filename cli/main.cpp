// Builds Env from the real world and runs one command.
//
// The only place that reads argv, environ and the standard descriptors. SIGPIPE is ignored here once: a pipe whose
// reader left shows as a failed write, which DescriptorBuffer takes as the end of interest.
#include <iostream>
#include <istream>
#include <ostream>
#include <system_error>

#include <signal.h>
#include <unistd.h>

#include "command.h"
#include "files.h"
#include "terminal.h"

namespace {

using namespace apigw;

config::Environment environment_of(char** variables) {
  config::Environment environment;
  for (; *variables != nullptr; ++variables) {
    const std::string_view line = *variables;
    const auto equals = line.find('=');
    if (equals != std::string_view::npos) environment.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return environment;
}

}  // namespace

int main(int count, char** arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  cli::DescriptorBuffer out_buffer{STDOUT_FILENO};
  cli::DescriptorBuffer err_buffer{STDERR_FILENO};
  std::ostream out{&out_buffer};
  std::ostream err{&err_buffer};
  err << std::unitbuf;
  cli::DiskFiles files;
  const SystemClock clock;
  auto environment = environment_of(environ);
  const auto terminal = cli::detect_terminal(environment);
  cli::Env env{.files = files,
               .in = std::cin,
               .out = out,
               .err = err,
               .clock = clock,
               .environment = std::move(environment),
               .terminal = terminal,
               .program = count > 0 ? arguments[0] : "apigw"};
  const int exit = cli::run_cli({arguments + (count > 0 ? 1 : 0), arguments + count}, env);
  out.flush();
  if (out_buffer.failure() == 0) return exit;
  const auto reason = std::error_code(out_buffer.failure(), std::generic_category()).message();
  return static_cast<int>(cli::complain(env, cli::Exit::world, "write to stdout: " + reason));
}
