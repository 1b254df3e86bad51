// An address that somebody typed, as an error may show it.
#pragma once
#include <string>
#include <string_view>

namespace apigw::cli {

// Without the user and the password that may stand in front of the host: "http://…@shop.example"; printable. What
// stands before the last '@' counts as one, since a password that is written raw may hold anything.
[[nodiscard]] std::string shown_address(std::string_view address);

}  // namespace apigw::cli
