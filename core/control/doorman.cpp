#include "control/doorman.h"

#include <fmt/format.h>

#include "base/text.h"
#include "http/authority.h"

namespace apigw::control {
namespace {

struct HostPort {
  std::string host;  // lower case, IPv6 without brackets
  std::optional<std::uint64_t> port;
};

std::optional<HostPort> split(std::string_view authority) {
  if (!http::valid_authority(authority)) return std::nullopt;
  HostPort result;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool with_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string_view host = authority.substr(0, with_port ? colon : authority.size());
  if (with_port) {
    result.port = text::parse_number(authority.substr(colon + 1));
    if (!result.port) return std::nullopt;
  }
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  result.host = text::lower(host);
  return result;
}

bool loopback_name(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

bool ours(const Request& request, std::string_view authority) {
  const auto named = split(authority);
  if (!named) return false;
  if (request.local_host.empty()) return true;
  const bool port_fits = named->port.value_or(80) == static_cast<std::uint64_t>(request.local_port);
  return port_fits && (loopback_name(named->host) || named->host == request.local_host);
}

bool foreign_origin(const Request& request, const std::string& host) {
  if (request.count("origin") != 0) {
    const std::string* origin = request.find("origin");
    if (!origin || *origin != "http://" + host) return true;
  }
  if (request.count("sec-fetch-site") == 0) return false;
  const std::string* site = request.find("sec-fetch-site");
  return !site || (*site != "same-origin" && *site != "none");
}

bool holds_key(const Request& request, const Secret& key) {
  const std::string* authorization = request.find("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (!authorization || key.empty() || !text::iequals(authorization->substr(0, scheme.size()), scheme)) return false;
  return equal_constant_time(text::trim(std::string_view(*authorization).substr(scheme.size())), key.expose());
}

}  // namespace

std::optional<Reply> refuse(const Request& request, const Secret& key) {
  const std::string* host = request.find("host");
  if (!host || !ours(request, *host))
    return problem(421, "wrong_host", "the Host field must name this machine's own address and port");
  if (foreign_origin(request, *host))
    return problem(403, "foreign_origin", "the admin API takes no requests that another site's page sent");
  if (!holds_key(request, key)) {
    Reply reply = problem(401, "missing_key", "send the admin key as 'Authorization: Bearer KEY'");
    reply.headers["www-authenticate"] = "Bearer realm=\"apigw admin\"";
    return reply;
  }
  return std::nullopt;
}

}  // namespace apigw::control
