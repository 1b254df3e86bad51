// The config of LiteLLM's proxy as providers, models and a consumer.
//
// `model_list` holds deployments; those of one name are one model here, tried in order. Models for which apigw speaks
// no dialect are losses; what a fallback says is more targets of the model.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "import/importer.h"
#include "import/importing.h"
#include "import/litellm_deployments.h"
#include "import/quantities.h"

namespace apigw::import {
namespace {

constexpr std::size_t most_targets = 64;  // of one model, as the checks of a config count

struct Group {  // deployments of one name
  std::string name;
  Span from;
  std::vector<std::string> targets;
  std::vector<std::string> falls_back_to;  // names of groups, in order
  std::string stands_for;                  // the group that an alias means
};

class Proxy {
 public:
  Proxy(const yaml::Node& root, Importing& to) : to_(to), fields_(root, to, "the document"), deployments_(to) {}

  void read() {
    general();
    libraries();
    for (const yaml::Node* item : fields_.list("model_list")) deployment(*item);
    router();
    write_models();
    fields_.lost("environment_variables", "variables belong into .env beside the config");
    fields_.rest();
  }

 private:
  // --- who calls

  void general() {
    const yaml::Node* node = fields_.take("general_settings");
    if (node != nullptr) {
      Fields general(*node, to_, "general_settings");
      if (const yaml::Node* key = general.take("master_key"); key != nullptr && key->kind == yaml::Kind::scalar) {
        Value consumer = object();
        put(consumer, "key", text(to_.secret(*key, "LITELLM_MASTER_KEY")));
        to_.config.entry("consumers", "master", general.key("master_key")).values.push_back(std::move(consumer));
        to_.nearly(general.key("master_key"), "'master_key'",
                   "it is the key of a consumer that may call every model, and opens no admin API");
        keyed_ = true;
      }
      general.later("database_url", "store: env:DATABASE_URL");
      general.rest();
    }
    if (!keyed_)
      to_.nearly(fields_.node().span, "a proxy without 'master_key'", "models ask for a consumer's key all the same")
          .helps.push_back("consumers: { NAME: { key: env:NAME_KEY } }, or defaults: { auth: none } on loopback");
  }

  // --- settings of the library and the router

  void libraries() {
    const yaml::Node* node = fields_.take("litellm_settings");
    if (node == nullptr) return;
    Fields library(*node, to_, "litellm_settings");
    if (const auto drop = library.boolean("drop_params"); drop && !*drop)
      to_.nearly(library.key("drop_params"), "'drop_params: false'",
                 "what a provider cannot be told is dropped and listed; 'losses: error' of a model refuses it");
    timeout(library, "request_timeout");
    library.later("num_retries", "retries: N");
    library.later("cache", "cache: 1h");
    read_fallbacks(library);
    library.ignore({"set_verbose", "json_logs"});
    library.rest();
  }

  void router() {
    const yaml::Node* node = fields_.take("router_settings");
    if (node == nullptr) return;
    Fields router(*node, to_, "router_settings");
    read_fallbacks(router);
    if (const yaml::Node* aliases = router.take("model_group_alias")) read_aliases(*aliases);
    timeout(router, "timeout");
    router.later("num_retries", "retries: N");
    router.lost("routing_strategy", "targets of a model are tried in order");
    router.rest();
  }

  void timeout(Fields& fields, std::string_view key) {
    const auto written = fields.text(key);
    if (!written) return;
    const auto value = read_seconds(*written);
    if (!value)
      to_.unreadable(fields.key(key), fmt::format("'{}' of {} must be a number of seconds", key, fields.what()));
    else if (!timeout_)
      timeout_ = value;
    else if (timeout_ != value)
      to_.lost(fields.key(key), fmt::format("'{}' of {}", key, fields.what()), "another one was read first");
  }

  void read_fallbacks(Fields& fields) {
    for (const yaml::Node* item : fields.list("fallbacks")) {
      for (const yaml::Entry& entry : item->entries) fallback_.push_back(entry);
      if (item->kind != yaml::Kind::mapping)
        to_.unreadable(item->span, fmt::format("a fallback must be a mapping, not {}", kind_of(*item)));
    }
    for (const std::string& name : fields.texts("default_fallbacks")) default_fallbacks_.push_back(name);
    fields.lost("context_window_fallbacks", "a target is left for errors of any kind or none");
    fields.lost("content_policy_fallbacks", "a target is left for errors of any kind or none");
  }

  void read_aliases(const yaml::Node& aliases) {
    for (const yaml::Entry& entry : aliases.entries) {
      const yaml::Node* model = entry.value->kind == yaml::Kind::mapping ? entry.value->find("model") : entry.value;
      const bool taken = group_of(entry.key->value) != nullptr;
      if (taken || model == nullptr || model->kind != yaml::Kind::scalar || group_of(model->value) == nullptr)
        to_.unreadable(entry.key->span, fmt::format("alias '{}' {}", to_.shown(*entry.key),
                                                    taken ? "is a model already" : "names no model"));
      else
        group(entry.key->value, entry.key->span)->stands_for = model->value;
    }
  }

  // --- deployments

  Group* group_of(std::string_view name) {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &groups_[found->second];
  }

  Group* group(const std::string& name, Span from) {
    if (Group* there = group_of(name)) return there;
    index_.emplace(name, groups_.size());
    return &groups_.emplace_back(Group{name, from, {}, {}});
  }

  void deployment(const yaml::Node& node) {
    Fields deployment(node, to_, "a deployment");
    const auto name = deployment.text("model_name");
    const yaml::Node* params = deployment.take("litellm_params");
    const yaml::Node* info = deployment.take("model_info");
    deployment.rest();
    if (!name || params == nullptr) {
      if (node.kind == yaml::Kind::mapping)
        to_.unreadable(node.span, fmt::format("a deployment without '{}'", name ? "litellm_params" : "model_name"));
      return;
    }
    if (!config::is_model_name(*name)) {
      to_.unreadable(deployment.key("model_name"),
                     fmt::format("'{}' is no name that a model can have", text::printable(*name, 60)));
      return;
    }
    Fields fields(*params, to_, fmt::format("model '{}'", *name));
    if (const auto target = target_of(*name, fields)) {
      Group& into = *group(*name, deployment.key("model_name"));
      const bool fresh = std::ranges::find(into.targets, *target) == into.targets.end();
      if (fresh && into.targets.size() == most_targets)
        to_.lost(deployment.key("model_name"), fmt::format("a deployment of model '{}'", *name),
                 fmt::format("a model has at most {} targets", most_targets));
      else if (fresh)
        into.targets.push_back(*target);
      if (into.targets.size() == 2 && to_.first("group " + *name))
        to_.nearly(deployment.key("model_name"), fmt::format("model '{}' of several deployments", *name),
                   "they are tried in order and share no load");
    }
    if (info != nullptr) read_info(*info, *name);
  }

  void read_info(const yaml::Node& node, const std::string& name) {
    Fields info(node, to_, fmt::format("model_info of '{}'", name));
    info.ignore({"id", "base_model", "description"});
    if (const auto mode = info.text("mode"); mode && *mode != "chat" && *mode != "completion")
      to_.nearly(info.key("mode"), fmt::format("mode '{}' of model '{}'", text::printable(*mode, 40), name),
                 "only chat is translated between providers; other endpoints pass to a provider that has them");
    info.rest();
  }

  // "provider/model" of a deployment, its provider declared; nothing with a finding where apigw cannot call it.
  std::optional<std::string> target_of(const std::string& group, Fields& fields) {
    const auto written = fields.text("model");
    if (!written) {
      to_.unreadable(fields.node().span, fmt::format("{} has no 'model' in litellm_params", fields.what()));
      return std::nullopt;
    }
    const auto slash = written->find('/');
    std::string word(slash == std::string::npos ? "" : written->substr(0, slash));
    std::string model(slash == std::string::npos ? *written : written->substr(slash + 1));
    if (const auto custom = fields.text("custom_llm_provider")) {
      word = *custom;
      if (slash != std::string::npos && written->substr(0, slash) != word) model = *written;
    } else if (word.empty()) {
      word = litellm_word_of(*written);
      if (word.empty() && fields.node().find("api_base") != nullptr) word = "openai";
    }
    const LiteLlmProvider* const row = find_litellm_provider(word);
    if (row == nullptr) {
      to_.lost(fields.key("model"), fmt::format("a deployment of {}", fields.what()),
               word.empty() ? std::string("its model names no provider")
                            : fmt::format("apigw does not speak to '{}' yet", text::printable(word, 40)));
      return std::nullopt;
    }
    if (model.contains('*')) {
      const bool whole = !group.contains('/') && group.contains('*') && (model == "*" || model == group);
      if (!whole) {
        to_.lost(fields.key("model"), fmt::format("the pattern of {}", fields.what()),
                 "a pattern here passes the client's name on as it is");
        return std::nullopt;
      }
      model = "*";
    }
    if (row->name == "azure") model = deployment_of(model, fields);
    constexpr std::string_view converse = "converse/";  // which is how Bedrock is asked here
    if (row->name == "bedrock" && model.starts_with(converse)) model.erase(0, converse.size());
    const bool claude = row->name == "vertex" && model.starts_with("claude");
    if (row->name == "vertex" && !claude && !model.starts_with("gemini") && model != "*") {
      to_.lost(fields.key("model"), fmt::format("a deployment of {}", fields.what()),
               "of the models at Vertex only gemini-* and claude-* can be called here");
      return std::nullopt;
    }
    const auto provider =
        claude ? deployments_.provider_of({.word = row->word, .name = "vertex-anthropic"}, fields, timeout_)
               : deployments_.provider_of(*row, fields, timeout_);
    if (!provider) return std::nullopt;  // what else it says is lost with it
    options(fields);
    return fmt::format("{}/{}", *provider, model);
  }

  void options(Fields& fields) {
    for (const std::string_view key : {"rpm", "tpm", "max_parallel_requests"})
      if (const auto count = fields.text(key))
        to_.later(fields.key(key), fmt::format("'{}' of {}", key, fields.what()),
                  fmt::format("limit: {}", key == "rpm"   ? *count + "/minute per route"
                                           : key == "tpm" ? *count + " tokens/minute per route"
                                                          : *count + " at once per route"));
    fields.later("max_tokens", "output: N tokens");
    fields.later("num_retries", "retries: N");
    fields.ignore({"drop_params"});
    fields.rest();
  }

  // LiteLLM writes what kind of model it is before the name of a deployment: azure/o_series/NAME.
  std::string deployment_of(const std::string& model, Fields& fields) {
    const auto slash = model.rfind('/');
    if (slash == std::string::npos) return model;
    to_.nearly(fields.key("model"),
               fmt::format("'{}' of {}", text::printable(model.substr(0, slash), 60), fields.what()),
               "a deployment is called as the client's call asks for it");
    return model.substr(slash + 1);
  }

  // --- models

  void fall_back(Group& group, const std::string& name) {
    if (group.falls_back_to.size() < most_targets)
      group.falls_back_to.push_back(name);
    else if (to_.first("fallbacks " + group.name))
      to_.lost(group.from, fmt::format("what model '{}' falls back to", group.name),
               fmt::format("a model has at most {} targets", most_targets));
  }

  static bool can_be_named(std::string_view name) { return !name.contains('/') && !name.contains('*'); }

  // A fallback stands as the name of its model where that can be: no slash, no pattern, no fallbacks of its own.
  void append_fallback(const Group& group, const std::string& name, std::vector<std::string>& targets) {
    const Group* other = group_of(name);
    if (other != nullptr && !other->stands_for.empty()) other = group_of(other->stands_for);
    if (other == nullptr) {
      to_.unreadable(group.from, fmt::format("a fallback of model '{}' names no model: '{}'", group.name,
                                             text::printable(name, 60)));
      return;
    }
    const bool by_name = can_be_named(name) && other->falls_back_to.empty() && other != &group;
    const auto add = [&](const std::string& target) {
      const bool room = targets.size() < most_targets;
      if (room && std::ranges::find(targets, target) == targets.end()) targets.push_back(target);
      if (!room && to_.first("fallbacks " + group.name))
        to_.lost(group.from, fmt::format("what model '{}' falls back to", group.name),
                 fmt::format("a model has at most {} targets", most_targets));
    };
    if (by_name) return add(name);
    for (const std::string& target : other->targets) add(target);
  }

  void write_models() {
    for (const yaml::Entry& entry : fallback_) {
      Group* group = group_of(entry.key->value);
      if (group == nullptr) {
        to_.unreadable(entry.key->span, fmt::format("a fallback for '{}', which is no model", to_.shown(*entry.key)));
        continue;
      }
      if (entry.value->kind != yaml::Kind::sequence)
        to_.unreadable(entry.value->span, fmt::format("fallbacks must be a list, not {}", kind_of(*entry.value)));
      for (const yaml::Node* name : entry.value->items) fall_back(*group, name->value);
    }
    for (Group& group : groups_) {
      if (const Group* meant = group.stands_for.empty() ? nullptr : group_of(group.stands_for)) {
        if (meant->targets.empty()) continue;
        to_.config.entry("models", group.name, group.from)
            .values.push_back(can_be_named(meant->name) ? text(meant->name) : texts(meant->targets));
        continue;
      }
      if (group.falls_back_to.empty())
        for (const std::string& name : default_fallbacks_)
          if (name != group.name) fall_back(group, name);
      std::vector<std::string> targets = group.targets;
      for (const std::string& name : group.falls_back_to) append_fallback(group, name, targets);
      if (targets.empty()) continue;
      to_.config.entry("models", group.name, group.from)
          .values.push_back(targets.size() == 1 ? text(targets[0]) : texts(targets));
    }
    if (to_.config.entries("models").empty()) to_.unreadable(fields_.key("model_list"), "no model could be imported");
  }

  Importing& to_;
  Fields fields_;
  bool keyed_ = false;
  std::optional<std::uint64_t> timeout_;  // milliseconds, of every call
  std::vector<Group> groups_;
  std::map<std::string, std::size_t, std::less<>> index_;  // of groups_
  std::vector<yaml::Entry> fallback_;
  std::vector<std::string> default_fallbacks_;
  LiteLlmDeployments deployments_;
};

void read_litellm(const yaml::Node& root, Importing& to) {
  const yaml::Node* const models = root.find("model_list");
  if (models == nullptr || models->kind != yaml::Kind::sequence) {
    to.refuse(models == nullptr ? root.span : models->span, "this is no config of LiteLLM's proxy",
              models == nullptr ? "no 'model_list' stands at its top" : "'model_list' must be a list");
    return;
  }
  Proxy(root, to).read();
}

}  // namespace

extern const Importer litellm_importer;
const Importer litellm_importer = {.summary = "LiteLLM's config.yaml: providers, models and the master key",
                                   .read = read_litellm};

}  // namespace apigw::import
