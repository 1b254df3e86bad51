// A route's path as written, cut into what the router's tree is made of: "/orders/{id}/**" is a literal, a variable,
// rest.
//
// Literals are brought into the canonical form of http::Target, so that they compare byte for byte with a request's
// path. A variable takes one whole segment that is not empty; `/**` stands only at the end and also matches nothing.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace apigw::routing {

inline constexpr std::size_t most_variables = 16;  // of one pattern

struct Segment {
  enum class Kind { literal, variable } kind = Kind::literal;
  std::string text;  // canonical literal, or the variable's name
};

struct Pattern {
  std::vector<Segment> segments;
  bool rest = false;  // ends in /**
};

// invalid: no slash at the front, `**` elsewhere, a brace inside a segment, a variable without name or named twice,
// an empty, dot or encoded-slash segment, more than `most_variables`.
[[nodiscard]] Result<Pattern> parse_pattern(std::string_view path);

// What the variables of a pattern and its /** took from a path; views into that path, in the pattern's order.
struct Captures {
  std::array<std::string_view, most_variables> values;
  std::size_t size = 0;
  std::string_view rest;  // without its leading slash
};

}  // namespace apigw::routing
