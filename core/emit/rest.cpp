#include "emit/rest.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "http/target.h"

namespace apigw::emit {
namespace {

// Exact names, then the longest ending, then any.
std::tuple<int, int, std::string> host_rank(const std::string& host) {
  if (host.empty()) return {2, 0, ""};
  const bool wildcard = host.starts_with("*.");
  return {wildcard ? 1 : 0, wildcard ? -static_cast<int>(host.size()) : 0, host};
}

// Segment by segment: what ends here, then a literal, a variable, /**.
std::vector<std::pair<int, std::string>> path_rank(const routing::Pattern& pattern) {
  std::vector<std::pair<int, std::string>> out;
  for (const routing::Segment& segment : pattern.segments)
    out.emplace_back(segment.kind == routing::Segment::Kind::literal ? 1 : 2,
                     segment.kind == routing::Segment::Kind::literal ? segment.text : "");
  out.emplace_back(pattern.rest ? 3 : 0, "");
  return out;
}

// As routing::Router ranks the routes of one path.
std::tuple<int, bool, bool, std::string> candidate_rank(const model::Route& route) {
  std::string tie;
  for (const model::Condition& condition : route.conditions) {
    const char width = !condition.value ? '3' : condition.value->contains('*') ? '2' : '1';
    tie += fmt::format("{}{}={}\n", width, condition.name, condition.value.value_or(""));
  }
  const auto names = [&](std::string_view method) {
    return std::ranges::find(route.methods, method) != route.methods.end();
  };
  return {-static_cast<int>(route.conditions.size()), route.methods.empty(), names("GET") && !names("HEAD"),
          tie + route.id};
}

bool takes_part_of(const RestRoute& wide, const RestRoute& narrow) {
  if (!wide.closed.empty() || (!wide.route->host.empty() && wide.route->host != narrow.route->host)) return false;
  const auto &all = wide.pattern.segments, &own = narrow.pattern.segments;
  if (wide.pattern.rest ? own.size() < all.size() : own.size() != all.size()) return false;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].kind == routing::Segment::Kind::literal && all[i].text != own[i].text) return false;
  return true;
}

void act(const model::Plan& plan, std::string_view program, bool keys, RestRoute& out) {
  if (const auto* to = std::get_if<model::ToService>(&out.route->action))
    out.service = &plan.at(to->service);
  else if (const auto* redirect = std::get_if<model::ToRedirect>(&out.route->action))
    out.redirect = redirect;
  else
    out.closed = "only apigw serves it";
  for (std::uint32_t i = 0; i < plan.listeners.size(); ++i)
    out.key = out.key || effective_auth(plan, *out.route, i).key;
  if (out.closed.empty() && out.key && !keys)
    out.closed = fmt::format("it asks for a key, and {} checks none", program);
}

}  // namespace

std::vector<Set> proxy_sets(const model::Plan& plan) {
  std::vector<Set> out = deployed_sets(plan);
  std::erase_if(out, [](const Set& set) { return set.first == "listen" || set.first == "health"; });
  return out;
}

std::uint16_t port_of(const model::Listener& listener) {
  return listener.port == 0 ? usual_port : listener.port;
}

void report_ports(const model::Plan& plan, std::string_view program, diag::Report& report) {
  for (const model::Listener& listener : plan.listeners)
    if (listener.port == 0)
      nearly(report, listener.where, "listen",
             fmt::format("{} does not choose a port: it listens at {}", program, usual_port));
  if (plan.health.on && plan.health.port == 0)
    lost(report, plan.health.where, "health", fmt::format("{} does not choose a port", program));
}

std::vector<model::Origin> addresses_of(const model::Service& service) {
  if (!service.container.image.empty())
    return {{false, object_name(service.name), service.port.value_or(usual_port)}};
  std::vector<model::Origin> out;
  for (model::Origin at : service.instances) {
    if (at.port == 0) at.port = service.port.value_or(0);
    if (at.port != 0) out.push_back(std::move(at));
  }
  return out;
}

std::vector<RestRoute> rest_routes(const model::Plan& plan, std::string_view program, bool keys) {
  std::vector<RestRoute> all;
  for (const model::Route& route : plan.routes) {
    auto pattern = routing::parse_pattern(route.path);
    if (!pattern) continue;  // config found it
    RestRoute out{
        .route = &route, .name = {}, .pattern = std::move(*pattern), .methods = route.methods, .closed = {}};
    const auto names = [&](std::string_view method) {
      return std::ranges::find(out.methods, method) != out.methods.end();
    };
    if (names("GET") && !names("HEAD")) out.methods.emplace_back("HEAD");
    act(plan, program, keys, out);
    all.push_back(std::move(out));
  }
  std::ranges::sort(all, {}, [](const RestRoute& r) {
    return std::tuple(host_rank(r.route->host), path_rank(r.pattern), candidate_rank(*r.route));
  });
  // What only apigw serves is no path at all elsewhere, unless a wider route would take it.
  const auto idle = [&](const RestRoute& route) {
    return route.service == nullptr && route.redirect == nullptr &&
           std::ranges::none_of(all, [&](const RestRoute& other) { return takes_part_of(other, route); });
  };
  std::vector<RestRoute> out;
  for (const RestRoute& route : all) {
    if (idle(route)) continue;
    out.push_back(route);
    out.back().name = fmt::format("r{}", out.size());
  }
  return out;
}

void report_homeless(const std::vector<RestRoute>& routes, std::string_view program, diag::Report& report) {
  std::vector<const model::Service*> told;
  for (const RestRoute& route : routes) {
    if (!route.closed.empty() || route.service == nullptr || !addresses_of(*route.service).empty()) continue;
    if (std::ranges::find(told, route.service) != told.end()) continue;
    told.push_back(route.service);
    report
        .add(701, route.service->where,
             fmt::format("service '{}' has no address", text::printable(route.service->name, 60)),
             fmt::format("nothing says where {} finds it", program))
        .helps.push_back("add url: where it is, image: what it is deployed from, or the port: that it listens on");
  }
}

void report_closed(const std::vector<RestRoute>& routes, diag::Report& report) {
  for (const RestRoute& route : routes)
    if (!route.closed.empty() && (route.service != nullptr || route.redirect != nullptr))
      lost(report, route.route->where, "routes." + route.route->id, "its path is kept closed: " + route.closed);
}

void report_unspoken(const model::Plan& plan, std::string_view program, diag::Report& report) {
  for (const model::Provider& provider : plan.providers)
    if (!provider.mock)
      lost(report, provider.where, "providers." + provider.name, fmt::format("{} calls no models", program));
  for (const model::Model& model : plan.models)
    lost(report, model.where, "models." + model.name, fmt::format("{} calls no models", program));
  for (const model::Prompt& prompt : plan.prompts)
    if (prompt.serve)
      lost(report, prompt.where, "prompts." + prompt.name, fmt::format("{} fills no prompts", program));
  for (const model::Consumer& consumer : plan.consumers)
    lost(report, consumer.where, "consumers." + consumer.name, fmt::format("{} checks no keys", program));
  if (plan.pepper.kind != model::SecretRef::Kind::none)
    lost(report, plan.pepper.where, "pepper", fmt::format("{} checks no keys", program));
}

void report_unjudged(const model::Plan& plan, std::string_view program, diag::Report& report) {
  for (const model::Route& route : plan.routes) {
    if (route.operation)
      lost(report, route.operation->where, fmt::format("routes.{}.operation", route.id),
           fmt::format("{} judges no requests", program));
    if (route.body_rate != plan.caps.body_rate)
      lost(report, route.where, fmt::format("routes.{}.body_rate", route.id),
           fmt::format("{} bounds the wait for the next bytes, and no rate", program));
  }
}

void report_outbound(const model::Outbound& outbound, Span where, std::string_view field, std::string_view program,
                     std::span<const std::string_view> kept, diag::Report& report) {
  const auto tell = [&](bool given, std::string_view name, std::string_view reason) {
    if (given && std::ranges::find(kept, name) == kept.end())
      lost(report, where, fmt::format("{}.outbound.{}", field, name), fmt::format("{} {}", program, reason));
  };
  tell(outbound.proxy != model::Outbound::Proxy::none, "proxy", "goes through no proxy");
  tell(!outbound.ca_file.empty(), "ca", "trusts no authority for one service alone");
  tell(!outbound.client_cert_file.empty(), "cert", "shows no certificate for one service alone");
  tell(!outbound.client_key_file.empty(), "key", "shows no certificate for one service alone");
  tell(!outbound.verify, "verify", "verifies what it calls");
}

void report_bounds(const model::Plan& plan, std::string_view program, std::span<const std::string_view> kept,
                   diag::Report& report) {
  static const model::Plan usual;
  const auto bound = [&](std::string_view field, const auto& of, auto member) {
    const auto& [given, by_default] = of;
    if (given.*member == by_default.*member || std::ranges::find(kept, field) != kept.end()) return;
    lost(report, {}, std::string(field), fmt::format("{} does not keep it", program));
  };
  const std::pair<const model::Timeouts&, const model::Timeouts&> times{plan.timeouts, usual.timeouts};
  bound("timeouts.header", times, &model::Timeouts::header);
  bound("timeouts.body_idle", times, &model::Timeouts::body_idle);
  bound("timeouts.keep_alive", times, &model::Timeouts::keep_alive);
  bound("timeouts.client_write", times, &model::Timeouts::client_write);
  bound("timeouts.connect", times, &model::Timeouts::connect);
  bound("timeouts.tls", times, &model::Timeouts::tls);
  bound("timeouts.first_byte", times, &model::Timeouts::first_byte);
  bound("timeouts.between_bytes", times, &model::Timeouts::between_bytes);
  bound("timeouts.drain", times, &model::Timeouts::drain);
  bound("timeouts.whole", times, &model::Timeouts::whole);
  const std::pair<const model::Caps&, const model::Caps&> caps{plan.caps, usual.caps};
  bound("caps.header", caps, &model::Caps::header);
  bound("caps.fields", caps, &model::Caps::fields);
  bound("caps.request_line", caps, &model::Caps::request_line);
  bound("caps.body", caps, &model::Caps::body);
  bound("caps.body_rate", caps, &model::Caps::body_rate);
  bound("caps.connections", caps, &model::Caps::connections);
  bound("caps.in_flight", caps, &model::Caps::in_flight);
  bound("caps.upstream_connections", caps, &model::Caps::upstream_connections);
  bound("timeouts.ai_first_byte", times, &model::Timeouts::ai_first_byte);
  bound("caps.ai_body", caps, &model::Caps::ai_body);
  bound("caps.json_depth", caps, &model::Caps::json_depth);
  bound("caps.upstream_json_depth", caps, &model::Caps::upstream_json_depth);
  bound("caps.sse_event", caps, &model::Caps::sse_event);
  bound("caps.upstream_body", caps, &model::Caps::upstream_body);
}

std::string expression_literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    out += plain ? std::string(1, c) : fmt::format("\\{}", c);
  }
  return out;
}

std::string path_expression(const routing::Pattern& pattern, const Groups& groups) {
  const auto group = [&](std::string_view name, std::string_view what) {
    switch (groups.kind) {
      case Groups::Kind::named:
        return fmt::format("(?<{}{}>{})", groups.before, name, what);
      case Groups::Kind::numbered:
        return fmt::format("({})", what);
      case Groups::Kind::none:
        break;
    }
    return std::string(what);
  };
  std::string out;
  std::size_t n = 0;
  for (const routing::Segment& segment : pattern.segments)
    out += "/" + (segment.kind == routing::Segment::Kind::literal
                      ? expression_literal(groups.encoded ? segment.text : http::decode(segment.text))
                      : group(std::to_string(n++), groups.encoded ? "[^/?]+" : "[^/]+"));
  if (pattern.rest) return out + fmt::format("(?:/{})?", group("rest", groups.encoded ? "[^?]*" : ".*"));
  return out.empty() ? "/" : out;
}

std::string_view refused_in_paths() {
  return "[^?A-Za-z0-9._~!$&'()*+,;=:@/%-]|%(?![0-9A-F]{2})|%[01]|%7F|%2F|%5C|//|/(?:\\.|%2E){1,2}(?:[;/?]|\\z)"
         // What is no UTF-8: bytes that it has not, overlong forms, surrogates, and what is beyond U+10FFFF;
         "|%C[01]|%F[5-9A-F]|%E0%[89]|%ED%[AB]|%F0%8|%F4%[9AB]"
         // a character that ends too early;
         "|%[C-F].(?!%[89AB])|%[EF].%..(?!%[89AB])|%F.%..%..(?!%[89AB])"
         // and a byte that goes on where none began.
         "|(?<!%[89A-F].)%[89AB]|%[CD].%..%[89AB]|%E.%..%..%[89AB]|%F.%..%..%..%[89AB]";
}

std::string value_expression(const model::Condition& condition) {
  if (!condition.value) return ".*";
  std::string out;
  for (const std::string_view part : text::split(*condition.value, '*')) {
    if (!out.empty() || part.data() != condition.value->data()) out += ".*";
    out += expression_literal(part);
  }
  return out;
}

std::vector<Piece> pieces_of(std::string_view words) {
  std::vector<Piece> out;
  while (!words.empty()) {
    const auto open = words.find('{');
    if (open != 0) out.push_back({false, std::string(words.substr(0, open))});
    if (open == std::string_view::npos) break;
    const auto close = words.find('}', open);
    out.push_back({true, std::string(words.substr(open + 1, close - open - 1))});
    words.remove_prefix(close == std::string_view::npos ? words.size() : close + 1);
  }
  return out;
}

}  // namespace apigw::emit
