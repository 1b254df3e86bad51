// The providers of LiteLLM, by its words for them, and what they are here.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/vocabulary.h"

namespace apigw::import {

// docs.litellm.ai/docs/providers
struct LiteLlmProvider {
  std::string_view word;          // before the slash of litellm_params.model
  std::string_view name;          // of the provider here; "azure" has no address of its own
  std::string_view more = {};     // what an api_base there leaves out of the address that apigw wants
  std::string_view dialect = {};  // where it is another than that of `name`
  std::string_view calls = {};    // a path that an api_base may end in and apigw adds itself
};

// nullptr: apigw does not speak to it.
[[nodiscard]] const LiteLlmProvider* find_litellm_provider(std::string_view word);
// The word of the provider that a model without a slash is given; empty: none.
[[nodiscard]] std::string_view litellm_word_of(std::string_view model);
// What apigw knows of it: the usual address (empty: none), the variable of its key, the dialect. Nothing where the
// vocabulary has neither its name nor its dialect.
[[nodiscard]] std::optional<config::KnownProvider> known_as(const LiteLlmProvider& row,
                                                            const config::Vocabulary& vocabulary);
// What people write where a server wants no key.
[[nodiscard]] bool stands_for_no_key(std::string_view key);

// An address of a resource of Azure, as a deployment gives it, and the version of the API that it asks for (empty:
// the usual one), as the address that a provider has here.
struct AzureAddress {
  std::string url;
  bool plain = false;  // OpenAI's own dialect is spoken there
  bool dated = false;  // it is, although a version of the other addresses is asked for
};
[[nodiscard]] AzureAddress azure_address(std::string url, std::string_view version);

}  // namespace apigw::import
