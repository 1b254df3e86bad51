// apigw provider add NAME: a provider's key into .env and its line into the config, once the provider took the key.
//
// Nothing is written before the provider has answered, and the config keeps its comments and its layout. Run again it
// changes nothing that is there already. The key is asked for without echo and never taken as an argument.
#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "new_provider.h"
#include "output.h"
#include "render/file_tree.h"
#include "render/yaml_writer.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

Exit unknown_provider(Env& env, const std::string& name) {
  std::vector<std::string_view> names;
  for (const config::KnownProvider& row : assembly::vocabulary().providers) names.push_back(row.name);
  const auto near = text::closest(name, names);
  if (name == "mock")
    return complain(env, Exit::input, "the mock is built in and needs no entry", "its models are mock/NAME");
  return complain(
      env, Exit::input, fmt::format("no provider '{}' is known", text::printable(name)),
      near ? fmt::format("did you mean '{}'?", *near)
           : "give its address with --provider-url; 'apigw provider add --help' lists those that are known");
}

std::string words(const ordered_json& body, const ProviderFlags& flags, const NewProvider& provider) {
  const std::string_view would = flags.dry_run ? "would write" : "wrote";
  std::string out = fmt::format("{}  {}\n", flags.name, body["state"].get<std::string>());
  if (provider.source == "asked")
    out += fmt::format("{} {} to {}\n", would, provider.variable, provider.dotenv);
  else if (!provider.source.empty())
    out += fmt::format("{} is set, from {}\n", provider.variable,
                       provider.source == ".env" ? ".env" : "the environment");
  const bool changed = provider.after != provider.before;
  return out + (changed ? fmt::format("{} '{}: {}' to {}\n", would, flags.name,
                                      render::write_yaml_line(provider.entry), provider.path)
                        : fmt::format("{} has it already\n", provider.path));
}

// The flags that say what stands in the entry.
std::vector<std::string> said(const ProviderFlags& flags) {
  std::vector<std::string> out;
  for (const auto& [flag, value] : {std::pair<std::string, const std::string&>{"--provider-url", flags.url},
                                    {"--region", flags.region},
                                    {"--project", flags.project},
                                    {"--variable", flags.variable}})
    if (!value.empty()) out.push_back(flag);
  return out;
}

Exit report(Env& env, const Globals& globals, const ProviderFlags& flags, const NewProvider& provider,
            const std::string& state) {
  const bool changed = provider.after != provider.before;
  const ordered_json body{{"provider", flags.name},      {"state", state},          {"variable", provider.variable},
                          {"key_from", provider.source}, {"config", provider.path}, {"changed", changed}};
  const Exit exit =
      write_document(env, globals, "provider", body, [&](bool) { return words(body, flags, provider); });
  env.out.flush();  // on one terminal the next step stands last
  const std::string given = text::join(said(flags), ", ");
  if (exit == Exit::done && !changed && !given.empty() && !globals.quiet)
    env.err << fmt::format("note: provider '{}' is in {} already: {} changed nothing there; edit its line\n",
                           flags.name, text::printable(provider.path), given);
  if (exit == Exit::done && changed && !globals.quiet)
    env.err << fmt::format("\nNext: name one of its models below `models:`, as in `chat: {}/MODEL`\n", flags.name);
  return exit;
}

Exit add(Env& env, const Globals& globals, const ProviderFlags& flags) {
  if (known_provider(flags.name) == nullptr && flags.url.empty()) return unknown_provider(env, flags.name);
  auto provider = plan_provider(env, globals, flags, Intent::look);
  if (!provider) return provider.error();
  if (flags.diff) {
    env.out << render::unified_diff(provider->path, provider->before, provider->after);
    return provider->after == provider->before ? Exit::done : Exit::no;
  }
  if (const auto found = find_key(env, globals, flags, *provider); !found) return found.error();
  const auto state = try_key(env, globals, flags, *provider);
  if (!state) return state.error();
  if (!flags.dry_run)
    if (const auto written = write_provider(env, globals, flags, *provider); !written) return written.error();
  return report(env, globals, flags, *provider, *state);
}

std::string known_list() {
  std::string out = "Known providers and the variables of their keys\n";
  for (const config::KnownProvider& row : assembly::vocabulary().providers)
    out += fmt::format("  {:<12} {}\n", row.name, row.variable.empty() ? "none" : row.variable);
  return out;
}

}  // namespace

extern const Command command_provider_add;
const Command command_provider_add = {
    .name = "provider add",
    .summary = "put an AI provider and its key into the project",
    .details =
        "Asks for the key (not shown), asks the provider for its models to see that it takes the key, then writes\n"
        "the key to .env (mode 0600) and the provider's line into the config. A key that is set already, in the\n"
        "environment or in .env, is used as it is. Running it again changes nothing.\n"
        "Exit code 4 when the key is missing or refused, 3 when the provider is not reached; then nothing was\n"
        "written.\n\n"
        "Examples:\n"
        "  apigw provider add openai\n"
        "  apigw provider add groq --yes --no-ping\n"
        "  apigw provider add bedrock --region eu-central-1\n"
        "  apigw provider add local --provider-url http://127.0.0.1:8000/v1 --diff",
    .job = Job::start,
    .table = known_list,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<ProviderFlags>();
      options.add({.names = "NAME", .doc = "which provider", .completes = "providers", .required = true},
                  &flags->name);
      options.add({.names = "--provider-url", .doc = "its address, for one that is not known", .value = "URL"},
                  &flags->url);
      options.add({.names = "--region", .doc = "of a cloud, for one whose address names it", .value = "REGION"},
                  &flags->region);
      options.add({.names = "--project", .doc = "of a cloud, likewise", .value = "PROJECT"}, &flags->project);
      options.add(
          {.names = "--variable", .doc = "variable of the key (default the provider's usual one)", .value = "NAME"},
          &flags->variable);
      options.add({.names = "--no-ping", .doc = "do not ask the provider"}, &flags->no_ping);
      options.add({.names = "--yes", .doc = "write also when the provider refuses the key or is not reached"},
                  &flags->yes);
      options.add({.names = "--dry-run", .doc = "say what would be written, write nothing"}, &flags->dry_run);
      options.add({.names = "--diff", .doc = "print what would change in the config, write nothing"}, &flags->diff);
      return [flags](Env& env, const Globals& globals) { return add(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
