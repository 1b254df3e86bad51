// One entry more in a mapping at the top of a document, as an insertion: every byte that was there stays.
//
// The new line takes the indentation and the line ends of its neighbours; a flow mapping grows inside its brace, a
// section that is missing is added at the end. Both texts are YAML as they are to stand; the result is for the caller
// to check.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace apigw::yaml {

// The text with `key: value` in `section`; unchanged when the section has that key. Error invalid when the text is no
// YAML, or the section is no mapping of its own (an alias, a list).
[[nodiscard]] Result<std::string> with_entry(std::string_view text, std::string_view section, std::string_view key,
                                             std::string_view value);

}  // namespace apigw::yaml
