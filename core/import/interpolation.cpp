#include "import/interpolation.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/grammar.h"

namespace apigw::import {
namespace {

// What stands between the braces, in a config's form.
std::optional<std::string> reference(std::string_view inside) {
  const auto end = std::min(inside.find_first_of(":-?+"), inside.size());
  const std::string_view name = inside.substr(0, end);
  std::string_view rest = inside.substr(end);
  if (!config::is_variable(name) || rest.contains('$') || rest.contains('{')) return std::nullopt;
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (inside.size() > end && rest.empty()) return std::nullopt;
  if (rest.starts_with('-')) return fmt::format("${{{}:-{}}}", name, rest.substr(1));
  if (rest.empty() || rest.starts_with('?')) return fmt::format("${{{}}}", name);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> interpolated(std::string_view s) {
  std::string out;
  for (std::size_t at = 0; at < s.size();) {
    if (s[at] != '$') {
      out += s[at++];
    } else if (s.substr(at).starts_with("$$")) {
      at += 2;
      out += at < s.size() && s[at] == '{' ? "$$" : "$";
    } else if (s.substr(at).starts_with("${")) {
      const auto close = s.find('}', at);
      if (close == std::string_view::npos) return std::nullopt;
      const auto written = reference(s.substr(at + 2, close - at - 2));
      if (!written) return std::nullopt;
      out += *written;
      at = close + 1;
    } else {
      std::size_t end = at + 1;
      while (end < s.size() && config::is_variable(s.substr(at + 1, end - at))) ++end;
      if (end == at + 1)
        out += '$';
      else
        out += fmt::format("${{{}}}", s.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  return out;
}

}  // namespace apigw::import
