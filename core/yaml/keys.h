// What the keys of a mapping must be, and what they are together: words with a ':' behind, each given once, `<<`
// merged.
//
// Judges nodes that are complete, and reports; knows nothing of how they were read.
#pragma once
#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::yaml {

// False, and a finding, when a key is left out or no word.
[[nodiscard]] bool usable_key(const Node& key, diag::Report& report);
// The finding for a key that no ':' follows.
void no_colon(const Node& key, diag::Report& report);
// Of a mapping that is read whole: duplicates are reported and stay; what `<<` names joins the entries, without the
// keys that are there already.
void settle_mapping(Node& node, diag::Report& report);

}  // namespace apigw::yaml
