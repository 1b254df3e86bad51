// Route patterns: one that is accepted matches exactly the paths that it spells, and its captures spell them back.
//
// The input is a pattern, a line feed, and a request target.
#include <memory>
#include <string>
#include <string_view>

#include "fuzz/law.h"
#include "routing/explain.h"
#include "routing/rewrite.h"
#include "routing/router.h"

using namespace apigw;

namespace {

// The path that a pattern and what it took stand for.
std::string spelled(const routing::Pattern& pattern, const routing::Captures& captures) {
  std::string out;
  std::size_t variable = 0;
  for (const auto& segment : pattern.segments) {
    out += '/';
    if (segment.kind == routing::Segment::Kind::literal) {
      out += segment.text;
    } else {
      out += captures.values[variable++];
    }
  }
  return pattern.rest && !captures.rest.empty() ? out.append("/").append(captures.rest) : out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view written = input.substr(0, line);
  const auto pattern = routing::parse_pattern(written);
  auto plan = std::make_shared<model::Plan>();
  plan->services.push_back({.name = "s", .instances = {{false, "upstream.example", 80}}});
  model::Route route{.id = "r", .path = std::string(written)};
  route.action =
      model::ToService{.strip = std::string(written.substr(0, written.find('{'))), .rewrite = std::nullopt};
  plan->routes.push_back(route);
  const auto router = routing::Router::compile(plan);
  LAW(router.has_value() == pattern.has_value());
  const auto target = http::parse_target("GET", input.substr(line + 1));
  if (!router || !target) return 0;
  const http::Headers headers;
  const routing::Query query{"GET", "", target->target.path, target->target.query, &headers};
  const auto match = router->match(query);
  const auto explained = routing::explain(*router, "GET", target->target.text(), headers, "");
  LAW((explained.route != nullptr) == static_cast<bool>(match));
  if (!match) return 0;
  for (std::size_t i = 0; i < match.captures.size; ++i) {
    LAW(!match.captures.values[i].empty() && !match.captures.values[i].contains('/'));
  }
  const std::string path = spelled(*pattern, match.captures);
  // A /** also takes the lone slash behind its prefix.
  LAW(path == target->target.path || path + "/" == target->target.path);
  const auto& to = std::get<model::ToService>(match.route->action);
  const auto sent = routing::upstream_target(to, "", target->target, {router->variables(0), match.captures});
  LAW(sent && sent->starts_with('/') && !sent->starts_with("//"));
  return 0;
}
