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
// The same on one line, without a newline: in braces and brackets, every text such that it stands inside of these,
// too. Besides, a number with a unit of time or bytes (30s, 8MiB) and a star inside of a word stay plain.
[[nodiscard]] std::string write_yaml_line(const Value& value);
// A text as a key on a line of its own: as above, and plain, too, where it is a route's (`GET,POST /orders/{id}`),
// whose braces and commas mean nothing outside of brackets.
[[nodiscard]] std::string write_yaml_key(std::string_view key);
// The same as JSON, indented by two spaces, ending with a newline.
[[nodiscard]] std::string write_pretty_json(const Value& value);

}  // namespace apigw::render
