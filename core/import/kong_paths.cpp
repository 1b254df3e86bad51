// Paths of Kong's routes, prefixes and expressions; see kong.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "config/route_pattern.h"
#include "import/kong.h"

namespace apigw::import::kong {
namespace {

// Segments between slashes that stand in no brackets.
std::vector<std::string_view> segments_of(std::string_view s) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  int brackets = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '\\' && i + 1 < s.size())
      ++i;
    else if (s[i] == '[' || s[i] == '(')
      ++brackets;
    else if (s[i] == ']' || s[i] == ')')
      --brackets;
    else if (s[i] == '/' && brackets == 0) {
      out.push_back(s.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  out.push_back(s.substr(begin));
  return out;
}

// What matches one segment or more of it, whatever it is: \d+, [^/]+, .+
bool is_any(std::string_view s) {
  if (s.size() < 2 || (s.back() != '+' && s.back() != '*' && s.back() != '}')) return false;
  if (s.starts_with('.') || s.starts_with("\\d") || s.starts_with("\\w") || s.starts_with("\\S"))
    return s.find_first_of("()[]|") == std::string_view::npos;
  const auto close = s.find(']', 2);
  return s.starts_with('[') && close != std::string_view::npos &&
         s.substr(close + 1).find_first_not_of("+*?{},0123456789") == std::string_view::npos;
}

// "{name}" of a segment that is one group or class; nothing for anything else.
std::optional<std::string> variable_of(std::string_view segment, std::size_t number) {
  std::string name = fmt::format("p{}", number);
  if (segment.starts_with('(') && segment.ends_with(')')) {
    segment = segment.substr(1, segment.size() - 2);
    if (segment.starts_with("?<") || segment.starts_with("?P<")) {
      const auto open = segment.find('<'), close = segment.find('>');
      if (close == std::string_view::npos) return std::nullopt;
      name = std::string(segment.substr(open + 1, close - open - 1));
      segment = segment.substr(close + 1);
    } else if (segment.starts_with("?:")) {
      segment = segment.substr(2);
    }
  }
  if (!is_any(segment) || !config::is_variable(name) || name == "rest") return std::nullopt;
  return fmt::format("{{{}}}", name);
}

// A segment without meaning of its own, escapes taken away.
std::optional<std::string> literal_of(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const char c = segment[i];
    if (c == '\\' && i + 1 < segment.size() && std::string_view(".-_~").contains(segment[i + 1]))
      out += segment[++i];
    else if (std::string_view("\\.^$*+?()[]{}|").contains(c))
      return std::nullopt;
    else
      out += c;
  }
  return out;
}

Path expression(std::string_view s) {
  Path out{.expression = true};
  if (s.starts_with('^')) s.remove_prefix(1);
  const bool whole = s.ends_with('$');
  if (whole) s.remove_suffix(1);
  for (const std::string_view end : {"/?", "/*", "(/.*)?", "(/|$)"})
    if (s.ends_with(end)) s.remove_suffix(end.size());
  if (!s.starts_with('/')) {
    out.why = "the expression does not begin with '/'";
    return out;
  }
  auto segments = segments_of(s.substr(1));
  bool open = !whole;
  if (segments.back() == ".*" || segments.back() == "(.*)" || segments.back() == ".+") {
    open = true;
    segments.pop_back();
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].empty()) continue;
    const auto variable = variable_of(segments[i], i + 1);
    const auto literal = variable ? variable : literal_of(segments[i]);
    if (!literal) {
      out.why = "an expression is more than a route can say";
      out.closed = out.path.substr(0, out.path.find("/{"));
      return out;
    }
    out.path += "/" + *literal;
  }
  if (open) out.path += "/**";
  if (out.path.empty()) out.path = "/";
  out.rewrite = open ? "/{rest}" : "/";
  return out;
}

}  // namespace

Path read_path(std::string_view path, bool untold) {
  Path out;
  const bool told = path.starts_with('~');
  if (told || (untold && path.find_first_of("\\^$*+?()[]{}|") != std::string_view::npos)) {
    out = expression(path.substr(told ? 1 : 0));
  } else {
    std::string_view prefix = path;
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    out.path = fmt::format("{}/**", prefix);
    out.strip = prefix;
  }
  if (!out.why.empty()) return out;
  if (const auto fault = config::route_path_fault(out.path)) out.why = fault->why;
  return out;
}

}  // namespace apigw::import::kong
