// The parts of the reading of a Kong configuration that its files share.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "import/importing.h"

namespace apigw::import::kong {

struct HeaderEdits {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> remove;
  [[nodiscard]] bool empty() const { return set.empty() && remove.empty(); }
};

// What the plugins of one scope (all, a service, a route) come to.
struct Policy {
  bool key = false;  // callers must prove who they are
  std::optional<std::uint64_t> body;
  HeaderEdits request, response;
};

// Reads one plugin into `policy`; what a config cannot say is a finding. `where`: "service 'orders'".
void read_plugin(const yaml::Node& node, const std::string& where, Policy& policy, Importing& to);

// The nearer scope's say, else the outer one's.
[[nodiscard]] Policy nearest(Policy nearer, const Policy& outer);

// A path of a route as that of a config's. Kong's plain paths are prefixes, those behind '~' expressions.
struct Path {
  std::string path;     // "/orders/**"
  std::string strip;    // what strip_path takes off; empty: nothing
  std::string rewrite;  // instead, where no literal prefix can be taken off
  bool expression = false;
  std::string why;     // not empty: no route can say it
  std::string closed;  // then: a path of literals below which all of it lies; may be empty
};
// `untold`: before format 3 an expression has no '~' and is told by its characters.
[[nodiscard]] Path read_path(std::string_view path, bool untold = false);

}  // namespace apigw::import::kong
