// The one template engine: a text with {{name}} in it, and values for the names.
//
// One pass: what a value brings in is never read again, so a value cannot reach another value. A name without a value
// is an error and not an empty text. `{{{{` writes two braces.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace apigw::render {

using Values = std::map<std::string, std::string, std::less<>>;

// Error invalid names the place (line) of an unknown name or an open brace.
[[nodiscard]] Result<std::string> render(std::string_view text, const Values& values);

}  // namespace apigw::render
