// apigw test [FILE…]: the tests of a project, of its prompts and of its routes, with the examples of OpenAPI
// documents.
//
// Prompts are asked as `prompt test` asks them. Routes are called through the gateway: the project's running one,
// else one that is started for the tests and ends with them. A gateway, service or provider that failed is never a
// failed assertion.
#include <algorithm>
#include <memory>
#include <ostream>

#include "assembly/vocabulary.h"
#include "command.h"
#include "diag/render.h"
#include "door.h"
#include "dotenv.h"
#include "own_gateway.h"
#include "project.h"
#include "prompt/tests.h"
#include "prompt_jobs.h"
#include "route_jobs.h"
#include "test_files.h"
#include "test_jobs.h"

namespace apigw::cli {
namespace {

constexpr std::size_t most_bytes = 10 << 20;  // of an OpenAPI document
constexpr std::chrono::milliseconds usual_start{30'000};

struct Flags {
  std::vector<std::string> files;
  std::string jobs = "4";
  bool live = false;
};

// The project as `run` reads it, with the tests of all prompts judged where no file is named: what is wrong in
// another file than the named ones keeps nobody from running those.
std::expected<model::PlanPtr, Exit> plan_of(Env& env, const Globals& globals, const Flags& flags) {
  auto request = project_request(env, globals);
  if (!request) return std::unexpected(request.error());
  request->secrets = config::Secrets::optional;
  request->development = true;
  if (flags.files.empty()) request->judge_tests.emplace();
  const auto dotenv = with_dotenv(env, request->path);
  if (!dotenv) return std::unexpected(dotenv.error());
  auto loaded = load_project(env, globals, std::move(*request), dotenv->environment);
  if (!loaded) return std::unexpected(loaded.error());
  return loaded->plan;
}

// What is tested when no file is named: the prompts in their order, then the files below tests/.
std::vector<std::string> usual_files(const Env& env, const model::Plan& plan) {
  std::vector<std::string> out;
  for (const model::Prompt& prompt : plan.prompts)
    if (std::string file = prompt::tests_of(prompt.file); env.files.exists(file)) out.push_back(std::move(file));
  std::ranges::move(route_test_files(env.files, plan.file), std::back_inserter(out));
  return out;
}

// All files, with every finding of all of them said first.
std::expected<std::vector<TestFile>, Exit> read_files(Env& env, const std::vector<std::string>& paths,
                                                      const model::PlanPtr& plan, bool quiet) {
  const TestReader reader(env.files, plan);
  std::vector<TestFile> files;
  std::size_t broken = 0;
  for (const std::string& path : paths) {
    auto text = env.files.read_named(path, most_bytes);
    if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
    ReadTests read = reader.read(path, std::move(*text));
    const auto format = env.terminal.err ? diag::Format::full : diag::Format::concise;
    if (!quiet || read.report.has_errors())
      env.err << diag::render(read.report, read.sources, format, env.terminal.color_err);
    broken += read.file ? 0 : 1;
    if (read.file) files.push_back(std::move(*read.file));
  }
  if (broken == 0) return files;
  return std::unexpected(complain(
      env, Exit::input, broken == 1 ? "a test file has errors" : fmt::format("{} test files have errors", broken),
      "'apigw explain CODE' explains each of them"));
}

bool calls_routes(const TestFile& file) {
  return std::ranges::any_of(file.cases, [](const cases::Case& test) { return test.untested.empty(); });
}

// Whom the tests ask; what is not needed is not opened.
struct Places {
  std::unique_ptr<Door> door;           // prompts
  std::unique_ptr<OwnGateway> started;  // routes, where none ran
  CallPlace routes;
};

Exit open_routes(Env& env, const Globals& globals, const model::Plan& plan, run::Signals& signals, Places& places) {
  const auto running = find_gateway(project_path(env, globals), false, env.files, env.environment);
  if (running) {
    places.routes = {running->address, running->dev_key};
    return Exit::done;
  }
  if (running.error().kind != ErrorKind::not_found)
    return complain(env, exit_of_file(running.error()), running.error().what);
  if (env.terminal.err && !globals.quiet) env.err << "starting a gateway for the tests …\n" << std::flush;
  auto started = OwnGateway::start(env, globals, plan, globals.timeout.value_or(usual_start), signals);
  if (!started) return started.error();
  places.started = std::move(*started);
  places.routes = {places.started->place().address, places.started->place().dev_key};
  return Exit::done;
}

std::expected<std::vector<TestJob>, Exit> jobs_of(Env& env, const Globals& globals, const Flags& flags,
                                                  const std::vector<TestFile>& files, const model::Plan& plan,
                                                  run::Signals& signals, Places& places) {
  const auto timeout = globals.timeout.value_or(usual_call_timeout);
  std::vector<std::string> prompts;
  for (const TestFile& file : files)
    if (file.prompt != nullptr) prompts.push_back(file.prompt->name);
  if (!prompts.empty()) {
    auto door = Door::open(env, globals, {.running = flags.live, .mock = !flags.live, .tests = std::move(prompts)});
    if (!door) return std::unexpected(door.error());
    places.door = std::move(*door);
  }
  if (std::ranges::any_of(files, calls_routes))
    if (const Exit opened = open_routes(env, globals, plan, signals, places); opened != Exit::done)
      return std::unexpected(opened);
  std::vector<TestJob> jobs;
  for (const TestFile& file : files) {
    auto more = file.prompt == nullptr ? route_jobs(env, file, places.routes, timeout)
                                       : prompt_jobs(env, *places.door, *file.prompt, file.path, timeout);
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
  const auto plan = plan_of(env, globals, flags);
  if (!plan) return plan.error();
  const auto files =
      read_files(env, flags.files.empty() ? usual_files(env, **plan) : flags.files, *plan, globals.quiet);
  if (!files) return files.error();
  Places places;
  const auto jobs = jobs_of(env, globals, flags, *files, **plan, signals, places);
  if (!jobs) return jobs.error();
  if (jobs->empty())
    return complain(env, Exit::input, "there are no tests",
                    "write them to tests/NAME.test.yaml, those of a prompt to prompts/NAME.test.yaml");
  const auto verdicts = run_jobs(env, *jobs, *at_once, signals, [&] {
    if (places.started) places.started->stop(true);
  });
  places.started.reset();
  return report_tests(env, globals, {.kind = "tests", .group = {"file", "FILE"}, .suite = {}}, *jobs, verdicts);
}

}  // namespace

extern const Command command_test;
const Command command_test = {
    .name = "test",
    .summary = "run the tests of routes and prompts, and the examples of OpenAPI documents",
    .details =
        "Without FILE: every prompts/NAME.test.yaml, as `prompt test` runs it, and every *.test.yaml below tests/:\n"
        "  cases:\n"
        "    - name: an order is found\n"
        "      call: GET /orders/o-1                # the words of `apigw call`\n"
        "      headers: { accept: text/plain }      # one without a value is not sent: authorization:\n"
        "      body: { item: tea }                  # JSON; a text is sent as it is\n"
        "      expect:\n"
        "        status: 200                        # or a list, or 2xx; 2xx or 3xx where it is left out\n"
        "        headers: { content-type: { contains: json } }\n"
        "        json-path: { $.id: o-1 }           # and json-schema, equals, contains, regex, max-latency\n"
        "FILE may be an OpenAPI document: each operation is called with its own examples, and the answer held "
        "against\n"
        "the statuses and schemas that it declares; an operation without examples is listed as untested.\n"
        "Routes are called through the project's running gateway, else through one that is started for the tests, "
        "on\n"
        "ports of its own, and ends with them. --timeout is for each call (150s) and for that start (30s).\n"
        "Cases run at the same time, so none may need what another one did; -j 1 runs them one after the other.\n"
        "Formats: table, tsv, csv, json, jsonl, yaml, junit.\n"
        "Exit code: 1 when an assertion failed; 3 when the gateway or what is behind it did, 4 when it was for a "
        "key:\n"
        "never taken for a failed assertion; 2 when a file cannot be used or nothing could be tested.\n\n"
        "Examples:\n"
        "  apigw test\n"
        "  apigw test tests/orders.test.yaml -j 8\n"
        "  apigw test services/orders/openapi.json\n"
        "  apigw test -o junit=report.xml",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add(
          {.names = "FILE", .doc = "test files and OpenAPI documents; all tests without", .completes = "files"},
          &flags->files);
      options.add({.names = "-j,--jobs", .doc = "calls at once (default 4)", .value = "N"}, &flags->jobs);
      options.add({.names = "--live", .doc = "ask the prompts' own models, not the mock"}, &flags->live);
      return [flags](Env& env, const Globals& globals) { return test(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
