#include "runtime_file.h"

#include <cerrno>

#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

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

std::string member(const ordered_json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<RuntimeFile> parse(const std::string& text) {
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
  return gateway;
}

}  // namespace

Result<std::string> write_runtime_file(const RuntimeFile& gateway, Files& files,
                                       const config::Environment& environment) {
  const auto directory = place(files, environment);
  if (!directory) return std::unexpected(directory.error());
  const ordered_json document{{"apigw", 1},
                              {"kind", "runtime"},
                              {"pid", gateway.pid},
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
    auto gateway = parse(*text);
    if (gateway && alive(gateway->pid)) gateways.push_back(std::move(*gateway));
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
