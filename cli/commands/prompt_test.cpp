// apigw prompt test [NAME…]: the test cases of prompts, on the mock or live.
//
// A provider that failed is never a failed assertion: the case is an error, and the exit code 3.
#include "prompt/prompt.h"

#include <atomic>
#include <mutex>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "door.h"
#include "output.h"
#include "prompt/tests.h"
#include "prompt_input.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::milliseconds usual_timeout{150'000};
constexpr std::size_t most_jobs = 64;

struct Flags {
  std::vector<std::string> names;
  std::string jobs = "4";
  bool live = false;
};

struct Planned {
  const model::Prompt* prompt;
  prompt::Case test;
};

struct Verdict {
  enum class Kind : std::uint8_t { passed, failed, error } kind = Kind::passed;
  std::chrono::milliseconds took{0};
  std::string why;
};

std::string_view word(Verdict::Kind kind) {
  return kind == Verdict::Kind::passed ? "passed" : kind == Verdict::Kind::failed ? "failed" : "error";
}

Verdict judge(const prompt::Case& test, const Door::Reply& reply, std::chrono::milliseconds took) {
  const auto document = json::scan(reply.body, {.depth = 256});
  const json::Member* output = document ? document->find("output") : nullptr;
  const json::Member* code = document ? document->find("code") : nullptr;
  const std::string reason = code ? json::string_at(reply.body, code->value).value_or("") : "";
  if (reason == "output_mismatch") return {Verdict::Kind::failed, took, refusal_text(reply)};
  if (reply.status >= 300 || !output) return {Verdict::Kind::error, took, refusal_text(reply)};
  std::string why;
  for (const prompt::Expectation& expectation : test.expect) {
    const std::string what = mismatch(expectation, json::at(reply.body, output->value), took);
    if (!what.empty()) why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", prompt::word(expectation.kind), what);
  }
  return {why.empty() ? Verdict::Kind::passed : Verdict::Kind::failed, took, std::move(why)};
}

Verdict run_one(const Env& env, const Door& door, const Planned& job, std::chrono::milliseconds timeout) {
  const auto began = env.clock.now();
  const auto reply = door.ask("/prompts/" + job.prompt->name, job.test.variables, timeout);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(env.clock.now() - began);
  if (!reply) return {Verdict::Kind::error, took, reply.error().what};
  return judge(job.test, *reply, took);
}

std::vector<Verdict> run_all(const Env& env, const Door& door, const std::vector<Planned>& jobs, std::size_t at_once,
                             std::chrono::milliseconds timeout) {
  std::vector<Verdict> verdicts(jobs.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) verdicts[i] = run_one(env, door, jobs[i], timeout);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(at_once, jobs.size()); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  return verdicts;
}

// The cases of the named prompts, of all without names. They were read with the project, so they have no findings.
std::expected<std::vector<Planned>, Exit> jobs_of(Env& env, const model::Plan& plan,
                                                  const std::vector<std::string>& names) {
  std::vector<Planned> jobs;
  std::vector<const model::Prompt*> wanted;
  for (const std::string& name : names) {
    const auto prompt = prompt_named(env, plan, name);
    if (!prompt) return std::unexpected(prompt.error());
    wanted.push_back(*prompt);
  }
  if (names.empty())
    for (const model::Prompt& prompt : plan.prompts) wanted.push_back(&prompt);
  for (const model::Prompt* prompt : wanted) {
    const std::string file = prompt::tests_of(prompt->file);
    if (!env.files.exists(file)) {
      if (names.empty()) continue;
      return std::unexpected(complain(env, Exit::input, fmt::format("prompt '{}' has no tests", prompt->name),
                                      fmt::format("write them to {}", file)));
    }
    auto text = env.files.read(file, prompt::most_bytes);
    if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
    diag::Sources sources;
    diag::Report report;
    auto cases = prompt::read_tests(sources.add(file, std::move(*text)), sources, report);
    for (prompt::Case& test : cases.value_or(std::vector<prompt::Case>{})) jobs.push_back({prompt, std::move(test)});
  }
  return jobs;
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

std::string junit(const std::vector<Planned>& jobs, const std::vector<Verdict>& verdicts) {
  std::size_t failed = 0, errors = 0;
  std::string body;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    body += fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")", xml(jobs[i].prompt->name),
                        xml(jobs[i].test.name), static_cast<double>(verdict.took.count()) / 1000);
    if (verdict.kind == Verdict::Kind::passed) {
      body += "/>\n";
      continue;
    }
    const bool wrong = verdict.kind == Verdict::Kind::failed;
    ++(wrong ? failed : errors);
    body += fmt::format(">\n      <{0} message=\"{1}\"/>\n    </testcase>\n", wrong ? "failure" : "error",
                        xml(text::printable(verdict.why, 2000)));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"prompts\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}  </testsuite>\n"
      "</testsuites>\n",
      jobs.size(), failed, errors, body);
}

// Destinations of junit are ours; the others are any table's.
Exit report(Env& env, const Globals& globals, const std::vector<Planned>& jobs,
            const std::vector<Verdict>& verdicts) {
  Globals others = globals;
  std::erase_if(others.output,
                [](const std::string& asked) { return asked == "junit" || asked.starts_with("junit="); });
  bool printed = false;
  for (const std::string& asked : globals.output) {
    if (asked != "junit" && !asked.starts_with("junit=")) continue;
    const std::string file = asked == "junit" ? "" : asked.substr(6);
    printed = printed || file.empty();
    const Exit exit = deliver(env, {.format = "junit", .file = file}, junit(jobs, verdicts));
    if (exit != Exit::done) return exit;
  }
  if (printed && others.output.empty()) return Exit::done;
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < jobs.size(); ++i)
    rows.push_back({{"prompt", jobs[i].prompt->name},
                    {"case", jobs[i].test.name},
                    {"result", word(verdicts[i].kind)},
                    {"ms", verdicts[i].took.count()},
                    {"why", text::printable(verdicts[i].why, 1000)}});
  return write_table(
      env, others,
      {.kind = "prompt-tests",
       .columns = {{"prompt", "PROMPT"}, {"case", "CASE"}, {"result", "RESULT"}, {"ms", "MS"}, {"why", "WHY"}}},
      rows);
}

Exit test(Env& env, const Globals& globals, const Flags& flags) {
  const auto at_once = text::parse_number(flags.jobs);
  if (!at_once || *at_once < 1 || *at_once > most_jobs)
    return complain(env, Exit::input, fmt::format("--jobs cannot be '{}'", text::printable(flags.jobs)),
                    "from 1 to 64");
  auto formats = std::vector<std::string_view>(table_formats.begin(), table_formats.end());
  formats.emplace_back("junit");
  if (const auto all = destinations(globals, formats); !all) return complain(env, Exit::input, all.error());
  const auto door = Door::open(env, globals, {.running = flags.live, .mock = !flags.live, .tests = true});
  if (!door) return door.error();
  const auto jobs = jobs_of(env, (*door)->plan(), flags.names);
  if (!jobs) return jobs.error();
  if (jobs->empty()) return complain(env, Exit::input, "there are no tests", "write them to prompts/NAME.test.yaml");
  const auto verdicts = run_all(env, **door, *jobs, *at_once, globals.timeout.value_or(usual_timeout));
  if (const Exit exit = report(env, globals, *jobs, verdicts); exit != Exit::done) return exit;
  const auto count = [&](Verdict::Kind kind) { return std::ranges::count(verdicts, kind, &Verdict::kind); };
  const auto failed = count(Verdict::Kind::failed), errors = count(Verdict::Kind::error);
  if (!globals.quiet)
    env.err << fmt::format("{} passed, {} failed, {} errors\n", count(Verdict::Kind::passed), failed, errors);
  return errors > 0 ? Exit::world : failed > 0 ? Exit::no : Exit::done;
}

}  // namespace

extern const Command command_prompt_test;
const Command command_prompt_test = {
    .name = "prompt test",
    .summary = "run the test cases of prompts, on the mock or live",
    .details =
        "Tests stand beside the prompt: prompts/NAME.test.yaml. The mock answers them unless --live asks for the\n"
        "prompt's own model. Formats: table, tsv, csv, json, jsonl, yaml, junit.\n"
        "Exit code: 1 when an assertion failed, 3 when a provider did; the two are never taken for each other.\n\n"
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
