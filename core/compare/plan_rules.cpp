#include "compare/plan_rules.h"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace apigw::compare {
namespace {

double number(const Json* value) {
  return value != nullptr && value->is_number() ? value->get<double>() : 0;
}

// Whether a list of auth lets everybody in.
bool open(const Json* auth) {
  return auth != nullptr && auth->is_array() && std::ranges::find(*auth, Json("none")) != auth->end();
}

// --- verdicts that several fields share

Verdict elsewhere(const Json*, const Json*) {
  return {Grade::risky, "calls go elsewhere"};
}
Verdict otherwise(const Json*, const Json*) {
  return {Grade::risky, "calls are sent or answered otherwise"};
}
Verdict credential(const Json*, const Json*) {
  return {Grade::risky, "another credential is used"};
}
Verdict operation_only(const Json*, const Json*) {
  return {Grade::safe, "clients do not see it"};
}
Verdict words(const Json*, const Json*) {
  return {Grade::cosmetic, "nothing behaves otherwise"};
}
Verdict another_program(const Json*, const Json*) {
  return {Grade::risky, "another program runs, or with other settings"};
}
Verdict another_model(const Json*, const Json*) {
  return {Grade::risky, "another model answers"};
}
Verdict another_answer(const Json*, const Json*) {
  return {Grade::risky, "the model is asked otherwise"};
}

Verdict wait(const Json* before, const Json* after) {
  const bool shorter = after != nullptr && (before == nullptr || number(after) < number(before));
  return shorter ? Verdict{Grade::risky, "what takes longer is cut off"} : Verdict{Grade::safe, "more time is given"};
}
Verdict size(const Json* before, const Json* after) {
  return number(after) < number(before) ? Verdict{Grade::breaking, "what is larger is refused"}
                                        : Verdict{Grade::safe, "more is taken"};
}
Verdict capacity(const Json* before, const Json* after) {
  return number(after) < number(before) ? Verdict{Grade::risky, "fewer at once"}
                                        : Verdict{Grade::safe, "more at once"};
}
Verdict least_rate(const Json* before, const Json* after) {
  return number(after) > number(before) ? Verdict{Grade::risky, "slower senders are cut off"}
                                        : Verdict{Grade::safe, "slower senders are taken"};
}

Verdict auth(const Json* before, const Json* after) {
  if (open(after)) return {Grade::risky, "everybody may call"};
  if (open(before) || before == nullptr) return {Grade::breaking, "callers without a key are refused"};
  return {Grade::breaking, "callers need another credential"};
}
Verdict listener_tls(const Json* before, const Json* after) {
  if (before == nullptr || after == nullptr) return {Grade::breaking, "clients have to change the scheme of the URL"};
  return {Grade::risky, "another certificate"};
}
Verdict conditions(const Json*, const Json*) {
  return {Grade::breaking, "calls that fitted may go elsewhere"};
}
Verdict host(const Json* before, const Json* after) {
  const auto name = [](const Json* value) {
    return value != nullptr && value->is_string() ? value->get<std::string>() : "";
  };
  const std::string was = name(before), is = name(after);
  if (is.empty() || (!was.empty() && text::glob(is, was)))
    return {Grade::risky, "calls to other hosts come here too"};
  return {Grade::breaking, "calls to other hosts find no route, or another"};
}
Verdict operation(const Json* before, const Json* after) {
  if (before == nullptr) return {Grade::breaking, "requests that do not fit it are refused"};
  if (after == nullptr) return {Grade::safe, "requests are judged no more"};
  return {Grade::risky, "requests are judged by another operation"};
}
Verdict losses(const Json*, const Json* after) {
  return after != nullptr && *after == Json("error")
             ? Verdict{Grade::breaking, "requests that lose something are refused"}
             : Verdict{Grade::safe, "requests that lose something are taken"};
}
Verdict targets(const Json* before, const Json* after) {
  const bool extended = before != nullptr && after != nullptr && before->size() < after->size() &&
                        std::equal(before->begin(), before->end(), after->begin());
  return extended ? Verdict{Grade::safe, "one more to fall back on"}
                  : Verdict{Grade::risky, "another model may answer"};
}
Verdict verify(const Json*, const Json* after) {
  return after != nullptr && *after == Json(false) ? Verdict{Grade::risky, "certificates are not verified any more"}
                                                   : Verdict{Grade::risky, "certificates are verified"};
}
Verdict limited_models(const Json* before, const Json* after) {
  if (after == nullptr) return {Grade::safe, "every model may be called"};
  if (before == nullptr) return {Grade::breaking, "other models are refused"};
  const bool kept =
      std::ranges::all_of(*before, [&](const Json& one) { return std::ranges::find(*after, one) != after->end(); });
  return kept ? Verdict{Grade::safe, "more models may be called"} : Verdict{Grade::breaking, "a model is refused"};
}
Verdict key_of_consumer(const Json*, const Json*) {
  return {Grade::breaking, "the key that it has may be refused"};
}
Verdict pepper(const Json*, const Json*) {
  return {Grade::breaking, "keys that were hashed with the old one are refused"};
}
Verdict served(const Json*, const Json* after) {
  return after != nullptr && *after == Json(true) ? Verdict{Grade::safe, "it can be called now"}
                                                  : Verdict{Grade::breaking, "its callers get no answer any more"};
}
Verdict form(const Json*, const Json*) {
  return {Grade::breaking, "callers get what they cannot read"};
}
Verdict public_name(const Json*, const Json*) {
  return {Grade::breaking, "callers have to use another name"};
}
Verdict resources(const Json* before, const Json* after) {
  return number(after) < number(before) ? Verdict{Grade::risky, "it gets less"}
                                        : Verdict{Grade::safe, "it gets more"};
}

constexpr FieldRule table[] = {
    {"listener", "tls", listener_tls},
    {"listener", "auth", auth},

    {"route", "auth", auth},
    {"route", "own_auth", words},
    {"route", "when", conditions},
    {"route", "to", elsewhere},
    {"route", "request_headers", otherwise},
    {"route", "response_headers", otherwise},
    {"route", "operation", operation},
    {"route", "timeout_ms", wait},
    {"route", "body", size},
    {"route", "body_rate", least_rate},
    {"route", "methods", otherwise},
    {"route", "host", host},
    {"route", "path", elsewhere},

    {"provider", "dialect", otherwise},
    {"provider", "url", elsewhere},
    {"provider", "key.loaded", operation_only},
    {"provider", "key", credential},
    {"provider", "off", operation_only},
    {"provider", "outbound.verify", verify},
    {"provider", "outbound", elsewhere},
    {"provider", "timeouts", wait},
    {"provider", "connections", capacity},

    {"model", "pattern", otherwise},
    {"model", "targets", targets},
    {"model", "losses", losses},

    {"service", "instances", elsewhere},
    {"service", "dns", elsewhere},
    {"service", "run", another_program},
    {"service", "env", another_program},
    {"service", "calls", operation_only},
    {"service", "health", operation_only},
    {"service", "port", operation_only},
    {"service", "container.image", another_program},
    {"service", "container.scale", resources},
    {"service", "container", resources},
    {"service", "outbound.verify", verify},
    {"service", "outbound", elsewhere},
    {"service", "timeouts", wait},
    {"service", "connections", capacity},

    {"consumer", "key.loaded", operation_only},
    {"consumer", "key", key_of_consumer},
    {"consumer", "hash", key_of_consumer},
    {"consumer", "models", limited_models},
    {"consumer", "dev", operation_only},

    {"prompt", "model", another_model},
    {"prompt", "serve", served},
    {"prompt", "description", words},
    {"prompt", "template", another_answer},
    {"prompt", "settings", another_answer},
    {"prompt", "form", form},

    {"gateway", "timeouts", wait},
    {"gateway", "caps.body_rate", least_rate},
    {"gateway", "caps.connections", capacity},
    {"gateway", "caps.in_flight", capacity},
    {"gateway", "caps.upstream_connections", capacity},
    {"gateway", "caps", size},
    {"gateway", "admin.key.loaded", operation_only},
    {"gateway", "admin.key", credential},
    {"gateway", "admin", elsewhere},
    {"gateway", "health", elsewhere},
    {"gateway", "pepper.loaded", operation_only},
    {"gateway", "pepper", pepper},
    {"gateway", "deploy.host", public_name},
    {"gateway", "deploy.image", another_program},
    {"gateway", "deploy.scale", resources},
    {"gateway", "deploy.cpu_millicores", resources},
    {"gateway", "deploy.memory", resources},
    {"gateway", "deploy", otherwise},
};

struct WholeRule {
  std::string_view noun;
  Verdict added, removed;
};
constexpr WholeRule wholes[] = {
    {"listener",
     {Grade::risky, "the gateway is reached at one more address"},
     {Grade::breaking, "clients of this address get no connection"}},
    {"route", {Grade::safe, "nobody calls it yet"}, {Grade::breaking, "its callers get no answer any more"}},
    {"provider", {Grade::safe, "nothing used it yet"}, {Grade::safe, "clients do not name it"}},
    {"model", {Grade::safe, "nobody calls it yet"}, {Grade::breaking, "clients that name it are refused"}},
    {"service", {Grade::safe, "nothing used it yet"}, {Grade::risky, "what else called it gets no answer"}},
    {"consumer", {Grade::safe, "one more may call"}, {Grade::breaking, "its key is refused"}},
    {"prompt", {Grade::safe, "nobody calls it yet"}, {Grade::breaking, "its callers get no answer any more"}},
};

const WholeRule& whole(std::string_view noun) {
  const auto* const found = std::ranges::find(wholes, noun, &WholeRule::noun);
  return found == std::end(wholes) ? wholes[0] : *found;
}

}  // namespace

const FieldRule* rule_of(std::string_view noun, std::string_view field) {
  const auto* const found = std::ranges::find_if(
      table, [&](const FieldRule& rule) { return rule.noun == noun && covers(rule.field, field); });
  return found == std::end(table) ? nullptr : found;
}

Verdict verdict_of_added(std::string_view noun) {
  return whole(noun).added;
}
Verdict verdict_of_removed(std::string_view noun) {
  return whole(noun).removed;
}

}  // namespace apigw::compare
