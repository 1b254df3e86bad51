// Where the plain run of a JSON string ends: at the first quote, backslash, control or non-ASCII byte.
//
// Most bytes of a document stand in such runs. They are passed eight at a time, and where the processor has SSE2
// sixteen and in a long run sixty-four. All ways stop at the same byte, and none reads outside of [p, end).
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace apigw::json {

[[nodiscard]] inline bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// Nonzero where a byte of `word` ends the run. The lowest mark is exact, marks above it may be false.
[[nodiscard]] inline std::uint64_t marks_of_8(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const auto zero = [](std::uint64_t x) { return (x - ones) & ~x; };
  const std::uint64_t quote = zero(word ^ (ones * '"'));
  const std::uint64_t backslash = zero(word ^ (ones * '\\'));
  const std::uint64_t control = (word - ones * 0x20) & ~word;
  return (quote | backslash | control | word) & (ones * 0x80);
}

#ifdef __SSE2__
[[nodiscard]] inline __m128i marks_of_16(const char* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i below_space = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));  // signed: non-ASCII bytes are below too
  return _mm_or_si128(_mm_or_si128(quote, backslash), below_space);
}

[[nodiscard]] inline bool plain_64(const char* p) {
  const __m128i first = _mm_or_si128(marks_of_16(p), marks_of_16(p + 16));
  const __m128i second = _mm_or_si128(marks_of_16(p + 32), marks_of_16(p + 48));
  return _mm_movemask_epi8(_mm_or_si128(first, second)) == 0;
}

// A place in the run with fewer than sixteen plain bytes behind it, or its end.
[[nodiscard]] inline const char* pass_blocks(const char* p, const char* end) {
  while (end - p >= 64 && plain_64(p)) p += 64;
  while (end - p >= 16) {
    const auto marks = static_cast<unsigned>(_mm_movemask_epi8(marks_of_16(p)));
    if (marks != 0) return p + std::countr_zero(marks);
    p += 16;
  }
  return p;
}
#endif

// The end of the run, or a place before it with fewer than eight bytes behind it.
[[nodiscard]] inline const char* pass_words(const char* p, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    for (int words = 1; end - p >= 8; ++words) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, 8);
      if (const std::uint64_t marks = marks_of_8(word); marks != 0) return p + std::countr_zero(marks) / 8;
      p += 8;
#ifdef __SSE2__
      if (words == 3) p = pass_blocks(p, end);  // shorter runs, as between escapes, are dearer by blocks
#endif
    }
  }
  return p;
}

[[nodiscard]] inline const char* plain_end(const char* p, const char* end) {
  p = pass_words(p, end);
  while (p < end && is_plain(*p)) ++p;
  return p;
}

}  // namespace apigw::json
