// `emit nginx`: the REST part as a file for the http block of nginx.
//
// nginx looks for a location by its own rules, and within one no method falls through to a wider one. So one `map`
// decides first: its lines stand in the order of apigw's router, each a regular expression over conditions, method,
// host and decoded path, and the first that fits names the location. What is forwarded is the path that was judged,
// normalised and escaped again, never the bytes that came.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/patches.h"
#include "emit/rest.h"
#include "http/target.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim own_claims[] = {
    {"listen.tls.key", Claim::written},          {"caps.request_line", Claim::written},
    {"caps.connections", Claim::lost},           {"outbound.key", Claim::written},
    {"services.*.outbound.key", Claim::written},
};
constexpr auto claims = joined(proxy_claims, own_claims);

// A directive of nginx: its words, and the block behind it.
struct Line {
  std::vector<std::string> words;
  std::vector<Line> block;
  bool opens = false;
  std::string comment = {};  // a line above
};

// nginx reads \" \\ \t \n \r in quotes, and a '$' as a variable wherever the directive takes one.
std::string word(std::string_view s) {
  const bool plain = !s.empty() && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./:=@$-+%*,&~[]").contains(c);
  });
  if (plain) return std::string(s);
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void write(const std::vector<Line>& lines, std::size_t indent, std::string& out) {
  for (const Line& line : lines) {
    if (!line.comment.empty()) out.append(indent, ' ') += "# " + text::printable(line.comment, 200) + "\n";
    if (line.words.empty()) continue;
    out.append(indent, ' ');
    if (line.words.front() == "if")  // `if` has parentheses around variable, operator and pattern
      out += fmt::format("if ({} {} {})", line.words[1], line.words[2], word(line.words[3]));
    else
      for (std::size_t i = 0; i < line.words.size(); ++i) out += (i == 0 ? "" : " ") + word(line.words[i]);
    if (line.opens) {
      out += " {\n";
      write(line.block, indent + 4, out);
      out.append(indent, ' ') += "}\n";
    } else {
      out += ";\n";
    }
  }
}

Line block(std::vector<std::string> words, std::vector<Line> lines, std::string comment = {}) {
  return {std::move(words), std::move(lines), true, std::move(comment)};
}

std::string milliseconds(model::Milliseconds time) {
  return time.count() % 1000 == 0 ? fmt::format("{}s", time.count() / 1000) : fmt::format("{}ms", time.count());
}

// The decimal numbers above `most`, without zeros in front, as a regular expression.
std::string above(std::uint64_t most) {
  const std::string digits = std::to_string(most);
  std::string out = fmt::format("[1-9][0-9]{{{},}}", digits.size());
  for (std::size_t i = 0; i < digits.size(); ++i)
    if (digits[i] != '9')
      out += fmt::format("|{}[{}-9][0-9]{{{}}}", digits.substr(0, i), static_cast<char>(digits[i] + 1),
                         digits.size() - i - 1);
  return out;
}

class Writing {
 public:
  Writing(const model::Plan& plan, diag::Report& report) : plan_(plan), report_(report) {}

  std::string take() {
    routes_ = rest_routes(plan_, "nginx", false);
    report_homeless(routes_, "nginx", report_);
    if (report_.has_errors()) return {};
    for (RestRoute& route : routes_) {
      close_what_is_not_said(route);
      if (route.closed.empty() && route.service != nullptr &&
          std::ranges::find(services_, route.service) == services_.end())
        services_.push_back(route.service);
    }
    std::vector<Line> out;
    for (const model::Service* service : services_) out.push_back(upstream(*service));
    Line map = decide();
    std::vector<Line> server = this->server();
    if (dollar_)
      out.push_back(block({"geo", "$apigw_dollar"}, {{{"default", "$"}, {}}}, "a '$' that is no variable"));
    for (Line& condition : conditions_) out.push_back(std::move(condition));
    out.push_back(std::move(map));
    out.push_back(block({"server"}, std::move(server)));
    if (plan_.health.on && plan_.health.port != 0) out.push_back(health());
    report();
    std::string text = "# Written by apigw emit nginx: for the http block, as in /etc/nginx/conf.d/apigw.conf.\n";
    write(out, 0, text);
    return text;
  }

 private:
  static std::string group_name(const model::Service& service) { return "apigw_" + object_name(service.name); }

  void close_what_is_not_said(RestRoute& route) {
    for (const model::Condition& condition : route.route->conditions) {
      const bool word = std::ranges::all_of(condition.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
      });
      if (!word || (condition.in == model::Condition::In::query && condition.name.contains('-')))
        route.closed = fmt::format("nginx has no variable for '{}'", text::printable(condition.name, 60));
    }
  }

  static Line upstream(const model::Service& service) {
    std::vector<Line> lines;
    for (const model::Origin& at : addresses_of(service)) {
      const bool six = at.host.contains(':');
      lines.push_back({{"server", fmt::format("{}{}{}:{}", six ? "[" : "", at.host, six ? "]" : "", at.port),
                        fmt::format("max_conns={}", service.connections)},
                       {}});
    }
    lines.push_back({{"keepalive", "32"}, {}});
    return block({"upstream", group_name(service)}, std::move(lines));
  }

  // The variable that is 1 where the condition holds.
  std::string variable_of(const model::Condition& condition) {
    std::string name = text::lower(condition.name);
    std::ranges::replace(name, '-', '_');
    const std::string source = (condition.in == model::Condition::In::header ? "$http_" : "$arg_") + name;
    const std::string expression = condition.value ? value_expression(condition) : ".+";
    const std::string key = source + " " + expression;
    const auto found = std::ranges::find(condition_keys_, key);
    const auto index = static_cast<std::size_t>(found - condition_keys_.begin());
    const std::string variable = fmt::format("$apigw_when{}", index + 1);
    if (found == condition_keys_.end()) {
      condition_keys_.push_back(key);
      conditions_.push_back(block({"map", source, variable},
                                  {{{"default", "0"}, {}}, {{fmt::format("~^(?:{})\\z", expression), "1"}, {}}}));
    }
    return variable;
  }

  Line decide() {
    std::vector<std::vector<std::string>> held;
    for (const RestRoute& route : routes_) {
      held.emplace_back();
      if (!judged_by_nginx(route)) continue;
      for (const model::Condition& condition : route.route->conditions) held.back().push_back(variable_of(condition));
    }
    std::string what;
    for (std::size_t i = 0; i < condition_keys_.size(); ++i) what += fmt::format("$apigw_when{}", i + 1);
    std::vector<Line> lines{{{"default", "none"}, {}}};
    const auto line = [&](const RestRoute& route, const std::string& flags, const std::string& methods,
                          const Groups& groups, const std::string& location) {
      lines.push_back({{fmt::format("~^{} {} {} {}\\z", flags, methods, host(*route.route),
                                    path_expression(route.pattern, groups)),
                        location},
                       {},
                       false,
                       location == route.name ? route.route->id : ""});
    };
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      std::string flags;
      for (std::size_t n = 0; n < condition_keys_.size(); ++n) {
        const bool asked = std::ranges::find(held[i], fmt::format("$apigw_when{}", n + 1)) != held[i].end();
        flags += asked ? "1" : ".";
      }
      const RestRoute& route = routes_[i];
      line(route, flags, methods(route), {Groups::Kind::named, "apigw_" + route.name + "_"}, route.name);
    }
    // No route fits: a 404 where only a condition stood in the way, a 405 where only the method did.
    const std::string any(condition_keys_.size(), '.');
    for (const RestRoute& route : routes_)
      if (!route.methods.empty() && !route.route->conditions.empty()) line(route, any, methods(route), {}, "none");
    for (const RestRoute& route : routes_)
      if (!route.methods.empty()) line(route, any, "[^ ]+", {}, "not_allowed");
    return block({"map", what + " $request_method $host $uri", "$apigw_route"}, std::move(lines),
                 "Which location answers: the first line that fits, the most specific first.");
  }

  // A condition that nginx has no variable for closes its route whatever the condition says.
  static bool judged_by_nginx(const RestRoute& route) { return !route.closed.starts_with("nginx has no variable"); }

  static std::string methods(const RestRoute& route) {
    if (route.methods.empty()) return "[^ ]+";
    std::string out;
    for (const std::string& method : route.methods) out += (out.empty() ? "" : "|") + expression_literal(method);
    return "(?:" + out + ")";
  }

  static std::string host(const model::Route& route) {
    if (route.host.empty()) return "[^ ]*";
    const bool wildcard = route.host.starts_with("*.");
    return (wildcard ? "[^ ]+" : "") + expression_literal(std::string_view(route.host).substr(wildcard ? 1 : 0));
  }

  // A text that nginx looks for variables in.
  std::string literal(std::string_view s) {
    std::string out;
    for (const char c : s) {
      dollar_ = dollar_ || c == '$';
      out += c == '$' ? std::string("${apigw_dollar}") : std::string(1, c);
    }
    return out;
  }

  // "/v2/{id}" with what the map took.
  std::string filled(const RestRoute& route, std::string_view words, std::string_view before = "apigw") {
    std::string out;
    for (const Piece& piece : pieces_of(words)) {
      if (!piece.variable) {
        out += literal(piece.text);
        continue;
      }
      std::size_t n = 0;
      std::string name = "rest";
      for (const routing::Segment& segment : route.pattern.segments) {
        if (segment.kind != routing::Segment::Kind::variable) continue;
        if (segment.text == piece.text) name = std::to_string(n);
        ++n;
      }
      out += fmt::format("${{{}_{}_{}}}", before, route.name, name);
    }
    return out;
  }

  std::vector<Line> server() {
    std::vector<Line> out;
    const model::TlsFiles* tls = nullptr;
    for (const model::Listener& listener : plan_.listeners) {
      const bool six = listener.host.contains(':');
      std::vector<std::string> words{"listen", fmt::format("{}{}{}:{}", six ? "[" : "",
                                                           listener.host == "localhost" ? "127.0.0.1" : listener.host,
                                                           six ? "]" : "", port_of(listener))};
      if (listener.tls) {
        words.emplace_back("ssl");
        if (tls != nullptr && !(*tls == *listener.tls))
          lost(report_, listener.where, "listen.tls", "one server of nginx has one certificate: the first one holds");
        if (tls == nullptr) tls = &*listener.tls;
      }
      out.push_back({std::move(words), {}});
    }
    if (tls != nullptr) {
      out.push_back({{"ssl_certificate", tls->cert_file}, {}});
      out.push_back({{"ssl_certificate_key", tls->key_file}, {}});
    }
    const model::Timeouts& times = plan_.timeouts;
    const model::Caps& caps = plan_.caps;
    body_cap_ = caps.body;
    for (const RestRoute& route : routes_) body_cap_ = std::max(body_cap_, route.route->body_cap);
    for (Line& line : std::vector<Line>{
             {{"server_tokens", "off"}, {}},
             {{"merge_slashes", "off"}, {}},
             {{"absolute_redirect", "off"}, {}},
             {{"client_header_timeout", milliseconds(times.header)}, {}},
             {{"client_body_timeout", milliseconds(times.body_idle)}, {}},
             {{"keepalive_timeout", milliseconds(times.keep_alive)}, {}},
             {{"send_timeout", milliseconds(times.client_write)}, {}},
             {{"large_client_header_buffers",
               std::to_string(std::max<std::uint64_t>(caps.header / caps.request_line, 1)),
               std::to_string(caps.request_line)},
              {}},
             {{"client_max_body_size", std::to_string(body_cap_)}, {}},
             block({"if", "$request_uri", "~*", fmt::format("^[^?]*(?:{})|[^!-~]|#", refused_in_paths())},
                   {{{"return", "400"}, {}}}),
             block({"location", "/"}, {{{"try_files", "", "@$apigw_route"}, {}}}),
             block({"location", "@none"}, {{{"return", "404"}, {}}}),
             block({"location", "@not_allowed"}, {{{"return", "405"}, {}}}),
         })
      out.push_back(std::move(line));
    for (const RestRoute& route : routes_)
      out.push_back(block({"location", "@" + route.name}, location(route), route.route->id));
    return out;
  }

  std::vector<Line> location(const RestRoute& route) {
    if (!route.closed.empty()) return {{{"return", "501"}, {}}};
    std::vector<Line> out;
    const auto say = [&](std::vector<std::string> words) { out.push_back({std::move(words), {}}); };
    for (const model::HeaderEdit& edit : route.route->response_headers) {
      say({"proxy_hide_header", edit.name});
      if (edit.value) say({"add_header", edit.name, literal(*edit.value), "always"});
    }
    if (route.redirect != nullptr) {
      std::erase_if(out, [](const Line& line) { return line.words.front() == "proxy_hide_header"; });
      redirect(route, out);
      return out;
    }
    const model::Service& service = *route.service;
    const std::vector<model::Origin> addresses = addresses_of(service);
    // A named location judges the length of no body but one in chunks, since the server has judged it before.
    if (route.route->body_cap < body_cap_)
      out.push_back(block({"if", "$content_length", "~", fmt::format("^0*(?:{})\\z", above(route.route->body_cap))},
                          {{{"return", "413"}, {}}}));
    say({"client_max_body_size", std::to_string(route.route->body_cap)});
    say({"proxy_http_version", "1.1"});
    say({"proxy_set_header", "Host", addresses.front().authority()});
    say({"proxy_set_header", "Connection", ""});
    say({"proxy_set_header", "X-Forwarded-For", "$remote_addr"});
    say({"proxy_set_header", "X-Forwarded-Proto", "$scheme"});
    say({"proxy_set_header", "X-Forwarded-Host", "$http_host"});
    say({"proxy_set_header", "X-Request-Id", "$request_id"});
    for (const model::HeaderEdit& edit : route.route->request_headers)
      say({"proxy_set_header", edit.name, edit.value ? literal(*edit.value) : ""});
    say({"proxy_connect_timeout", milliseconds(service.timeouts.connect)});
    say({"proxy_read_timeout", milliseconds(std::max(service.timeouts.first_byte, service.timeouts.between_bytes))});
    say({"proxy_buffering", "off"});
    say({"proxy_request_buffering", "off"});
    say({"proxy_next_upstream", "off"});
    if (addresses.front().tls) secure(service, addresses.front(), out);
    path(route, service, out);
    say({"proxy_pass", fmt::format("http{}://{}", addresses.front().tls ? "s" : "", group_name(service))});
    return out;
  }

  // nginx puts a decoded path into a location as it is, so variables come from the bytes that were sent.
  void redirect(const RestRoute& route, std::vector<Line>& out) {
    const std::string& words = route.redirect->location;
    const std::string to = filled(route, words, "apigw_sent") + (words.contains('?') ? "" : "$is_args$args");
    Line answer{{"return", std::to_string(route.redirect->status), to}, {}};
    if (!words.contains('{')) return out.push_back(std::move(answer));
    const std::string sent =
        path_expression(route.pattern, {Groups::Kind::named, "apigw_sent_" + route.name + "_", true});
    out.push_back(block({"if", "$request_uri", "~", fmt::format("^{}(?:\\?|\\z)", sent)}, {std::move(answer)}));
    out.push_back({{"return", "400"}, {}});
  }

  static void secure(const model::Service& service, const model::Origin& at, std::vector<Line>& out) {
    const auto say = [&](std::vector<std::string> words) { out.push_back({std::move(words), {}}); };
    say({"proxy_ssl_server_name", "on"});
    say({"proxy_ssl_name", at.host});
    say({"proxy_ssl_verify", service.outbound.verify ? "on" : "off"});
    say({"proxy_ssl_verify_depth", "4"});
    say({"proxy_ssl_trusted_certificate",
         service.outbound.ca_file.empty() ? "/etc/ssl/certs/ca-certificates.crt" : service.outbound.ca_file});
    if (!service.outbound.client_cert_file.empty()) {
      say({"proxy_ssl_certificate", service.outbound.client_cert_file});
      say({"proxy_ssl_certificate_key", service.outbound.client_key_file});
    }
  }

  // The rewrite makes nginx forward the path that it normalised, escaped again.
  void path(const RestRoute& route, const model::Service& service, std::vector<Line>& out) {
    const auto& to = std::get<model::ToService>(route.route->action);
    const std::string base = literal(service.base_path);
    if (to.rewrite) {
      const std::string words = (to.rewrite->starts_with('/') ? "" : "/") + *to.rewrite;
      out.push_back({{"rewrite", "^", base + filled(route, words), "break"}, {}});
      return;
    }
    std::string_view strip = to.strip;
    while (strip.ends_with('/')) strip.remove_suffix(1);
    if (!strip.empty()) {
      const std::string prefix = expression_literal(strip);
      out.push_back({{"rewrite", fmt::format("^{}/(.*)\\z", prefix), base + "/$1", "break"}, {}});
      out.push_back({{"rewrite", fmt::format("^{}\\z", prefix), base.empty() ? "/" : base, "break"}, {}});
      return;
    }
    out.push_back({{"rewrite", "^", base + "$uri", "break"}, {}});
  }

  [[nodiscard]] Line health() const {
    const bool six = plan_.health.host.contains(':');
    std::vector<Line> lines{
        {{"listen", fmt::format("{}{}{}:{}", six ? "[" : "", plan_.health.host, six ? "]" : "", plan_.health.port)},
         {}},
        {{"access_log", "off"}, {}}};
    for (const char* path : {"/healthz", "/readyz"})
      lines.push_back(block({"location", "=", path}, {{{"return", "200", "ok"}, {}}}));
    lines.push_back(block({"location", "/"}, {{{"return", "404"}, {}}}));
    return block({"server"}, std::move(lines));
  }

  // Where nginx compares otherwise than apigw does.
  void report_compared(const RestRoute& route) {
    const std::string field = "routes." + route.route->id;
    const auto in_query = [](const model::Condition& condition) {
      return condition.in == model::Condition::In::query;
    };
    if (judged_by_nginx(route) && std::ranges::any_of(route.route->conditions, in_query))
      nearly(report_, route.route->where, field + ".when",
             "nginx compares the first value of a name in a query, as it was sent, and the name in any case");
    const auto delimiter = [](const routing::Segment& segment) {
      return segment.kind == routing::Segment::Kind::literal &&
             http::decode(segment.text).find_first_of("!$&'()*+,;=:@") != std::string::npos;
    };
    if (std::ranges::any_of(route.pattern.segments, delimiter))
      nearly(report_, route.route->where, field,
             "nginx compares decoded paths, so an escaped '$' is the '$' of this one");
  }

  void report() {
    report_closed(routes_, report_);
    report_unspoken(plan_, "nginx", report_);
    report_ports(plan_, "nginx", report_);
    report_unjudged(plan_, "nginx", report_);
    constexpr std::string_view kept[] = {
        "timeouts.header",   "timeouts.body_idle",  "timeouts.keep_alive",      "timeouts.client_write",
        "timeouts.connect",  "timeouts.first_byte", "timeouts.between_bytes",   "caps.header",
        "caps.request_line", "caps.body",           "caps.upstream_connections"};
    report_bounds(plan_, "nginx", kept, report_);
    for (const RestRoute& route : routes_) report_compared(route);
    for (const RestRoute& route : routes_)
      if (route.closed.empty() && route.route->timeout && route.route->timeout != plan_.timeouts.whole)
        lost(report_, route.route->timeout_where, fmt::format("routes.{}.timeout", route.route->id),
             "nginx bounds the wait for the next bytes, and no whole exchange");
    for (const model::Service* service : services_) {
      const std::string field = "services." + service->name;
      if (service->timeouts.first_byte != plan_.timeouts.first_byte)
        nearly(report_, service->where, field + ".timeout",
               "nginx has one time for the first byte and for those behind it: the longer one holds");
      if (service->dns)
        nearly(report_, service->where, field + ".url", "nginx looks a name up when it starts, and not again");
      constexpr std::string_view ways[] = {"ca", "cert", "key", "verify"};
      report_outbound(service->outbound, service->where, field, "nginx", ways, report_);
    }
  }

  const model::Plan& plan_;
  diag::Report& report_;
  std::vector<RestRoute> routes_;
  std::vector<const model::Service*> services_;
  std::vector<std::string> condition_keys_;
  std::vector<Line> conditions_;
  bool dollar_ = false;
  std::uint64_t body_cap_ = 0;  // the largest of all routes
};

std::string read_me(const diag::Report& report) {
  std::string out =
      "# Written by apigw emit nginx\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten. It listens where `listen:` of the config says.\n\n    nginx -t && systemctl reload nginx        "
      "# with apigw.conf in /etc/nginx/conf.d\n\nA "
      "route "
      "that could not be written answers 501 and keeps wider ones from taking its calls.\n";
  return out + losses(report);
}

render::FileTree emit(const model::Plan& plan, const Options&, diag::Report& report) {
  apply_patches(plan, "nginx", true, {}, report);  // its file is no tree: a patch is refused
  const std::string file = Writing(plan, report).take();
  if (report.has_errors()) return {};
  render::FileTree tree;
  tree["apigw.conf"].content = file;
  tree["README.md"].content = read_me(report);
  return tree;
}

}  // namespace

extern const Emitter nginx_emitter;
const Emitter nginx_emitter = {
    .summary = "the REST part as a file for nginx",
    .claims = claims,
    .whole = true,
    .sets = proxy_sets,
    .emit = emit,
};

}  // namespace apigw::emit
