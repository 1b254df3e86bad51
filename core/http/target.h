// The one canonical form of a request's target: parsed once, used by routing, policy, forwarding and logs alike.
//
// Refused, never repaired (security promises, "Path"): encoded slash, backslash, encoded or raw NUL and controls, dot
// segments raw or encoded, empty segments (`//`), overlong UTF-8, anything outside RFC 3986's characters, a fragment.
// Canonical means: unreserved characters decoded, other escapes kept with upper-case hex digits. Below /v1/models/
// and /v1beta/models/ alone an encoded slash is decoded before all of this is judged, because SDKs write a model's
// name so.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace apigw::http {

struct Target {
  std::string path = "/";  // canonical, begins with a slash
  std::string query;       // as sent, without `?`; only allowed characters
  bool has_query = false;  // `/a?` and `/a` differ
  [[nodiscard]] std::string text() const { return has_query ? path + "?" + query : path; }
};

struct ParsedTarget {
  Target target;
  std::string authority;  // of the absolute form (`http://host/path`), else empty; must then equal Host
};

// Origin form, absolute form (http and https) and `*` for OPTIONS. Authority form (CONNECT) is refused.
[[nodiscard]] Result<ParsedTarget> parse_target(std::string_view method, std::string_view raw);

// Percent-decoded bytes of a path segment or query part ('+' stays '+').
[[nodiscard]] std::string decode(std::string_view s);
// Everything outside unreserved characters escaped.
[[nodiscard]] std::string encode(std::string_view s);
// Decoded name and value pairs of a query, in order; '+' is a blank.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query);

}  // namespace apigw::http
