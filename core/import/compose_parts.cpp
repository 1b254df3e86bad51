// Ports, commands, health checks and images of Compose; see compose.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/expand.h"
#include "config/grammar.h"
#include "config/readers.h"
#include "import/compose.h"
#include "import/interpolation.h"

namespace apigw::import::compose {
namespace {

std::optional<std::uint16_t> port_number(std::string_view s) {
  const auto number = text::parse_number(s);
  return number && *number >= 1 && *number <= 65535 ? std::optional(static_cast<std::uint16_t>(*number))
                                                    : std::nullopt;
}

// Parts between colons, those inside of ${…} and […] kept.
std::vector<std::string> port_parts(std::string_view s) {
  std::vector<std::string> parts{""};
  char closes = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (closes == 0 && s[i] == ':') {
      parts.emplace_back();
      continue;
    }
    if (s[i] == closes)
      closes = 0;
    else if (s.substr(i).starts_with("${"))
      closes = '}';
    else if (s[i] == '[' && closes == 0)
      closes = ']';
    parts.back() += s[i];
  }
  return parts;
}

// Of the host, where one of its addresses is named; every address is this machine's too.
std::string address_of(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host == "0.0.0.0" || host == "::") return "127.0.0.1";
  return host.contains(':') && !host.contains("${") ? fmt::format("[{}]", host) : std::string(host);
}

std::optional<Port> settled(const yaml::Node& item, std::string_view target, const std::string& published,
                            std::string_view host, std::string_view protocol, Importing& to,
                            const std::string& what) {
  const auto shown = fmt::format("port '{}' of {}", text::printable(target, 40), what);
  if (!protocol.empty() && protocol != "tcp") {
    to.lost(item.span, shown, "apigw speaks HTTP over TCP");
    return std::nullopt;
  }
  const auto expanded = config::expand(target, {});
  const auto number = port_number(expanded.text);
  if (!number || !expanded.faults.empty()) {
    to.lost(item.span, shown, "a single number is wanted");
    return std::nullopt;
  }
  const bool known = published.empty() || port_number(config::expand(published, {}).text) || published.contains("${");
  if (!known) to.lost(item.span, shown, "it is published on no single port");
  return Port{*number, known ? published : "", address_of(host), item.span};
}

}  // namespace

std::optional<Port> read_port(const yaml::Node& item, Importing& to, const std::string& what) {
  if (item.kind == yaml::Kind::mapping) {
    Fields fields(item, to, fmt::format("a port of {}", what));
    const auto target = fields.text("target");
    const std::string published = interpolated(fields.text("published").value_or("")).value_or("-");
    const std::string protocol = fields.text("protocol").value_or("");
    const std::string host = interpolated(fields.text("host_ip").value_or("")).value_or("");
    fields.ignore({"mode", "name", "app_protocol"});
    fields.rest();
    return settled(item, interpolated(target.value_or("")).value_or(""), published, host, protocol, to, what);
  }
  const auto written = item.kind == yaml::Kind::scalar ? interpolated(item.value) : std::nullopt;
  if (!written) {
    to.unreadable(item.span, fmt::format("a port of {} cannot be read: {}", what, to.shown(item)));
    return std::nullopt;
  }
  std::string_view rest = *written;
  std::string_view protocol;
  if (const auto slash = rest.rfind('/'); slash != std::string_view::npos && rest.find('}', slash) == rest.npos) {
    protocol = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  const std::vector<std::string> parts = port_parts(rest);
  if (parts.size() > 3) {
    to.unreadable(item.span, fmt::format("a port of {} cannot be read: {}", what, to.shown(item)));
    return std::nullopt;
  }
  return settled(item, parts.back(), parts.size() > 1 ? parts[parts.size() - 2] : "",
                 parts.size() > 2 ? parts[0] : "", protocol, to, what);
}

std::optional<std::string> read_command(const yaml::Node& node) {
  if (node.kind == yaml::Kind::scalar) return interpolated(node.value);
  std::string out;
  for (const yaml::Node* item : node.items) {
    const auto word = item->kind == yaml::Kind::scalar ? interpolated(item->value) : std::nullopt;
    if (!word) return std::nullopt;
    out += (out.empty() ? "" : " ") + text::shell_word(*word);
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

std::string health_path(const yaml::Node& test) {
  std::string all = test.value;
  for (const yaml::Node* item : test.items) all += " " + item->value;
  for (const std::string_view host : {"http://localhost", "http://127.0.0.1", "http://0.0.0.0"}) {
    const auto at = all.find(host);
    if (at == std::string::npos) continue;
    std::string_view path = std::string_view(all).substr(at + host.size());
    path = path.substr(0, path.find_first_of(" \"'|&;?#)"));
    path.remove_prefix(std::min(path.find('/'), path.size()));
    if (path.empty()) return "/";
    return config::path_fault(path) ? std::string() : std::string(path);
  }
  return {};
}

std::string_view database(std::string_view image) {
  constexpr std::string_view names[] = {"cassandra", "etcd",  "kafka",       "mariadb", "memcached", "mongo",
                                        "mosquitto", "mysql", "nats",        "postgis", "postgres",  "postgresql",
                                        "rabbitmq",  "redis", "timescaledb", "valkey",  "zookeeper"};
  std::string_view name = config::split_image(image).name;
  name = name.substr(name.rfind('/') + 1);
  // Not what only begins like one: kafka-ui and mongo-express are pages.
  constexpr std::string_view kinds[] = {"",       "-alpine", "-cluster",  "-ha",
                                        "-kraft", "-native", "-sentinel", "-server"};
  if (name.starts_with("cp-")) name.remove_prefix(3);
  const auto found = std::ranges::find_if(names, [&](std::string_view known) {
    return name.starts_with(known) && std::ranges::find(kinds, name.substr(known.size())) != std::end(kinds);
  });
  return found == std::end(names) ? std::string_view() : *found;
}

}  // namespace apigw::import::compose
