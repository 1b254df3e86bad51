// `emit openapi`: what callers of the gateway must know, as openapi.yaml: its routes and prompts, their schemas and
// keys.
//
// The document is the one that a gateway serves as GET /openapi.json, with the address where callers reach it.
#include "api/openapi.h"

#include <algorithm>

#include <fmt/format.h>

#include "contract/operation.h"
#include "emit/bundle.h"
#include "emit/emitter.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim claims[] = {
    {"apigw", Claim::local},
    {"include", Claim::local},
    {"listen.**", Claim::local},
    {"health", Claim::local},
    {"admin.**", Claim::local},
    {"defaults.**", Claim::written},
    {"timeouts.**", Claim::local},
    {"caps.**", Claim::local},
    {"outbound.**", Claim::local},
    {"pepper", Claim::local},
    {"providers.**", Claim::local},
    {"models.**", Claim::local},  // the endpoints that serve them are the same for all
    {"services.**", Claim::local},
    {"routes.*.to", Claim::local},
    {"routes.*.host", Claim::lost},
    {"routes.*.when.**", Claim::lost},
    {"routes.*.strip", Claim::local},
    {"routes.*.rewrite", Claim::local},
    {"routes.*.set", Claim::local},
    {"routes.*.remove", Claim::local},
    {"routes.*.response.**", Claim::local},
    {"routes.*.redirect.**", Claim::local},
    {"routes.*.operation", Claim::written},
    {"routes.*.timeout", Claim::local},
    {"routes.*.body", Claim::local},
    {"routes.*.body_rate", Claim::local},
    {"routes.*.auth", Claim::written},
    {"prompts.**", Claim::written},
    {"consumers.**", Claim::local},
    {"deploy.gateway.image", Claim::local},
    {"deploy.gateway.host", Claim::written},
    {"deploy.gateway.scale", Claim::local},
    {"deploy.gateway.cpu", Claim::local},
    {"deploy.gateway.memory", Claim::local},
    {"deploy.kubernetes.namespace", Claim::local},
    {"deploy.kubernetes.tls", Claim::written},  // as https
    {"deploy.patches.**", Claim::local},
    {"profiles", Claim::local},
};

std::string server_of(const model::Plan& plan) {
  if (plan.deploy.host.empty()) return "/";
  return fmt::format("{}://{}", plan.deploy.tls.empty() ? "http" : "https", plan.deploy.host);
}

void report_losses(const model::Plan& plan, diag::Report& report) {
  for (const model::Route& route : plan.routes) {
    // The endpoints of models are told apart by a header of their dialect; those are no words of the config.
    if (std::holds_alternative<model::Endpoint>(route.action)) continue;
    if (!route.host.empty())
      lost(report, route.where, fmt::format("routes.{}.host", route.id), "a document says paths, under any host");
    if (!route.conditions.empty())
      lost(report, route.where, fmt::format("routes.{}.when", route.id),
           "of one path and method the first route alone is described");
    if (!route.operation) continue;
    for (const std::string_view word : route.operation->content->description.left_out)
      lost(report, route.operation->where, fmt::format("routes.{}.operation", route.id),
           fmt::format("'{}' stands in the service's own document alone", word));
  }
}

render::FileTree emit(const model::Plan& plan, const Options&, diag::Report& report) {
  constexpr json::Limits limits{.depth = 256, .members = 100'000};
  const auto document = render::read_value(api::openapi_document(plan, server_of(plan)), limits);
  if (!document) {
    report.add(704, {}, fmt::format("the document is too large: {}", document.error().what))
        .helps.push_back("split the config into several gateways");
    return {};
  }
  report_losses(plan, report);
  return {{"openapi.yaml", {.content = render::write_yaml(*document)}}};
}

}  // namespace

extern const Emitter openapi_emitter;
const Emitter openapi_emitter = {
    .summary = "the OpenAPI 3.1 document of routes and prompts, for their callers",
    .claims = claims,
    .as_written = true,
    .emit = emit,
};

}  // namespace apigw::emit
