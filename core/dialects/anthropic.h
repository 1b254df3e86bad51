// What the files of the Anthropic dialect share: the halves that the Dialect names, and how its usage is counted.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.h"

namespace apigw::dialects::anthropic {

// The word of the dialect, as `origin` of its signatures and `dialect` of its native fields.
inline constexpr std::string_view own_word = "anthropic";

// Counters as the dialect names them. A field that is absent or null stays as it was: the last present value wins,
// because those of a stream are cumulative and come in any of its frames.
struct Counted {
  std::optional<std::uint64_t> input, output, cache_read, cache_write, thinking;

  void read(std::string_view text, json::Slice usage);
  // Input here excludes what the cache took part in; thinking is inside the output.
  [[nodiscard]] chat::Usage disjoint() const;
};

// {"type":"error",…}, or any object that carries an error.
[[nodiscard]] bool is_error(std::string_view text, const json::Document& body);
// The error of a frame or body as the hub tells it; `status` of HTTP, 0: the error's own type implies it.
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body, int status);

[[nodiscard]] std::string error_body(const ClientError& error);
[[nodiscard]] std::string_view type_of(int status);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);

}  // namespace apigw::dialects::anthropic
