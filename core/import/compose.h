// The parts of the reading of a Compose file that its files share.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/importing.h"

namespace apigw::import::compose {

// A port of a container; `published`: its number on the host, or a reference to a variable, empty where it has none.
struct Port {
  std::uint16_t target = 0;
  std::string published;
  std::string address;  // that it is published at, as a URL names it
  Span where;
};
// One item of `ports`; nothing with a finding for what is no single port of TCP.
[[nodiscard]] std::optional<Port> read_port(const yaml::Node& item, Importing& to, const std::string& what);

// A command of words or one text, for /bin/sh -c; nothing where it cannot be said.
[[nodiscard]] std::optional<std::string> read_command(const yaml::Node& node);

// The path of `http://localhost…/path` in a health check's test; empty without one.
[[nodiscard]] std::string health_path(const yaml::Node& test);

// What speaks a protocol of its own, as far as the image's name tells: "postgres"; empty for anything else.
[[nodiscard]] std::string_view database(std::string_view image);

}  // namespace apigw::import::compose
