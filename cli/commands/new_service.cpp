// apigw new service NAME: a microservice that runs behind the gateway at once.
#include "new_service.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "command.h"
#include "output.h"
#include "pipeline/pipeline.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

void say_next(Env& env, const Globals& globals, const ServiceFlags& flags, const NewService& service,
              const std::vector<Step>& steps) {
  if (globals.quiet) return;
  for (const std::string& note : service.notes) env.err << "note: " << note << '\n';
  const auto kept = [&](const Step& step) { return step.path == service.pipeline && step.change == Change::keep; };
  if (!service.again && !service.pipeline.empty() && std::ranges::any_of(steps, kept))
    env.err << fmt::format("note: '{}' was there and is kept: no other pipeline is written for this service\n",
                           service.pipeline);
  if (flags.tree.dry_run) return;
  std::string next;
  if (!service.again) {
    if (!service.stack.test.empty())
      next += fmt::format("  cd {} && {}    # its tests\n", service.directory, service.stack.test);
    next += "  apigw run\n";
    if (!service.route.empty() && service.request.origin.empty())
      next += fmt::format("  apigw call GET {}/items    # in a second terminal\n", service.route);
  }
  if (!service.pipeline_wiring.empty()) next += fmt::format("  for the pipeline, {}\n", service.pipeline_wiring);
  if (!next.empty()) env.err << "\nNext:\n" << next;
}

Exit make(Env& env, const Globals& globals, const ServiceFlags& flags) {
  const auto service = plan_service(env, globals, flags);
  if (!service) return service.error();
  const auto steps = write_service(env, flags, *service);
  if (!steps) return steps.error();
  if (flags.tree.diff) {
    const bool changes = std::ranges::any_of(
        *steps, [](const Step& step) { return step.change != Change::same && step.change != Change::keep; });
    return changes ? Exit::no : Exit::done;
  }
  ordered_json rows = ordered_json::array();
  for (const Step& step : *steps) rows.push_back({{"change", word(step.change)}, {"path", step.path}});
  const Exit written =
      write_table(env, globals, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
  if (written == Exit::done) say_next(env, globals, flags, *service, *steps);
  return written;
}

std::string language_table() {
  std::string out = "Languages, and how their tests run\n";
  for (const scaffold::Language& row : scaffold::languages()) out += fmt::format("  {:<8} {}\n", row.word, row.test);
  out += "\nFrameworks\n";
  for (const scaffold::Language& row : scaffold::frameworks())
    out += fmt::format("  {:<8} {}; {}\n", row.word, row.of, row.test);
  return out;
}

std::vector<std::string_view> words_of(const auto& rows) {
  std::vector<std::string_view> words;
  for (const auto& row : rows) words.push_back(row.word);
  return words;
}

std::vector<std::string_view> system_words() {
  auto words = words_of(pipeline::systems());
  words.emplace_back("none");
  return words;
}

}  // namespace

extern const Command command_new_service;
const Command command_new_service = {
    .name = "new service",
    .summary = "write a microservice and put it behind the gateway",
    .details =
        "The folder holds a service on the language's standard library alone (C++: on Debian's cpp-httplib), or on\n"
        "--framework, whose packages are pinned and come from the language's registry: an example resource, health, "
        "readiness and metrics, JSON logs, graceful shutdown, tests, a container file and\n"
        "an OpenAPI document. A pipeline beside it (--ci) tests it and builds its image, where the config's folder "
        "is the\n"
        "root of the repository. The config gets its service and a route for each path of the document,\n"
        "none for probes and metrics, comments and layout kept, so that `apigw run` starts it at once; without a\n"
        "config one is written.\n\n"
        "Run it again with a newer apigw: what is in `runtime/`, Dockerfile and .dockerignore are written anew\n"
        "unless you edited them, which service.lock tells. All other files are yours and never touched again.\n"
        "A folder with another program in it is refused, unless --force is to write around its files.\n\n"
        "template.yaml says `run:`, and if there is: `test:`, `health:`, `kind:`, `verbatim:` (globs that are copied "
        "as\n"
        "they are) and `parameters:` (NAME: { description, type: text|number|boolean, choices, default }). The "
        "other\n"
        "files, their names too, are templates: {{name}}, {{#each calls}}{{variable}}{{/each}}, {{#if NAME}}.\n\n"
        "Examples:\n"
        "  apigw new service stock --lang python\n"
        "  apigw new service orders --lang python --calls stock --route /shop/orders\n"
        "  apigw new service prices --framework fastapi\n"
        "  apigw new service mailer --lang python --kind worker --dry-run\n"
        "  apigw new service gate --template templates/service --set owner=web",
    .job = Job::start,
    .table = language_table,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<ServiceFlags>();
      options.add({.names = "NAME", .doc = "what the service is called", .required = true}, &flags->name);
      options.add({.names = "--lang",
                   .doc = "language of the service",
                   .value = "LANG",
                   .choices = words_of(scaffold::languages())},
                  &flags->language);
      options.add({.names = "--framework",
                   .doc = "web framework, instead of the standard library; brings its language",
                   .value = "NAME",
                   .choices = words_of(scaffold::frameworks())},
                  &flags->framework);
      options.add({.names = "--template",
                   .doc = "a template of your own: a folder with template.yaml; --set gives its parameters",
                   .value = "DIR",
                   .completes = "dirs"},
                  &flags->origin);
      options.add({.names = "--kind",
                   .doc = "http answers calls, worker repeats a job (default http)",
                   .value = "KIND",
                   .choices = {std::begin(scaffold::kinds), std::end(scaffold::kinds)}},
                  &flags->kind);
      options.add({.names = "--dir",
                   .doc = "folder below the config's (default services/NAME)",
                   .value = "DIR",
                   .completes = "dirs"},
                  &flags->directory);
      options.add({.names = "--calls",
                   .doc = "services that it calls, with commas between; it gets their address as NAME_URL",
                   .value = "NAMES",
                   .completes = "services"},
                  &flags->calls);
      options.add({.names = "--route", .doc = "public path of its paths (default /NAME)", .value = "PATH"},
                  &flags->route);
      options.add({.names = "--port", .doc = "fixed port under `apigw run` (default a free one)", .value = "PORT"},
                  &flags->port);
      options.add({.names = "--ci",
                   .doc = "system of its pipeline (default the one that the project has, else github)",
                   .value = "SYSTEM",
                   .choices = system_words()},
                  &flags->ci);
      declare_tree_flags(options, flags->tree);
      return [flags](Env& env, const Globals& globals) { return make(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
