// Which header fields go on, upstream and back: a message is written anew, never copied.
//
// Never forwarded: hop-by-hop fields and what Connection names (security-relevant names excepted: a client must not
// be able to strip those), framing fields, identity and forwarding fields of the client's making in every spelling
// (names with underscores are dropped, some servers read them as hyphens), and this gateway's own x-apigw-*. On AI
// endpoints an allow-list decides in both directions.
#pragma once
#include <string>
#include <string_view>

#include "http/headers.h"

namespace apigw::http {

enum class Credentials {
  drop,  // the gateway checked them itself: authorization, x-api-key, api-key, x-goog-api-key
  keep,  // the route has `auth: none`: they are between client and service
};

// Fields of a request to a service. The caller adds what the gateway itself says (x-forwarded-for, x-request-id …).
void copy_to_service(const Headers& from, Credentials credentials, Headers& to);
// Fields of a service's reply to its client.
void copy_from_service(const Headers& from, Headers& to);

// The same for AI endpoints; credentials never pass.
void copy_to_provider(const Headers& from, Headers& to);
void copy_from_provider(const Headers& from, Headers& to);

// Loops: each gateway process names itself in Via with a name of its own, and answers 508 to a call that carries it.
[[nodiscard]] bool passed_here_before(const Headers& request, std::string_view own_name);
// Via with this process added, to be set on the forwarded request.
[[nodiscard]] std::string via_with(const Headers& request, std::string_view own_name);

}  // namespace apigw::http
