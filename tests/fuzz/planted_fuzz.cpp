// A law that breaks for one input in four thousand million: its test passes when the fuzzer finds that input, so that
// a quiet run of the other targets means something.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/law.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  LAW(!input.starts_with("{\"a:"));
  return 0;
}
