#include "new_provider.h"

#include <istream>
#include <ostream>

#include "assembly/provider_ping.h"
#include "assembly/vocabulary.h"
#include "base/text.h"
#include "dotenv.h"
#include "import/config_draft.h"
#include "project.h"
#include "run/dotenv.h"
#include "terminal.h"

namespace apigw::cli {
namespace {

constexpr std::chrono::seconds ping_time{10};

using Done = std::expected<void, Exit>;

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

// The variable of a provider that the catalogue does not know: LOCAL_API_KEY.
std::string usual_variable(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool digit_or_capital = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : digit_or_capital ? c : '_';
  }
  return out + "_API_KEY";
}

render::Value entry_of(const ProviderFlags& flags, const std::string& variable) {
  render::Value fields = import::object();
  if (!flags.url.empty()) import::put(fields, "url", import::text(flags.url));
  if (!flags.region.empty()) import::put(fields, "region", import::text(flags.region));
  if (!flags.project.empty()) import::put(fields, "project", import::text(flags.project));
  if (!variable.empty()) import::put(fields, "key", import::text("env:" + variable));
  return fields;
}

const model::Provider* provider_in(const config::Loaded& loaded, std::string_view name) {
  if (loaded.plan == nullptr) return nullptr;
  const auto found = std::ranges::find(loaded.plan->providers, name, &model::Provider::name);
  return found == loaded.plan->providers.end() ? nullptr : &*found;
}

config::Loaded load(Env& env, const Globals& globals, const NewProvider& provider, const std::string& text) {
  const config::Request request{.path = provider.path,
                                .text = text,
                                .profile = globals.profile,
                                .sets = globals.sets,
                                .secrets = config::Secrets::optional};
  return config::load(request, env.files, provider.environment, assembly::vocabulary());
}

// The project as it stands.
std::expected<NewProvider, Exit> survey(Env& env, const Globals& globals, Intent intent) {
  auto edit = read_config(env, globals, "provider add", intent);
  if (!edit) return std::unexpected(edit.error());
  NewProvider provider;
  static_cast<ConfigEdit&>(provider) = std::move(*edit);
  const auto tracked = [&](const std::string& directory, const std::string& file) {
    return tracked_by_git(directory, file, env.environment);
  };
  auto dotenv = read_dotenv(env.files, provider.path, env.environment, tracked);
  if (!dotenv) return std::unexpected(complain(env, Exit::input, dotenv.error()));
  provider.dotenv = std::move(dotenv->path);
  provider.environment = std::move(dotenv->environment);
  return provider;
}

bool may_ask(const Env& env, const Globals& globals) {
  return env.terminal.in && env.terminal.err && !globals.no_input;
}

std::string ask_secret(Env& env, std::string_view name) {
  std::string line;
  env.err << name << " (not shown): ";
  {
    const SilentInput silent;
    std::getline(env.in, line);
  }
  env.err << '\n';
  if (line.ends_with('\r')) line.pop_back();
  return std::string(text::trim(line));
}

bool agrees(Env& env, const Globals& globals, const ProviderFlags& flags) {
  if (flags.yes) return true;
  if (!may_ask(env, globals)) return false;
  env.err << "Write it all the same? [y/N] ";
  std::string line;
  std::getline(env.in, line);
  return text::iequals(text::trim(line), "y") || text::iequals(text::trim(line), "yes");
}

Done write(Env& env, const std::string& path, std::string_view content, unsigned mode) {
  const auto written = env.files.write(path, content, mode);
  if (!written) return stop(env, exit_of_file(written.error()), written.error().what);
  return {};
}

Done write_key(Env& env, const NewProvider& provider) {
  const auto alone = env.files.lock(provider.dotenv, most_wait);
  if (!alone) return stop(env, exit_of_file(alone.error()), alone.error().what);
  std::string content;
  if (env.files.exists(provider.dotenv)) {
    auto before = env.files.read(provider.dotenv, config_limit);
    if (!before) return stop(env, exit_of_file(before.error()), before.error().what);
    content = std::move(*before);
  }
  if (!content.empty() && !content.ends_with('\n')) content += '\n';
  return write(env, provider.dotenv, content + run::dotenv_line(provider.variable, provider.value.expose()), 0600);
}

}  // namespace

const config::KnownProvider* known_provider(std::string_view name) {
  const auto& rows = assembly::vocabulary().providers;
  const auto found = std::ranges::find(rows, name, &config::KnownProvider::name);
  return found == rows.end() ? nullptr : &*found;
}

std::expected<NewProvider, Exit> plan_provider(Env& env, const Globals& globals, const ProviderFlags& flags,
                                               Intent intent) {
  auto provider = survey(env, globals, intent);
  if (!provider) return provider;
  const config::KnownProvider* const known = known_provider(flags.name);
  provider->variable = !flags.variable.empty() ? flags.variable
                       : known != nullptr      ? std::string(known->variable)
                                               : usual_variable(flags.name);
  provider->entry = entry_of(flags, provider->variable);
  if (const auto added = add_entry(env, *provider, "providers", flags.name, provider->entry); !added)
    return std::unexpected(added.error());
  const config::Loaded loaded = load(env, globals, *provider, provider->after);
  const model::Provider* const made = provider_in(loaded, flags.name);
  if (made == nullptr)
    return refuse_edit(env,
                       provider->before.empty() ? config::Loaded{} : load(env, globals, *provider, provider->before),
                       loaded, "provider");
  const bool there = provider->after == provider->before;
  if (there) provider->variable = made->key.kind == model::SecretRef::Kind::env ? made->key.name : "";
  return provider;
}

Done find_key(Env& env, const Globals& globals, const ProviderFlags& flags, NewProvider& provider) {
  const std::string& variable = provider.variable;
  if (variable.empty()) return {};
  const auto usable = [&]() -> Done {
    const auto why = config::unusable(provider.value.expose());
    if (why.empty()) return {};
    return stop(env, Exit::credentials, fmt::format("{} {}", variable, why),
                "copy the key again, without a line's end");
  };
  if (const auto set = provider.environment.find(variable);
      set != provider.environment.end() && !set->second.empty()) {
    provider.value = Secret(set->second);
    provider.source = env.environment.contains(variable) ? "environment" : ".env";
    return usable();
  }
  if (flags.dry_run) return {};
  if (!may_ask(env, globals))
    return stop(env, Exit::credentials, fmt::format("{} is not set", variable),
                fmt::format("export {0}=…, or write {0}=… into {1}, and run this again", variable,
                            text::printable(provider.dotenv)));
  provider.value = Secret(ask_secret(env, variable));
  if (provider.value.empty()) return stop(env, Exit::credentials, "no key was given", "nothing was written");
  provider.source = "asked";
  provider.environment[variable] = provider.value.expose();
  return usable();
}

std::expected<std::string, Exit> try_key(Env& env, const Globals& globals, const ProviderFlags& flags,
                                         const NewProvider& provider) {
  if (flags.no_ping || flags.dry_run) return "not asked";
  const config::Loaded loaded = load(env, globals, provider, provider.after);
  const model::Provider* const made = provider_in(loaded, flags.name);
  if (made == nullptr) return stop(env, Exit::bug, "the config with this provider gives no plan");
  const auto pong = assembly::ping(*made, provider.environment, globals.timeout.value_or(ping_time), env.clock);
  if (pong && pong->status < 300 && pong->lists) return fmt::format("answers ({} ms)", pong->took.count());
  if (pong && !pong->asked) return "not asked, as it has no call that costs nothing";
  const bool refused = pong && (pong->status == 401 || pong->status == 403);
  if (pong && !refused) {
    const std::string found = pong->status < 300 ? "no JSON object" : fmt::format("a {}", pong->status);
    const Exit exit =
        complain(env, Exit::world,
                 fmt::format("{} is reached, and its list of models is {}: the key is not proven", flags.name, found),
                 "check the address with --provider-url; --yes writes it all the same");
    if (!agrees(env, globals, flags)) return std::unexpected(exit);
    return "reached, the key is not proven";
  }
  const Exit exit = refused
                        ? complain(env, Exit::credentials,
                                   fmt::format("{} refused {} ({})", flags.name,
                                               provider.variable.empty() ? "us" : provider.variable, pong->status),
                                   "copy the key again, whole")
                        : complain(env, exit_of_world(pong.error()), pong.error().what,
                                   "see what is in the way: apigw doctor --online");
  if (!agrees(env, globals, flags)) return std::unexpected(exit);
  return refused ? "refused the key" : "not reached";
}

Done write_provider(Env& env, const Globals& globals, const ProviderFlags& flags, NewProvider& provider) {
  if (provider.source == "asked")
    if (auto done = write_key(env, provider); !done) return done;
  auto now = plan_provider(env, globals, flags, Intent::write);
  if (!now) return std::unexpected(now.error());
  static_cast<ConfigEdit&>(provider) = std::move(*now);
  return write_config(env, provider);
}

}  // namespace apigw::cli
