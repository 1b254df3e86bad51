// Errors of the gateway outside of AI endpoints: application/problem+json (RFC 9457).
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace apigw::http {

struct Problem {
  int status = 500;
  std::string_view reason;      // a stable word: "no_route", sent as `code`
  std::string_view detail;      // for people: what to do, never a secret
  std::string_view request_id;  // empty: left out
  std::string_view errors{};    // JSON, an array; empty: left out
};

// A request that never became an exchange, or that its exchange left without a reply. Method and target are the words
// of its first line, unjudged: they may be empty, or hold any byte.
struct RefusedRequest {
  Problem problem;
  std::string_view client;  // address
  std::string_view method, target;
  bool logged = false;  // its exchange has left a line
};

inline constexpr std::string_view problem_type = "application/problem+json";

[[nodiscard]] std::string problem_body(const Problem& problem);
// The standard phrase of a status ("Not Found"); "Unknown" for one without.
[[nodiscard]] std::string_view status_phrase(int status);

}  // namespace apigw::http
