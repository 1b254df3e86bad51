// Feeds every file of the given directories to a fuzz target once, and closes with the line that tests/run counts.
//
// A failing input ends the program, as it would the fuzzer; its name is the last one printed with -v.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t passed = 0;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "-v") {
      verbose = true;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (verbose) {
        std::printf("%s\n", entry.path().c_str());
        std::fflush(stdout);
      }
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++passed;
    }
  }
  std::printf("%zu passed, 0 failed, 0 skipped\n", passed);
  return passed > 0 ? 0 : 1;
}
