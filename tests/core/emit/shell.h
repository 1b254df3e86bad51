// Runs a judge: the output of a command, both streams, and how it ended. And says how many Plans it gets.
#pragma once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace apigw::emit::testing {

inline std::string shell(const std::string& command, int& status) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> block;
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), pipe)) out.append(block.data(), n);
  status = ::pclose(pipe);
  return out;
}

// 1,000 with APIGW_LONG=1, else `few`, where a judge is too slow for more in the everyday suite; printed.
inline unsigned plans(std::string_view what, unsigned few) {
  const char* all = std::getenv("APIGW_LONG");
  const unsigned n = all != nullptr && std::string_view(all) == "1" ? 1000 : few;
  std::printf("%u random plans for %.*s\n", n, static_cast<int>(what.size()), what.data());
  std::fflush(stdout);
  return n;
}

}  // namespace apigw::emit::testing
