// Why a text that yaml-cpp refused is wrong, in the words of the person who wrote it.
//
// A single walk over the lines with just enough of YAML's grammar to know where values start, what is quoted and
// which brackets are open. It runs only on a text that was refused, so what it does not recognise it does not judge.
// Mistakes whose meaning is plain all the same (`${X}` in braces, a value starting with `*`) are repaired for a
// second reading.
#pragma once
#include <string>

#include "diag/diagnostic.h"

namespace apigw::yaml {

struct Lint {
  std::string repaired;    // the text with stand-ins, same length; equal to the text when nothing could be repaired
  bool explained = false;  // reported an error that is not repaired: the reader's own words would repeat it
};

[[nodiscard]] Lint lint(std::string_view text, SourceId source, diag::Report& report);

// The finding for what only the reader noticed, from its words.
void translate(std::string_view words, std::size_t at, std::string_view text, SourceId source, diag::Report& report);

// Whether it is UTF-8, with the first byte that is not.
[[nodiscard]] bool encoded(std::string_view text, SourceId source, diag::Report& report);

// Whether the text may be given to the reader at all: its size (at most `most` bytes), its encoding, its control
// characters.
[[nodiscard]] bool readable(std::string_view text, SourceId source, diag::Report& report, std::size_t most);

}  // namespace apigw::yaml
