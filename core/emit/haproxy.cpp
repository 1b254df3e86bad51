// `emit haproxy`: the REST part as a haproxy.cfg.
//
// One backend a route, and `use_backend` lines in the order of apigw's router: the first that fits decides. Paths are
// brought into the canonical form that the router compares before anything looks at them.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/patches.h"
#include "emit/rest.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim own_claims[] = {
    {"listen.tls.key", Claim::lost}, {"caps.request_line", Claim::lost},       {"caps.connections", Claim::written},
    {"outbound.key", Claim::lost},   {"services.*.outbound.key", Claim::lost},
};
constexpr auto claims = joined(proxy_claims, own_claims);

using Words = std::vector<std::string>;

struct Section {
  Words head;
  std::string comment;
  std::vector<Words> lines;
};

// Within single quotes HAProxy expands nothing.
std::string word(std::string_view s) {
  const bool plain = !s.empty() && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./:=@-+%*,~[]{}()!&?^|").contains(c);
  });
  if (plain) return std::string(s);
  std::string out = "'";
  for (const char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string written(const std::vector<Section>& sections) {
  std::string out;
  for (const Section& section : sections) {
    out += "\n";
    if (!section.comment.empty()) out += "# " + text::printable(section.comment, 200) + "\n";
    for (std::size_t i = 0; i < section.head.size(); ++i) out += (i == 0 ? "" : " ") + word(section.head[i]);
    out += "\n";
    for (const Words& line : section.lines) {
      out += "   ";
      for (const std::string& one : line) out += " " + word(one);
      out += "\n";
    }
  }
  return out;
}

// In a format '%' begins a value.
std::string literal(std::string_view s) {
  std::string out;
  for (const char c : s) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

std::string milliseconds(model::Milliseconds time) {
  return fmt::format("{}ms", time.count());
}

std::string address(const std::string& host, std::uint16_t port) {
  const bool six = host.contains(':');
  return fmt::format("{}{}{}:{}", six ? "[" : "", host == "localhost" ? "127.0.0.1" : host, six ? "]" : "", port);
}

bool is_address(std::string_view host) {
  return host.contains(':') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

class Writing {
 public:
  Writing(const model::Plan& plan, diag::Report& report) : plan_(plan), report_(report) {}

  std::string take() {
    routes_ = rest_routes(plan_, "HAProxy", false);
    report_homeless(routes_, "HAProxy", report_);
    if (report_.has_errors()) return {};
    for (RestRoute& route : routes_)
      if (route.redirect != nullptr && route.closed.empty()) close_redirect(route);
    std::vector<Section> out = common();
    out.push_back(frontend());
    if (plan_.health.on && plan_.health.port != 0) out.push_back(health());
    for (const RestRoute& route : routes_) out.push_back(backend(route));
    out.push_back({{"backend", "not_allowed"},
                   "Routes fit but for their methods.",
                   {{"http-request", "return", "status", "405"}}});
    out.push_back({{"backend", "none"}, "No route fits.", {{"http-request", "return", "status", "404"}}});
    report();
    return "# Written by apigw emit haproxy.\n" + written(out);
  }

 private:
  std::vector<Section> common() const {
    const model::Timeouts& times = plan_.timeouts;
    return {
        {{"global"},
         {},
         {{"log", "stdout", "format", "raw", "daemon"},
          {"tune.bufsize", std::to_string(std::max<std::uint64_t>(plan_.caps.header + 1024, 16384))},
          {"expose-experimental-directives"}}},  // for normalize-uri
        {{"defaults"},
         {},
         {{"mode", "http"},
          {"log", "global"},
          {"option", "httplog"},
          {"timeout", "http-request", milliseconds(times.header)},
          {"timeout", "http-keep-alive", milliseconds(times.keep_alive)},
          {"timeout", "client", milliseconds(std::max(times.body_idle, times.client_write))},
          {"timeout", "connect", milliseconds(times.connect)},
          {"timeout", "server", milliseconds(std::max(times.first_byte, times.between_bytes))},
          {"retries", "0"},
          {"default-server", "init-addr", "last,libc,none"}}},
        {{"resolvers", "system"}, {}, {{"parse-resolv-conf"}}},
    };
  }

  Section frontend() {
    Section out{{"frontend", "apigw"}, {}, {}};
    for (const model::Listener& listener : plan_.listeners) {
      Words bind{"bind", address(listener.host, port_of(listener))};
      if (listener.tls) {
        bind.insert(bind.end(), {"ssl", "crt", listener.tls->cert_file});
        nearly(report_, listener.where, "listen.tls.key",
               fmt::format("HAProxy looks for the key in {0}, or in {0}.key", listener.tls->cert_file));
      }
      out.lines.push_back(std::move(bind));
    }
    const auto say = [&](Words line) { out.lines.push_back(std::move(line)); };
    say({"maxconn", std::to_string(plan_.caps.connections)});
    say({"http-request", "normalize-uri", "percent-decode-unreserved", "strict"});
    say({"http-request", "normalize-uri", "percent-to-uppercase", "strict"});
    say({"http-request", "deny", "deny_status", "400", "if", "{", "path", "-m", "reg",
         std::string(refused_in_paths()), "}"});
    say({"http-request", "set-uri", "%[pathq]", "if", "{", "url", "-m", "beg", "http://", "https://", "}"});
    say({"http-request", "set-var(txn.host)", "req.hdr(host),field(1,:),lower"});
    say({"http-request", "set-header", "x-forwarded-for", "%[src]"});
    say({"http-request", "set-header", "x-forwarded-proto", "http"});
    say({"http-request", "set-header", "x-forwarded-proto", "https", "if", "{", "ssl_fc", "}"});
    say({"http-request", "set-header", "x-forwarded-host", "%[req.hdr(host)]"});
    say({"http-request", "set-header", "x-request-id", "%[uuid]"});
    for (const RestRoute& route : routes_) out.lines.push_back(choice(route, route.name, route.methods, true));
    // No route fits: a 404 where only a condition stood in the way, a 405 where only the method did.
    for (const RestRoute& route : routes_)
      if (!route.methods.empty() && !route.route->conditions.empty())
        out.lines.push_back(choice(route, "none", route.methods, false));
    for (const RestRoute& route : routes_)
      if (!route.methods.empty()) out.lines.push_back(choice(route, "not_allowed", {}, false));
    say({"default_backend", "none"});
    return out;
  }

  // Which calls a backend gets: those of the route, of these methods (none: of any), under its conditions or any.
  static Words choice(const RestRoute& route, const std::string& backend, const std::vector<std::string>& methods,
                      bool conditions) {
    Words line{"use_backend", backend, "if"};
    const auto test = [&](Words words) {
      line.emplace_back("{");
      line.insert(line.end(), words.begin(), words.end());
      line.emplace_back("}");
    };
    if (!methods.empty()) {
      Words words{"method"};
      words.insert(words.end(), methods.begin(), methods.end());
      test(std::move(words));
    }
    const std::string& host = route.route->host;
    if (host.starts_with("*."))
      test({"var(txn.host)", "-m", "reg",
            fmt::format("^.+{}$", expression_literal(std::string_view(host).substr(1)))});
    else if (!host.empty())
      test({"var(txn.host)", "-m", "str", host});
    for (const model::Condition& condition :
         conditions ? std::span(route.route->conditions) : std::span<const model::Condition>()) {
      const std::string fetch = condition.in == model::Condition::In::header
                                    ? fmt::format("req.fhdr({})", condition.name)
                                    : fmt::format("url_param({}),url_dec", condition.name);
      if (condition.value)
        test({fetch, "-m", "reg", fmt::format("^(?:{})$", value_expression(condition))});
      else
        test({fetch, "-m", "found"});
    }
    test({"path", "-m", "reg", fmt::format("^{}$", expression(route))});
    return line;
  }

  static std::string expression(const RestRoute& route) {
    return path_expression(route.pattern, {Groups::Kind::numbered, {}, true});
  }

  Section health() const {
    return {{"frontend", "health"},
            {},
            {{"bind", address(plan_.health.host, plan_.health.port)},
             {"http-request", "return", "status", "200", "content-type", "text/plain", "string", "ok", "if", "{",
              "path", "/healthz", "/readyz", "}"},
             {"http-request", "return", "status", "404"}}};
  }

  // "/v2/{id}" as what replaces the whole path.
  static std::string filled(const RestRoute& route, std::string_view words) {
    std::string out;
    for (const Piece& piece : pieces_of(words)) {
      if (!piece.variable) {
        out += literal(piece.text);
        continue;
      }
      std::size_t n = 1;
      for (const routing::Segment& segment : route.pattern.segments) {
        if (segment.kind != routing::Segment::Kind::variable) continue;
        if (segment.text == piece.text) break;
        ++n;
      }
      out += fmt::format("\\{}", n);  // /** is the last group
    }
    return out;
  }

  static std::pair<std::string, std::string> split_location(const std::string& location) {
    const auto scheme = location.find("://");
    const auto from = scheme == std::string::npos ? 0 : scheme + 3;
    const auto end = std::min(location.find_first_of("/?", from), location.size());
    return {scheme == std::string::npos ? "" : location.substr(0, end),
            scheme == std::string::npos ? location : location.substr(end)};
  }

  static void close_redirect(RestRoute& route) {
    const auto [front, path] = split_location(route.redirect->location);
    const auto query = path.find('?');
    if (query != std::string::npos && path.find('{', query) != std::string::npos)
      route.closed = "its location has variables in the query, and HAProxy puts none there";
  }

  Section backend(const RestRoute& route) {
    Section out{{"backend", route.name}, route.route->id, {}};
    const auto say = [&](Words line) { out.lines.push_back(std::move(line)); };
    if (!route.closed.empty()) {
      say({"http-request", "return", "status", "501"});
      return out;
    }
    const std::string whole = fmt::format("^{}$", expression(route));
    if (route.redirect != nullptr) {
      const auto [front, path] = split_location(route.redirect->location);
      const auto query = path.find('?');
      const std::string words = path.substr(0, query);
      if (words.contains('{'))
        say({"http-request", "replace-path", whole, filled(route, words.starts_with('/') ? words : "/" + words)});
      else
        say({"http-request", "set-path", literal(words.starts_with('/') ? words : "/" + words)});
      const std::string to =
          literal(front) + (query == std::string::npos ? "%[pathq]" : "%[path]" + literal(path.substr(query)));
      for (const model::HeaderEdit& edit : route.route->response_headers)
        if (edit.value) say({"http-after-response", "set-header", edit.name, literal(*edit.value)});
      say({"http-request", "redirect", "location", to, "code", std::to_string(route.redirect->status)});
      return out;
    }
    const model::Service& service = *route.service;
    const std::vector<model::Origin> addresses = addresses_of(service);
    say({"balance", "roundrobin"});
    say({"timeout", "connect", milliseconds(service.timeouts.connect)});
    say({"timeout", "server", milliseconds(std::max(service.timeouts.first_byte, service.timeouts.between_bytes))});
    say({"http-request", "deny", "deny_status", "413", "if", "{", "req.hdr_val(content-length)", "gt",
         std::to_string(route.route->body_cap), "}"});
    path(route, service, whole, out);
    say({"http-request", "set-header", "host", addresses.front().authority()});
    for (const model::HeaderEdit& edit : route.route->request_headers)
      edit.value ? say({"http-request", "set-header", edit.name, literal(*edit.value)})
                 : say({"http-request", "del-header", edit.name});
    for (const model::HeaderEdit& edit : route.route->response_headers)
      edit.value ? say({"http-response", "set-header", edit.name, literal(*edit.value)})
                 : say({"http-response", "del-header", edit.name});
    std::size_t n = 0;
    for (const model::Origin& at : addresses) {
      Words line = service.dns ? Words{"server-template", "s", "1-16"} : Words{"server", fmt::format("s{}", ++n)};
      line.push_back(address(at.host, at.port));
      line.insert(line.end(), {"maxconn", std::to_string(service.connections)});
      if (!is_address(at.host) && at.host != "localhost") line.insert(line.end(), {"resolvers", "system"});
      if (at.tls) secure(service, at, line);
      say(std::move(line));
    }
    return out;
  }

  static void secure(const model::Service& service, const model::Origin& at, Words& line) {
    const std::string& ca = service.outbound.ca_file;
    line.insert(line.end(), {"ssl", "sni", fmt::format("str({})", at.host), "verifyhost", at.host});
    if (service.outbound.verify)
      line.insert(line.end(), {"verify", "required", "ca-file", ca.empty() ? "@system-ca" : ca});
    else
      line.insert(line.end(), {"verify", "none"});
    if (!service.outbound.client_cert_file.empty())
      line.insert(line.end(), {"crt", service.outbound.client_cert_file});
  }

  static void path(const RestRoute& route, const model::Service& service, const std::string& whole, Section& out) {
    const auto& to = std::get<model::ToService>(route.route->action);
    const std::string base = literal(service.base_path);
    const auto say = [&](Words line) { out.lines.push_back(std::move(line)); };
    if (to.rewrite) {
      const std::string words = to.rewrite->starts_with('/') ? *to.rewrite : "/" + *to.rewrite;
      if (words.contains('{'))
        say({"http-request", "replace-path", whole, base + filled(route, words)});
      else
        say({"http-request", "set-path", base + literal(words)});
      return;
    }
    std::string_view strip = to.strip;
    while (strip.ends_with('/')) strip.remove_suffix(1);
    if (!strip.empty() && !base.empty())
      return say(
          {"http-request", "replace-path", fmt::format("^{}(|/.*)$", expression_literal(strip)), base + "\\1"});
    if (!strip.empty()) {
      say({"http-request", "set-path", "/", "if", "{", "path", std::string(strip), "}"});
      say({"http-request", "replace-path", fmt::format("^{}/+(.*)$", expression_literal(strip)), "/\\1"});
    }
    if (!base.empty()) say({"http-request", "set-path", base + "%[path]"});
  }

  void report() {
    report_closed(routes_, report_);
    report_unspoken(plan_, "HAProxy", report_);
    report_ports(plan_, "HAProxy", report_);
    report_unjudged(plan_, "HAProxy", report_);
    constexpr std::string_view kept[] = {
        "timeouts.header",  "timeouts.body_idle",  "timeouts.keep_alive",      "timeouts.client_write",
        "timeouts.connect", "timeouts.first_byte", "timeouts.between_bytes",   "caps.header",
        "caps.body",        "caps.connections",    "caps.upstream_connections"};
    report_bounds(plan_, "HAProxy", kept, report_);
    constexpr std::string_view by_length =
        "HAProxy refuses by content-length; a body that comes in chunks is not bounded";
    if (plan_.caps.body != model::Caps{}.body) nearly(report_, {}, "caps.body", by_length);
    std::vector<const model::Service*> told;
    for (const RestRoute& route : routes_) {
      if (!route.closed.empty()) continue;
      if (route.route->timeout && route.route->timeout != plan_.timeouts.whole)
        lost(report_, route.route->timeout_where, fmt::format("routes.{}.timeout", route.route->id),
             "HAProxy bounds the wait for the next bytes, and no whole exchange");
      if (route.route->body_cap != plan_.caps.body)
        nearly(report_, route.route->body_where, fmt::format("routes.{}.body", route.route->id), by_length);
      if (route.service == nullptr || std::ranges::find(told, route.service) != told.end()) continue;
      told.push_back(route.service);
      const std::string field = "services." + route.service->name;
      if (route.service->timeouts.first_byte != plan_.timeouts.first_byte)
        nearly(report_, route.service->where, field + ".timeout",
               "HAProxy has one time for the first byte and for those behind it: the longer one holds");
      constexpr std::string_view ways[] = {"ca", "cert", "key", "verify"};
      const model::Outbound& outbound = route.service->outbound;
      report_outbound(outbound, route.service->where, field, "HAProxy", ways, report_);
      if (!outbound.client_key_file.empty())
        nearly(report_, route.service->where, field + ".outbound.key",
               fmt::format("HAProxy looks for the key in {0}, or in {0}.key", outbound.client_cert_file));
    }
  }

  const model::Plan& plan_;
  diag::Report& report_;
  std::vector<RestRoute> routes_;
};

std::string read_me(const diag::Report& report) {
  std::string out =
      "# Written by apigw emit haproxy\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten. It listens where `listen:` of the config says.\n\n    haproxy -c -f haproxy.cfg && systemctl "
      "reload haproxy        # with it in "
      "/etc/haproxy\n\nA "
      "route that could not be written answers 501 and keeps wider ones from taking its calls.\n";
  return out + losses(report);
}

render::FileTree emit(const model::Plan& plan, const Options&, diag::Report& report) {
  apply_patches(plan, "haproxy", true, {}, report);  // its file is no tree: a patch is refused
  const std::string file = Writing(plan, report).take();
  if (report.has_errors()) return {};
  render::FileTree tree;
  tree["haproxy.cfg"].content = file;
  tree["README.md"].content = read_me(report);
  return tree;
}

}  // namespace

extern const Emitter haproxy_emitter;
const Emitter haproxy_emitter = {
    .summary = "the REST part as a haproxy.cfg",
    .claims = claims,
    .whole = true,
    .sets = proxy_sets,
    .emit = emit,
};

}  // namespace apigw::emit
