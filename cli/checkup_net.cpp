// doctor: ports, the way to each provider, and what the providers themselves say.
#include "assembly/provider_ping.h"
#include "base/text.h"
#include "checkup.h"
#include "project.h"
#include "run/launch.h"
#include "runtime_file.h"

namespace apigw::cli {
namespace {

constexpr std::chrono::seconds worth_a_word{30}, too_far{300};

// An address that the config asks for.
struct Asked {
  std::string host;
  std::uint16_t port = 0;
  bool given = true;  // a default port moves on when it is busy
};

std::vector<Asked> addresses(const model::Plan& plan) {
  std::vector<Asked> all;
  for (const model::Listener& listener : plan.listeners)
    all.push_back({listener.host, listener.port, listener.port_given});
  if (plan.admin.on && plan.admin.unix_path.empty())
    all.push_back({plan.admin.host, plan.admin.port, plan.admin.port_given});
  if (plan.health.on) all.push_back({plan.health.host, plan.health.port, true});
  return all;
}

const RuntimeFile* owner_of(const std::vector<RuntimeFile>& gateways, std::uint16_t port) {
  const std::string ending = fmt::format(":{}", port);
  for (const RuntimeFile& gateway : gateways)
    if (gateway.address.ends_with(ending) || gateway.admin_address.ends_with(ending)) return &gateway;
  return nullptr;
}

// `project`: what the file of its own gateway says that it serves.
CheckRow port_row(const std::vector<RuntimeFile>& gateways, const std::string& project, const Asked& asked) {
  CheckRow row{.check = "ports", .subject = fmt::format("{}:{}", asked.host, asked.port)};
  const RuntimeFile* const owner = owner_of(gateways, asked.port);
  if (owner != nullptr && owner->config == project) {
    row.found = fmt::format("apigw run has it, process {}", owner->pid);
  } else if (owner == nullptr && run::port_is_free(asked.port)) {
    row.found = "free";
  } else {
    row.health = asked.given ? Health::fail : Health::warn;
    row.found = owner == nullptr ? "busy"
                                 : fmt::format("busy: the gateway of {} has it, process {}",
                                               text::printable(owner->config), owner->pid);
    if (!asked.given)
      row.found += owner == nullptr ? ": apigw run takes the next free one" : "; apigw run takes the next free one";
    row.fix = owner == nullptr ? "find what holds it with 'ss -ltnp', or choose another port"
                               : "stop that one, or choose another port";
  }
  return row;
}

void add_variable(const Checkup& checkup, const char* name, bool directory, CheckRows& rows) {
  const auto set = checkup.environment.find(name);
  if (set == checkup.environment.end() || set->second.empty()) return;
  const bool there = directory ? checkup.env.files.directory(set->second) : checkup.env.files.exists(set->second);
  rows.push_back({there ? Health::ok : Health::fail, "network", name, text::printable(set->second),
                  there ? "" : "nothing is there: no provider's certificate can be verified"});
}

// Whether the environment names a proxy for this provider that the config does not ask for.
bool passes_a_proxy(const Checkup& checkup, model::Provider provider) {
  if (provider.outbound.proxy != model::Outbound::Proxy::none) return false;
  provider.outbound.proxy = model::Outbound::Proxy::env;
  const auto way = assembly::way_to(provider, checkup.environment);
  return way && way->starts_with("through");
}

// The clock of this machine against that of the provider that answered.
CheckRow clock_row(std::chrono::system_clock::duration ahead) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ahead);
  const auto off = std::chrono::abs(seconds);
  CheckRow row{.check = "clock", .subject = "this machine"};
  row.health = off > too_far ? Health::fail : off > worth_a_word ? Health::warn : Health::ok;
  row.found = off <= worth_a_word
                  ? std::string("agrees with the provider's")
                  : fmt::format("{} s {} the provider's", off.count(), seconds.count() > 0 ? "ahead of" : "behind");
  if (row.health != Health::ok) row.fix = "switch time synchronisation on: timedatectl set-ntp true";
  return row;
}

CheckRow pong_row(const std::string& name, bool keyed, const Result<assembly::Pong>& pong) {
  CheckRow row{.check = "online", .subject = "providers." + name};
  if (!pong) {
    row.health = Health::fail;
    row.found = pong.error().what;
    row.fix = "check the address, the proxy (HTTPS_PROXY) and the certificates (outbound: ca)";
  } else if (!pong->asked) {
    row.found = "not asked: it has no call that costs nothing";
  } else if (pong->status == 401 || pong->status == 403) {
    row.health = Health::fail;
    row.found = keyed ? fmt::format("refuses the key ({})", pong->status)
                      : fmt::format("wants a key ({}), and none was sent", pong->status);
    row.fix = keyed ? "make a new key at the provider, and set it" : "write key: env:NAME for it in the config";
  } else if (pong->status >= 300) {
    row.health = Health::warn;
    row.found = fmt::format("reached, but its list of models is a {}", pong->status);
    row.fix = pong->status == 429 || pong->status >= 500 ? "ask again later: the provider cannot answer now"
                                                         : "check its url in the config";
  } else if (!pong->lists) {
    row.health = Health::warn;
    row.found = fmt::format("reached, but its list of models is no JSON object ({})", pong->status);
    row.fix = "check its url in the config; is it the API, or a page?";
  } else {
    row.found = fmt::format("{} ({} ms)", keyed ? "takes the key" : "answers without a key", pong->took.count());
  }
  return row;
}

}  // namespace

void check_ports(const Checkup& checkup, CheckRows& rows) {
  if (checkup.loaded.plan == nullptr) return;
  const auto gateways = running_gateways(checkup.env.files, checkup.env.environment);
  const std::vector<RuntimeFile> none;
  const std::string project = project_path(checkup.env, checkup.globals);
  for (const Asked& asked : addresses(*checkup.loaded.plan))
    rows.push_back(port_row(gateways ? *gateways : none, project, asked));
}

void check_ways(const Checkup& checkup, CheckRows& rows) {
  add_variable(checkup, "SSL_CERT_FILE", false, rows);
  add_variable(checkup, "SSL_CERT_DIR", true, rows);
  if (checkup.loaded.plan == nullptr) return;
  for (const model::Provider& provider : checkup.loaded.plan->providers) {
    if (provider.mock) continue;
    const auto way = assembly::way_to(provider, checkup.environment);
    CheckRow row{.check = "network", .subject = "providers." + provider.name};
    row.found =
        way ? fmt::format("{}://{}, {}", provider.origin.tls ? "https" : "http", provider.origin.authority(), *way)
            : way.error().what;
    if (!way) {
      row.health = Health::fail;
      row.fix = "write the proxy as http://host:port";
    } else if (passes_a_proxy(checkup, provider)) {
      row.health = Health::warn;
      row.found += "; the environment names a proxy";
      row.fix = "outbound: { proxy: env } in the config goes through it";
    } else if (!provider.outbound.verify) {
      row.health = Health::warn;
      row.found += ", its certificate is not verified";
      row.fix = "take verify: false out; a private CA goes into outbound: ca";
    }
    rows.push_back(std::move(row));
  }
}

void check_online(const Checkup& checkup, CheckRows& rows) {
  if (checkup.loaded.plan == nullptr) return;
  bool compared = false;
  for (model::Provider provider : checkup.loaded.plan->providers) {
    if (provider.mock) continue;
    FoundSecret secret = find_secret(checkup, provider.key);
    if (!secret.problem.empty()) continue;  // check_values says it
    provider.key.value = std::move(secret.value);
    const auto pong = assembly::ping(provider, checkup.environment, checkup.patience, checkup.env.clock);
    rows.push_back(pong_row(provider.name, provider.key.loaded(), pong));
    if (compared || !pong || !pong->date) continue;
    rows.push_back(clock_row(checkup.env.clock.wall() - *pong->date));
    compared = true;
  }
}

}  // namespace apigw::cli
