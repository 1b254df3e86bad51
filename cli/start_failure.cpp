#include "start_failure.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

// Where the config asks for the address that `what` is about; not known() for none and for a default.
Span asked_for(const model::Plan& plan, std::string_view what) {
  const auto about = [&](const std::string& host, std::uint16_t port) {
    return what.contains(fmt::format("on {}:{}: ", host.contains(':') ? "[" + host + "]" : host, port));
  };
  for (const model::Listener& listener : plan.listeners)
    if (about(listener.host, listener.port)) return listener.where;
  if (plan.health.on && about(plan.health.host, plan.health.port)) return plan.health.where;
  if (plan.admin.on && about(plan.admin.host, plan.admin.port)) return plan.admin.where;
  return {};
}

}  // namespace

std::string start_failure(const model::Plan& plan, const diag::Sources& sources, const std::string& what) {
  std::string out;
  if (const Span where = asked_for(plan, what); where.known()) {
    const auto at = sources.position(where.source, where.begin);
    out = fmt::format("{}:{}:{}: ", text::printable(sources.name(where.source), 200), at.line, at.column);
  }
  out += fmt::format("error: {}\n", what);
  if (what.ends_with(std::generic_category().message(EADDRINUSE)))
    out += " help: find what holds the port with 'apigw doctor' or 'ss -ltnp' and stop it, or choose another port\n";
  return out;
}

}  // namespace apigw::cli
