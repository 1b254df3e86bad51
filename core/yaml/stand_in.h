// Bytes that a repaired text holds in place of characters that YAML would take for its own; see lint.h.
//
// One control character for one character, so that every place stays where it was. A text that holds them of its own
// never gets here: readable() refuses it.
#pragma once
#include <string>

namespace apigw::yaml {

// Of a character that has none: itself.
[[nodiscard]] char stand_in(char original);
// Puts the originals back.
void restore(std::string& value);

}  // namespace apigw::yaml
