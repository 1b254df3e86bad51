#include "call_rooms.h"

#include <cmath>
#include <ostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "admin_client.h"
#include "assembly/vocabulary.h"
#include "base/decimal.h"
#include "base/text.h"
#include "dotenv.h"
#include "project.h"
#include "routing/explain.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr int tries = 20;  // an exchange is settled just after its last byte
constexpr std::chrono::milliseconds pause{25};

void say(Env& env, std::string_view room, std::string_view what) {
  env.err << fmt::format("* {:<9} {}\n", room, text::printable(what, 2000));
}

// The file that the gateway reads: by its short name where it is the one of this command.
std::string config_of(const Env& env, const Globals& globals, const RuntimeFile& gateway) {
  if (gateway.config != project_path(env, globals)) return gateway.config;
  return globals.config.empty() ? std::string{default_config} : globals.config;
}

// As `run` reads it, with its findings unsaid: the gateway runs already. No plan when it cannot be used.
config::Loaded load_silently(Env& env, const Globals& globals, const RuntimeFile& gateway) {
  config::Request request{.path = config_of(env, globals, gateway), .profile = globals.profile, .sets = globals.sets};
  request.development = true;
  if (env.files.directory(request.path) || !env.files.exists(request.path)) request.path.clear();
  const auto dotenv =
      read_dotenv(env.files, request.path, env.environment, [](const auto&, const auto&) { return false; });
  if (!dotenv) return {};
  return config::load(request, env.files, dotenv->environment, assembly::vocabulary());
}

std::string at_line(const diag::Sources& sources, Span where) {
  if (!where.known()) return {};
  return fmt::format("  ({}:{})", sources.name(where.source), sources.position(where.source, where.begin).line);
}

std::string at_line_or_default(const diag::Sources& sources, Span where) {
  return where.known() ? at_line(sources, where) : ", by default";
}

std::string host_of(const outbound::Request& request) {
  if (const auto host = request.headers.find("host")) return text::lower(*host);
  return request.origin.substr(request.origin.find("://") + 3);
}

std::string text_at(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// "first byte after 3.1 ms"; empty when the member is not there.
std::string told(const ordered_json& object, const char* key, std::string_view before, std::string_view behind) {
  const std::string value = text_at(object, key);
  return value.empty() ? value : fmt::format("{}{}{}", before, value, behind);
}

std::string cost_text(const ordered_json& outcome) {
  const auto cost = outcome.find("cost");
  if (cost == outcome.end()) return {};
  if (!cost->is_number()) return ", cost not known";
  const double nanodollars = std::round(cost->get<double>() * 1e9);
  return fmt::format(", {} USD", decimal::text(static_cast<std::uint64_t>(nanodollars), 9));
}

std::string usage_text(const ordered_json& outcome) {
  const auto usage = outcome.find("usage");
  if (usage == outcome.end() || !usage->is_object()) return {};
  std::string out;
  for (const auto& [name, count] : usage->items())
    out += fmt::format("{}{} {}", out.empty() ? ", tokens: " : ", ", name, count.dump());
  return out + cost_text(outcome);
}

void say_attempt(Env& env, const ordered_json& attempt) {
  const std::string status = text_at(attempt, "status"), error = text_at(attempt, "error");
  say(env, "dispatch",
      fmt::format("{}{} at {}, {} after {} ms", text_at(attempt, "to"), told(attempt, "model", "/", ""),
                  text_at(attempt, "address"), error.empty() ? status : error, text_at(attempt, "ms")));
}

void say_losses(Env& env, const ordered_json& outcome) {
  const auto losses = outcome.find("losses");
  if (losses == outcome.end() || !losses->is_object()) return;
  std::vector<std::string> first;
  for (const ordered_json& loss : losses->value("first", ordered_json::array()))
    if (loss.is_string()) first.push_back(loss.get<std::string>());
  say(env, "write", fmt::format("{} lost: {}", text_at(*losses, "count"), fmt::join(first, ", ")));
}

void say_outcome(Env& env, const ordered_json& outcome, std::string_view expected) {
  const std::string route = text_at(outcome, "route"), consumer = text_at(outcome, "consumer");
  if (route != expected)
    say(env, "match",
        fmt::format("the gateway took {}: it runs another config than the one here",
                    route.empty() ? "no route" : "'" + route + "'"));
  if (!route.empty()) say(env, "admit", consumer.empty() ? "nobody by name" : "consumer '" + consumer + "'");
  if (const std::string model = text_at(outcome, "model"); !model.empty()) say(env, "grant", "model '" + model + "'");
  if (const auto attempts = outcome.find("attempts"); attempts != outcome.end() && attempts->is_array())
    for (const ordered_json& attempt : *attempts) say_attempt(env, attempt);
  say_losses(env, outcome);
  say(env, "settle",
      fmt::format("{} {}{} in {} ms{}, bytes {} in, {} out{}", text_at(outcome, "status"), text_at(outcome, "end"),
                  told(outcome, "reason", " (", ")"), text_at(outcome, "ms"),
                  told(outcome, "first_byte_ms", ", first byte after ", " ms"), text_at(outcome, "bytes_in"),
                  text_at(outcome, "bytes_out"), usage_text(outcome)));
}

Result<ordered_json> ask_outcomes(const RuntimeFile& gateway) {
  auto document = ask_admin(gateway, "/admin/outcomes");
  if (!document) return document;
  const auto outcomes = document->find("outcomes");
  if (outcomes == document->end() || !outcomes->is_array())
    return fail(ErrorKind::protocol, "it answered without outcomes");
  return *outcomes;
}

}  // namespace

std::string show_match(Env& env, const Globals& globals, const RuntimeFile& gateway,
                       const outbound::Request& request) {
  const config::Loaded loaded = load_silently(env, globals, gateway);
  const auto router = loaded.plan ? std::optional(routing::Router::compile(loaded.plan)) : std::nullopt;
  if (!router || !*router) {
    say(env, "match", "the config here cannot be read as it is now: 'apigw validate' tells why");
    return {};
  }
  const auto why = routing::explain(**router, request.method, request.target, request.headers, host_of(request));
  for (const auto& candidate : why.candidates)
    say(env, "match",
        fmt::format("{}: {}{}", candidate.route->id, candidate.why, at_line(loaded.sources, candidate.route->where)));
  if (!why.refusal.empty()) say(env, "match", why.refusal);
  if (why.route == nullptr) return {};
  const model::Route& route = *why.route;
  say(env, "admit", fmt::format("auth {}{}", why.auth, at_line_or_default(loaded.sources, route.auth.where)));
  say(env, "admit",
      fmt::format("body at most {} bytes{}", route.body_cap, at_line_or_default(loaded.sources, route.body_where)));
  return route.id;
}

void show_outcome(Env& env, const RuntimeFile& gateway, std::string_view request_id, std::string_view expected) {
  const auto unknown = [&](std::string_view why) { say(env, "settle", fmt::format("not known: {}", why)); };
  if (request_id.empty()) return unknown("the reply names no request");
  if (gateway.admin_address.empty()) return unknown("the gateway has no admin API");
  for (int i = 0; i < tries; ++i) {
    if (i > 0) std::this_thread::sleep_for(pause);
    const auto outcomes = ask_outcomes(gateway);
    if (!outcomes) return unknown(outcomes.error().what);
    // Of two with one id, which the client chose then, the later one.
    for (auto outcome = outcomes->rbegin(); outcome != outcomes->rend(); ++outcome)
      if (outcome->is_object() && text_at(*outcome, "request_id") == request_id)
        return say_outcome(env, *outcome, expected);
  }
  unknown("the gateway has not settled it yet");
}

}  // namespace apigw::cli
