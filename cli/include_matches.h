// What the patterns of `include:` match, so that a file that joins them is a change.
//
// A file can come while the others are being read: the patterns are therefore matched anew after every reading, and a
// match that the reading did not have asks for another one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace apigw::cli {

class IncludeMatches {
 public:
  // After a reading that took `globs` from the config and read the files `read`. True when it is out of date already.
  // A match that cannot be read asks once.
  [[nodiscard]] bool renew(const config::Files& files, std::vector<std::string> globs,
                           const std::vector<std::string>& read);
  // A match that came or went since.
  [[nodiscard]] std::optional<std::string> changed(const config::Files& files) const;

 private:
  std::vector<std::string> globs_, known_;
};

}  // namespace apigw::cli
