// The deployments of a LiteLLM proxy as providers of the config, one for each address, key and timeout.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "config/vocabulary.h"
#include "import/importing.h"
#include "import/litellm_providers.h"

namespace apigw::import {

class LiteLlmDeployments {
 public:
  explicit LiteLlmDeployments(Importing& to) : to_(to) {}

  // The name of the provider that a deployment (`fields` are its litellm_params) is called at, declared where it is
  // not yet. `timeout`: milliseconds, of calls that say none themselves. Nothing, with a finding, where it cannot be
  // called.
  [[nodiscard]] std::optional<std::string> provider_of(const LiteLlmProvider& row, Fields& fields,
                                                       std::optional<std::uint64_t> timeout);

 private:
  // The address of a resource of Azure; says in `kind` what is spoken there. Nothing, with a finding, where it is
  // none.
  std::optional<std::string> azure_url(const LiteLlmProvider& row, std::string url, config::KnownProvider& kind,
                                       Fields& fields);
  // A provider whose address names a region, and maybe a project.
  std::optional<std::string> cloud(const config::KnownProvider& kind, Fields& fields,
                                   std::optional<std::uint64_t> timeout);
  // The key of a cloud: one that signs, the file of an account, or one that is sent.
  void credentials(const config::KnownProvider& kind, Fields& fields, Value& provider);
  // "env:X", or "" for none.
  std::string key_of(const config::KnownProvider& kind, const std::string& url, Fields& fields);
  // Of one call, its own or that of all.
  std::optional<std::uint64_t> timeout_of(Fields& fields, std::optional<std::uint64_t> timeout);
  std::string declared(const config::KnownProvider& kind, const std::string& url, const std::string& host,
                       const std::string& port, const std::string& key, Fields& fields,
                       std::optional<std::uint64_t> timeout);

  Importing& to_;
  // By dialect, address, key and timeout; of a cloud by name and what is written of it.
  std::map<std::tuple<std::string, std::string, std::string, std::uint64_t>, std::string> names_;
};

}  // namespace apigw::import
