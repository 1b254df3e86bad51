// Our own noes as replies: in the client dialect's error shape on AI paths, problem+json elsewhere.
//
// What goes wrong upstream becomes a status and a neutral text here; no message ever carries an upstream's address.
#pragma once
#include <optional>
#include <string>

#include "base/error.h"
#include "dialects/dialect.h"
#include "http/message.h"
#include "policy/gate.h"

namespace apigw::gateway {

// How errors look to this client. Null: problem+json.
using ErrorShape = const dialects::Dialect*;

// The status that an Error of an upstream call means to the client: 502, 503 or 504.
[[nodiscard]] policy::Refusal upstream_refusal(const Error& error);
// The kind that it was made of; nothing when this gateway has a reason of its own.
[[nodiscard]] std::optional<ErrorKind> upstream_fault(const policy::Refusal& refusal);
// The status that an Error while reading the client's body means to it: 400, 408 or 413.
[[nodiscard]] policy::Refusal body_refusal(const Error& error);

// Instead of words that held a secret of this gateway.
[[nodiscard]] policy::Refusal secret_blocked();

// As a client of a dialect is told it.
[[nodiscard]] dialects::ClientError client_error(const policy::Refusal& refusal, std::string_view request_id);
// Fills `head` and gives the body.
[[nodiscard]] std::string write_refusal(const policy::Refusal& refusal, ErrorShape shape, std::string_view request_id,
                                        http::ResponseHead& head);

}  // namespace apigw::gateway
