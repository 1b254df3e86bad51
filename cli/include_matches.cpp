#include "include_matches.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace apigw::cli {
namespace {

std::vector<std::string> matches(const config::Files& files, const std::vector<std::string>& globs) {
  std::vector<std::string> found;
  for (const std::string& glob : globs)
    for (std::string& path : files.glob(glob)) found.push_back(std::move(path));
  std::ranges::sort(found);
  return found;
}

}  // namespace

bool IncludeMatches::renew(const config::Files& files, std::vector<std::string> globs,
                           const std::vector<std::string>& read) {
  globs_ = std::move(globs);
  const auto before = std::exchange(known_, matches(files, globs_));
  const auto was_read = [&](const std::string& path) { return std::ranges::find(read, path) != read.end(); };
  return known_ != before && !std::ranges::all_of(known_, was_read);
}

std::optional<std::string> IncludeMatches::changed(const config::Files& files) const {
  const std::vector<std::string> now = matches(files, globs_);
  std::vector<std::string> differ;
  std::ranges::set_symmetric_difference(now, known_, std::back_inserter(differ));
  return differ.empty() ? std::nullopt : std::optional(std::move(differ.front()));
}

}  // namespace apigw::cli
