// What may stand in a Host field or in the authority of an absolute target: one judgement for both.
//
// A name of letters, digits, `-`, `_`, `.` and `~`, an IPv4 address, or an IPv6 address in brackets, with an optional
// port. No user, no escapes, no zone, no empty port: nothing that two readers could take for different hosts.
#pragma once
#include <string_view>

namespace apigw::http {

[[nodiscard]] bool valid_authority(std::string_view s);

}  // namespace apigw::http
