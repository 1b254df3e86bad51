// Readers of where things are: URLs, addresses, proxies.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/readers.h"
#include "config/reading.h"

namespace apigw::config {

using yaml::Node;
using yaml::Reading;
using yaml::Type;

bool Address::loopback() const {
  return !unix_path.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

const Type UrlReader::type{
    Type::Shape::leaf, "URL", R"s("type":"string","pattern":"^(https?://|dns://|mock:$|.*\\$\\{)")s", {}};

namespace {

struct SchemeRow {
  std::string_view prefix;
  Url::Scheme scheme;
  std::uint16_t port;
};
constexpr SchemeRow schemes[] = {
    {"http://", Url::Scheme::http, 80}, {"https://", Url::Scheme::https, 443}, {"dns://", Url::Scheme::dns, 0}};
constexpr std::string_view url_form = "http://host:port/base, https://host, dns://name:port or mock:";

const SchemeRow* scheme_of(std::string_view url) {
  for (const SchemeRow& row : schemes)
    if (url.starts_with(row.prefix)) return &row;
  return nullptr;
}

// The finding stands on the credentials alone: that place is concealed before anything is shown.
bool refuse_credentials(const Node& node, Reading& reading, std::string_view url, std::string help) {
  const auto begin = url.find("://") + 3;
  const auto at = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
  if (at == std::string_view::npos || at <= begin) return false;
  Node part = node;
  part.span = part_of(reading.sources(), node.span, url, begin, at);
  reading.wrong(412, part, "a URL carries no credentials").helps.push_back(std::move(help));
  return true;
}

void refuse_url(const Node& node, Reading& reading, std::string_view url, std::string_view why) {
  refuse(301, node, reading, url, fmt::format("'{}' is no usable URL: {}", shown_value(url), why),
         std::string(url_form));
}

}  // namespace

std::optional<Url> UrlReader::read(const Node& node, Reading& reading) {
  const auto url = yaml::scalar(node, reading, "a URL");
  if (!url) return std::nullopt;
  if (*url == "mock:") return Url{.scheme = Url::Scheme::mock};
  const SchemeRow* scheme = scheme_of(*url);
  if (scheme == nullptr) {
    const bool bare =
        url->find("://") == std::string::npos && !split_authority(url->substr(0, url->find('/'))).host.empty();
    if (bare)
      refuse_with_fix(301, node, reading,
                      fmt::format("'{}' is no usable URL: the scheme is missing", shown_value(*url)),
                      "http://" + *url);
    else
      refuse_url(node, reading, *url, "unknown scheme");
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(*url).substr(scheme->prefix.size());
  const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  if (refuse_credentials(node, reading, *url, "take out everything before '@'; give the key as key: env:NAME"))
    return std::nullopt;
  HostPort where = split_authority(authority);
  if (!where.fault.empty()) return refuse_url(node, reading, *url, where.fault), std::nullopt;
  if (where.port == 0) return refuse_url(node, reading, *url, "port 0 cannot be called"), std::nullopt;
  if (!where.port && scheme->port == 0) return refuse_url(node, reading, *url, "dns:// needs a port"), std::nullopt;
  std::string_view base = rest.substr(slash);
  if (base.find_first_of("?#") != std::string_view::npos)
    return refuse_url(node, reading, *url, "a query or fragment has no place here"), std::nullopt;
  if (!base.empty())
    if (const auto fault = path_fault(base)) return refuse_url(node, reading, *url, *fault), std::nullopt;
  if (base.ends_with('/')) base.remove_suffix(1);
  return Url{scheme->scheme, std::move(where.host), static_cast<std::uint16_t>(where.port.value_or(scheme->port)),
             std::string(base)};
}

const Type AddressReader::type{
    Type::Shape::leaf, "address", R"s("type":"string","pattern":"^(.+:[0-9]+|.*\\$\\{.*)$")s", {}};

namespace {

// Helps with `8080` and `:8080`, which other tools take.
bool refuse_bare_port(const Node& node, Reading& reading, std::string_view value) {
  const std::string_view port = value.starts_with(':') ? value.substr(1) : value;
  if (!text::parse_number(port)) return false;
  refuse_with_fix(302, node, reading, fmt::format("'{}' is no address: the host is missing", shown_value(value)),
                  fmt::format("127.0.0.1:{}", port));
  return true;
}

std::optional<Address> parse_address(const Node& node, Reading& reading, const std::string& value) {
  if (refuse_bare_port(node, reading, value)) return std::nullopt;
  HostPort where = split_authority(value);
  std::string fault = where.fault;
  if (fault.empty() && !where.port) fault = "the port is missing";
  if (fault.empty() && where.host != "localhost" && !is_ipv4(where.host) && !is_ipv6(where.host))
    fault = "listening needs an address, not a name";
  if (fault.empty()) return Address{std::move(where.host), static_cast<std::uint16_t>(*where.port), {}};
  refuse(302, node, reading, value, fmt::format("'{}' is no address to listen on: {}", shown_value(value), fault),
         "127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080");
  return std::nullopt;
}

}  // namespace

std::optional<Address> AddressReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "an address such as 127.0.0.1:8080");
  return value ? parse_address(node, reading, *value) : std::nullopt;
}

const Type AdminAddressReader::type{Type::Shape::leaf,
                                    "address or unix:PATH",
                                    R"s("type":"string","pattern":"^(unix:.+|.+:[0-9]+|.*\\$\\{.*)$")s",
                                    {}};

std::optional<Address> AdminAddressReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "an address or unix:PATH");
  if (!value) return std::nullopt;
  if (!value->starts_with("unix:")) return parse_address(node, reading, *value);
  const std::string path = value->substr(5);
  // sockaddr_un holds 108 bytes with the final zero.
  if (!path.empty() && path.size() < 108) return Address{{}, 0, reading.beside(node.span, path)};
  refuse(302, node, reading, *value, fmt::format("'{}' is no socket path", shown_value(*value)),
         "unix: and a path of 1 to 107 bytes");
  return std::nullopt;
}

const Type ProxyReader::type{Type::Shape::leaf,
                             "env, none or a proxy's URL",
                             R"s("type":"string","pattern":"^(env|none|http://.+|.*\\$\\{.*)$")s",
                             {}};

std::optional<ProxyDraft> ProxyReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "env, none or a proxy's URL");
  if (!value) return std::nullopt;
  if (*value == "none") return ProxyDraft{};
  if (*value == "env") return ProxyDraft{model::Outbound::Proxy::env, {}, 0};
  std::string_view rest = *value;
  std::string fault = "it must be http://host:port";
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (refuse_credentials(node, reading, *value,
                           "take out everything before '@'; a proxy that wants a password is set with proxy: env"))
      return std::nullopt;
    HostPort where = split_authority(rest);
    fault = where.fault.empty() && !where.port ? "the port is missing" : where.fault;
    if (fault.empty() && *where.port != 0)
      return ProxyDraft{model::Outbound::Proxy::fixed, std::move(where.host),
                        static_cast<std::uint16_t>(*where.port)};
  }
  refuse(311, node, reading, *value, fmt::format("'{}' is no proxy: {}", shown_value(*value), fault),
         "http://proxy.example:3128, env (HTTPS_PROXY and NO_PROXY) or none");
  return std::nullopt;
}

}  // namespace apigw::config
