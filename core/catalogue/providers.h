// The AI providers that a config may name without saying more: dialect, address, variable. Data, one row each.
#pragma once
#include <span>
#include <string_view>

namespace apigw::catalogue {

struct ProviderRow {
  std::string_view name;
  std::string_view dialect;
  std::string_view url;        // base address, no slash at its end
  std::string_view variable;   // of the key; empty: takes none
  std::string_view documents;  // where the figures come from
};

[[nodiscard]] std::span<const ProviderRow> providers();
[[nodiscard]] const ProviderRow* find_provider(std::string_view name);

}  // namespace apigw::catalogue
