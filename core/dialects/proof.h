// How the proof of a model's thoughts travels through a client whose dialect has one field for it: the dialect's own
// as it is, another one's with a mark of whose it is, since clients echo that field and drop those they do not know.
#pragma once
#include <string>
#include <string_view>

#include "chat/request.h"

namespace apigw::dialects {

// Whether only the provider that made it takes it back.
[[nodiscard]] bool carries_proof(const chat::Reasoning& thought);
// What the field of the dialect `own` carries, into signature or sealed, and origin.
void read_proof(std::string carried, std::string_view own, chat::Reasoning& thought);
// What that field carries for `thought`; empty: it has no proof.
[[nodiscard]] std::string written_proof(const chat::Reasoning& thought, std::string_view own);

}  // namespace apigw::dialects
