#include "dependencies.h"

#include <nlohmann/json.hpp>

namespace {

std::string state_of(const runtime::Client& client) {
  try {
    return client.get("/healthz").status == 200 ? "up" : "down";
  } catch (const runtime::Problem&) {
    return "down";
  }
}

}  // namespace

void add_dependencies(runtime::Router& router, std::map<std::string, runtime::Client> clients) {
  router.add("GET", "/dependencies", [clients = std::move(clients)](const runtime::Request&) {
    runtime::Json states = runtime::Json::object();
    for (const auto& [name, client] : clients) states[name] = state_of(client);
    return runtime::Response::of_json(states);
  });
}
