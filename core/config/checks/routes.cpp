// Checks on routes one by one: what each says, and where its redirects lead.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/grammar.h"
#include "config/reading.h"
#include "config/route_pattern.h"

namespace apigw::config {
namespace {

bool answers(const RouteDraft& draft) {
  return draft.to.given() || draft.redirect.given();
}

}  // namespace

void check_route_keys(const Facts& facts, diag::Report& report) {
  for (const auto& route : entries(facts.draft.routes)) {
    if (facts.pattern(route)) continue;
    const auto fault = route_key_fault(route.name);
    const Span where = part_of(facts.sources, route.where, route.name, fault->begin, fault->end);
    auto& finding = report.add(fault->code, where, fmt::format("route '{}': {}", shown(route.name), fault->why));
    finding.helps.push_back(fault->meant.empty() ? fault->help : fmt::format("replace with '{}'", fault->meant));
    if (!fault->meant.empty()) finding.fixes.push_back({where, fault->meant});
  }
}

void check_route_answer(const Facts& facts, diag::Report& report) {
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span where) {
    if (!answers(draft)) {
      if (misspelt_within(report, where)) return;
      report.add(211, where, fmt::format("route '{}' says not who answers", shown(route.name)))
          .helps.push_back("add to: SERVICE or redirect: TARGET");
      return;
    }
    const auto clash = [&](Span one, Span other, std::string_view names, std::string_view help) {
      auto& finding = report.add(339, one, fmt::format("route '{}' has both {}", shown(route.name), names));
      finding.labels.push_back({other, "and this"});
      finding.helps.emplace_back(help);
    };
    if (draft.to.given() && draft.redirect.given())
      clash(draft.redirect.where, draft.to.where, "'to' and 'redirect'", "keep the one that shall answer");
    if (draft.strip.given() && draft.rewrite.given())
      clash(draft.rewrite.where, draft.strip.where, "'strip' and 'rewrite'",
            "rewrite alone says the whole path: write what strip would leave into it");
    if (draft.redirect.given() && !draft.to.given() && (draft.strip.given() || draft.rewrite.given())) {
      const Span edit = draft.strip.given() ? draft.strip.where : draft.rewrite.where;
      clash(edit, draft.redirect.where, "a redirect and an edit of the forwarded path",
            "a redirect forwards nothing: put the path into its target");
    }
  });
}

void check_strip(const Facts& facts, diag::Report& report) {
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    if (!draft.strip || !facts.pattern(route)) return;
    std::string_view strip = *draft.strip;
    if (strip.size() > 1 && strip.ends_with('/')) strip.remove_suffix(1);
    const std::string& prefix = facts.pattern(route)->path.literal_prefix;
    if (strip == "/" || prefix == strip || prefix.starts_with(fmt::format("{}/", strip))) return;
    auto& finding =
        report.add(307, draft.strip.where,
                   fmt::format("'{}' is no prefix of route '{}'", shown(*draft.strip), shown(route.name)));
    finding.labels.push_back({route.where, "its path"});
    if (prefix.empty()) {
      finding.helps.push_back("only literal segments can be stripped: use rewrite: /{rest} for the others");
    } else {
      finding.helps.push_back(fmt::format("replace with '{}'", prefix));
      finding.fixes.push_back({draft.strip.where, prefix});
    }
  });
}

// An operation is of one method and has the variables of its path; a route that serves others would let them by.
void check_operation(const Facts& facts, diag::Report& report) {
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    if (!draft.operation || !facts.pattern(route)) return;
    const Span where = draft.operation.where;
    if (draft.redirect.given()) {
      report.add(217, where, "a redirect forwards nothing that an operation could judge")
          .helps.push_back("take out operation");
      return;
    }
    const auto operation = facts.documents.operation(*draft.operation, where, report);
    if (!operation) return;
    const auto& [key, path] = *facts.pattern(route);
    if (key.methods != std::vector{operation->method}) {
      auto& finding = report.add(352, where,
                                 fmt::format("operation '{}' is a {}, route '{}' is not that alone",
                                             shown(operation->name), operation->method, shown(route.name)));
      finding.labels.push_back({route.where, "its methods"});
      finding.helps.push_back(fmt::format("write '{} {}'", operation->method, key.path));
    }
    for (const contract::Parameter& parameter : operation->parameters) {
      const bool taken = std::ranges::find(path.variables, parameter.name) != path.variables.end();
      if (parameter.in != contract::In::path || taken) continue;
      auto& finding = report.add(352, where,
                                 fmt::format("route '{}' has no variable '{}' of operation '{}'", shown(route.name),
                                             shown(parameter.name), shown(operation->name)));
      finding.labels.push_back({route.where, "its path"});
      finding.helps.push_back(fmt::format("the operation's own path is '{}'", shown(operation->path)));
    }
  });
}

namespace {

void check_template(const Facts& facts, const Named<Alternatives>& route, const Given<std::string>& target,
                    diag::Report& report) {
  if (!target) return;
  const PathTemplate& path = facts.pattern(route)->path;
  for (const Placeholder& use : placeholders(*target)) {
    if (use.name == "rest" && path.rest) continue;
    if (std::ranges::find(path.variables, use.name) != path.variables.end()) continue;
    const Span where = part_of(facts.sources, target.where, *target, use.begin, use.end);
    auto& finding = report.add(
        308, where, fmt::format("'{{{}}}' is no variable of route '{}'", shown(use.name), shown(route.name)));
    finding.labels.push_back({route.where, "its path"});
    std::vector<std::string_view> names(path.variables.begin(), path.variables.end());
    if (path.rest) names.emplace_back("rest");
    if (const auto meant = text::closest(use.name, names)) {
      finding.helps.push_back(fmt::format("replace with '{{{}}}'", *meant));
      finding.fixes.push_back({where, fmt::format("{{{}}}", *meant)});
    } else if (use.name == "rest") {
      finding.helps.push_back("{rest} is what /** matched: end the route's path with /**");
    } else {
      finding.helps.push_back(names.empty() ? "its path has no variables"
                                            : fmt::format("variables of its path: {}", fmt::join(names, ", ")));
    }
  }
}

// A rewrite is a path, a redirect a path or a URL whose host is fixed.
void check_target_form(const Given<std::string>& target, bool redirect, diag::Report& report) {
  if (!target) return;
  const std::string& text = *target;
  const auto controls = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\'; });
  std::string_view path = text;
  if (redirect && (text.starts_with("https://") || text.starts_with("http://"))) {
    const auto host = text.find("://") + 3;
    const auto end = std::min(text.find_first_of("/?#", host), text.size());
    const std::string_view authority = std::string_view(text).substr(host, end - host);
    if (authority.empty() || authority.find_first_of("{}@") != std::string_view::npos) {
      report.add(301, target.where, fmt::format("'{}' has no fixed host", shown(text)))
          .helps.push_back("a request never chooses the host: write it out, without variables and credentials");
      return;
    }
    path = "/";
  }
  if (!controls && path.starts_with('/') && !path.starts_with("//")) return;
  report.add(305, target.where, fmt::format("'{}' is no target path", shown(text)))
      .helps.push_back(redirect ? "a path such as /v2/{rest}, or https://host/path" : "a path such as /v1/{rest}");
}

}  // namespace

void check_placeholders(const Facts& facts, diag::Report& report) {
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    if (!facts.pattern(route)) return;
    check_template(facts, route, draft.rewrite, report);
    check_target_form(draft.rewrite, false, report);
    if (!draft.redirect) return;
    check_template(facts, route, draft.redirect->to, report);
    check_target_form(draft.redirect->to, true, report);
    if (!draft.redirect->to.given())
      report
          .add(211, draft.redirect.where, fmt::format("the redirect of route '{}' has no target", shown(route.name)))
          .helps.push_back("add to: /path");
  });
}

namespace {

// Where a redirect leads on this gateway, as the shape of a path; empty when it leaves it.
std::string landing(std::string_view target) {
  if (!target.starts_with('/')) return {};
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  std::string shape;
  for (std::size_t at = 0; at < path.size();) {
    const auto close = path[at] == '{' ? path.find('}', at) : std::string_view::npos;
    if (close == std::string_view::npos) {
      shape += path[at++];
    } else {
      shape += path.substr(at, close - at + 1) == "{rest}" ? "**" : "{}";
      at = close + 1;
    }
  }
  return shape;
}

bool covers(std::string_view shape, std::string_view path) {
  if (shape == path) return true;
  return shape.ends_with("/**") &&
         (path.starts_with(shape.substr(0, shape.size() - 2)) || path == shape.substr(0, shape.size() - 3));
}

struct Hop {
  const Named<Alternatives>* route;
  const RouteDraft* draft;
};
using Hops = std::unordered_map<std::string, Hop>;  // by shape

}  // namespace

// Follows redirects from shape to shape. Only redirects without host and conditions: others may not apply again.
void check_redirect_loop(const Facts& facts, diag::Report& report) {
  Hops hops;
  std::unordered_map<std::string, bool> served;  // shapes with another answer than a redirect
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    if (!facts.pattern(route)) return;
    const std::string& shape = facts.pattern(route)->path.shape;
    if (!draft.redirect || !draft.redirect->to || draft.host.given() || draft.when.given())
      served.emplace(shape, true);
    else
      hops.emplace(shape, Hop{&route, &draft});
  });
  for (const auto& [start, hop] : hops) {
    std::string at = landing(*hop.draft->redirect->to);
    bool first_of_loop = true;  // each loop is reported once, at its first shape
    for (int step = 0; step < 10 && !at.empty() && !served.contains(at); ++step) {
      first_of_loop = first_of_loop && at >= start;
      if (covers(start, at) && (at == start || !hops.contains(at))) {
        if (!first_of_loop) break;
        auto& finding = report.add(
            309, hop.draft->redirect->to.where, fmt::format("route '{}' redirects to itself", shown(hop.route->name)),
            step == 0 ? "matches the same route again" : "comes back by way of other redirects");
        finding.labels.push_back({hop.route->where, "this route"});
        finding.helps.push_back("redirect to a path that a service answers");
        break;
      }
      const auto next = hops.find(at);
      if (next == hops.end()) break;
      at = landing(*next->second.draft->redirect->to);
    }
  }
}

namespace {

void check_name(std::string_view name, Span where, const Named<Alternatives>& route, diag::Report& report) {
  if (is_managed_header(name)) {
    report
        .add(313, where,
             fmt::format("route '{}' edits '{}', which the gateway writes itself", shown(route.name), shown(name)))
        .helps.push_back("take it out: framing, connection and forwarding fields follow from the exchange");
  }
}

void check_edits(const Given<TextMap>& set, const Given<Texts>& remove, const Named<Alternatives>& route,
                 diag::Report& report) {
  for (const auto& header : set.value_or({})) check_name(header.name, header.where, route, report);
  for (const auto& header : remove.value_or({}))
    if (header) check_name(*header, header.where, route, report);
}

}  // namespace

void check_managed_headers(const Facts& facts, diag::Report& report) {
  each_alternative(facts, [&](const Named<Alternatives>& route, const RouteDraft& draft, Span) {
    check_edits(draft.set, draft.remove, route, report);
    if (draft.response) check_edits(draft.response->set, draft.response->remove, route, report);
  });
}

}  // namespace apigw::config
