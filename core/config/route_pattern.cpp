#include "config/route_pattern.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"

namespace apigw::config {
namespace {

constexpr std::string_view usual_methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};

bool is_method(std::string_view s) {
  return text::is_token(s) && s.size() <= 32 &&
         std::ranges::all_of(s, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

std::optional<PatternFault> method_fault(std::string_view methods) {
  std::size_t at = 0;
  for (std::string_view method : text::split(methods, ',')) {
    const std::size_t begin = at;
    at += method.size() + 1;
    const std::string upper = text::upper(method);
    if (method == "CONNECT")
      return PatternFault{306, begin, at - 1, "CONNECT is never served", "name another method"};
    if (is_method(method)) {
      const bool usual = std::ranges::find(usual_methods, method) != std::end(usual_methods);
      const auto meant = usual ? std::nullopt : text::closest(method, usual_methods);
      if (!meant) continue;
      return PatternFault{306, begin, at - 1, fmt::format("'{}' is no method", method), {}, std::string(*meant)};
    }
    return PatternFault{306,
                        begin,
                        at - 1,
                        fmt::format("'{}' is no method", text::printable(method, 40)),
                        "methods in capitals, parted by commas without blanks: GET,POST /path",
                        is_method(upper) ? upper : ""};
  }
  return std::nullopt;
}

bool is_variable_segment(std::string_view s) {
  return s.size() > 2 && s.starts_with('{') && s.ends_with('}') && is_variable(s.substr(1, s.size() - 2));
}

std::optional<PatternFault> segment_fault(std::string_view segment, bool last, std::vector<std::string_view>& names) {
  if (segment == "**") {
    if (last) return std::nullopt;
    return PatternFault{305, 0, 0, "'**' stands at the end only", "end the path with /**"};
  }
  if (is_variable_segment(segment)) {
    const std::string_view name = segment.substr(1, segment.size() - 2);
    if (name == "rest")
      return PatternFault{305, 0, 0, "'{rest}' is what /** matched", "give the variable another name"};
    if (std::ranges::find(names, name) != names.end())
      return PatternFault{305, 0, 0, fmt::format("variable '{}' stands twice", name),
                          "give every variable its own name"};
    names.push_back(name);
    return std::nullopt;
  }
  if (segment.find_first_of("{}") != std::string_view::npos)
    return PatternFault{305, 0, 0, fmt::format("'{}' is no variable", text::printable(segment, 40)),
                        "a variable is a whole segment: /orders/{id}"};
  if (segment.find('*') != std::string_view::npos)
    return PatternFault{305, 0, 0, fmt::format("'{}' is no wildcard", text::printable(segment, 40)),
                        "write {name} for one segment, or end the path with /** for the rest"};
  if (const auto fault = path_fault(fmt::format("/{}", segment)))
    return PatternFault{305, 0, 0, fmt::format("segment '{}' cannot match", text::printable(segment, 40)), *fault};
  return std::nullopt;
}

}  // namespace

std::optional<PatternFault> route_path_fault(std::string_view path) {
  if (!path.starts_with('/'))
    return PatternFault{305, 0, path.size(), "the path must begin with '/'", "write [METHOD ]/path"};
  std::vector<std::string_view> names;
  const auto segments = text::split(path.substr(1), '/');
  std::size_t at = 1;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i].empty() && !last)
      return PatternFault{305, at - 1, at + 1, "'//' never matches", "empty segments are refused in every request"};
    if (!segments[i].empty()) {
      if (auto fault = segment_fault(segments[i], last, names)) {
        fault->begin = at;
        fault->end = at + segments[i].size();
        return fault;
      }
    }
    at += segments[i].size() + 1;
  }
  return std::nullopt;
}

RouteKey split_route_key(std::string_view key) {
  RouteKey out;
  const auto blank = key.find(' ');
  if (blank == std::string_view::npos) {
    out.path = std::string(key);
    return out;
  }
  for (std::string_view method : text::split(key.substr(0, blank), ',')) out.methods.emplace_back(method);
  out.path_begin = std::min(key.find_first_not_of(' ', blank), key.size());
  out.path = std::string(key.substr(out.path_begin));
  return out;
}

std::optional<PatternFault> route_key_fault(std::string_view key) {
  const RouteKey parts = split_route_key(key);
  if (!parts.methods.empty())
    if (auto fault = method_fault(key.substr(0, key.find(' ')))) return fault;
  auto fault = route_path_fault(parts.path);
  if (fault) {
    fault->begin += parts.path_begin;
    fault->end += parts.path_begin;
  }
  return fault;
}

PathTemplate read_template(std::string_view path) {
  PathTemplate out;
  bool literal = true;
  for (std::string_view segment : text::split(path.empty() ? path : path.substr(1), '/')) {
    out.shape += '/';
    if (segment == "**") {
      out.rest = true;
      out.shape += "**";
      literal = false;
    } else if (is_variable_segment(segment)) {
      out.variables.emplace_back(segment.substr(1, segment.size() - 2));
      out.shape += "{}";
      literal = false;
    } else {
      out.shape += segment;
      if (literal && !segment.empty()) out.literal_prefix += fmt::format("/{}", segment);
    }
  }
  return out;
}

bool takes(std::string_view pattern, std::string_view path) {
  const auto wanted = text::split(pattern, '/'), given = text::split(path, '/');
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "**") return true;
    if (i == given.size() || (wanted[i] != given[i] && !is_variable_segment(wanted[i]))) return false;
  }
  return wanted.size() == given.size();
}

std::vector<Placeholder> placeholders(std::string_view text) {
  std::vector<Placeholder> found;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return found;
    found.push_back({text.substr(open + 1, close - open - 1), open, close + 1});
  }
  return found;
}

}  // namespace apigw::config
