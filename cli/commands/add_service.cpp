// apigw add service PATH|URL: a service that is there already comes behind the gateway.
#include "add_service.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "output.h"
#include "render/file_tree.h"
#include "render/yaml_writer.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

std::string words(const AddedFlags& flags, const AddedService& service) {
  if (service.again) return fmt::format("{} has '{}' already\n", service.config.path, service.name);
  std::string out;
  const scaffold::Existing& found = service.found;
  if (!found.language.empty())
    out += fmt::format("{}  {}, as {} tells\n", service.name, found.language, found.language_from);
  if (found.port) out += fmt::format("port {}, as {} tells\n", *found.port, found.port_from);
  const std::string_view would = flags.dry_run ? "would write" : "wrote";
  out += fmt::format("{} to {}:\n  {}: {}\n", would, service.config.path, service.name,
                     render::write_yaml_line(service.entry));
  for (const std::string& route : service.routes) out += fmt::format("  {}\n", route);
  return out;
}

ordered_json document_of(const AddedService& service) {
  const scaffold::Existing& found = service.found;
  return {{"service", service.name},
          {"language", found.language},
          {"run", found.run},
          {"port", found.port ? ordered_json(*found.port) : ordered_json()},
          {"health", service.health},
          {"openapi", service.document},
          {"routes", service.routes},
          {"config", service.config.path},
          {"changed", service.config.after != service.config.before}};
}

Exit add(Env& env, const Globals& globals, const AddedFlags& flags) {
  const auto service = plan_added(env, globals, flags);
  if (!service) return service.error();
  if (!globals.quiet)
    for (const std::string& note : service->notes) env.err << "note: " << note << '\n';
  const ConfigEdit& config = service->config;
  if (flags.diff) {
    env.out << render::unified_diff(config.path, config.before, config.after);
    return config.after == config.before ? Exit::done : Exit::no;
  }
  if (!flags.dry_run)
    if (const auto written = write_config(env, config); !written) return written.error();
  const Exit exit =
      write_document(env, globals, "service", document_of(*service), [&](bool) { return words(flags, *service); });
  env.out.flush();  // on one terminal the next step stands last
  if (exit == Exit::done && !globals.quiet && !flags.dry_run && !service->again) env.err << "\nNext: apigw run\n";
  return exit;
}

}  // namespace

extern const Command command_add_service;
const Command command_add_service = {
    .name = "add service",
    .summary = "put a service that is there already behind the gateway",
    .details =
        "Of a folder, the language and how it starts are read off go.mod, package.json, pyproject.toml,\n"
        "requirements.txt, pom.xml, build.gradle, Cargo.toml or CMakeLists.txt, a fixed port off EXPOSE of its\n"
        "Dockerfile, and health and one route for each path off openapi.json or openapi.yaml (also below api/ and\n"
        "docs/). Without a document one route stands for all paths. An address, http:// or https://, is that of a\n"
        "service that runs elsewhere. Only the config is written, comments and layout kept; nothing is started and\n"
        "nothing is sent. Running it again changes nothing.\n\n"
        "Examples:\n"
        "  apigw add service ../stock --diff\n"
        "  apigw add service services/orders --name shop-orders --run './server' --port 9001\n"
        "  apigw add service http://stock.internal.example:9001 --route /stock",
    .job = Job::start,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<AddedFlags>();
      options.add(
          {.names = "PLACE", .doc = "folder of the service, or its address", .completes = "dirs", .required = true},
          &flags->place);
      options.add({.names = "--name",
                   .doc = "what the config calls it (default the folder's or host's name)",
                   .value = "NAME"},
                  &flags->name);
      options.add({.names = "--run", .doc = "command that starts it, for /bin/sh in its folder", .value = "COMMAND"},
                  &flags->run);
      options.add(
          {.names = "--port", .doc = "port that it always listens on (default PORT decides)", .value = "PORT"},
          &flags->port);
      options.add({.names = "--route", .doc = "public path of its paths (default /NAME)", .value = "PATH"},
                  &flags->route);
      options.add({.names = "--dry-run", .doc = "say what would be written, write nothing"}, &flags->dry_run);
      options.add({.names = "--diff", .doc = "print what would change in the config, write nothing"}, &flags->diff);
      return [flags](Env& env, const Globals& globals) { return add(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
