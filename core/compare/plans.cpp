#include "compare/plans.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "compare/documents.h"
#include "compare/plan_rules.h"
#include "compare/schemas.h"
#include "compare/values.h"
#include "model/plan_json.h"
#include "prompt/frontmatter.h"
#include "prompt/prompt.h"
#include "routing/router.h"
#include "yaml/tree.h"

namespace apigw::compare {
namespace {

constexpr std::string_view usual_methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::string_view hidden = "(hidden)";

template <class Thing>
std::string name_of(const Thing& thing) {
  if constexpr (std::is_same_v<Thing, model::Listener>)
    return thing.text();
  else if constexpr (std::is_same_v<Thing, model::Route>)
    return thing.id;
  else
    return thing.name;
}

// A path and head that a route takes: what stands for variables is "x".
struct Sample {
  std::string path, host, query;
  http::Headers headers;
};
Sample sample_of(const model::Route& route) {
  Sample out;
  for (std::size_t at = 0; at < route.path.size(); ++at) {
    if (route.path[at] == '{') {
      out.path += 'x';
      at = std::min(route.path.find('}', at), route.path.size());
    } else {
      out.path += route.path[at];
    }
  }
  if (out.path.ends_with("/**")) out.path.replace(out.path.size() - 2, 2, "x");
  out.host = route.host.starts_with("*.") ? "x" + route.host.substr(1) : route.host;
  for (const model::Condition& condition : route.conditions) {
    std::string value = condition.value.value_or("x");
    std::ranges::replace(value, '*', 'x');
    if (condition.in == model::Condition::In::header)
      out.headers.add(condition.name, value);
    else
      out.query += fmt::format("{}{}={}", out.query.empty() ? "" : "&", condition.name, value);
  }
  return out;
}

// The routes that the program makes of prompts and for its own document; their changes are those of their prompts.
bool made_by_itself(const model::Plan& plan, const model::Route& route) {
  if (std::holds_alternative<model::ApiDocument>(route.action)) return true;
  const auto* const to = std::get_if<model::ToPrompt>(&route.action);
  return to != nullptr && route.path == "/prompts/" + plan.at(to->prompt).name;
}

class Comparing {
 public:
  Comparing(const Side& before, const Side& after)
      : before_(before),
        after_(after),
        old_settings_(settings_of(*before.plan)),
        new_settings_(settings_of(*after.plan)) {
    if (auto router = routing::Router::compile(before.plan)) old_router_.emplace(std::move(*router));
    if (auto router = routing::Router::compile(after.plan)) new_router_.emplace(std::move(*router));
  }

  Changes run() {
    const model::Plan &a = *before_.plan, &b = *after_.plan;
    rename_routes();
    things("route", a.routes, b.routes);
    things("model", a.models, b.models);
    things("prompt", a.prompts, b.prompts);
    things("consumer", a.consumers, b.consumers);
    things("service", a.services, b.services);
    things("provider", a.providers, b.providers);
    things("listener", a.listeners, b.listeners);
    gateway();
    sort(changes_);
    return std::move(changes_);
  }

 private:
  // --- telling

  void tell(Change change, Verdict verdict) {
    change.grade = verdict.grade;
    change.reason = verdict.reason;
    changes_.push_back(std::move(change));
  }
  void field(const std::string& noun, const std::string& name, const Difference& difference) {
    const FieldRule* const rule = rule_of(noun, difference.path);
    const Verdict verdict = rule != nullptr ? rule->judge(difference.before, difference.after)
                                            : Verdict{Grade::risky, "what it means is not known here"};
    Change change{.noun = noun, .name = name, .field = difference.path};
    std::tie(change.before, change.after) = shown(difference.before, difference.after);
    tell(std::move(change), verdict);
  }
  void fields(const std::string& noun, const std::string& name, const Json& before, const Json& after) {
    for (const Difference& difference : differences(before, after))
      if (!inherited(noun, difference)) field(noun, name, difference);
  }
  // A value that is the gateway's own on both sides is a change of the gateway, told once.
  [[nodiscard]] bool inherited(std::string_view noun, const Difference& difference) const {
    const std::string place = difference.path.starts_with("timeouts.")                 ? difference.path
                              : noun == "route" && difference.path.starts_with("body") ? "caps." + difference.path
                                                                                       : "";
    const auto same = [&](const Json& settings, const Json* value, const std::string& at) {
      const auto dot = at.find('.');
      const Json& part = settings.at(at.substr(0, dot));
      const auto found = part.find(at.substr(dot + 1));
      return found == part.end() ? value == nullptr : value != nullptr && *found == *value;
    };
    const auto both = [&](const std::string& at) {
      return same(old_settings_, difference.before, at) && same(new_settings_, difference.after, at);
    };
    return !place.empty() && (both(place) || (place == "caps.body" && both("caps.ai_body")));
  }
  void hidden_field(const std::string& noun, const std::string& name, const std::string& path, bool was, bool is) {
    const Json value = hidden;
    field(noun, name, {path, was ? &value : nullptr, is ? &value : nullptr});
  }

  // --- things with names

  template <class Thing>
  void things(const std::string& noun, const std::vector<Thing>& before, const std::vector<Thing>& after) {
    std::map<std::string, const Thing*> now;
    for (const Thing& thing : after) now.emplace(name_of(thing), &thing);
    std::set<std::string> kept;
    for (const Thing& old : before) {
      auto found = now.find(name_of(old));
      if constexpr (std::is_same_v<Thing, model::Route>)
        if (const auto other = renamed_.find(old.id); other != renamed_.end()) found = now.find(other->second);
      if (found == now.end())
        removed(noun, old);
      else
        changed(noun, old, *found->second);
      if (found != now.end()) kept.insert(found->first);
    }
    for (const Thing& thing : after)
      if (!kept.contains(name_of(thing))) added(noun, thing);
  }

  template <class Thing>
  void changed(const std::string& noun, const Thing& old, const Thing& now) {
    Json before = Json::parse(model::text_of(*before_.plan, old));
    Json after = Json::parse(model::text_of(*after_.plan, now));
    details(old, now, before, after);
    fields(noun, name_of(now), before, after);
  }

  template <class Thing>
  void added(const std::string& noun, const Thing& thing) {
    tell({.kind = Kind::added, .noun = noun, .name = name_of(thing)}, verdict_of_added(noun));
  }
  template <class Thing>
  void removed(const std::string& noun, const Thing& thing) {
    tell({.kind = Kind::removed, .noun = noun, .name = name_of(thing)}, verdict_of_removed(noun));
  }

  // --- routes

  static std::vector<std::string> methods_of(const model::Route& route) {
    return route.methods.empty() ? std::vector<std::string>(std::begin(usual_methods), std::end(usual_methods))
                                 : route.methods;
  }

  [[nodiscard]] static const model::Route* answering(const std::optional<routing::Router>& router,
                                                     const Sample& sample, std::string_view method) {
    if (!router) return nullptr;
    return router
        ->match({.method = method,
                 .host = sample.host,
                 .path = sample.path,
                 .query = sample.query,
                 .headers = &sample.headers})
        .route;
  }

  void removed(const std::string& noun, const model::Route& route) {
    if (made_by_itself(*before_.plan, route)) return;
    const Sample sample = sample_of(route);
    const std::vector<std::string> methods = methods_of(route);
    std::vector<std::string> lost;
    const model::Route* other = nullptr;
    for (const std::string& method : methods) {
      if (const auto* const found = answering(new_router_, sample, method))
        other = found;
      else
        lost.push_back(method);
    }
    Change change{.kind = Kind::removed, .noun = noun, .name = route.id};
    if (other == nullptr) return tell(std::move(change), verdict_of_removed(noun));
    change.grade = lost.empty() ? Grade::risky : Grade::breaking;
    change.reason =
        lost.empty() ? fmt::format("'{}' answers its calls", other->id)
                     : fmt::format("{} get no answer any more, '{}' has the rest", text::join(lost, ", "), other->id);
    changes_.push_back(std::move(change));
  }

  void added(const std::string& noun, const model::Route& route) {
    if (made_by_itself(*after_.plan, route)) return;
    const Sample sample = sample_of(route);
    const std::string method = route.methods.empty() ? "GET" : route.methods.front();
    Change change{.kind = Kind::added, .noun = noun, .name = route.id};
    const auto* const other = answering(old_router_, sample, method);
    if (other == nullptr) return tell(std::move(change), verdict_of_added(noun));
    change.grade = Grade::risky;
    change.reason = fmt::format("'{}' answered its calls", other->id);
    changes_.push_back(std::move(change));
  }

  // The routes whose key alone is another one: the same paths under other names of variables, or more methods.
  void rename_routes() {
    const auto has = [](const model::Plan& plan, const std::string& id) {
      return std::ranges::find(plan.routes, id, &model::Route::id) != plan.routes.end();
    };
    std::set<std::string> taken;
    for (const model::Route& old : before_.plan->routes) {
      if (has(*after_.plan, old.id)) continue;
      for (const model::Route& now : after_.plan->routes) {
        if (has(*before_.plan, now.id) || taken.contains(now.id) || !stands_for(now, old)) continue;
        renamed_.emplace(old.id, now.id);
        taken.insert(now.id);
        break;
      }
    }
  }

  // Whether a call that found `old` by its host, path and method finds `now`.
  static bool stands_for(const model::Route& now, const model::Route& old) {
    const auto takes = [&](std::string_view method) {
      return std::ranges::find(now.methods, method) != now.methods.end();
    };
    return old.host == now.host && shape_of(old.path, old.path) == shape_of(now.path, now.path) &&
           old.action.index() == now.action.index() &&
           (now.methods.empty() || (!old.methods.empty() && std::ranges::all_of(old.methods, takes)));
  }

  // `words` with the variables of `path` by their places: "/a/{id}" as "/a/{#0}".
  static std::string shape_of(std::string_view path, std::string words) {
    std::size_t n = 0;
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
      const std::string name(path.substr(open, path.find('}', open) - open + 1));
      const std::string place = fmt::format("{{#{}}}", n++);
      for (auto at = words.find(name); at != std::string::npos; at = words.find(name, at + place.size()))
        words.replace(at, name.size(), place);
    }
    return words;
  }

  // Tells the new key, and leaves to the fields what else is different.
  void rekeyed(const model::Route& old, const model::Route& now, Json& before, Json& after) {
    Change change{.noun = "route", .name = now.id, .field = "key", .before = old.id, .after = now.id};
    Verdict verdict{Grade::cosmetic, "the names of variables are no difference to callers"};
    std::string taken;
    if (old.methods.size() != now.methods.size()) {
      verdict = {Grade::safe, "more methods are answered"};
      for (const std::string& method : methods_of(now))
        if (const auto* const other = answering(old_router_, sample_of(now), method);
            other != nullptr && other->id != old.id)
          taken = fmt::format("'{}' answered its {}", other->id, method);
    }
    if (!taken.empty()) verdict = {Grade::risky, taken};
    tell(std::move(change), verdict);
    for (Json* const json : {&before, &after}) {
      const std::string path = (*json)["path"].get<std::string>();
      for (const char* const words : {"rewrite", "redirect"})
        if (auto& to = (*json)["to"]; to.contains(words)) to[words] = shape_of(path, to[words].get<std::string>());
      for (const char* const part : {"id", "methods", "path"}) json->erase(part);
    }
  }

  void details(const model::Route& old, const model::Route& now, Json& before, Json& after) {
    if (old.id != now.id) rekeyed(old, now, before, after);
    const auto edits = [&](const std::string& path, const auto& a, const auto& b, auto name) {
      for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (a[i].name == b[i].name && a[i].value && b[i].value && a[i].value != b[i].value &&
            before[name][i] == after[name][i])
          hidden_field("route", now.id, path, true, true);
    };
    const auto of_listener = [](const model::Listener& listener) { return listener.auth.has_value(); };
    if (std::ranges::none_of(before_.plan->listeners, of_listener) &&
        std::ranges::none_of(after_.plan->listeners, of_listener))
      for (Json* json : {&before, &after}) json->erase("own_auth");  // no listener's auth could take its place
    // What `defaults:` say is told once, not for each route that they reach.
    if (!old.own_auth && !now.own_auth && before["auth"] != after["auth"]) {
      by_default_[{before["auth"].dump(), after["auth"].dump()}].push_back(now.id);
      after["auth"] = before["auth"];
    }
    edits("request_headers", old.request_headers, now.request_headers, "request_headers");
    edits("response_headers", old.response_headers, now.response_headers, "response_headers");
    edits("when", old.conditions, now.conditions, "when");
    if (!old.operation || !now.operation) return;
    for (Json* json : {&before, &after}) (*json)["operation"].erase("revision");
    if (old.operation->revision != now.operation->revision) operations(*old.operation, *now.operation, now.id);
  }

  void operations(const model::Operation& old, const model::Operation& now, const std::string& route) {
    diag::Sources sources;
    diag::Report report;
    const auto tree = [&](const Side& side, const std::string& file) {
      return yaml::parse(sources.add(file, side.text(file)), sources, report);
    };
    const auto a = tree(before_, old.file), b = tree(after_, now.file);
    if (a && b)
      compare_requests(a->root(), b->root(), old.name, now.name,
                       {.noun = "route", .name = route, .field = "operation"}, changes_);
  }

  // --- models

  void removed(const std::string& noun, const model::Model& model) {
    for (const model::Model& other : after_.plan->models) {
      if (!other.pattern || !text::glob(other.name, model.name)) continue;  // a '*' of a pattern too
      Change change{.kind = Kind::removed, .noun = noun, .name = model.name};
      change.reason = fmt::format("'{}' answers its calls", other.name);
      changes_.push_back(std::move(change));
      return;
    }
    tell({.kind = Kind::removed, .noun = noun, .name = model.name}, verdict_of_removed(noun));
  }

  void added(const std::string& noun, const model::Model& model) {
    const auto sample = [](std::string name) {
      std::ranges::replace(name, '*', 'x');
      return name;
    };
    for (const model::Model& other : before_.plan->models) {
      const bool wider = other.pattern && text::glob(other.name, sample(model.name));
      if (!wider && !(model.pattern && text::glob(model.name, sample(other.name)))) continue;
      // What has a name of its own keeps it.
      if (!wider &&
          std::ranges::find(after_.plan->models, other.name, &model::Model::name) != after_.plan->models.end())
        continue;
      Change change{.kind = Kind::added, .noun = noun, .name = model.name};
      change.reason = fmt::format("'{}' answered {} its calls", other.name, wider ? "" : "some of ");
      changes_.push_back(std::move(change));
      return;
    }
    tell({.kind = Kind::added, .noun = noun, .name = model.name}, verdict_of_added(noun));
  }

  // --- what plan_json hides or says by a fingerprint

  void details(const model::Consumer& old, const model::Consumer& now, Json&, Json&) {
    if (!old.hash.empty() && !now.hash.empty() && old.hash != now.hash)
      hidden_field("consumer", now.name, "hash", true, true);
  }

  void details(const model::Service& old, const model::Service& now, Json& before, Json& after) {
    before.erase("env");
    after.erase("env");
    std::set<std::string> names;
    for (const auto& [name, value] : old.environment) names.insert(name);
    for (const auto& [name, value] : now.environment) names.insert(name);
    for (const std::string& name : names) {
      const auto a = old.environment.find(name), b = now.environment.find(name);
      const bool was = a != old.environment.end(), is = b != now.environment.end();
      if (was != is || a->second != b->second) hidden_field("service", now.name, "env." + name, was, is);
    }
  }

  void details(const model::Prompt& old, const model::Prompt& now, Json& before, Json& after) {
    for (Json* json : {&before, &after}) {
      json->erase("revision");
      json->erase("file");
    }
    prompt(*old.content, before);
    prompt(*now.content, after);
    templates(now.name, before_.text(old.file), after_.text(now.file));
    const Change of{.noun = "prompt", .name = now.name};
    schema(input_of(*old.content), input_of(*now.content), Maker::caller, of, "input");
    schema(old.content->output_text, now.content->output_text, Maker::service, of, "output");
  }

  // Line by line, without the settings above them; the first that differs is shown.
  void templates(const std::string& name, const std::string& before, const std::string& after) {
    const auto lines = [](std::string_view file) {
      file.remove_prefix(std::min(prompt::parts_of(file).body, file.size()));
      while (!file.empty() && std::string_view(" \t\r\n").contains(file.back())) file.remove_suffix(1);
      return text::split(file, '\n');
    };
    const auto a = lines(before), b = lines(after);
    const auto [old, now] = std::ranges::mismatch(a, b);
    if (old == a.end() && now == b.end()) return;
    const Json was = old == a.end() ? Json() : Json(*old), is = now == b.end() ? Json() : Json(*now);
    field("prompt", name, {fmt::format("template[{}]", old - a.begin() + 1), &was, &is});
  }

  static void prompt(const prompt::Prompt& content, Json& json) {
    json["description"] = content.description;
    json["form"] = content.form == prompt::OutputForm::json ? "json" : "text";
    Json& settings = json["settings"] = Json::object();
    const chat::Request& said = content.settings;
    const auto number = [&](const char* key, const std::optional<chat::Number>& value) {
      if (value) settings[key] = value->value;
    };
    number("temperature", said.temperature);
    number("top_p", said.top_p);
    number("top_k", said.top_k);
    number("frequency_penalty", said.frequency_penalty);
    number("presence_penalty", said.presence_penalty);
    if (said.max_output) settings["max_output"] = *said.max_output;
    if (said.seed) settings["seed"] = *said.seed;
    if (!said.stop.empty()) settings["stop"] = said.stop;
  }

  // As callers see it: what has a default may be left out.
  static std::string input_of(const prompt::Prompt& prompt) {
    Json schema = Json::parse(prompt.input_text, nullptr, false);
    if (!schema.is_object() || !schema.contains("required")) return prompt.input_text;
    Json& required = schema["required"];
    for (const render::Member& member : prompt.fallback.members) {
      const auto named = std::ranges::find(required, Json(member.name));
      if (named != required.end()) required.erase(named);
    }
    return schema.dump();
  }

  void schema(const std::string& before, const std::string& after, Maker maker, Change of, std::string_view field) {
    of.field = field;
    if (before.empty() && after.empty()) return;
    compare_schemas(before.empty() ? "true" : before, after.empty() ? "true" : after, maker, of, changes_);
  }

  template <class Thing>
  void details(const Thing&, const Thing&, Json&, Json&) {}

  // --- the gateway itself

  static Json deploy_of(const model::Deploy& deploy) {
    Json json{{"image", deploy.gateway.image},   {"cpu_millicores", deploy.gateway.cpu},
              {"memory", deploy.gateway.memory}, {"host", deploy.host},
              {"namespace", deploy.name_space},  {"tls", deploy.tls}};
    if (deploy.gateway.scale)
      json["scale"] = {{"least", deploy.gateway.scale->least}, {"most", deploy.gateway.scale->most}};
    for (const model::Patch& patch : deploy.patches)
      json["patches"].push_back({{"to", patch.to}, {"merge", patch.merge}, {"patch", patch.json}});
    return json;
  }

  static Json settings_of(const model::Plan& plan) {
    const Json all = Json::parse(model::plan_json(plan, [](Span) { return std::string(); }));
    Json json;
    for (const char* const part : {"timeouts", "caps", "admin", "health", "pepper"}) json[part] = all[part];
    json["deploy"] = deploy_of(plan.deploy);
    return json;
  }

  void gateway() {
    for (const auto& [auth, routes] : by_default_) {
      const Json before = Json::parse(auth.first), after = Json::parse(auth.second);
      field("route", {}, {"auth", &before, &after});
      Change& change = changes_.back();
      change.noun = "gateway";
      change.name = "defaults";
      change.reason += routes.size() == 1 ? fmt::format(": {}", routes.front())
                                          : fmt::format(": {} routes, {} among them", routes.size(), routes.front());
    }
    for (const Difference& difference : differences(old_settings_, new_settings_)) {
      field("gateway", difference.path.substr(0, difference.path.find('.')), difference);
      std::string& path = changes_.back().field;
      path = path.contains('.') ? path.substr(path.find('.') + 1) : "";
    }
  }

  const Side &before_, &after_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_default_;  // routes by what auth became
  const Json old_settings_, new_settings_;                                              // of the gateway itself
  std::map<std::string, std::string> renamed_;  // routes by their old key: the new one
  std::optional<routing::Router> old_router_, new_router_;
  Changes changes_;
};

}  // namespace

Changes compare_plans(const Side& before, const Side& after) {
  return Comparing(before, after).run();
}

bool graded(std::string_view noun, std::string_view field) {
  return rule_of(noun, field) != nullptr;
}

}  // namespace apigw::compare
