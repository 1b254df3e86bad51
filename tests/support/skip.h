// A test that cannot run on this machine says why and counts as skipped, never as passed.
//
// `APIGW_SKIP("needs tinyproxy");` inside a test case prints `SKIP name of the case: needs tinyproxy` and leaves the
// case. tests/run counts those lines and lists them; reasons name what to install or to allow, so that a reader can
// act.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <unistd.h>

namespace apigw::test {

inline void print_skip(std::string_view reason) {
  const auto* test = doctest::getContextOptions()->currentTest;
  std::printf("SKIP %s: %.*s\n", test == nullptr ? "?" : test->m_name, static_cast<int>(reason.size()),
              reason.data());
  std::fflush(stdout);
}

// Whether PATH holds an executable of this name.
inline bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view dir = rest.substr(0, rest.find(':'));
    rest.remove_prefix(dir.size() == rest.size() ? rest.size() : dir.size() + 1);
    if (::access((std::string(dir) + "/" + name).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace apigw::test

// Only in the body of a TEST_CASE: it returns.
#define APIGW_SKIP(reason)             \
  do {                                 \
    ::apigw::test::print_skip(reason); \
    return;                            \
  } while (false)
