// `emit systemd`: units for one machine, of the gateway and of every service with a `run:`.
//
// A unit runs as a user that exists while it runs, sees a file system that it cannot write, and gets its secrets as
// credentials, which no other process reads. Units are trees of sections until they are written, so that
// `deploy.patches` reaches them: { Service: { CPUQuota: 50% } }, a list for a key that stands more than once.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/bundle.h"
#include "emit/claims.h"
#include "emit/patches.h"
#include "emit/tree.h"

namespace apigw::emit {
namespace {

constexpr std::string_view config_root = "/etc/apigw", code_root = "/opt/apigw",
                           credentials = "/run/credentials/apigw.service/";
constexpr std::uint16_t first_port = 9101;  // of services that name none

std::string unit_name(const model::Service& service) {
  return "apigw-" + object_name(service.name);
}

// A command of ours, and not an address of somebody else's: a placeholder, or the port that the config fixes.
bool runs(const model::Service& service) {
  return service.run && std::ranges::all_of(service.instances, [&](const model::Origin& at) {
           return at.port == 0 || (at.host == "127.0.0.1" && at.port == service.port);
         });
}

std::uint16_t port_of(const model::Plan& plan, const model::Service& service) {
  if (service.port) return *service.port;
  std::uint16_t port = first_port;
  const auto taken = [&](std::uint16_t wanted) {
    return std::ranges::any_of(plan.services, [&](const auto& other) { return other.port == wanted; }) ||
           std::ranges::any_of(plan.listeners, [&](const auto& listener) { return listener.port == wanted; }) ||
           plan.health.port == wanted || plan.admin.port == wanted;
  };
  for (const model::Service& other : plan.services) {
    if (other.port) continue;
    while (taken(port)) ++port;
    if (&other == &service) break;
    ++port;
  }
  return port;
}

std::string url_of(const model::Plan& plan, const model::Service& service) {
  if (!runs(service)) return service.instances.empty() ? "" : service.instances.front().text() + service.base_path;
  return fmt::format("http://127.0.0.1:{}{}", port_of(plan, service), service.base_path);
}

std::vector<Set> sets(const model::Plan& plan) {
  std::vector<Set> out;
  for (const model::Service& service : plan.services)
    if (runs(service)) out.emplace_back("services." + service.name + ".url", url_of(plan, service));
  for (const auto& [field, secret] : secrets_of(plan))
    if (const std::string name = variable_of(plan, *secret); !name.empty())
      out.emplace_back(field, fmt::format("file:{}{}", credentials, name));
  return out;
}

// A value in quotes, as ExecStart= and Environment= read them; `$` is a variable in commands alone.
std::string quoted(std::string_view s, bool command) {
  std::string out = "\"";
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '%' || (c == '$' && command))
      out += std::string(2, c);
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + '"';
}

std::string command_line(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& one : words) {
    const bool plain = !one.empty() && std::ranges::all_of(one, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("_-./:=,@+").contains(c);
    });
    out += (out.empty() ? "" : " ") + (plain ? one : quoted(one, true));
  }
  return out;
}

std::string written(const Value& unit) {
  std::string out = "# Written by apigw emit systemd.\n";
  for (const render::Member& section : unit.members) {
    out += fmt::format("\n[{}]\n", section.name);
    for (const render::Member& key : section.value.members) {
      const std::vector<Value> one{key.value};
      for (const Value& value : key.value.kind == Value::Kind::list ? key.value.items : one)
        out += fmt::format("{}={}\n", key.name, value.text);
    }
  }
  return out;
}

// What a command builds with before it serves, as far as it is known; empty: nothing.
std::string_view builds_with(std::string_view command) {
  constexpr std::string_view builders =
      "bundle install|cargo build|cargo run|cmake|dotnet build|dotnet run|go build|go run|gradle|gradlew|javac|make|"
      "mvn|mvnw|npm ci|npm install|npm run build|pip install|pnpm install|python3 -m venv|tsc|yarn install";
  const auto word = [&](std::size_t at) {
    return at < command.size() && (std::isalnum(static_cast<unsigned char>(command[at])) != 0 ||
                                   std::string_view("-_.").contains(command[at]));
  };
  for (const std::string_view builder : text::split(builders, '|'))
    for (auto at = command.find(builder); at != std::string_view::npos; at = command.find(builder, at + 1))
      if ((at == 0 || !word(at - 1)) && !word(at + builder.size())) return builder;
  return {};
}

// What a program that serves HTTP needs nothing of. `jit`: it may make code while it runs.
void harden(Value& service, bool jit, bool low_port) {
  const auto yes = [&](std::string_view key) { put(service, key, text("yes")); };
  for (const char* key : {"DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome",
                          "ProtectClock", "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs",
                          "ProtectKernelModules", "ProtectKernelTunables", "RemoveIPC", "RestrictNamespaces",
                          "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"})
    yes(key);
  put(service, "ProtectSystem", text("strict"));
  put(service, "ProtectProc", text("invisible"));
  put(service, "ProcSubset", text("pid"));
  put(service, "UMask", text("0077"));
  put(service, "RestrictAddressFamilies", text("AF_INET AF_INET6 AF_UNIX"));
  put(service, "SystemCallArchitectures", text("native"));
  put(service, "SystemCallFilter", texts({"@system-service", "~@privileged @resources"}));
  if (!jit) yes("MemoryDenyWriteExecute");
  if (low_port) put(service, "AmbientCapabilities", text("CAP_NET_BIND_SERVICE"));
  if (!low_port) yes("PrivateUsers");
  put(service, "CapabilityBoundingSet", text(low_port ? "CAP_NET_BIND_SERVICE" : ""));
}

void bound(const Options& options, const model::Container& container, Value& service) {
  put(service, "MemoryMax", text(std::to_string(container.memory)));
  if (options.cpu_limit) put(service, "CPUQuota", text(fmt::format("{}%", std::max(container.cpu * 4 / 10, 1u))));
  put(service, "TasksMax", text("512"));
}

class Writing {
 public:
  Writing(const model::Plan& plan, const Options& options, diag::Report& report)
      : plan_(plan), options_(options), report_(report) {}

  render::FileTree take() {
    gateway();
    for (const model::Service& service : plan_.services) this->service(service);
    std::vector<NamedTree> trees;
    for (render::Member& unit : units_.members) trees.push_back({"systemd/" + unit.name, &unit.value});
    apply_patches(plan_, "systemd", true, trees, report_);
    if (report_.has_errors()) return {};
    losses_of_all();
    render::FileTree tree;
    for (const render::Member& unit : units_.members) tree[unit.name + ".service"].content = written(unit.value);
    for (const ConfigFile& file : options_.files) tree["config/" + file.path].content = file.text;
    tree["README.md"].content = read_me();
    return tree;
  }

 private:
  static Value unit(std::string_view description, const std::vector<std::string>& after) {
    std::string names;
    for (const std::string& name : after) names += fmt::format(" {}.service", name);
    return object({{"Description", description},
                   {"Wants", "network-online.target" + names},
                   {"After", "network-online.target" + names}});
  }

  static Value environment(const std::map<std::string, std::string>& variables) {
    Value out = list();
    for (const auto& [name, value] : variables) out.items.push_back(text(quoted(name + "=" + value, false)));
    return out;
  }

  void add(const std::string& name, Value head, Value service) {
    put(units_, name,
        object({{"Unit", std::move(head)},
                {"Service", std::move(service)},
                {"Install", object({{"WantedBy", "multi-user.target"}})}}));
  }

  void gateway() {
    std::vector<std::string> after;
    for (const model::Service& service : plan_.services)
      if (runs_here(service)) after.push_back(unit_name(service));
    Value out = object({{"Type", "exec"}});
    const std::string name = options_.files.empty() ? "apigw.yaml" : options_.files.front().path;
    std::vector<std::string> command{"apigw", "serve", "-c", fmt::format("{}/{}", config_root, name)};
    if (!plan_.profile.empty()) command.insert(command.end(), {"--profile", plan_.profile});
    for (const auto& [path, value] : options_.sets) command.insert(command.end(), {"--set", path + "=" + value});
    put(out, "ExecStart", text(command_line(command)));
    put(out, "ExecReload", text("/bin/kill -HUP $MAINPID"));
    put(out, "WorkingDirectory", text(config_root));
    restart(out, (plan_.timeouts.drain.count() + 999) / 1000);
    Value loaded = list();
    for (const auto& [field, secret] : secrets_of(plan_)) {
      if (secret->kind != model::SecretRef::Kind::file || !secret->name.starts_with(credentials)) continue;
      const std::string key = secret->name.substr(credentials.size());
      loaded.items.push_back(text(fmt::format("{0}:{1}/secrets/{0}", key, config_root)));
      files_ += fmt::format("    {}/secrets/{}\n", config_root, key);
    }
    if (!loaded.items.empty()) put(out, "LoadCredential", std::move(loaded));
    std::map<std::string, std::string> plain;
    bool secrets = false;
    for (const auto& [variable, value] : options_.variables) {
      if (!is_secret(variable, value)) plain[variable] = value;
      secrets = secrets || is_secret(variable, value);
    }
    if (!plain.empty()) put(out, "Environment", environment(plain));
    if (secrets) secret_environment(out, "gateway", options_.variables);
    bound(options_, plan_.deploy.gateway, out);
    const bool low = std::ranges::any_of(plan_.listeners, [](const auto& listener) { return listener.port < 1024; });
    harden(out, false, low);
    add("apigw", unit("apigw gateway", after), std::move(out));
  }

  void secret_environment(Value& out, const std::string& name, const std::map<std::string, std::string>& variables) {
    const std::string path = fmt::format("{}/secrets/{}.env", config_root, name);
    put(out, "EnvironmentFile", text(path));
    files_ += "    " + path;
    for (const auto& [variable, value] : variables)
      if (is_secret(variable, value)) files_ += fmt::format(" {}=…", variable);
    files_ += "\n";
  }

  static void restart(Value& out, std::int64_t drain) {
    put(out, "Restart", text("on-failure"));
    put(out, "RestartSec", text("1s"));
    put(out, "TimeoutStopSec", text(fmt::format("{}s", drain + 5)));
  }

  // The gateway was told where they are, so that a command is all that says so.
  [[nodiscard]] bool runs_here(const model::Service& service) const {
    return std::ranges::any_of(options_.sets,
                               [&](const Set& set) { return set.first == "services." + service.name + ".url"; });
  }

  void service(const model::Service& service) {
    if (!runs_here(service)) {
      const bool placed = std::ranges::any_of(service.instances, [](const auto& at) { return at.port != 0; });
      if (!placed)
        report_
            .add(701, service.where, fmt::format("service '{}' has no command", text::printable(service.name, 60)),
                 "nothing to start it with")
            .helps.push_back("add run: how it is started, or url: where it is");
      return;
    }
    std::map<std::string, std::string> plain;
    bool secrets = false;
    std::vector<std::string> after;
    const std::uint16_t port = service.instances.front().port;
    plain["PORT"] = std::to_string(port);
    if (!plan_.listeners.empty())
      plain["APIGW_URL"] = fmt::format("http://127.0.0.1:{}", plan_.listeners.front().port);
    for (const std::string& call : service.calls) {
      const auto called = std::ranges::find(plan_.services, call, &model::Service::name);
      if (called == plan_.services.end()) continue;
      if (!called->instances.empty())
        plain[model::url_variable(call)] = called->instances.front().text() + called->base_path;
      if (runs_here(*called)) after.push_back(unit_name(*called));
    }
    for (const auto& [variable, value] : service.environment) {
      if (!is_secret(variable, value)) plain[variable] = value;
      secrets = secrets || is_secret(variable, value);
    }
    Value out = object({{"Type", "exec"}});
    put(out, "ExecStart", text(command_line({"/bin/sh", "-c", service.run->command})));
    put(out, "WorkingDirectory", text(folder_of(service)));
    restart(out, 30);
    put(out, "Environment", environment(plain));
    if (secrets) {
      secret_environment(out, object_name(service.name), service.environment);
      nearly(report_, service.where, fmt::format("services.{}.env", service.name),
             fmt::format("what looks like a secret is expected in {}/secrets/{}.env", config_root,
                         object_name(service.name)));
    }
    bound(options_, service.container, out);
    harden(out, true, port < 1024);
    add(unit_name(service), unit(service.name, after), std::move(out));
    told(service);
  }

  // Below the folder of the config there, below code_root here.
  [[nodiscard]] std::string folder_of(const model::Service& service) const {
    const auto slash = plan_.file.rfind('/');
    const std::string base = slash == std::string::npos ? "" : plan_.file.substr(0, slash + 1);
    std::string at = service.run->directory;
    if (at.starts_with(base)) at = at.substr(base.size());
    while (at.starts_with("./")) at = at.substr(2);
    while (at.starts_with("../")) at = at.substr(3);
    if (at.starts_with('/')) return at;
    return fmt::format("{}{}{}", code_root, at.empty() || at == "." ? "" : "/", at == "." ? "" : at);
  }

  void told(const model::Service& service) {
    const std::string field = "services." + service.name;
    nearly(report_, service.where, field + ".dir",
           fmt::format("its code is expected in {}, built: a unit writes nothing there", folder_of(service)));
    if (const std::string_view builder = builds_with(service.run->command); !builder.empty())
      report_.add(
          711, service.where,
          fmt::format("'{}.run' builds with '{}', and a unit writes nothing in {}: build there first, and let "
                      "run: start what was built",
                      field, builder, folder_of(service)));
    if (service.container.scale && service.container.scale->most > 1)
      nearly(report_, service.container.scale->where, field + ".scale", "one instance runs on one machine");
    if (!service.health_path.empty())
      lost(report_, service.where, field + ".health", "systemd restarts what ends and asks nobody how they are");
  }

  void losses_of_all() {
    const model::Deploy& deploy = plan_.deploy;
    if (!deploy.host.empty())
      lost(report_, deploy.host_where, "deploy.gateway.host", "a unit does not say under which name it is reached");
    if (deploy.gateway.scale && deploy.gateway.scale->most > 1)
      nearly(report_, deploy.gateway.scale->where, "deploy.gateway.scale", "one instance runs on one machine");
    for (const model::Listener& listener : plan_.listeners)
      if (listener.tls)
        nearly(report_, listener.where, "listen.tls",
               fmt::format("the unit's user must be able to read {}", listener.tls->key_file));
  }

  [[nodiscard]] std::string read_me() const {
    std::string names;
    for (const render::Member& unit : units_.members) names += " " + unit.name;
    std::string out = fmt::format(
        "# Written by apigw emit systemd\n\nChange the config and write it again; a file that was edited here is not "
        "overwritten.\n\n    cp *.service /etc/systemd/system && cp -r config/. {}\n    systemctl daemon-reload\n    "
        "systemctl enable --now{}\n\n`apigw` itself must be in /usr/local/bin or /usr/bin. After a "
        "change of the config alone: `systemctl reload apigw`.\n",
        config_root, names);
    if (!files_.empty())
      out += "\n## Files that must be there\n\nReadable by root alone (`chmod 600`); systemd hands them over.\n\n" +
             files_;
    return out + losses(report_);
  }

  const model::Plan& plan_;
  const Options& options_;
  diag::Report& report_;
  Value units_ = object();
  std::string files_;
};

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  return Writing(plan, options, report).take();
}

}  // namespace

extern const Emitter systemd_emitter;
const Emitter systemd_emitter = {
    .summary = "hardened units for one machine, of the gateway and of services with a command",
    .claims = systemd_claims,
    .whole = true,
    .sets = sets,
    .emit = emit,
};

}  // namespace apigw::emit
