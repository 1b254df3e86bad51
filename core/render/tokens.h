// A template's text as tags and the literal pieces between them, in order; a block's tag that has a line to itself
// takes the line along. Knows how tags begin and end, not what they say.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "render/template.h"

namespace apigw::render {

struct Token {
  enum class Kind : std::uint8_t { literal, tag, comment } kind = Kind::literal;
  std::size_t begin = 0, end = 0;  // in the text; of a literal what is written
  std::string_view inner;          // of a tag: between the braces, without blanks around
};

[[nodiscard]] std::vector<Token> tokens_of(std::string_view text, std::vector<Fault>& faults);

}  // namespace apigw::render
