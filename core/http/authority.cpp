#include "http/authority.h"

#include "base/text.h"

namespace apigw::http {

namespace {

bool valid_port(std::string_view s) {
  const auto port = text::parse_number(s);
  return port && s.size() <= 5 && *port <= 65535;
}

bool hex(char c) {
  return (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'f');
}

// Groups of one to four hex digits, at most one `::`, perhaps an IPv4 tail; the value of the tail's numbers is not
// judged.
bool valid_ipv6(std::string_view s) {
  std::size_t groups = 0, digits = 0, dots = 0;
  bool gap = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == ':') {
      if (dots > 0) return false;
      if (i > 0 && s[i - 1] == ':') {
        if (gap) return false;
        gap = true;
      }
      groups += digits > 0 ? 1 : 0;
      digits = 0;
    } else if (s[i] == '.') {
      if (digits == 0 || ++dots > 3) return false;
      digits = 0;
    } else if (!hex(s[i]) || ++digits > 4) {
      return false;
    }
  }
  if (s.size() < 2 || (s.front() == ':' && s[1] != ':') || (s.back() == ':' && s[s.size() - 2] != ':')) return false;
  if (dots != 0 && (dots != 3 || digits == 0)) return false;
  groups += dots == 3 ? 2 : digits > 0 ? 1 : 0;
  return gap ? groups <= 7 : groups == 8;
}

bool valid_name(std::string_view s) {
  if (s.empty() || s.size() > 255 || s.front() == '.') return false;
  char before = 0;
  for (char c : s) {
    const char l = text::lower(c);
    const bool plain =
        (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (!plain || (c == '.' && before == '.')) return false;
    before = c;
  }
  return true;
}

}  // namespace

bool valid_authority(std::string_view s) {
  if (s.starts_with('[')) {
    const auto close = s.find(']');
    if (close == std::string_view::npos || !valid_ipv6(s.substr(1, close - 1))) return false;
    const std::string_view rest = s.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && valid_port(rest.substr(1)));
  }
  const auto colon = s.find(':');
  if (colon == std::string_view::npos) return valid_name(s);
  return valid_name(s.substr(0, colon)) && valid_port(s.substr(colon + 1));
}

}  // namespace apigw::http
