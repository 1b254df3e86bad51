#include "connection.h"

#include "base/text.h"
#include "config/grammar.h"
#include "model_names.h"
#include "project.h"
#include "runtime_file.h"
#include "shown_address.h"

namespace apigw::cli {
namespace {

constexpr std::string_view usual_variable = "APIGW_KEY";

// Where clients of this project call when nothing runs: the first address of the config.
std::string address_of(const model::Plan& plan) {
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

// Whether a shell takes the name as it is: it may stand in settings that one runs.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return config::letter(c) || config::digit(c) || std::string_view("-._:/@+").contains(c); });
}

// `direct`: the gateway at the address takes provider/model.
std::expected<std::string, Complaint> model_of(const model::Plan& plan, const std::string& asked, bool direct) {
  const std::vector<std::string> names = model_names(plan);
  if (asked.empty() && names.empty() && !plan.models.empty())
    return std::unexpected(Complaint{"the models of the config are patterns, and a tool wants a name",
                                     fmt::format("name one that '{}' fits: --model NAME", plan.models.front().name)});
  if (asked.empty() && names.empty())
    return std::unexpected(Complaint{"the config has no models", "add one: `models: { chat: mock/chat }`"});
  const auto plain = std::ranges::find_if(names, is_plain);
  if (asked.empty() && plain != names.end()) return *plain;
  if (asked.empty() || (is_model(plan, asked) && !is_plain(asked)))
    return std::unexpected(
        Complaint{fmt::format("the name '{}' cannot stand in settings that a shell may run",
                              text::printable(asked.empty() ? names.front() : asked)),
                  "give the model another name, of letters, digits and -._:/@+, and ask for that"});
  if (is_model(plan, asked) || (direct && is_direct(plan, asked) && is_plain(asked))) return asked;
  if (is_direct(plan, asked) && is_plain(asked))
    return std::unexpected(Complaint{
        fmt::format("there is no model '{}'", text::printable(asked)),
        fmt::format("only `apigw run` takes provider/model: start it first, or declare `models: {{ NAME: {} }}`",
                    text::printable(asked))});
  return std::unexpected(no_model(plan, asked));
}

// An address that a client can append a path to, with nothing in it that a shell would take for more than text.
bool is_address(std::string_view s) {
  const std::size_t scheme = s.starts_with("http://") ? 7 : s.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return false;
  s.remove_prefix(scheme);
  const std::size_t slash = std::min(s.find('/'), s.size());
  const config::HostPort place = config::split_authority(s.substr(0, slash));
  if (!place.fault.empty() || (!config::is_ipv6(place.host) && config::host_fault(place.host)) ||
      place.port.value_or(1) > 65535)
    return false;
  const std::string_view path = s.substr(slash);
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~%:@+,=").contains(c);
  });
}

// Nothing where what was asked for may stand in a tool's settings, some of which are run by a shell.
std::optional<Complaint> fault_of(const Connection& asked) {
  if (!asked.variable.empty() && !config::is_variable(asked.variable))
    return Complaint{fmt::format("--variable cannot be '{}'", text::printable(asked.variable)),
                     "it names a variable: letters, digits and '_', no digit first"};
  if (!asked.address.empty() && !is_address(asked.address))
    return Complaint{fmt::format("--url cannot be '{}'", shown_address(asked.address)),
                     "write the gateway's address, as in https://api.shop.example (APIGW_URL stands for it too)"};
  return std::nullopt;
}

}  // namespace

std::expected<Connection, Complaint> connection_of(Env& env, const Globals& globals, const model::Plan& plan,
                                                   const Connection& asked) {
  if (auto fault = fault_of(asked)) return std::unexpected(std::move(*fault));
  const auto running = find_gateway(project_path(env, globals), false, env.files, env.environment);
  const std::string own = running ? running->address : std::string();
  Connection connection{.address = !asked.address.empty() ? asked.address
                                   : !own.empty()         ? own
                                                          : address_of(plan),
                        .variable = asked.variable.empty() ? variable_of(plan) : asked.variable};
  while (connection.address.ends_with('/')) connection.address.pop_back();
  if (connection.address.ends_with("/v1")) connection.address.resize(connection.address.size() - 3);  // tools add it
  // `serve` has no such key.
  const bool direct = running && !running->dev_key.empty() && connection.address == own;
  auto model = model_of(plan, asked.model, direct);
  if (!model) return std::unexpected(model.error());
  connection.model = std::move(*model);
  connection.variable_missing = connection.variable.empty();
  if (connection.variable_missing) connection.variable = usual_variable;
  return connection;
}

}  // namespace apigw::cli
