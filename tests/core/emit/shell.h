// Runs a judge: the output of a command, both streams, and how it ended.
#pragma once
#include <array>
#include <cstdio>
#include <string>

namespace apigw::emit::testing {

inline std::string shell(const std::string& command, int& status) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> block;
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), pipe)) out.append(block.data(), n);
  status = ::pclose(pipe);
  return out;
}

}  // namespace apigw::emit::testing
