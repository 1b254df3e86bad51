// RETURN of a plain reply: what the provider sent becomes what the client gets, or a failed attempt.
//
// On the same dialect a usable body goes on byte for byte, an error's too where it has the dialect's shape. Otherwise
// it is read into the hub and written anew, an error in the client's own shape and with a status of its dialect; so
// is an error that came with a status of success. Pure but for the ledger, which it tells the usage and the losses of
// the way back.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/attempt.h"
#include "gateway/ledger.h"

namespace apigw::gateway {

// What another target may do better (translation rules, T13.05).
[[nodiscard]] bool retryable(int status);
// A provider's error as a no to the client; what it says about our credential stays here.
[[nodiscard]] policy::Refusal refusal_of(const chat::ProviderError& error, const dialects::Dialect& client);
// What a reply takes from its call. `stream_usage`: the client asked for the usage of its stream.
[[nodiscard]] dialects::ReplyFacts reply_facts(const Ledger& ledger, bool stream_usage, std::string_view operation);
// The fields of a reply's head: those of the provider that go on, and our own.
void write_reply_fields(const Ledger& ledger, const Attempt& attempt, const http::Headers& from, http::Headers& to);

// Why an attempt's reply is of no use, and whether another target may do better.
struct Unusable {
  policy::Refusal refusal;
  bool retryable = false;
  std::optional<ErrorKind> error;
};
// Of a reply with a status of success that is no answer: the provider's error where it is one, else a protocol error
// with `otherwise` for the client.
[[nodiscard]] Unusable no_answer(const http::ResponseHead& head, std::string_view body, const json::Limits& limits,
                                 const dialects::Dialect& client, std::string_view otherwise);
inline constexpr std::string_view no_reply = "the provider's reply is not one of this operation";

class PlainReturn {
 public:
  PlainReturn(Ledger& ledger, const dialects::Dialect& client, const Attempt& attempt, std::string_view operation,
              unsigned json_depth)
      : ledger_(ledger), client_(client), attempt_(attempt), operation_(operation), limits_{.depth = json_depth} {}

  // The body for the client, with its head in the ledger's scratch; it views `body` or this.
  [[nodiscard]] std::variant<std::string_view, Unusable> judge(const http::ResponseHead& head, std::string_view body);

 private:
  using Judged = std::variant<std::string_view, Unusable>;
  [[nodiscard]] bool own_error(std::string_view body) const;
  [[nodiscard]] Judged pass(const http::ResponseHead& head, std::string_view body);
  [[nodiscard]] Judged translate(const http::ResponseHead& head, std::string_view body);
  [[nodiscard]] Judged translate_error();

  Ledger& ledger_;
  const dialects::Dialect& client_;
  const Attempt& attempt_;
  const std::string_view operation_;
  const json::Limits limits_;
  chat::ProviderError error_;  // of a reply that failed
  std::string written_;
  std::optional<std::string> retry_after_;  // seconds, as read from the provider's error
};

}  // namespace apigw::gateway
