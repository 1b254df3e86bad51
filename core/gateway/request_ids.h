// Names for exchanges: the request id and the W3C trace context, taken over from a client where their form allows it.
//
// Ids need to be unique, not secret: one generator a worker, seeded by the system.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "http/headers.h"

namespace apigw::gateway {

// [A-Za-z0-9._-]{1,128}: what a client may call its request.
[[nodiscard]] bool usable_request_id(std::string_view id);
// version 00, lower-case hex, neither id all zero.
[[nodiscard]] bool usable_traceparent(std::string_view value);

// What the client named its request; empty when it did not or not in a usable form.
[[nodiscard]] std::string_view client_request_id(const http::Headers& headers);
[[nodiscard]] std::string_view client_traceparent(const http::Headers& headers);

class IdSource {
 public:
  IdSource();  // from the system's generator
  explicit IdSource(std::uint64_t seed) : state_{seed, seed ^ 0x9e3779b97f4a7c15} {}

  using RequestId = std::array<char, 32>;
  [[nodiscard]] RequestId request_id();
  using Traceparent = std::array<char, 55>;
  [[nodiscard]] Traceparent traceparent();

 private:
  std::uint64_t next();
  std::array<std::uint64_t, 2> state_;
};

}  // namespace apigw::gateway
