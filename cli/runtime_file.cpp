#include "runtime_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>

#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t file_limit = 64 << 10;

Result<std::string> place(Files& files, const config::Environment& environment) {
  const auto xdg = environment.find("XDG_RUNTIME_DIR");
  const bool usable = xdg != environment.end() && xdg->second.starts_with('/') && files.directory(xdg->second);
  const std::string path = usable ? xdg->second + "/apigw" : fmt::format("/tmp/apigw-{}", ::geteuid());
  if (auto made = files.private_directory(path); !made) return std::unexpected(made.error());
  return path;
}

bool alive(int pid) {
  return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

// What tells a process from an earlier one of the same pid; 0 where that is not known.
struct Identity {
  std::uint64_t pids = 0;     // the pid namespace that it counts in
  std::uint64_t started = 0;  // in clock ticks since the machine's start
};

Identity identity_of(int pid) {
  Identity identity;
  struct stat space{};
  if (::stat("/proc/self/ns/pid", &space) == 0) identity.pids = space.st_ino;
  // The name in parentheses may hold anything; the 20th word behind it is the start (proc(5), field 22).
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream rest(text.substr(std::min(text.rfind(')'), text.size() - 1) + 1));
  std::string word;
  for (int i = 0; i < 20; ++i) rest >> word;
  if (rest) identity.started = text::parse_number(word).value_or(0);
  return identity;
}

std::string member(const ordered_json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::uint64_t number(const ordered_json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

struct Found {
  RuntimeFile gateway;
  Identity identity;
};

std::optional<Found> parse(const std::string& text) {
  const auto document = ordered_json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto pid = document.find("pid");
  RuntimeFile gateway{.address = member(document, "address"),
                      .admin_address = member(document, "admin_address"),
                      .dev_key = Secret{member(document, "dev_key")},
                      .admin_key = Secret{member(document, "admin_key")},
                      .pid = pid != document.end() && pid->is_number_integer() ? pid->get<int>() : 0,
                      .config = member(document, "config")};
  if (gateway.address.empty()) return std::nullopt;
  return Found{std::move(gateway), {.pids = number(document, "pids"), .started = number(document, "started")}};
}

enum class Life : std::uint8_t { runs, gone, unknown };

// Another pid namespace counts its own processes: nothing can be said of them from here.
Life life_of(const Found& found) {
  const Identity now = identity_of(found.gateway.pid);
  const bool same_space = now.pids != 0 && now.pids == found.identity.pids;
  if (!same_space && now.pids != 0 && found.identity.pids != 0) return Life::unknown;
  const bool another = now.started != 0 && found.identity.started != 0 && now.started != found.identity.started;
  if (alive(found.gateway.pid) && !another) return Life::runs;
  return same_space ? Life::gone : Life::unknown;
}

}  // namespace

Result<std::string> write_runtime_file(const RuntimeFile& gateway, Files& files,
                                       const config::Environment& environment) {
  const auto directory = place(files, environment);
  if (!directory) return std::unexpected(directory.error());
  const Identity identity = identity_of(gateway.pid);
  const ordered_json document{{"apigw", 1},
                              {"kind", "runtime"},
                              {"pid", gateway.pid},
                              {"pids", identity.pids},
                              {"started", identity.started},
                              {"address", gateway.address},
                              {"admin_address", gateway.admin_address},
                              {"dev_key", gateway.dev_key.expose()},
                              {"admin_key", gateway.admin_key.expose()},
                              {"config", gateway.config}};
  std::string path = fmt::format("{}/{}.json", *directory, gateway.pid);
  const std::string text = document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  if (auto written = files.write(path, text, 0600); !written) return std::unexpected(written.error());
  return path;
}

Result<std::vector<RuntimeFile>> running_gateways(Files& files, const config::Environment& environment) {
  const auto directory = place(files, environment);
  if (!directory) return std::unexpected(directory.error());
  std::vector<RuntimeFile> gateways;
  for (const std::string& path : files.glob(*directory + "/*.json")) {
    const auto text = files.read(path, file_limit);
    if (!text) continue;
    auto found = parse(*text);
    const Life life = found ? life_of(*found) : Life::unknown;
    if (life == Life::runs) gateways.push_back(std::move(found->gateway));
    if (life == Life::gone) (void)files.remove(path);  // what stays is passed over again
  }
  std::ranges::sort(gateways, {}, &RuntimeFile::pid);
  return gateways;
}

Result<RuntimeFile> find_gateway(const std::string& config, bool any, Files& files,
                                 const config::Environment& environment) {
  auto gateways = running_gateways(files, environment);
  if (!gateways) return std::unexpected(gateways.error());
  std::vector<RuntimeFile> matching;
  for (RuntimeFile& gateway : *gateways)
    if (any || gateway.config == config) matching.push_back(std::move(gateway));
  const auto own = std::ranges::find(matching, config, &RuntimeFile::config);
  if (own != matching.end()) return std::move(*own);
  if (matching.empty()) return fail(ErrorKind::not_found, "no gateway is running for this project");
  if (matching.size() == 1) return std::move(matching.front());
  std::string list;
  for (const RuntimeFile& gateway : matching)
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", gateway.address, gateway.config);
  return fail(ErrorKind::invalid, "several gateways run and none of them for this project: " + list);
}

}  // namespace apigw::cli
