#include "net/proxy.h"

#include <array>

#include <arpa/inet.h>
#include <openssl/evp.h>

#include "base/text.h"

namespace apigw::net {
namespace {

constexpr std::uint16_t usual_port = 1080;  // what curl takes when a proxy names none

struct HostPort {
  std::string_view host;
  std::optional<std::uint16_t> port;
};

// `host`, `host:port`, `[v6]`, `[v6]:port`, or a bare IPv6 address.
std::optional<HostPort> split_port(std::string_view s) {
  std::string_view host = s, port;
  if (s.starts_with('[')) {
    const auto end = s.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = s.substr(1, end - 1);
    port = s.substr(end + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
  } else if (const auto colon = s.find(':'); colon != std::string_view::npos && s.find(':', colon + 1) == s.npos) {
    host = s.substr(0, colon);
    port = s.substr(colon);
  }
  if (host.empty()) return std::nullopt;
  if (port.empty()) return HostPort{host, std::nullopt};
  const auto number = text::parse_number(port.substr(1));
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  return HostPort{host, static_cast<std::uint16_t>(*number)};
}

std::string unescaped(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto byte = s[i] == '%' && i + 2 < s.size() ? text::unhex(s.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      out += *byte;
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

std::string base64(const std::string& s) {
  std::string out(4 * ((s.size() + 2) / 3), '\0');
  std::string padded(out.size() + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(padded.data()), reinterpret_cast<const unsigned char*>(s.data()),
                  static_cast<int>(s.size()));
  out.assign(padded, 0, out.size());
  return out;
}

// An address as 16 bytes, IPv4 mapped; nothing for a name.
std::optional<std::array<unsigned char, 16>> address_bytes(std::string_view host) {
  std::array<unsigned char, 16> bytes{};
  const std::string text(host);
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (::inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

bool in_block(const std::array<unsigned char, 16>& address, std::string_view block) {
  const auto slash = block.find('/');
  const auto base = address_bytes(block.substr(0, slash));
  if (!base) return false;
  unsigned bits = 128;
  if (slash != std::string_view::npos) {
    const bool v4 = block.substr(0, slash).find(':') == std::string_view::npos;
    const auto length = text::parse_number(block.substr(slash + 1));
    if (!length || *length > (v4 ? 32U : 128U)) return false;
    bits = static_cast<unsigned>(*length) + (v4 ? 96 : 0);
  }
  for (unsigned i = 0; i < 16 && bits > 0; ++i) {
    const unsigned here = bits < 8 ? bits : 8;
    const auto mask = static_cast<unsigned char>(0xff << (8 - here));
    if ((address[i] & mask) != ((*base)[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

bool covers(std::string_view item, std::string_view host, std::uint16_t port) {
  if (item == "*") return true;
  const auto address = address_bytes(host);
  if (address && item.find('/') != std::string_view::npos) return in_block(*address, item);
  const auto parts = split_port(item);
  if (!parts || (parts->port && *parts->port != port)) return false;
  if (address) return in_block(*address, parts->host);
  std::string_view name = parts->host;
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (text::iequals(name, host)) return true;
  if (name.starts_with('.')) name.remove_prefix(1);
  if (text::iequals(name, host)) return true;
  return host.size() > name.size() && host[host.size() - name.size() - 1] == '.' &&
         text::iequals(host.substr(host.size() - name.size()), name);
}

bool loopback(std::string_view host) {
  if (text::iequals(host, "localhost") || host.ends_with(".localhost")) return true;
  const auto address = address_bytes(host);
  return address && (in_block(*address, "127.0.0.0/8") || in_block(*address, "::1"));
}

// Lower case first, as curl does: HTTP_PROXY can be set by a request's header where CGI is about, http_proxy cannot.
std::string_view variable(const Environment& environment, std::string name) {
  if (const auto lower = environment.find(text::lower(name)); lower != environment.end()) return lower->second;
  const auto upper = environment.find(name);
  return upper == environment.end() ? std::string_view() : std::string_view(upper->second);
}

}  // namespace

std::optional<ProxyHop> parse_proxy(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    if (!text::iequals(url.substr(0, scheme), "http")) return std::nullopt;
    url.remove_prefix(scheme + 3);
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  ProxyHop hop;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto user = url.substr(0, at);
    hop.credential = base64(unescaped(user.find(':') == user.npos ? std::string(user) + ":" : std::string(user)));
    url.remove_prefix(at + 1);
  }
  const auto parts = split_port(url);
  if (!parts) return std::nullopt;
  hop.host = parts->host;
  hop.port = parts->port.value_or(usual_port);
  return hop;
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
  if (loopback(host)) return true;
  for (const std::string_view item : text::split(no_proxy, ',')) {
    const std::string_view trimmed = text::trim(item);
    if (!trimmed.empty() && covers(trimmed, host, port)) return true;
  }
  return false;
}

Result<std::optional<ProxyHop>> choose_proxy(const model::Outbound& outbound, const model::Origin& origin,
                                             const Environment& environment) {
  using Proxy = model::Outbound::Proxy;
  if (outbound.proxy == Proxy::none) return std::nullopt;
  const bool env = outbound.proxy == Proxy::env;
  if (bypasses_proxy(env ? variable(environment, "NO_PROXY") : "", origin.host, origin.port)) return std::nullopt;
  if (!env) return ProxyHop{outbound.proxy_host, outbound.proxy_port, ""};
  std::string name = origin.tls ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (variable(environment, name).empty()) name = "ALL_PROXY";
  const std::string_view url = variable(environment, name);
  if (url.empty()) return std::nullopt;
  if (auto hop = parse_proxy(url)) return hop;
  return fail(ErrorKind::connect, name + " in the environment is not an http:// proxy address");
}

}  // namespace apigw::net
