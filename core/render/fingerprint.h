// What a lock file remembers of a file's content.
#pragma once
#include <string>
#include <string_view>

namespace apigw::render {

// SHA-256 as 64 hex digits.
[[nodiscard]] std::string fingerprint(std::string_view content);

}  // namespace apigw::render
