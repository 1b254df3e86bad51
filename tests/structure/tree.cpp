#include "structure/tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace apigw::test {
namespace {

namespace fs = std::filesystem;

bool leave_out(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == ".git" || name == "build" || name == ".cache" || name == "node_modules" || name == "__pycache__";
}

bool ends_in_one_of(std::string_view path, const std::vector<std::string_view>& endings) {
  return endings.empty() || std::ranges::any_of(endings, [&](std::string_view end) { return path.ends_with(end); });
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::vector<SourceFile> source_files(std::string_view under, const std::vector<std::string_view>& endings) {
  const fs::path root = APIGW_SOURCE_DIR;
  std::vector<SourceFile> found;
  if (!fs::exists(root / under)) {
    return found;
  }
  for (auto at = fs::recursive_directory_iterator(root / under); at != fs::recursive_directory_iterator(); ++at) {
    if (leave_out(at->path())) {
      at.disable_recursion_pending();
      continue;
    }
    std::string path = fs::relative(at->path(), root).string();
    if (!at->is_regular_file() || !ends_in_one_of(path, endings)) {
      continue;
    }
    std::string text = slurp(at->path());
    if (text.find('\0') == std::string::npos) {
      found.push_back({std::move(path), std::move(text)});
    }
  }
  std::ranges::sort(found, {}, &SourceFile::path);
  return found;
}

std::string read_text(const std::string& path) {
  return slurp(fs::path(APIGW_SOURCE_DIR) / path);
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    all.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return all;
}

}  // namespace apigw::test
