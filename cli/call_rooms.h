// What the rooms decide about one call, on stderr for `apigw call -v`.
//
// Before it is sent: which route the config on disk gives it, under this command's --profile and --set, and why.
// Afterwards: what the gateway itself settled, found by the id of the request. The second counts; where the routes
// differ it says so.
#pragma once
#include <string>
#include <string_view>

#include "command.h"
#include "outbound/client.h"
#include "runtime_file.h"

namespace apigw::cli {

// Prints MATCH and ADMIT as the config has them; the id of the route, empty when there is none.
std::string show_match(Env& env, const Globals& globals, const RuntimeFile& gateway,
                       const outbound::Request& request);

// Asks the admin API of `gateway`, again for half a second while it has not settled, and prints the outcome of
// `request_id`. `expected` is what show_match returned.
void show_outcome(Env& env, const RuntimeFile& gateway, std::string_view request_id, std::string_view expected);

}  // namespace apigw::cli
