#include "repository.h"

#include <filesystem>

namespace apigw::cli {

std::string repository_above(const Files& files, const std::string& folder) {
  const std::filesystem::path here = files.absolute(folder);
  for (std::filesystem::path at = here;; at = at.parent_path()) {
    if (files.exists((at / ".git").string())) return at == here ? std::string{} : at.string();
    if (!at.has_relative_path()) return {};
  }
}

}  // namespace apigw::cli
