#include "config/grammar.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::config {

bool is_name(std::string_view s) {
  return !s.empty() && s.size() <= 64 && (letter(s[0]) || digit(s[0])) &&
         std::ranges::all_of(s, [](char c) { return letter(c) || digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_model_name(std::string_view s) {
  return !s.empty() && s.size() <= 128 && s[0] != '/' && std::ranges::all_of(s, [](char c) {
    return letter(c) || digit(c) || std::string_view("._-:/@+*").find(c) != std::string_view::npos;
  });
}

bool is_prompt_pattern(std::string_view s) {
  return !s.empty() && s.size() <= 64 && (letter(s[0]) || digit(s[0]) || s[0] == '*') &&
         std::ranges::all_of(s, [](char c) {
           return letter(c) || digit(c) || std::string_view("._-*").find(c) != std::string_view::npos;
         });
}

bool is_variable(std::string_view s) {
  return !s.empty() && !digit(s[0]) &&
         std::ranges::all_of(s, [](char c) { return letter(c) || digit(c) || c == '_'; });
}

bool is_managed_header(std::string_view name) {
  constexpr std::string_view managed[] = {"connection",
                                          "content-length",
                                          "transfer-encoding",
                                          "te",
                                          "trailer",
                                          "upgrade",
                                          "keep-alive",
                                          "proxy-connection",
                                          "host",
                                          "date",
                                          "via",
                                          "x-forwarded-for",
                                          "forwarded",
                                          "x-forwarded-host",
                                          "x-forwarded-proto"};
  return std::ranges::find(managed, text::lower(name)) != std::end(managed);
}

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

static bool is_host_name(std::string_view s) {
  if (s.empty() || s.size() > 253) return false;
  return std::ranges::all_of(text::split(s, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return letter(c) || digit(c) || c == '-' || c == '_'; });
  });
}

HostPort split_authority(std::string_view s) {
  HostPort out;
  std::string_view rest;
  if (s.starts_with('[')) {
    const auto end = s.find(']');
    if (end == std::string_view::npos) return {.fault = "']' is missing"};
    out.host = std::string(s.substr(1, end - 1));
    if (!is_ipv6(out.host)) return {.fault = fmt::format("'{}' is no IPv6 address", text::printable(out.host))};
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
  if (!out.port || *out.port > 65535) out.fault = fmt::format("'{}' is no port", text::printable(rest.substr(1)));
  return out;
}

std::optional<std::string> host_fault(std::string_view host) {
  if (host.empty()) return "the host is missing";
  const bool numeric = std::ranges::all_of(host, [](char c) { return digit(c) || c == '.'; });
  if (numeric ? is_ipv4(host) : is_host_name(host)) return std::nullopt;
  return fmt::format("'{}' is no host name or address", text::printable(host));
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
    if (c != '%') return fmt::format("'{}' must be percent-encoded", text::printable(path.substr(i, 1)));
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

}  // namespace apigw::config
