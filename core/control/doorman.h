// Who may talk to the admin listener: pure checks that run before any page, in this order, all must hold.
//
// 1. Host names this machine (a loopback name, or the very address that the connection came to): a page in a browser
//    that resolves evil.example to 127.0.0.1 still says Host: evil.example. 2. No Origin but our own and no
//    cross-site fetch. 3. The admin key, compared in constant time, on every path: a path that does not exist looks
//    like one that does. Over a Unix socket, which no browser reaches, the file's mode stands in for 1.
#pragma once
#include <optional>

#include "base/secret.h"
#include "control/message.h"

namespace apigw::control {

// The refusal, or nothing when the request may go on. An empty key lets nobody in.
[[nodiscard]] std::optional<Reply> refuse(const Request& request, const Secret& key);

}  // namespace apigw::control
