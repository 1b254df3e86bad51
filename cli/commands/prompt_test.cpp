// apigw prompt test [NAME…]: the test cases of prompts, on the mock or live.
//
// A provider that failed is never a failed assertion: the case is an error, and the exit code 3.
#include <memory>

#include "command.h"
#include "door.h"
#include "prompt/tests.h"
#include "prompt_input.h"
#include "prompt_jobs.h"
#include "test_jobs.h"

namespace apigw::cli {
namespace {

struct Flags {
  std::vector<std::string> names;
  std::string jobs = "4";
  bool live = false;
};

// The cases of the named prompts, of all without names.
std::expected<std::vector<TestJob>, Exit> jobs_of(Env& env, const Door& door, const std::vector<std::string>& names,
                                                  std::chrono::milliseconds timeout) {
  std::vector<const model::Prompt*> wanted;
  for (const std::string& name : names) {
    const auto prompt = prompt_named(env, door.plan(), name);
    if (!prompt) return std::unexpected(prompt.error());
    wanted.push_back(*prompt);
  }
  if (names.empty())
    for (const model::Prompt& prompt : door.plan().prompts) wanted.push_back(&prompt);
  std::vector<TestJob> jobs;
  for (const model::Prompt* prompt : wanted) {
    const std::string file = prompt::tests_of(prompt->file);
    if (!env.files.exists(file)) {
      if (names.empty()) continue;
      return std::unexpected(complain(env, Exit::input, fmt::format("prompt '{}' has no tests", prompt->name),
                                      fmt::format("write them to {}", file)));
    }
    auto more = prompt_jobs(env, door, *prompt, prompt->name, timeout);
    if (!more) return std::unexpected(more.error());
    std::ranges::move(*more, std::back_inserter(jobs));
  }
  return jobs;
}

Exit test(Env& env, const Globals& globals, const Flags& flags) {
  const auto at_once = read_jobs(flags.jobs);
  if (!at_once) return complain(env, Exit::input, at_once.error());
  if (const auto all = destinations(globals, test_formats()); !all) return complain(env, Exit::input, all.error());
  run::Signals signals({SIGINT, SIGTERM, SIGHUP});  // before every thread
  const auto door = Door::open(env, globals, {.running = flags.live, .mock = !flags.live, .tests = flags.names});
  if (!door) return door.error();
  const auto jobs = jobs_of(env, **door, flags.names, globals.timeout.value_or(usual_call_timeout));
  if (!jobs) return jobs.error();
  if (jobs->empty()) return complain(env, Exit::input, "there are no tests", "write them to prompts/NAME.test.yaml");
  const auto verdicts = run_jobs(env, *jobs, *at_once, signals, [] {});
  return report_tests(env, globals, {.kind = "prompt-tests", .group = {"prompt", "PROMPT"}, .suite = "prompts"},
                      *jobs, verdicts);
}

}  // namespace

extern const Command command_prompt_test;
const Command command_prompt_test = {
    .name = "prompt test",
    .summary = "run the test cases of prompts, on the mock or live",
    .details =
        "Tests stand beside the prompt: prompts/NAME.test.yaml. The mock answers them unless --live asks for the\n"
        "prompt's own model. Formats: table, tsv, csv, json, jsonl, yaml, junit.\n"
        "Exit code: 1 when an assertion failed or the model refused, 3 when a provider failed, 4 when it was for a\n"
        "key; they are never taken for each other.\n\n"
        "Examples:\n"
        "  apigw prompt test\n"
        "  apigw prompt test sentiment --live -j 8\n"
        "  apigw prompt test -o junit=report.xml",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "NAME", .doc = "prompts to test; all without a name", .completes = "prompts"},
                  &flags->names);
      options.add({.names = "-j,--jobs", .doc = "calls at once (default 4)", .value = "N"}, &flags->jobs);
      options.add({.names = "--live", .doc = "ask the prompts' own models"}, &flags->live);
      return [flags](Env& env, const Globals& globals) { return test(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
