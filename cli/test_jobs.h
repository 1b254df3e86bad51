// Test cases on their way: run several at once, each ends in a verdict, and the verdicts become one report.
//
// `prompt test` and `test` share it. A provider, service or gateway that failed is an error, never a failed
// assertion, and what could not be tested is said and counts as neither.
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "output.h"
#include "run/signals.h"

namespace apigw::cli {

struct Verdict {
  enum class Kind : std::uint8_t { passed, failed, error, untested } kind = Kind::passed;
  std::chrono::milliseconds took{0};
  std::string why;          // of a passed case: what of it was not checked, or was cut
  Exit exit = Exit::world;  // what an error is: world or credentials
};
[[nodiscard]] std::string_view word(Verdict::Kind kind);

struct TestJob {
  std::string group;  // the prompt, or the file
  std::string name;
  std::function<Verdict()> run;  // called on any thread
};

// -j: how many at once, from 1 to 64.
[[nodiscard]] std::expected<std::size_t, Complaint> read_jobs(std::string_view jobs);

// Whatever order they run in, verdict i is of job i. At a signal `stop` is called, which ends what the jobs wait for,
// and the process ends as interrupted.
[[nodiscard]] std::vector<Verdict> run_jobs(Env& env, const std::vector<TestJob>& jobs, std::size_t at_once,
                                            run::Signals& signals, const std::function<void()>& stop);

// What the report calls its parts.
struct TestReport {
  std::string_view kind;   // of the document: "prompt-tests"
  Column group;            // {"prompt", "PROMPT"}
  std::string_view suite;  // of JUnit; empty: one a group
};
[[nodiscard]] std::vector<std::string_view> test_formats();  // those of tables, and junit
// Writes what -o asks for, and the counts to stderr. 1 when an assertion failed, 3 or 4 when
// something else did, 2 when nothing could be tested.
[[nodiscard]] Exit report_tests(Env& env, const Globals& globals, const TestReport& report,
                                const std::vector<TestJob>& jobs, const std::vector<Verdict>& verdicts);

}  // namespace apigw::cli
