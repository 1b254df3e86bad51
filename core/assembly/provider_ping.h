// Whether a provider is reached and takes its key: its own list of models is asked for, which costs nothing.
//
// Goes the way that the gateway goes (proxy, private certificates, client certificate) and sends the key to the
// provider's origin alone. Blocking, for commands.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "model/plan.h"

namespace apigw::assembly {

using Variables = std::map<std::string, std::string, std::less<>>;

struct Pong {
  bool asked = true;  // false: the provider has no list to ask for, and nothing else that costs nothing
  int status = 0;
  std::chrono::milliseconds took{};
  bool lists = false;                                         // the body is a JSON object, as a list of models is
  std::optional<std::chrono::system_clock::time_point> date;  // what the provider's clock says
};

// Asks for the provider's list of models. Any reply is a Pong: 401 and 403 mean that the key is refused, also where
// the provider says so with another status. Errors as of
// outbound::send, and invalid for a proxy variable that cannot be understood. The mock answers by itself.
[[nodiscard]] Result<Pong> ping(const model::Provider& provider, const Variables& environment,
                                std::chrono::milliseconds timeout, const Clock& clock);

// "directly" or "through proxy.example:3128".
[[nodiscard]] Result<std::string> way_to(const model::Provider& provider, const Variables& environment);

// The time of a Date field (IMF-fixdate), or nothing.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_date(const std::string& value);

}  // namespace apigw::assembly
