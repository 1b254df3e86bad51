#include "run/launch.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace apigw::run {
namespace {

// Where the service answers, or nothing for a name that is no service (prompts/NAME).
std::optional<std::string> url_of(const model::Plan& plan, const Ports& ports, const std::string& name) {
  for (const model::Service& service : plan.services) {
    if (service.name != name) continue;
    const auto port = ports.find(name);
    if (service.run && port != ports.end())
      return fmt::format("http://127.0.0.1:{}{}", port->second, service.base_path);
    if (!service.instances.empty()) return service.instances.front().text() + service.base_path;
  }
  return std::nullopt;
}

}  // namespace

Ports assign_ports(const model::Plan& plan, const Ports& kept, const std::function<std::uint16_t()>& choose) {
  Ports ports;
  for (const model::Service& service : plan.services) {
    if (!service.run) continue;
    const auto before = kept.find(service.name);
    if (service.port)
      ports[service.name] = *service.port;
    else
      ports[service.name] = before != kept.end() ? before->second : choose();
  }
  return ports;
}

model::PlanPtr with_ports(const model::Plan& plan, const Ports& ports) {
  auto copy = std::make_shared<model::Plan>(plan);
  for (model::Service& service : copy->services) {
    const auto port = ports.find(service.name);
    if (!service.run || port == ports.end()) continue;
    service.instances = {model::Origin{.tls = false, .host = "127.0.0.1", .port = port->second}};
  }
  return copy;
}

std::vector<Launch> launches(const model::Plan& plan, const Ports& ports, const Environment& base,
                             const std::string& gateway_url) {
  std::vector<Launch> result;
  for (const model::Service& service : plan.services) {
    const auto port = ports.find(service.name);
    if (!service.run || port == ports.end()) continue;
    Launch launch{.name = service.name,
                  .command = service.run->command,
                  .directory = service.run->directory,
                  .environment = base,
                  .port = port->second,
                  .health_path = service.health_path,
                  .calls = service.calls};
    launch.environment["PORT"] = std::to_string(port->second);
    launch.environment["APIGW_URL"] = gateway_url;
    for (const std::string& called : service.calls)
      if (const auto url = url_of(plan, ports, called)) launch.environment[model::url_variable(called)] = *url;
    for (const auto& [name, value] : service.environment) launch.environment[name] = value;
    result.push_back(std::move(launch));
  }
  return result;
}

bool port_is_free(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // As most servers do: a port in TIME_WAIT counts as free.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return free;
}

std::uint16_t PortChooser::operator()() {
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    const auto port = static_cast<std::uint16_t>(first + next_);
    next_ = (next_ + 1) % count;
    if (port_is_free(port)) return port;
  }
  return 0;
}

}  // namespace apigw::run
