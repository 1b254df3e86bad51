// The key of a route, `[METHOD[,METHOD] ]PATH`, and the path template in it, taken apart once for checks and resolve.
//
// Segments are literals or `{name}`; `/**` at the end matches the rest. Knows nothing of services or of matching.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::config {

struct RouteKey {
  std::vector<std::string> methods;  // upper case; empty: any
  std::string path;                  // as written
  std::size_t path_begin = 0;        // offset in the key
};

struct PatternFault {
  int code;                // AGW305 path, AGW306 method
  std::size_t begin, end;  // in the text
  std::string why;
  std::string help;
  std::string meant = {};  // what to write in its place, where that is certain enough
};

[[nodiscard]] RouteKey split_route_key(std::string_view key);
[[nodiscard]] std::optional<PatternFault> route_key_fault(std::string_view key);
// Of the path alone, in which a blank parts nothing.
[[nodiscard]] std::optional<PatternFault> route_path_fault(std::string_view path);

struct PathTemplate {
  std::vector<std::string> variables;
  bool rest = false;           // ends in /**
  std::string literal_prefix;  // whole literal segments from the start: "/stock" of /stock/{id}
  std::string shape;           // variables written {}: equal shapes match the same paths
};
[[nodiscard]] PathTemplate read_template(std::string_view path);

// Whether the template takes a path of whole segments, as written.
[[nodiscard]] bool takes(std::string_view pattern, std::string_view path);

// Names in `{…}` of a rewrite or redirect target, in order, with their offsets.
struct Placeholder {
  std::string_view name;
  std::size_t begin, end;
};
[[nodiscard]] std::vector<Placeholder> placeholders(std::string_view text);

}  // namespace apigw::config
