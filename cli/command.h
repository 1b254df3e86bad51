// What a command is: one row of commands.txt, one file in commands/, one object of this type.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "env.h"
#include "exit_code.h"
#include "options.h"

namespace apigw::cli {

// The global flags, the same on every command.
struct Globals {
  std::string directory;            // -C; entered before the command runs
  std::string config;               // -c; empty: apigw.yaml when it is there
  std::vector<std::string> output;  // -o, repeatable: "json", "sarif=FILE"
  std::vector<std::pair<std::string, std::string>> sets;
  std::string profile;
  bool quiet = false;
  int verbose = 0;
  std::string color = "auto";
  bool no_input = false;
  std::optional<std::chrono::milliseconds> timeout;  // absent: the command's own default
};

// Where --help lists a command: the jobs that people come with.
enum class Job { start, run, call, check, more };

struct Command {
  std::string_view name;     // "key hash" for a second level
  std::string_view summary;  // one line, lower case
  std::string_view details;  // what --help says below the flags: at least one example
  Job job = Job::more;
  bool hidden = false;               // for programs: not listed, not completed
  std::string (*table)() = nullptr;  // lines of a roster that --help shows below the details; null: none
  // What it prints, where -o has no use: then the flag is refused with this sentence; empty: -o is heard.
  std::string_view prints = {};
  // Declares its flags and returns what runs once they are parsed; the returned function owns their places.
  std::function<Exit(Env&, const Globals&)> (*declare)(Options& options);
};

struct RosterRow {
  std::string_view word;
  const Command* command;
};
[[nodiscard]] std::span<const RosterRow> roster();

// The whole program but main: parses, runs one command, maps every failure to the table of exit codes.
[[nodiscard]] int run_cli(const std::vector<std::string>& arguments, Env& env);

}  // namespace apigw::cli
