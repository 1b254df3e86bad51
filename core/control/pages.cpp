#include "control/pages.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/plan_json.h"

namespace apigw::control {
namespace {

using Json = nlohmann::ordered_json;

struct Page {
  std::string_view path;
  Reply (*show)(const Facts& facts);
};

model::Place place_in(const Snapshot& snapshot) {
  return [sources = snapshot.sources](Span span) -> std::string {
    if (!sources || !span.known() || static_cast<std::size_t>(span.source) >= sources->size()) return {};
    const auto at = sources->position(span.source, span.begin);
    return fmt::format("{}:{}:{}", sources->name(span.source), at.line, at.column);
  };
}

Reply show_config(const Facts& facts) {
  const Snapshot now = facts.snapshot();
  return {.body = model::plan_json(*now.plan, place_in(now))};
}

Reply show_routes(const Facts& facts) {
  const Snapshot now = facts.snapshot();
  return {.body = model::routes_json(*now.plan, place_in(now))};
}

Json json_of(const gateway::StateView::Route& route) {
  Json by_class;
  for (std::size_t i = 1; i < route.by_class.size(); ++i) by_class[fmt::format("{}xx", i)] = route.by_class[i];
  by_class["none"] = route.by_class[0];
  return {{"id", route.id},
          {"requests", route.requests},
          {"by_status", by_class},
          {"bytes_in", route.bytes_in},
          {"bytes_out", route.bytes_out},
          {"seconds", route.seconds}};
}

Json json_of(const gateway::StateView::Upstream& upstream) {
  Json instances = Json::array();
  for (const auto& instance : upstream.instances)
    instances.push_back(
        {{"address", instance.address}, {"fit", instance.fit}, {"failures_in_a_row", instance.failures_in_a_row}});
  return {{"name", upstream.name},
          {"kind", upstream.provider ? "provider" : "service"},
          {"attempts", upstream.attempts},
          {"failures", upstream.failures},
          {"instances", instances}};
}

Json json_of(const gateway::StateView::Model& model) {
  return {{"target", model.provider + "/" + model.model},
          {"calls", model.calls},
          {"input", model.input},
          {"cache_read", model.cache_read},
          {"cache_write", model.cache_write},
          {"output", model.output},
          {"reasoning", model.reasoning},
          {"cost_usd", static_cast<double>(model.cost) / 1e9},
          {"cost_unknown", model.cost_unknown}};
}

Json json_of(const ServiceLine& service) {
  return {{"name", service.name}, {"phase", service.phase}, {"port", service.port}, {"restarts", service.restarts}};
}

Json json_of(const gateway::Connections& connections) {
  return {{"open", connections.open},
          {"accepted", connections.accepted},
          {"refused", connections.refused},
          {"malformed", connections.malformed},
          {"upstream_open", connections.upstream_open},
          {"upstream_opened", connections.upstream_opened}};
}

template <class Things>
Json list(const Things& things) {
  Json json = Json::array();
  for (const auto& thing : things) json.push_back(json_of(thing));
  return json;
}

Json reloads(const gateway::StateView& view, const Facts& facts) {
  Json json{{"accepted", view.reloads}, {"refused", view.reloads_refused}};
  if (const auto last = facts.last_reload()) json["last"] = {{"accepted", last->accepted}, {"text", last->text}};
  return json;
}

Reply show_state(const Facts& facts) {
  const gateway::StateView view = facts.state.view();
  Json json{{"version", APIGW_VERSION}, {"ready", facts.ready()}};
  json["uptime_seconds"] =
      std::chrono::duration_cast<std::chrono::seconds>(facts.clock.wall() - view.started).count();
  json["requests"] = view.requests;
  json["in_flight"] = view.in_flight;
  json["cut"] = view.cut;
  json["clients_left"] = view.clients_left;
  json["secrets_blocked"] = view.secrets_blocked;
  json["log_dropped"] = view.log_dropped;
  json["wrong_key_addresses"] = view.wrong_key_addresses;
  json["reloads"] = reloads(view, facts);
  json["connections"] = json_of(view.connections);
  json["routes"] = list(view.routes);
  json["upstreams"] = list(view.upstreams);
  json["models"] = list(view.models);
  json["services"] = list(facts.services());
  return {.body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

// In development the last calls, oldest first; otherwise none are kept.
Reply show_outcomes(const Facts& facts) {
  const gateway::Recent* const recent = facts.state.recent();
  std::string lines;
  for (const std::string& line : recent ? recent->lines() : std::vector<std::string>{})
    lines += fmt::format("{}\n  {}", lines.empty() ? "" : ",", line);
  return {.body = fmt::format("{{\n \"kept\": {},\n \"outcomes\": [{}]\n}}\n", recent ? recent->most : 0, lines)};
}

Reply show_alive(const Facts&) {
  return {.type = "text/plain", .body = "ok\n"};
}

Reply show_ready(const Facts& facts) {
  if (facts.ready()) return {.type = "text/plain", .body = "ready\n"};
  return {.status = 503, .type = "text/plain", .body = "draining\n"};
}

Reply show_metrics(const Facts& facts) {
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = facts.state.metrics_text()};
}

constexpr Page health_pages[] = {{"/healthz", show_alive}, {"/readyz", show_ready}, {"/metrics", show_metrics}};
constexpr Page admin_pages[] = {{"/admin/config", show_config},
                                {"/admin/routes", show_routes},
                                {"/admin/state", show_state},
                                {"/admin/outcomes", show_outcomes}};

const Page* find(std::span<const Page> pages, std::string_view path) {
  const auto at = std::ranges::find(pages, path, &Page::path);
  return at == pages.end() ? nullptr : &*at;
}

Reply show(const Page* page, const Request& request, const Facts& facts) {
  if (!page) return problem(404, "no_page", "there is no such page on this listener");
  if (request.method != "GET" && request.method != "HEAD") {
    Reply reply = problem(405, "method", "this page is only read: GET or HEAD");
    reply.headers["allow"] = "GET, HEAD";
    return reply;
  }
  return page->show(facts);
}

}  // namespace

Reply health_page(const Request& request, const Facts& facts) {
  return show(find(health_pages, request.path), request, facts);
}

Reply admin_page(const Request& request, const Facts& facts) {
  const Page* page = find(admin_pages, request.path);
  return show(page ? page : find(health_pages, request.path), request, facts);
}

}  // namespace apigw::control
