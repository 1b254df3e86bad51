// The AI providers that a config may name without saying more: dialect, address, variable. Data, one row each.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace apigw::catalogue {

// By which extension of the OpenAI dialect a provider takes a model's earlier thoughts.
enum class ThoughtsBack : std::uint8_t { none, reasoning_content, reasoning_details };

struct ProviderRow {
  std::string_view name;
  std::string_view dialect;
  std::string_view url;        // base address, no slash at its end; {region} and {project} are the config's
  std::string_view variable;   // of the key; empty: takes none
  std::string_view documents;  // where the figures come from
  ThoughtsBack thoughts = ThoughtsBack::none;
  bool cache_marks = false;         // takes Anthropic's cache_control in parts of a message
  std::string_view models_of = {};  // whose models it serves, where that is another name for the same
};

[[nodiscard]] std::span<const ProviderRow> providers();
[[nodiscard]] const ProviderRow* find_provider(std::string_view name);
// The name under which its models stand: its own, or that of the provider that it is another name of.
[[nodiscard]] std::string_view whose_models(std::string_view provider);

}  // namespace apigw::catalogue
