// Text in tokens as the mock counts and streams them: words with the blanks before them, long ones in parts,
// characters of scripts without blanks one by one. The tokens in a row are the text, and none cuts a character.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::mock {

[[nodiscard]] std::vector<std::string> tokens(std::string_view text);
[[nodiscard]] std::size_t count_tokens(std::string_view text);

}  // namespace apigw::mock
