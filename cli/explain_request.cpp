#include "explain_request.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "output.h"
#include "project.h"
#include "routing/explain.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

// Where a value was written: "apigw.yaml:14".
std::string place(const diag::Sources& sources, Span where) {
  return where.known()
             ? fmt::format("{}:{}", sources.name(where.source), sources.position(where.source, where.begin).line)
             : std::string{};
}

// One value of the answer and the line that set it.
struct Fact {
  std::string name, value;
  Span where;
};

std::string edit_text(const model::HeaderEdit& edit) {
  return edit.value ? fmt::format("set {}: {}", edit.name, *edit.value) : fmt::format("remove {}", edit.name);
}

// The models that an AI endpoint would take, each with its targets in order.
void add_models(const model::Plan& plan, std::vector<Fact>& out) {
  for (const model::Model& model : plan.models) {
    std::string targets;
    for (const model::Target& target : model.targets)
      targets += fmt::format("{}{}/{}", targets.empty() ? "" : ", then ", plan.at(target.provider).name,
                             target.model.empty() ? "*" : target.model);
    out.push_back({"model", fmt::format("{} is {}", model.name, targets), model.where});
  }
}

void add_upstream(const routing::Explanation::Upstream& upstream, Span set_at, std::vector<Fact>& out) {
  const bool chosen_later = upstream.authority.ends_with(":0");  // `run` picks the port of what it starts
  out.push_back({"upstream", fmt::format("{} {}", upstream.method, upstream.target), {}});
  out.push_back({"host", chosen_later ? "the port that `apigw run` chooses" : upstream.authority, {}});
  for (const model::HeaderEdit& edit : upstream.edits) out.push_back({"header", edit_text(edit), set_at});
  if (chosen_later) return;
  for (const std::string& instance : upstream.instances) out.push_back({"instance", instance, {}});
}

std::vector<Fact> facts(const routing::Explanation& why, const model::Plan& plan) {
  const model::Route& route = *why.route;
  std::vector<Fact> out{{"route", route.id, route.where},
                        {"auth", route.auth.where.known() ? why.auth : why.auth + ", by default", route.auth.where}};
  const auto* service = std::get_if<model::ToService>(&route.action);
  out.push_back({"target", why.target, service != nullptr ? plan.at(service->service).where : route.where});
  for (const auto& [name, value] : why.variables) out.push_back({"{" + name + "}", value, {}});
  if (route.timeout) out.push_back({"timeout", fmt::format("{} ms", route.timeout->count()), route.where});
  out.push_back({"body", fmt::format("at most {} bytes", route.body_cap), {}});
  const auto* endpoint = std::get_if<model::Endpoint>(&route.action);
  if (endpoint != nullptr && endpoint->operation != "models" && endpoint->operation != "model") add_models(plan, out);
  if (why.upstream) add_upstream(*why.upstream, route.where, out);
  return out;
}

std::string request_text(const AskedRequest& asked, const routing::Explanation& why, const std::vector<Fact>& rows,
                         const diag::Sources& sources) {
  std::string out =
      fmt::format("{} {}{}\n\n", asked.method, asked.target, asked.host.empty() ? "" : " at " + asked.host);
  if (!why.refusal.empty()) out += fmt::format("  refused   {} {}\n", why.status, why.refusal);
  for (const Fact& fact : rows) {
    const std::string at = place(sources, fact.where);
    out += fmt::format("  {:<9} {}{}\n", fact.name, fact.value, at.empty() ? "" : "  (" + at + ")");
  }
  if (!why.candidates.empty()) out += "\nRoutes of this path\n\n";
  for (const auto& candidate : why.candidates)
    out += fmt::format("  {} {}: {}  ({})\n", candidate.fits ? "+" : "-", candidate.route->id, candidate.why,
                       place(sources, candidate.route->where));
  return out;
}

ordered_json request_json(const AskedRequest& asked, const routing::Explanation& why, const std::vector<Fact>& rows,
                          const diag::Sources& sources) {
  ordered_json body{
      {"method", asked.method}, {"target", asked.target}, {"host", asked.host}, {"served", why.refusal.empty()}};
  if (!why.refusal.empty()) body["refusal"] = ordered_json{{"status", why.status}, {"message", why.refusal}};
  body["values"] = ordered_json::array();
  for (const Fact& fact : rows)
    body["values"].push_back({{"name", fact.name}, {"value", fact.value}, {"set_at", place(sources, fact.where)}});
  body["routes"] = ordered_json::array();
  for (const auto& candidate : why.candidates)
    body["routes"].push_back({{"route", candidate.route->id},
                              {"fits", candidate.fits},
                              {"why", candidate.why},
                              {"set_at", place(sources, candidate.route->where)}});
  return body;
}

std::expected<http::Headers, Complaint> read_headers(const std::vector<std::string>& lines) {
  http::Headers headers;
  for (const std::string& line : lines) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0)
      return std::unexpected(
          Complaint{fmt::format("--header cannot be '{}'", text::printable(line)), "write 'name: value'"});
    headers.add(std::string_view{line}.substr(0, colon), text::trim(std::string_view{line}.substr(colon + 1)));
  }
  return headers;
}

}  // namespace

Exit explain_request(Env& env, const Globals& globals, AskedRequest asked) {
  const auto headers = read_headers(asked.headers);
  if (!headers) return complain(env, Exit::input, headers.error());
  if (asked.host.empty()) asked.host = headers->find("host").value_or("");
  asked.host = text::lower(asked.host);
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  const auto router = routing::Router::compile(loaded->plan);
  if (!router) return complain(env, Exit::bug, router.error().what);
  const auto why = routing::explain(*router, asked.method, asked.target, *headers, asked.host);
  const auto rows = why.route != nullptr ? facts(why, *loaded->plan) : std::vector<Fact>{};
  const Exit written = write_document(env, globals, "explanation", request_json(asked, why, rows, loaded->sources),
                                      [&](bool) { return request_text(asked, why, rows, loaded->sources); });
  return written == Exit::done && !why.refusal.empty() ? Exit::no : written;
}

}  // namespace apigw::cli
