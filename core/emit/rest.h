// The routes for a program that stands in the gateway's place: in the order in which the router tries them, so that
// the first that fits is the router's own choice, and each with what is done or why its path is kept closed.
//
// Closed, and not left out: without it a wider route would take its calls, and without the key that it asks for.
// What no other program does (models, prompts, keys) is reported once for all targets of this kind.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "emit/bundle.h"
#include "routing/pattern.h"

namespace apigw::emit {

struct RestRoute {
  const model::Route* route = nullptr;
  std::string name;  // "r1": its place among them
  routing::Pattern pattern;
  std::vector<std::string> methods;  // empty: any; HEAD is one of them where GET serves it
  const model::Service* service = nullptr;
  const model::ToRedirect* redirect = nullptr;
  bool key = false;    // some listener asks for a consumer's key
  std::string closed;  // why; then service and redirect do not count
};

// Routes that want a key are closed unless `keys`. `program` is its name in texts.
[[nodiscard]] std::vector<RestRoute> rest_routes(const model::Plan& plan, std::string_view program, bool keys);
// 701 for each service that is called and has no address.
void report_homeless(const std::vector<RestRoute>& routes, std::string_view program, diag::Report& report);
// 711 for each route that is closed, as it stands when all is written.
void report_closed(const std::vector<RestRoute>& routes, diag::Report& report);

// 711 for the providers, models, prompts and consumers that only the gateway has.
void report_unspoken(const model::Plan& plan, std::string_view program, diag::Report& report);
// 711 for the operations and the rates of bodies by which only the gateway judges requests.
void report_unjudged(const model::Plan& plan, std::string_view program, diag::Report& report);
// 711 for the way out of a connection, as far as it is not the usual one: proxy, ca, cert, key and verify, but for
// `kept`. `field` is whose: "services.orders".
void report_outbound(const model::Outbound& outbound, Span where, std::string_view field, std::string_view program,
                     std::span<const std::string_view> kept, diag::Report& report);

// 711 for each time and size of the config that is not the usual one and that the program does not keep; `kept` are
// those that it does.
void report_bounds(const model::Plan& plan, std::string_view program, std::span<const std::string_view> kept,
                   diag::Report& report);

// What such a program is told of the deployment: all that the gateway would be, but for its addresses. It listens
// where the config says.
[[nodiscard]] std::vector<Set> proxy_sets(const model::Plan& plan);
// The port of a listener: usual_port where the config leaves it to the system.
[[nodiscard]] std::uint16_t port_of(const model::Listener& listener);
// 712 for each listener whose port the config leaves to the system, 711 for the health listener that does.
void report_ports(const model::Plan& plan, std::string_view program, diag::Report& report);

// Where a service is: by its name where it is deployed, its instances, or its fixed port on this machine.
[[nodiscard]] std::vector<model::Origin> addresses_of(const model::Service& service);

// How a path's variables stand in a regular expression.
struct Groups {
  enum class Kind { none, named, numbered } kind = Kind::none;
  std::string before = {};  // of a name: before + the place among the variables, or before + "rest"
  bool encoded = false;     // for a path as it is sent, not for a decoded one
};

// The whole of a path as a regular expression of PCRE and RE2; /** is its last group.
[[nodiscard]] std::string path_expression(const routing::Pattern& pattern, const Groups& groups);
[[nodiscard]] std::string expression_literal(std::string_view text);
// What http::parse_target refuses in a path, wherever it is found in one that is as it was sent: a regular expression
// of PCRE, for a text that may go on with '?'. Escapes are taken for written in capitals.
[[nodiscard]] std::string_view refused_in_paths();
// Of a condition's value: `*` stands for anything; absent stands for any value.
[[nodiscard]] std::string value_expression(const model::Condition& condition);

// "/v2/{id}/{rest}" in parts: literals, and names of variables.
struct Piece {
  bool variable = false;
  std::string text;
};
[[nodiscard]] std::vector<Piece> pieces_of(std::string_view words);

}  // namespace apigw::emit
