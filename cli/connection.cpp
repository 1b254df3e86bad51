#include "connection.h"

#include "base/text.h"
#include "model_names.h"
#include "project.h"
#include "runtime_file.h"

namespace apigw::cli {
namespace {

constexpr std::string_view usual_variable = "APIGW_KEY";

// Where clients of this project call: the gateway that runs, else the first address of the config.
std::string address_of(Env& env, const Globals& globals, const model::Plan& plan) {
  const auto running = find_gateway(project_path(env, globals), false, env.files, env.environment);
  if (running && !running->address.empty()) return running->address;
  if (plan.listeners.empty()) return "http://127.0.0.1:8080";
  model::Listener listener = plan.listeners.front();
  if (listener.host == "0.0.0.0") listener.host = "127.0.0.1";
  if (listener.host == "::") listener.host = "::1";
  return (listener.tls ? "https://" : "http://") + listener.text();
}

// The variable of the first consumer whose key is in one.
std::string variable_of(const model::Plan& plan) {
  for (const model::Consumer& consumer : plan.consumers)
    if (consumer.key.kind == model::SecretRef::Kind::env) return consumer.key.name;
  return {};
}

std::expected<std::string, Complaint> model_of(const model::Plan& plan, const std::string& asked) {
  std::vector<std::string> known = model_names(plan);
  std::erase_if(known, [](const std::string& name) { return name.contains('*'); });
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (asked.empty() && names.empty())
    return std::unexpected(Complaint{"the config has no models", "add one: `models: { chat: mock/chat }`"});
  if (asked.empty()) return std::string(names.front());
  const auto fits = [&](const model::Model& model) { return model.pattern && text::glob(model.name, asked); };
  if (std::ranges::find(names, asked) != names.end() || std::ranges::any_of(plan.models, fits)) return asked;
  const auto near = text::closest(asked, names);
  return std::unexpected(Complaint{fmt::format("there is no model '{}'", text::printable(asked)),
                                   near ? fmt::format("did you mean '{}'?", *near) : "'apigw models' lists them"});
}

}  // namespace

std::expected<Connection, Complaint> connection_of(Env& env, const Globals& globals, const model::Plan& plan,
                                                   const Connection& asked) {
  auto model = model_of(plan, asked.model);
  if (!model) return std::unexpected(model.error());
  Connection connection{.address = asked.address.empty() ? address_of(env, globals, plan) : asked.address,
                        .variable = asked.variable.empty() ? variable_of(plan) : asked.variable,
                        .model = std::move(*model)};
  while (connection.address.ends_with('/')) connection.address.pop_back();
  connection.variable_missing = connection.variable.empty();
  if (connection.variable_missing) connection.variable = usual_variable;
  return connection;
}

}  // namespace apigw::cli
