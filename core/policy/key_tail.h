// How a key is named where a person must know which one is meant: by its end.
#pragma once
#include <string>

#include "base/secret.h"

namespace apigw::policy {

// "…k3Qz". Only "…" for a key of fewer than 12 bytes, of which four would say too much, and for one whose end is not
// plain text.
[[nodiscard]] std::string key_tail(const Secret& key);

}  // namespace apigw::policy
