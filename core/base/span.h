// A place in a source text: byte offsets, half open. Lines and columns exist only where a diagnostic is rendered.
#pragma once
#include <cstdint>

namespace apigw {

// Index of a text in diag::Sources.
enum class SourceId : std::uint32_t { none = 0xffffffff };

struct Span {
  SourceId source = SourceId::none;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] constexpr bool known() const { return source != SourceId::none; }
  friend constexpr bool operator==(Span, Span) = default;
};

}  // namespace apigw
