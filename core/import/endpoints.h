// Addresses and paths of other programs in the words of the config: URLs as services, path templates as routes.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/importing.h"

namespace apigw::import {

// A URL taken apart as far as a service needs it.
struct Address {
  std::string url;   // "https://shop.example/v1", no slash at its end
  std::string host;  // "shop.example"; without brackets
  std::string port;  // "" where the scheme's own is meant
};
// Nothing for what `url:` of a service does not take; `why` says what is wrong with it.
[[nodiscard]] std::optional<Address> read_address(std::string_view url, std::string& why);

// A short name for what is at an address: "stock" of stock.internal.example, nothing for IP addresses and localhost.
[[nodiscard]] std::string host_name(std::string_view host);

// The methods that a path of an OpenAPI document has operations under (3.2: query).
inline constexpr std::string_view operation_methods[] = {"get",  "put",   "post",  "delete", "options",
                                                         "head", "patch", "trace", "query"};

// Where a server object of an OpenAPI document is: its URL with the variables that have a default at it. `defaults`
// are the entries of these variables.
struct ServerUrl {
  std::string url;  // "": it says none
  std::vector<const yaml::Entry*> defaults;
};
[[nodiscard]] ServerUrl server_url(const yaml::Node& server);

// A path template as the path of a route: every `{…}` a whole segment with a name that a route takes, and one
// that stands for all that follows /**.
struct RoutePath {
  std::string path;
  std::string why;  // not empty: no route can say it
  // The names as written, with those in `path`; equal unless a route does not take them.
  std::vector<std::pair<std::string, std::string>> variables;
  std::string rest;  // "{proxy+}" or "{rest*}" as written, which is /** in `path`; empty: none
};
[[nodiscard]] RoutePath route_path(std::string_view path);

}  // namespace apigw::import
