#include "model/plan.h"

#include <fmt/format.h>

namespace apigw::model {
namespace {

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string Origin::authority() const {
  const bool usual = port == (tls ? 443 : 80);
  return usual ? bracketed(host) : fmt::format("{}:{}", bracketed(host), port);
}

std::string Origin::text() const {
  return fmt::format("{}://{}:{}", tls ? "https" : "http", bracketed(host), port);
}

std::string url_variable(std::string_view service) {
  std::string name;
  for (const char c : service) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  const bool digit = !name.empty() && name.front() >= '0' && name.front() <= '9';  // no variable begins with one
  return (digit ? "_" : "") + name + "_URL";
}

bool Listener::loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string Listener::text() const {
  return fmt::format("{}:{}", bracketed(host), port);
}

Auth effective_auth(const Plan& plan, const Route& route, std::uint32_t listener) {
  if (route.own_auth) return route.auth;
  // A connection of a listener that a reload took away has an index beyond all of them: it must show a key.
  if (listener >= plan.listeners.size()) return {.none = false, .key = true};
  return plan.listeners[listener].auth.value_or(route.auth);
}

}  // namespace apigw::model
