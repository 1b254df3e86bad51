#include "routing/rewrite.h"

#include <algorithm>

namespace apigw::routing {
namespace {

Result<std::string_view> value_of(std::string_view name, const Variables& variables) {
  const auto found = std::ranges::find(variables.names, name);
  if (found != variables.names.end()) {
    return variables.captures.values[static_cast<std::size_t>(found - variables.names.begin())];
  }
  if (name == "rest") return variables.captures.rest;
  return fail(ErrorKind::invalid, fmt::format("'{{{}}}' is no variable of the route's path", name));
}

Result<void> substitute(std::string_view text, const Variables& variables, std::string& out) {
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return fail(ErrorKind::invalid, "a brace is not closed");
    const auto value = value_of(text.substr(open + 1, close - open - 1), variables);
    if (!value) return std::unexpected(value.error());
    out += *value;
    text.remove_prefix(close + 1);
  }
  return {};
}

// "/stock/7" without "/stock" is "/7"; a path that does not begin with the whole prefix stays as it is.
std::string_view stripped(std::string_view path, std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (!path.starts_with(prefix)) return path;
  const std::string_view left = path.substr(prefix.size());
  return left.empty() || left.front() == '/' ? left : path;
}

void append_query(std::string& out, const http::Target& target) {
  if (!target.has_query) return;
  out += out.find('?') == std::string::npos ? '?' : '&';
  out += target.query;
}

// Where the authority of "https://host/…" ends; 0 for a location that is only a path.
std::size_t authority_end(std::string_view location) {
  const auto scheme = location.find("://");
  if (scheme == std::string_view::npos) return 0;
  return std::min(location.find_first_of("/?", scheme + 3), location.size());
}

}  // namespace

Result<std::string> upstream_target(const model::ToService& to, std::string_view base_path,
                                    const http::Target& target, const Variables& variables) {
  std::string out;
  out.reserve(base_path.size() + target.path.size() + target.query.size() + 2);
  out += base_path;
  if (to.rewrite) {
    if (!to.rewrite->starts_with('/')) out += '/';
    if (auto done = substitute(*to.rewrite, variables, out); !done) return std::unexpected(std::move(done.error()));
  } else {
    out += to.strip.empty() ? std::string_view(target.path) : stripped(target.path, to.strip);
  }
  if (!out.starts_with('/')) out.insert(0, "/");
  // Two slashes in front would be read as an authority by some servers.
  const auto first = out.find_first_not_of('/');
  if (first != 1) out.erase(0, std::min(first, out.size()) - 1);
  append_query(out, target);
  return out;
}

Result<std::string> redirect_location(const model::ToRedirect& to, const http::Target& target,
                                      const Variables& variables) {
  const std::string_view location = to.location;
  const std::size_t fixed = authority_end(location);
  if (location.substr(0, fixed).find('{') != std::string_view::npos) {
    return fail(ErrorKind::invalid, "a redirect takes no variable in its host");
  }
  if (fixed == 0 && !location.starts_with('/')) {
    return fail(ErrorKind::invalid, "a redirect goes to a path or to scheme://host");
  }
  std::string out{location.substr(0, fixed)};
  std::string path;
  // A variable right behind the host would extend the host.
  if (fixed < location.size() && location[fixed] != '/' && location[fixed] != '?') path = "/";
  if (auto done = substitute(location.substr(fixed), variables, path); !done) {
    return std::unexpected(std::move(done.error()));
  }
  if (const auto first = path.find_first_not_of('/'); fixed == 0 && first > 1 && first != std::string::npos) {
    path.erase(0, first - 1);
  }
  out += path;
  if (location.find('?') == std::string_view::npos) append_query(out, target);
  return out;
}

}  // namespace apigw::routing
