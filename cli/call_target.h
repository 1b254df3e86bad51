// What `apigw call` should ask for: a path as it is, or the name of a route, service or prompt looked up in the
// config.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "command.h"
#include "http/headers.h"
#include "model/plan.h"

namespace apigw::cli {

inline constexpr std::string_view usual_methods[] = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};

// The usual method that `word` is in whatever case ("get"); any other word as it is, since case tells methods apart.
[[nodiscard]] std::string method_of(std::string_view word);

struct CallTarget {
  std::string method;  // empty: the route's own, else GET, else POST with a body
  std::string target;  // "/orders?x=1", "hello", "GET /orders"
};

// Fills in what is left out. Complains and returns the exit code when there is no such name or method.
[[nodiscard]] Exit resolve_target(Env& env, const Globals& globals, CallTarget& target, bool has_body);

// The same of a name alone; the method stays empty where the route takes any.
[[nodiscard]] std::expected<void, Complaint> resolve_name(const model::Plan& plan, CallTarget& target);

// The route that a name stands for: its own id, the first of a service that needs no variable, or a prompt's.
[[nodiscard]] const model::Route* route_named(const model::Plan& plan, std::string_view name);

// Headers as -H gives them: "name: value".
[[nodiscard]] std::expected<void, Complaint> add_headers(http::Headers& headers,
                                                         const std::vector<std::string>& lines);

// What a call sends where nothing else was said: `key` (where it is not empty and no credential was given), who
// calls, and the type of the body, JSON for one that begins like it.
void add_usual_headers(http::Headers& headers, const Secret& key, std::string_view body, bool has_body);

// What an answer with this status is for a command that called.
[[nodiscard]] Exit exit_of_status(int status);

}  // namespace apigw::cli
