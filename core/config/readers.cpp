#include "config/readers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/literals.h"
#include "config/reading.h"

namespace apigw::config {

using yaml::Node;
using yaml::Reading;
using yaml::Type;

namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool hex_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string shown(std::string_view s) {
  return text::printable(s, 80);
}

// Adds a finding with one help; a value that AGW401 reports stays out.
void refuse(int code, const Node& node, Reading& reading, std::string_view value, std::string message,
            std::string help) {
  if (reading.already_reported(value)) return;
  reading.wrong(code, node, std::move(message)).helps.push_back(std::move(help));
}

void refuse_with_fix(int code, const Node& node, Reading& reading, std::string message, std::string replacement) {
  auto& finding = reading.wrong(code, node, std::move(message));
  finding.helps.push_back(fmt::format("replace with '{}'", replacement));
  finding.fixes.push_back({node.span, std::move(replacement)});
}

}  // namespace

// --- grammars
// --------------------------------------------------------------------------------------------------------

bool is_token(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) {
    return letter(c) || digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_name(std::string_view s) {
  return !s.empty() && s.size() <= 64 && (letter(s[0]) || digit(s[0])) &&
         std::ranges::all_of(s, [](char c) { return letter(c) || digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_model_name(std::string_view s) {
  return !s.empty() && s.size() <= 128 && s[0] != '/' && std::ranges::all_of(s, [](char c) {
    return letter(c) || digit(c) || std::string_view("._-:/@+*").find(c) != std::string_view::npos;
  });
}

bool is_variable(std::string_view s) {
  return !s.empty() && !digit(s[0]) &&
         std::ranges::all_of(s, [](char c) { return letter(c) || digit(c) || c == '_'; });
}

namespace {

bool is_ipv4(std::string_view s) {
  const auto parts = text::split(s, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           const auto n = text::parse_number(part);
           return n && *n <= 255 && part.size() <= 3 && (part.size() == 1 || part[0] != '0');
         });
}

// Groups of up to four hex digits, at most one `::`, no zone; the tail may be IPv4.
bool is_ipv6(std::string_view s) {
  if (s.size() < 2 || s.size() > 45) return false;
  const auto gap = s.find("::");
  if (gap != std::string_view::npos && s.find("::", gap + 1) != std::string_view::npos) return false;
  unsigned groups = 0;
  const auto count = [&](std::string_view part) {
    if (part.empty()) return true;
    const auto pieces = text::split(part, ':');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i + 1 == pieces.size() && is_ipv4(pieces[i])) {
        groups += 2;
        continue;
      }
      if (pieces[i].empty() || pieces[i].size() > 4 || !std::ranges::all_of(pieces[i], hex_digit)) return false;
      ++groups;
    }
    return true;
  };
  if (gap == std::string_view::npos) return count(s) && groups == 8;
  return count(s.substr(0, gap)) && count(s.substr(gap + 2)) && groups <= 7;
}

bool is_host_name(std::string_view s) {
  if (s.empty() || s.size() > 253) return false;
  return std::ranges::all_of(text::split(s, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return letter(c) || digit(c) || c == '-' || c == '_'; });
  });
}

struct HostPort {
  std::string host;
  std::optional<std::uint64_t> port;
  std::string fault;
};

// host, host:port, [v6] or [v6]:port.
HostPort split_authority(std::string_view s) {
  HostPort out;
  std::string_view rest;
  if (s.starts_with('[')) {
    const auto end = s.find(']');
    if (end == std::string_view::npos) return {.fault = "']' is missing"};
    out.host = std::string(s.substr(1, end - 1));
    if (!is_ipv6(out.host)) return {.fault = fmt::format("'{}' is no IPv6 address", shown(out.host))};
    rest = s.substr(end + 1);
  } else {
    const auto colon = s.find(':');
    out.host = text::lower(s.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view{} : s.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos)
      return {.fault = "an IPv6 address stands in brackets: [::1]:8080"};
    if (auto fault = host_fault(out.host)) return {.fault = *fault};
  }
  if (rest.empty()) return out;
  out.port = rest.starts_with(':') ? text::parse_number(rest.substr(1)) : std::nullopt;
  if (!out.port || *out.port > 65535) out.fault = fmt::format("'{}' is no port", shown(rest.substr(1)));
  return out;
}

}  // namespace

std::optional<std::string> host_fault(std::string_view host) {
  if (host.empty()) return "the host is missing";
  const bool numeric = std::ranges::all_of(host, [](char c) { return digit(c) || c == '.'; });
  if (numeric ? is_ipv4(host) : is_host_name(host)) return std::nullopt;
  return fmt::format("'{}' is no host name or address", shown(host));
}

std::optional<std::string> path_fault(std::string_view path) {
  if (!path.starts_with('/')) return "it must begin with '/'";
  if (path.find("//") != std::string_view::npos) return "'//' never matches: empty segments are refused";
  for (std::string_view segment : text::split(path.substr(1), '/'))
    if (segment == "." || segment == "..")
      return fmt::format("'{}' never matches: dot segments are refused", segment);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (letter(c) || digit(c) || std::string_view("/-._~!$&'()*+,;=:@").find(c) != std::string_view::npos) continue;
    if (c != '%') return fmt::format("'{}' must be percent-encoded", shown(path.substr(i, 1)));
    if (i + 2 >= path.size() || !hex_digit(path[i + 1]) || !hex_digit(path[i + 2])) return "'%' needs two hex digits";
    const auto byte = text::unhex(path.substr(i + 1, 2)).value_or("");
    const char decoded = byte.empty() ? '\0' : byte[0];
    const auto code = static_cast<unsigned char>(decoded);
    if (code < 0x20 || code == 0x7f || decoded == '/' || decoded == '\\')
      return fmt::format("'{}' is refused in every request", path.substr(i, 3));
    if (letter(decoded) || digit(decoded) || std::string_view("-._~").find(decoded) != std::string_view::npos)
      return fmt::format("write '{}' for '{}': paths are matched decoded", decoded, path.substr(i, 3));
    if (letter(path[i + 1]) != 0 && path[i + 1] > 'F') return "hex digits are upper case in matched paths";
    if (letter(path[i + 2]) != 0 && path[i + 2] > 'F') return "hex digits are upper case in matched paths";
    i += 2;
  }
  return std::nullopt;
}

bool Address::loopback() const {
  return !unix_path.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

// --- secrets
// ---------------------------------------------------------------------------------------------------------

const Type SecretReader::type{
    Type::Shape::leaf, "secret", R"s("type":"string","pattern":"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$")s", {}};

std::optional<model::SecretRef> SecretReader::read(const Node& node, Reading& reading) {
  if (node.kind != yaml::Kind::scalar) {
    (void)yaml::scalar(node, reading, "env:NAME or file:PATH");  // says what was wanted
    return std::nullopt;
  }
  const std::string& value = node.value;
  if (value.starts_with("env:")) {
    const std::string name = value.substr(4);
    if (is_variable(name)) return model::SecretRef{model::SecretRef::Kind::env, name, {}, node.span};
    refuse(403, node, reading, value, fmt::format("'{}' names no variable", shown(value)),
           "env: and the variable's name: letters, digits and '_', as in env:SHOP_KEY");
    return std::nullopt;
  }
  if (value.starts_with("file:") && value.size() > 5)
    return model::SecretRef{model::SecretRef::Kind::file, reading.beside(node.span, value.substr(5)), {}, node.span};
  if (looks_like_key(value)) return std::nullopt;  // AGW401, by the walk over every scalar
  if (value.starts_with("${")) {
    refuse(403, node, reading, value, "a secret is never expanded into the text",
           "write env:NAME instead of ${NAME}");
    return std::nullopt;
  }
  // The value itself stays out of the message: it may be a password.
  refuse(403, node, reading, value, "a secret must be a reference, not a value",
         "write env:NAME for a variable or file:PATH for a file of mode 0600");
  return std::nullopt;
}

const Type HashReader::type{
    Type::Shape::leaf, "key hash", R"s("type":"string","pattern":"^hmac-sha256:[0-9a-f]{64}$")s", {}};

std::optional<std::string> HashReader::read(const Node& node, Reading& reading) {
  auto value = yaml::scalar(node, reading, "a key hash");
  if (!value) return std::nullopt;
  constexpr std::string_view prefix = "hmac-sha256:";
  const std::string_view hex = value->starts_with(prefix) ? std::string_view(*value).substr(prefix.size()) : "";
  const bool good =
      hex.size() == 64 && std::ranges::all_of(hex, [](char c) { return hex_digit(c) && !(c >= 'A' && c <= 'F'); });
  if (good) return value;
  refuse(409, node, reading, *value, "this is not a key hash",
         "paste what `apigw key hash` prints: hmac-sha256: and 64 hex digits");
  return std::nullopt;
}

// --- places
// ----------------------------------------------------------------------------------------------------------

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
  refuse(301, node, reading, url, fmt::format("'{}' is no usable URL: {}", shown(url), why), std::string(url_form));
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
      refuse_with_fix(301, node, reading, fmt::format("'{}' is no usable URL: the scheme is missing", shown(*url)),
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
  refuse_with_fix(302, node, reading, fmt::format("'{}' is no address: the host is missing", shown(value)),
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
  refuse(302, node, reading, value, fmt::format("'{}' is no address to listen on: {}", shown(value), fault),
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
  refuse(302, node, reading, *value, fmt::format("'{}' is no socket path", shown(*value)),
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
  refuse(311, node, reading, *value, fmt::format("'{}' is no proxy: {}", shown(*value), fault),
         "http://proxy.example:3128, env (HTTPS_PROXY and NO_PROXY) or none");
  return std::nullopt;
}

// --- auth and limits
// -------------------------------------------------------------------------------------------------

const Type AuthReader::type{
    Type::Shape::leaf,
    "key, none or a list",
    R"s("anyOf":[{"enum":["key","none"]},{"type":"array","minItems":1,"items":{"enum":["key","none"]}}])s",
    {}};

namespace {

// True when `word` is built in.
bool add_authenticator(const Node& node, Reading& reading, AuthDraft& auth) {
  const auto word = yaml::scalar(node, reading, "key or none");
  if (!word) return false;
  if (*word == "key") return auth.key = true;
  if (*word == "none") return auth.none = true;
  constexpr std::string_view words[] = {"key", "none"};
  if (const auto meant = text::closest(*word, words))
    refuse_with_fix(205, node, reading, fmt::format("'{}' is no authenticator", shown(*word)), std::string(*meant));
  else
    refuse(207, node, reading, *word,
           fmt::format("authenticator '{}' is not enforced by this version yet", shown(*word)),
           "key and none are built in");
  return false;
}

}  // namespace

std::optional<AuthDraft> AuthReader::read(const Node& node, Reading& reading) {
  AuthDraft auth;
  bool good = true;
  if (node.kind != yaml::Kind::sequence)
    good = add_authenticator(node, reading, auth);
  else if (!yaml::check_list(node, reading))
    return std::nullopt;
  for (const Node* item : node.items) good = add_authenticator(*item, reading, auth) && good;
  if (!good) return std::nullopt;
  if (!auth.none || !auth.key) return auth;
  refuse(415, node, reading, "", "'none' cannot stand beside another authenticator",
         "with none in the list everybody may call: write none alone, or leave it out");
  return std::nullopt;
}

const Type LimitReader::type{Type::Shape::leaf, "limit", "", {}};

namespace {

// `N [requests|tokens]/[n]unit`: what comes before `per`; or `N at once`.
std::optional<std::string> rate_fault(std::span<const std::string_view> words) {
  constexpr std::string_view units[] = {"second", "minute", "hour", "day", "seconds", "minutes", "hours", "days"};
  constexpr std::string_view form = "write it as 600/minute per consumer or 4 at once per consumer";
  if (words.size() == 3 && words[1] == "at" && words[2] == "once")
    return yaml::parse_count(words[0]) ? std::nullopt
                                       : std::optional(fmt::format("'{}' is no whole number", shown(words[0])));
  if (words.empty() || words.size() > 2) return std::string(form);
  const std::string_view last = words.back();
  const auto slash = last.find('/');
  if (slash == std::string_view::npos) return std::string(form);
  const std::string_view number = words.size() == 2 ? words[0] : last.substr(0, slash);
  if (!yaml::parse_count(number)) return fmt::format("'{}' is no whole number", shown(number));
  if (words.size() == 2 && last.substr(0, slash) != "requests" && last.substr(0, slash) != "tokens")
    return fmt::format("'{}' is not requests or tokens", shown(last.substr(0, slash)));
  std::string_view unit = last.substr(slash + 1);
  unit.remove_prefix(std::min(unit.find_first_not_of("0123456789"), unit.size()));
  if (std::ranges::find(units, unit) == std::end(units))
    return fmt::format("'{}' is not second, minute, hour or day", shown(unit));
  return std::nullopt;
}

std::optional<std::string> subject_fault(std::string_view subject) {
  constexpr std::string_view subjects[] = {"consumer", "key", "team", "address", "route"};
  if (std::ranges::find(subjects, subject) != std::end(subjects)) return std::nullopt;
  if (subject.starts_with("header:") && is_token(subject.substr(7))) return std::nullopt;
  return fmt::format("'{}' is not consumer, key, team, address, route or header:NAME", shown(subject));
}

}  // namespace

std::optional<std::string> limit_fault(std::string_view limit) {
  std::vector<std::string_view> words;
  for (std::string_view word : text::split(limit, ' '))
    if (!word.empty()) words.push_back(word);
  const auto per = std::ranges::find(words, "per");
  if (per == words.end() || per + 1 == words.end())
    return "'per' is missing: say whom it counts, as in 'per consumer'";
  const auto at = static_cast<std::size_t>(per - words.begin());
  if (auto fault = rate_fault(std::span(words).first(at))) return fault;
  if (auto fault = subject_fault(words[at + 1])) return fault;
  const auto rest = std::span(words).subspan(at + 2);
  if (rest.empty() || (rest.size() == 2 && rest[0] == "burst" && yaml::parse_count(rest[1]))) return std::nullopt;
  return fmt::format("'{}' is not 'burst N'", shown(rest[0]));
}

std::optional<bool> LimitReader::read(const Node& node, Reading& reading) {
  bool good = true;
  const auto one = [&](const Node& item) {
    const auto limit = yaml::scalar(item, reading, "a limit such as 600/minute per consumer");
    const auto fault = limit ? limit_fault(*limit) : std::nullopt;
    good = good && limit && !fault;
    if (fault) refuse(212, item, reading, *limit, fmt::format("'{}' is no limit", shown(*limit)), *fault);
  };
  if (node.kind != yaml::Kind::sequence) one(node);
  for (const Node* item : node.items) one(*item);
  return good ? std::optional(true) : std::nullopt;
}

// --- HTTP words
// ------------------------------------------------------------------------------------------------------

const Type HeaderValueReader::type{
    Type::Shape::leaf, "header value", R"s("type":["string","number","boolean"])s", {}};

std::optional<std::string> HeaderValueReader::read(const Node& node, Reading& reading) {
  auto value = yaml::scalar(node, reading, "a header's value");
  if (!value) return std::nullopt;
  const bool clean = std::ranges::all_of(*value, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 && code != 0x7f;
  });
  if (clean && text::trim(*value).size() == value->size()) return value;
  refuse(
      304, node, reading, *value, fmt::format("'{}' is no header value", shown(*value)),
      clean ? "blanks around it would be dropped: remove them" : "control characters and line ends are never sent");
  return std::nullopt;
}

const Type UrlPathReader::type{Type::Shape::leaf, "URL path", R"s("type":"string","pattern":"^(/|.*\\$\\{)")s", {}};

std::optional<std::string> UrlPathReader::read(const Node& node, Reading& reading) {
  auto path = yaml::scalar(node, reading, "a path");
  if (!path) return std::nullopt;
  const auto fault = path_fault(*path);
  if (!fault) return path;
  refuse(305, node, reading, *path, fmt::format("'{}' is no usable path", shown(*path)), *fault);
  return std::nullopt;
}

const Type HostReader::type{Type::Shape::leaf, "host name", R"s("type":"string","minLength":1)s", {}};

std::optional<std::string> HostReader::read(const Node& node, Reading& reading) {
  auto host = yaml::scalar(node, reading, "a host name");
  if (!host) return std::nullopt;
  *host = text::lower(*host);
  const std::string_view name = host->starts_with("*.") ? std::string_view(*host).substr(2) : std::string_view(*host);
  const bool with_port = name.find(':') != std::string_view::npos;
  const auto fault = with_port ? std::optional<std::string>("a host stands here without port") : host_fault(name);
  if (!fault) return host;
  refuse(312, node, reading, *host, fmt::format("'{}' never matches a host", shown(*host)), *fault);
  return std::nullopt;
}

const Type StatusReader::type{Type::Shape::leaf, "redirect status", R"s("enum":[301,302,303,307,308])s", {}};

std::optional<std::uint16_t> StatusReader::read(const Node& node, Reading& reading) {
  const auto value = yaml::scalar(node, reading, "a redirect status");
  if (!value) return std::nullopt;
  constexpr std::string_view statuses[] = {"301", "302", "303", "307", "308"};
  if (std::ranges::find(statuses, *value) != std::end(statuses))
    return static_cast<std::uint16_t>(*text::parse_number(*value));
  refuse(310, node, reading, *value, fmt::format("'{}' is no redirect status", shown(*value)),
         "301, 302, 303, 307 or 308; 308 is the default and keeps method and body");
  return std::nullopt;
}

}  // namespace apigw::config
