// Who calls, by the key that the head carries: the gate that fills Caller.
//
// A key comes in `x-api-key`, `api-key`, `x-goog-api-key` or `Authorization: Bearer`; the first of them that is
// present is judged and no other is tried when it is wrong. Two different keys are refused without a look-up,
// wherever they stand: what is in front of this gateway may have judged the other one. A key is looked up by its
// keyed hash, compared in constant time, and compared with a dummy when nobody has it. No message repeats any part of
// what was sent. A wrong key makes the gate ask how many the address sent, this one included: the answer tells a 401
// from a 429. While an address must wait its wrong keys are a 429 at once and are not counted; good keys, and calls
// without one, are judged as ever.
#pragma once
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/gate.h"
#include "policy/gates.h"
#include "policy/key.h"

namespace apigw::policy {

// A credential as found; `header` is the name to say in a message and to take off before forwarding.
struct Credential {
  std::string_view header;
  std::string_view key;    // empty with `header` set: not of the form that is understood
  std::string_view other;  // where another key was sent too; empty: nowhere
};
[[nodiscard]] std::optional<Credential> find_credential(const http::Headers& headers);
// Every header that may carry a client's key, lower case.
[[nodiscard]] std::span<const std::string_view> credential_headers();

// One a worker: the hasher inside is not shared.
class Identity {
 public:
  explicit Identity(model::PlanPtr plan);
  using Verdict = std::variant<Caller, Refusal, Ask>;
  // `wrong_keys` is the answer to the Ask: how many, or nothing on the first call.
  [[nodiscard]] Verdict identify(const AdmitCall& call, std::optional<std::uint32_t> wrong_keys) const;

 private:
  struct Known {
    KeyDigest digest;
    model::ConsumerId consumer;
  };
  [[nodiscard]] std::optional<model::ConsumerId> find(std::string_view key) const;

  model::PlanPtr plan_;
  KeyHasher hasher_;
  std::vector<Known> known_;  // sorted by digest
};

}  // namespace apigw::policy
