// One entry more in a mapping at the top of a document, as an insertion: every byte that was there stays.
//
// The new line takes the indentation and the line ends of its neighbours; a flow mapping grows inside its brace, a
// section that is missing is added at the end. The result is read again: it is the document that was there with that
// one entry more, or an error. What the entry means is for the caller to check.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace apigw::yaml {

struct NewEntry {
  std::string_view key;           // as it is read
  std::string_view block, flow;   // the same as YAML: on a line of its own, and inside of braces
  std::string_view value;         // as YAML of one line that may stand inside of braces
  std::string_view comment = {};  // behind it, from its '#' on; left out inside of braces
};

// The text with the entry in `section`; unchanged when the section has that key. Error invalid when the text is no
// YAML, when the section is no mapping of its own (an alias, a list), or when what comes out is not the text with
// that one entry.
[[nodiscard]] Result<std::string> with_entry(std::string_view text, std::string_view section, const NewEntry& entry);

}  // namespace apigw::yaml
