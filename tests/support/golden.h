// Compares an output with the file that says what it should be.
//
// golden::check("golden/diag/x.expected", actual) fails with a line diff; APIGW_ACCEPT=1 in the environment rewrites
// the file instead. Paths are below tests/.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace golden {

inline std::filesystem::path path(std::string_view below_tests) {
  return std::filesystem::path(APIGW_SOURCE_DIR) / "tests" / below_tests;
}

inline std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The files of a directory below tests/ that end in `extension`, sorted.
inline std::vector<std::filesystem::path> inputs(std::string_view directory, std::string_view extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(path(directory))) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// The lines between the common head and the common tail, "-" for expected and "+" for actual.
inline std::string diff(const std::string& expected, const std::string& actual) {
  const auto a = lines(expected), b = lines(actual);
  std::size_t head = 0, tail = 0;
  while (head < std::min(a.size(), b.size()) && a[head] == b[head]) ++head;
  while (tail + head < std::min(a.size(), b.size()) && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  std::string out = "@@ line " + std::to_string(head + 1) + "\n";
  if (head > 0) out += "  " + a[head - 1] + "\n";
  for (std::size_t i = head; i < a.size() - tail; ++i) out += "- " + a[i] + "\n";
  for (std::size_t i = head; i < b.size() - tail; ++i) out += "+ " + b[i] + "\n";
  return out;
}

// `file` is below tests/, or absolute.
inline void check(const std::filesystem::path& file, const std::string& actual) {
  const auto expected_file = path("") / file;
  if (std::getenv("APIGW_ACCEPT") != nullptr) {
    std::filesystem::create_directories(expected_file.parent_path());
    std::ofstream(expected_file, std::ios::binary) << actual;
    return;
  }
  INFO(expected_file.string(), " differs; APIGW_ACCEPT=1 rewrites it");
  REQUIRE(std::filesystem::exists(expected_file));
  const std::string expected = read(expected_file);
  if (expected != actual) FAIL_CHECK(diff(expected, actual));
}

}  // namespace golden
