#include "import/endpoints.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/route_pattern.h"

namespace apigw::import {
namespace {

// A name that a variable of a route may have, and no other one of the path has.
std::string variable_name(std::string_view wanted, const std::vector<std::pair<std::string, std::string>>& taken) {
  std::string base;
  for (const char c : wanted.substr(0, 60)) base += config::letter(c) || config::digit(c) ? c : '_';
  if (base.empty() || config::digit(base.front())) base.insert(0, "v");
  if (base == "rest") base = "rest_of";
  std::string name = base;
  const auto used = [&] { return std::ranges::any_of(taken, [&](const auto& pair) { return pair.second == name; }); };
  for (std::size_t n = 2; used(); ++n) name = fmt::format("{}_{}", base, n);
  return name;
}

}  // namespace

std::optional<Address> read_address(std::string_view url, std::string& why) {
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) {
    why = url.contains("://") ? "apigw calls http and https only" : "it has no scheme and host";
    return std::nullopt;
  }
  const std::string_view rest = url.substr(tls ? 8 : 7);
  const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  if (rest.substr(0, slash).contains('@')) {
    why = "it holds credentials";
    return std::nullopt;
  }
  const config::HostPort where = config::split_authority(rest.substr(0, slash));
  std::string_view base = rest.substr(slash);
  while (base.ends_with('/')) base.remove_suffix(1);
  if (!where.fault.empty())
    why = where.fault;
  else if (where.port && (*where.port == 0 || *where.port > 65535))
    why = "its port is none";
  else if (base.find_first_of("?#") != std::string_view::npos)
    why = "a query has no place in an address";
  else if (!base.empty())
    why = config::path_fault(base).value_or("");
  if (!why.empty()) return std::nullopt;
  return Address{fmt::format("{}{}{}", url.substr(0, tls ? 8 : 7), rest.substr(0, slash), base), where.host,
                 where.port ? std::to_string(*where.port) : std::string()};
}

ServerUrl server_url(const yaml::Node& server) {
  constexpr std::size_t most = 1000;  // bytes of a default
  ServerUrl out;
  const yaml::Node* const url = server.find("url");
  if (url == nullptr || url->kind != yaml::Kind::scalar) return out;
  out.url = url->value;
  const yaml::Node* const variables = server.find("variables");
  if (variables == nullptr) return out;
  for (const yaml::Entry& variable : variables->entries) {
    const std::string hole = fmt::format("{{{}}}", variable.key->value);
    const yaml::Node* const fallback = variable.value->find("default");
    const auto at = out.url.find(hole);
    if (at == std::string::npos || fallback == nullptr || fallback->value.size() > most) continue;
    out.url.replace(at, hole.size(), fallback->value);
    out.defaults.push_back(&variable);
  }
  return out;
}

std::string host_name(std::string_view host) {
  if (host == "localhost" || host == "host.docker.internal" || config::is_ipv4(host) || config::is_ipv6(host))
    return {};
  for (const std::string_view label : text::split(host, '.'))
    if (label != "www" && label != "api") return std::string(label);
  return {};
}

RoutePath route_path(std::string_view path) {
  RoutePath out;
  if (!path.starts_with('/')) {
    out.why = "it does not begin with '/'";
    return out;
  }
  for (const std::string_view segment : text::split(path.substr(1), '/')) {
    out.path += '/';
    if (segment.size() > 2 && segment.starts_with('{') && segment.find('}') == segment.size() - 1) {
      const std::string_view written = segment.substr(1, segment.size() - 2);
      if (written.ends_with('+') || written.ends_with('*')) {  // {proxy+} of AWS, {rest*} of others: all that follows
        if (segment.data() + segment.size() != path.data() + path.size()) {
          out.why = fmt::format("'{}' is more than one segment, which a route has at its end only",
                                text::printable(segment, 60));
          return out;
        }
        out.rest = std::string(segment);
        out.path += "**";
        break;
      }
      out.variables.emplace_back(written, variable_name(written, out.variables));
      out.path += fmt::format("{{{}}}", out.variables.back().second);
    } else {
      out.path += segment;
    }
  }
  if (const auto fault = config::route_path_fault(out.path)) out.why = fault->why;
  return out;
}

}  // namespace apigw::import
