// The small grammars of a config's texts: names, tokens, hosts, paths. Pure functions on text; no node, no finding.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apigw::config {

[[nodiscard]] constexpr bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool hex_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

[[nodiscard]] bool is_name(std::string_view s);  // of providers, services, consumers, profiles
[[nodiscard]] bool is_model_name(std::string_view s);
[[nodiscard]] bool is_prompt_pattern(std::string_view s);  // a name of prompts, or one with '*'
[[nodiscard]] bool is_variable(std::string_view s);        // of the environment
[[nodiscard]] bool is_ipv4(std::string_view s);
[[nodiscard]] bool is_ipv6(std::string_view s);  // without brackets and zone

// A header that the gateway writes itself: framing, connection and forwarding fields.
[[nodiscard]] bool is_managed_header(std::string_view name);

// What is wrong, or nothing.
[[nodiscard]] std::optional<std::string> host_fault(std::string_view host);  // a name or an address
[[nodiscard]] std::optional<std::string> path_fault(std::string_view path);  // a literal path in canonical form

struct HostPort {
  std::string host;  // lower case, no brackets
  std::optional<std::uint64_t> port;
  std::string fault;  // empty when well formed
};
// host, host:port, [v6] or [v6]:port.
[[nodiscard]] HostPort split_authority(std::string_view s);

}  // namespace apigw::config
