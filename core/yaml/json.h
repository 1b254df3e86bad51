// A YAML node as JSON text, by the rules of YAML's JSON schema: a plain scalar that JSON reads as a number, true,
// false or null is that, everything else is a string. Nothing is guessed (`yes`, `0x1F` and `.5` stay strings).
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "yaml/tree.h"

namespace apigw::yaml {

// Appends to `out`, in the order of the mapping's keys; of duplicate keys, which the parser has reported, the first.
// False when `out` would grow past `limit` bytes: aliases make a small file expand.
[[nodiscard]] bool append_json(const Node& node, std::size_t limit, std::string& out);

}  // namespace apigw::yaml
