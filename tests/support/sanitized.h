// Whether this is a build with a sanitizer.
#pragma once

namespace support {

// Sanitizers cost time and memory: bounds on either do not hold under them, and what is tried a thousand times alike
// is tried fewer times.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace support
