#include "routing/pattern.h"

#include <algorithm>

#include "base/text.h"
#include "http/target.h"

namespace apigw::routing {
namespace {

std::unexpected<Error> refuse(std::string_view path, std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("route path '{}': {}", path, why));
}

// Bytes that a path may not carry are escaped first; the request's own parser then judges and canonicalises.
Result<std::string> canonical(std::string_view path, std::string_view literal) {
  constexpr std::string_view allowed = "!$&'()*+,;=:@%-._~";
  std::string escaped = "/";
  for (const char c : literal) {
    const bool plain = (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
    if (plain || allowed.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      fmt::format_to(std::back_inserter(escaped), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  auto parsed = http::parse_target("GET", escaped);
  if (!parsed) return refuse(path, parsed.error().what);
  return parsed->target.path.substr(1);
}

Result<Segment> parse_segment(std::string_view path, std::string_view piece) {
  const bool braced = piece.size() >= 2 && piece.front() == '{' && piece.back() == '}';
  const std::string_view inner = braced ? piece.substr(1, piece.size() - 2) : piece;
  if (inner.find_first_of("{}") != std::string_view::npos) {
    return refuse(path, "a variable takes a whole segment: /{name}/");
  }
  if (!braced) {
    if (piece.find("**") != std::string_view::npos) return refuse(path, "'/**' stands only at the end");
    auto literal = canonical(path, piece);
    if (!literal) return std::unexpected(std::move(literal.error()));
    return Segment{Segment::Kind::literal, std::move(*literal)};
  }
  if (inner.empty()) return refuse(path, "a variable needs a name");
  return Segment{Segment::Kind::variable, std::string(inner)};
}

}  // namespace

Result<Pattern> parse_pattern(std::string_view path) {
  if (!path.starts_with('/')) return refuse(path, "a path begins with a slash");
  Pattern pattern;
  std::size_t variables = 0;
  const auto pieces = text::split(path.substr(1), '/');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    if (last && pieces[i] == "**") {
      pattern.rest = true;
      break;
    }
    if (pieces[i].empty() && !last) return refuse(path, "an empty segment never matches");
    auto segment = parse_segment(path, pieces[i]);
    if (!segment) return std::unexpected(std::move(segment.error()));
    if (segment->kind == Segment::Kind::variable) {
      const auto same = [&](const Segment& s) { return s.kind == segment->kind && s.text == segment->text; };
      if (std::ranges::any_of(pattern.segments, same)) return refuse(path, "a variable is named twice");
      if (++variables > most_variables) return refuse(path, "too many variables");
    }
    pattern.segments.push_back(std::move(*segment));
  }
  return pattern;
}

}  // namespace apigw::routing
