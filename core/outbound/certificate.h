// When certificates end, for `doctor`.
#pragma once
#include <chrono>
#include <string_view>

#include "base/error.h"

namespace apigw::outbound {

// The earliest end among the certificates of a PEM text: a chain is good for as long as its weakest part. Error
// invalid when there is none in it.
[[nodiscard]] Result<std::chrono::system_clock::time_point> earliest_end(std::string_view pem);

}  // namespace apigw::outbound
