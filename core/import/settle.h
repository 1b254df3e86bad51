// The draft as a config that loads: written, read by the reader of configs, and without whatever that refuses.
//
// An importer judges what it writes, so that its findings are in the words of the source; this is the proof, and the
// net below. An entry that is refused goes, with the reader's words as a finding at the entry's place in the source,
// until nothing is refused.
#pragma once
#include <string>
#include <string_view>

#include "import/importing.h"

namespace apigw::import {

// `head`: the first line, a comment.
[[nodiscard]] std::string settle(Importing& to, std::string_view head);

}  // namespace apigw::import
