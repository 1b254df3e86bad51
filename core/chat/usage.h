// Tokens of one model call, in counters that never overlap: a total is their sum, whatever the dialect counted twice.
#pragma once
#include <cstdint>
#include <optional>

namespace apigw::chat {

struct Usage {
  // No counter of a call is larger, so that no sum of them ever wraps. A larger one is not a count of tokens.
  static constexpr std::uint64_t most = std::uint64_t{1} << 50;

  std::uint64_t input = 0;        // prompt tokens read fresh
  std::uint64_t cache_read = 0;   // prompt tokens served from the provider's cache
  std::uint64_t cache_write = 0;  // prompt tokens written to it
  std::uint64_t output = 0;       // visible answer
  std::uint64_t reasoning = 0;    // hidden reasoning
  bool known = false;             // false: the provider told nothing
  // Whether a zero of these was told; without it nobody knows.
  bool cache_read_told = false;
  bool reasoning_told = false;
  bool partial = false;               // a stream was cut: counted so far
  std::uint64_t hour_writes = 0;      // of cache_write: those that are kept for an hour
  std::optional<std::uint64_t> cost;  // as the provider told it, in billionths of a US dollar

  [[nodiscard]] std::uint64_t prompt() const { return input + cache_read + cache_write; }
  [[nodiscard]] std::uint64_t answer() const { return output + reasoning; }
  [[nodiscard]] std::uint64_t total() const { return prompt() + answer(); }
};

}  // namespace apigw::chat
