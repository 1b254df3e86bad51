// How a client of this project calls: the address, the variable that its key is in, and a model it may name.
#pragma once
#include <expected>

#include "command.h"
#include "connect_tools.h"
#include "model/plan.h"

namespace apigw::cli {

// What `asked` leaves empty is found: the address of the gateway that runs for this project, else the first of the
// config; the variable of the first consumer that has one; the first model, a prompt being one.
[[nodiscard]] std::expected<Connection, Complaint> connection_of(Env& env, const Globals& globals,
                                                                 const model::Plan& plan, const Connection& asked);

}  // namespace apigw::cli
