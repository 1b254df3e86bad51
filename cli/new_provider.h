// A provider on its way into a project: what would change is found out whole, then tried, then written.
//
// Nothing is written before the provider has answered, and the config keeps its comments and its layout. The key
// comes from the environment, from .env, or from a person at a terminal, without echo.
#pragma once
#include <expected>
#include <string>

#include "base/secret.h"
#include "command.h"
#include "config_edit.h"

namespace apigw::cli {

struct ProviderFlags {
  std::string name, url, region, project, variable;
  bool no_ping = false, yes = false, dry_run = false, diff = false;
};

struct NewProvider : ConfigEdit {
  render::Value entry;   // what stands behind the provider's name
  std::string dotenv;    // path of .env
  std::string variable;  // of the key; empty: it takes none, or has it elsewhere
  Secret value;
  std::string source;  // of the value: "environment", ".env", "asked"; empty: not known
  config::Environment environment;
};

// The row of the catalogue, or nothing.
[[nodiscard]] const config::KnownProvider* known_provider(std::string_view name);

// Each complains about what keeps it from its end and returns the exit code.
[[nodiscard]] std::expected<NewProvider, Exit> plan_provider(Env& env, const Globals& globals,
                                                             const ProviderFlags& flags, Intent intent);
// Looks for the key's value and asks for it; a dry run only looks.
[[nodiscard]] std::expected<void, Exit> find_key(Env& env, const Globals& globals, const ProviderFlags& flags,
                                                 NewProvider& provider);
// Asks the provider for its models. What it said in words; refused or not reached it is an Exit unless somebody
// agrees to go on.
[[nodiscard]] std::expected<std::string, Exit> try_key(Env& env, const Globals& globals, const ProviderFlags& flags,
                                                       const NewProvider& provider);
// Into the config as it is by now: nobody was kept off while a person was asked.
[[nodiscard]] std::expected<void, Exit> write_provider(Env& env, const Globals& globals, const ProviderFlags& flags,
                                                       NewProvider& provider);

}  // namespace apigw::cli
