// The admin API of a running gateway, asked with the key of its runtime file.
#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/error.h"
#include "runtime_file.h"

namespace apigw::cli {

// The JSON object at `target`, "/admin/state", within a second. Errors: those of outbound::send, and protocol for
// anything that is none.
[[nodiscard]] Result<nlohmann::ordered_json> ask_admin(const RuntimeFile& gateway, const std::string& target);

}  // namespace apigw::cli
