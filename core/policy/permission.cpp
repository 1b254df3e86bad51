#include "policy/permission.h"

#include <algorithm>

#include "base/text.h"

namespace apigw::policy {
namespace {

constexpr std::size_t shown_name = 100;  // bytes of a client's model name in a message

Answer json_answer(std::string body) {
  Answer answer;
  answer.head.headers.add("content-type", "application/json");
  answer.body = std::move(body);
  return answer;
}

}  // namespace

Permission::Permission(model::PlanPtr plan, std::map<std::string, ModelWords, std::less<>> words, Offers offers)
    : plan_(std::move(plan)), words_(std::move(words)), offers_(std::move(offers)) {
  for (std::uint32_t i = 0; i < plan_->models.size(); ++i) {
    const model::Model& model = plan_->models[i];
    if (model.pattern) {
      patterns_.push_back(i);
    } else {
      names_.emplace(model.name, i);
    }
  }
  for (const model::Prompt& prompt : plan_->prompts)
    if (prompt.serve) prompts_.insert(fmt::format("{}{}", model::prompt_prefix, prompt.name));
  std::ranges::sort(patterns_, {}, [this](std::uint32_t i) {
    const std::string& name = plan_->models[i].name;
    return std::pair(std::ranges::count(name, '*') - static_cast<std::ptrdiff_t>(name.size()),
                     std::string_view(name));
  });
}

GrantedCall Permission::grant(AdmittedCall call) const {
  return {call.caller(), {}};
}

Granted Permission::grant(AdmittedCall call, std::string_view name, std::string_view operation, bool local) const {
  Permitted permitted = permit(call.caller(), name, operation, local);
  if (auto* no = std::get_if<Refusal>(&permitted)) return std::move(*no);
  return GrantedCall(call.caller(), std::get<Permit>(std::move(permitted)));
}

Granted Permission::grant(AdmittedCall call, const model::Prompt& prompt) const {
  Permitted permitted = permit(prompt);
  if (auto* no = std::get_if<Refusal>(&permitted)) return std::move(*no);
  return GrantedCall(call.caller(), std::get<Permit>(std::move(permitted)));
}

Permission::Permitted Permission::permit(const Caller& caller, std::string_view name, std::string_view operation,
                                         bool local) const {
  const auto index = find(name);
  if (index && may_use(caller, plan_->models[*index])) return permit(*index);
  const auto target = plan_->development && local ? direct(name) : std::nullopt;
  if (!target) return unknown(caller, name, operation, local ? near_provider(name, operation) : std::nullopt);
  return permit(*target);
}

Permission::Permitted Permission::permit(const model::Prompt& prompt) const {
  if (const auto index = find(prompt.model)) return permit(*index);
  if (const auto target = direct(prompt.model)) return permit(*target);
  return Refusal{503, "provider_off", fmt::format("the model of prompt '{}' is not there", prompt.name), {}};
}

Permission::Permitted Permission::permit(const model::Target& target) const {
  const model::Provider& provider = plan_->at(target.provider);
  if (!provider.off.empty()) return off(provider);
  return Permit{std::nullopt, {}, target};
}

Permission::Permitted Permission::permit(std::uint32_t model) const {
  const auto& targets = plan_->models[model].targets;
  Permit allowed{model, {}, {}};
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    if (plan_->at(targets[i].provider).off.empty()) allowed.targets.push_back(i);
  }
  if (!allowed.targets.empty()) return allowed;
  return targets.empty() ? unknown({}, plan_->models[model].name, {}) : off(plan_->at(targets[0].provider));
}

Granted Permission::list(const AdmittedCall& call, std::string_view dialect) const {
  const auto words = words_.find(dialect);
  if (words == words_.end()) return Refusal{501, "not_implemented", "this dialect has no list of models", {}};
  return json_answer(words->second.list(visible(call.caller())));
}

Granted Permission::show(const AdmittedCall& call, std::string_view dialect, std::string_view name) const {
  const auto words = words_.find(dialect);
  const auto index = find(name);
  const bool known = (index && may_use(call.caller(), plan_->models[*index])) || prompts_.contains(name);
  if (words == words_.end() || !known) return unknown(call.caller(), name, {});
  return json_answer(words->second.one(name));
}

std::vector<std::string_view> Permission::visible(const Caller& caller, std::string_view operation) const {
  std::vector<std::string_view> out;
  const bool answers = operation.empty() || operation == "chat" || operation == "generate";
  if (answers) out.assign(prompts_.begin(), prompts_.end());
  for (const model::Model& model : plan_->models) {
    if (!model.pattern && may_use(caller, model) && offers(model, operation)) out.emplace_back(model.name);
  }
  std::ranges::sort(out);
  return out;
}

std::optional<std::uint32_t> Permission::find(std::string_view name) const {
  if (const auto exact = names_.find(name); exact != names_.end()) return exact->second;
  const auto fits = [&](std::uint32_t i) { return text::glob(plan_->models[i].name, name); };
  const auto pattern = std::ranges::find_if(patterns_, fits);
  return pattern == patterns_.end() ? std::nullopt : std::optional(*pattern);
}

bool Permission::may_use(const Caller& caller, const model::Model& model) const {
  if (!caller.consumer) return true;
  const auto& allowed = plan_->at(*caller.consumer).models;
  return allowed.empty() || std::ranges::find(allowed, model.name) != allowed.end();
}

bool Permission::offers(const model::Model& model, std::string_view operation) const {
  return operation.empty() || std::ranges::any_of(model.targets, [&](const model::Target& target) {
           return offers_(plan_->at(target.provider).dialect, operation);
         });
}

std::optional<model::Target> Permission::direct(std::string_view name) const {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  for (std::size_t i = 0; i < plan_->providers.size(); ++i) {
    if (plan_->providers[i].name != name.substr(0, slash)) continue;
    return model::Target{static_cast<model::ProviderId>(i), std::string(name.substr(slash + 1)), {}};
  }
  return std::nullopt;
}

std::optional<std::string_view> Permission::near_provider(std::string_view name, std::string_view operation) const {
  const auto slash = name.find('/');
  if (!plan_->development || slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  std::vector<std::string_view> names;
  for (const model::Provider& provider : plan_->providers)
    if (offers_(provider.dialect, operation)) names.emplace_back(provider.name);
  return text::closest(name.substr(0, std::min(slash, shown_name)), names);
}

Refusal Permission::unknown(const Caller& caller, std::string_view name, std::string_view operation,
                            std::optional<std::string_view> provider) const {
  if (prompts_.contains(name))
    return {501, "not_offered", fmt::format("'{}' is a prompt, which does not offer {}", name, operation), {}};
  auto allowed = visible(caller, operation);
  std::erase(allowed, name);
  std::string message = fmt::format("the model '{}' does not exist here", text::printable(name, shown_name));
  // Nothing is near to no name at all.
  const auto meant = name.empty() ? std::nullopt : text::closest(name.substr(0, shown_name), allowed);
  if (meant) {
    message += fmt::format("; did you mean '{}'?", *meant);
  } else if (provider) {
    message +=
        fmt::format("; did you mean '{}{}'?", *provider, text::printable(name.substr(name.find('/')), shown_name));
  } else {
    message += "; GET /v1/models lists the names";
  }
  return {404, "model_not_found", std::move(message), {}};
}

Refusal Permission::off(const model::Provider& provider) const {
  return {503, "provider_off", fmt::format("provider '{}' is off: {}", provider.name, provider.off), {}};
}

}  // namespace apigw::policy
