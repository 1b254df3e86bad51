// The checkout as text: which files it tracks and what stands in them.
//
// Every structure test reads the tree through here, so that build directories and untracked leftovers never count.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace apigw::test {

struct SourceFile {
  std::string path;  // from the root of the checkout, "core/base/text.h"
  std::string text;
};

// Files below `under` ("" for all) whose name ends in one of `endings` (empty for all), sorted by path; build trees,
// dot folders of tools and binary files are left out.
[[nodiscard]] std::vector<SourceFile> source_files(std::string_view under,
                                                   const std::vector<std::string_view>& endings = {});

[[nodiscard]] std::string read_text(const std::string& path);  // from the root; "" when it is not there

[[nodiscard]] std::vector<std::string_view> lines(std::string_view text);

}  // namespace apigw::test
