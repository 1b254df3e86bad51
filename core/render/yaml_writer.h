// A typed tree as a YAML document that YAML 1.1 and 1.2 readers take for the same tree.
//
// Block style, two spaces, keys in their order; the same tree gives the same bytes. A text is plain only where no
// reader takes it for anything else: words such as yes, no, on, off and null, numbers, dates, and whatever holds a
// YAML character are quoted, texts of several lines are block scalars where these can hold them. Bytes that are no
// UTF-8 become U+FFFD.
#pragma once
#include <string>
#include <string_view>

#include "render/value.h"

namespace apigw::render {

// Whether every YAML reader takes the word, unquoted, for a text: it is no boolean, null, number or date. Of the
// characters only these are judged.
[[nodiscard]] bool reads_as_text(std::string_view word);

// Ends with a newline; an empty object or list is `{}` or `[]`.
[[nodiscard]] std::string write_yaml(const Value& value);
// The same as JSON, indented by two spaces, ending with a newline.
[[nodiscard]] std::string write_pretty_json(const Value& value);

}  // namespace apigw::render
