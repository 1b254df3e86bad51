#include "model/diff.h"

#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "model/plan_json.h"

namespace apigw::model {
namespace {

bool same(const SecretRef& a, const SecretRef& b) {
  return equal_constant_time(a.value.expose(), b.value.expose());
}

// What text_of does not show.
bool same_hidden(const Listener&, const Listener&) {
  return true;
}
bool same_hidden(const Model&, const Model&) {
  return true;
}
bool same_hidden(const Prompt&, const Prompt&) {
  return true;
}
bool same_hidden(const Provider& a, const Provider& b) {
  return same(a.key, b.key);
}
bool same_hidden(const Consumer& a, const Consumer& b) {
  return same(a.key, b.key) && a.hash == b.hash;
}
bool same_hidden(const Service& a, const Service& b) {
  return a.environment == b.environment;
}
bool same_values(const std::vector<HeaderEdit>& a, const std::vector<HeaderEdit>& b) {
  return std::ranges::equal(a, b, {}, &HeaderEdit::value, &HeaderEdit::value);
}
bool same_hidden(const Route& a, const Route& b) {
  return same_values(a.request_headers, b.request_headers) && same_values(a.response_headers, b.response_headers) &&
         std::ranges::equal(a.conditions, b.conditions, {}, &Condition::value, &Condition::value);
}

std::string name_of(const Listener& listener) {
  return listener.text();
}
std::string name_of(const Route& route) {
  return route.id;
}
template <class Thing>
std::string name_of(const Thing& thing) {
  return thing.name;
}

template <class Thing>
void compare(PlanDiff& result, std::string noun, const Plan& before, const Plan& after,
             const std::vector<Thing> Plan::* things) {
  Changes changes{.noun = noun, .plural = noun + "s"};
  std::map<std::string, const Thing*> old;
  for (const Thing& thing : before.*things) old.emplace(name_of(thing), &thing);
  std::map<std::string, bool> kept;
  for (const Thing& thing : after.*things) {
    const std::string name = name_of(thing);
    const auto at = old.find(name);
    kept[name] = true;
    if (at == old.end())
      changes.added.push_back(name);
    else if (text_of(before, *at->second) != text_of(after, thing) || !same_hidden(*at->second, thing))
      changes.changed.push_back(name);
  }
  for (const Thing& thing : before.*things)
    if (!kept.contains(name_of(thing))) changes.removed.push_back(name_of(thing));
  if (!changes.empty()) result.kinds.push_back(std::move(changes));
}

std::string text_of_kind(const Changes& changes) {
  constexpr std::size_t shown = 4;
  std::vector<std::string> names;
  for (const auto& [sign, list] : {std::pair{'+', &changes.added}, {'~', &changes.changed}, {'-', &changes.removed}})
    for (const std::string& name : *list) names.push_back(sign + name);
  const std::size_t count = names.size();
  if (count > shown) {
    names.resize(shown);
    names.push_back(fmt::format("{} more", count - shown));
  }
  return fmt::format("{}: +{} ~{} -{} ({})", changes.plural, changes.added.size(), changes.changed.size(),
                     changes.removed.size(), text::join(names, ", "));
}

}  // namespace

std::string PlanDiff::text() const {
  std::vector<std::string> parts;
  for (const Changes& changes : kinds) parts.push_back(text_of_kind(changes));
  if (!settings.empty()) parts.push_back(text::join(settings, ", ") + " changed");
  return parts.empty() ? "nothing" : text::join(parts, "; ");
}

PlanDiff diff(const Plan& before, const Plan& after) {
  PlanDiff result;
  compare<Listener>(result, "listener", before, after, &Plan::listeners);
  compare<Route>(result, "route", before, after, &Plan::routes);
  compare<Provider>(result, "provider", before, after, &Plan::providers);
  compare<Model>(result, "model", before, after, &Plan::models);
  compare<Service>(result, "service", before, after, &Plan::services);
  compare<Consumer>(result, "consumer", before, after, &Plan::consumers);
  compare<Prompt>(result, "prompt", before, after, &Plan::prompts);
  const auto setting = [&](const char* name, bool equal) {
    if (!equal) result.settings.emplace_back(name);
  };
  setting("timeouts", text_of(before.timeouts) == text_of(after.timeouts));
  setting("caps", text_of(before.caps) == text_of(after.caps));
  setting("defaults",
          before.default_auth.none == after.default_auth.none && before.default_auth.key == after.default_auth.key);
  setting("admin", text_of(before.admin) == text_of(after.admin) && same(before.admin.key, after.admin.key));
  setting("health", text_of(before.health) == text_of(after.health));
  setting("pepper", same(before.pepper, after.pepper));
  return result;
}

}  // namespace apigw::model
