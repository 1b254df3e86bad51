// Names of tools in the charset of a target: what it does not allow is replaced, and the way back is remembered.
//
// Both dialects allow ASCII letters, digits, _ and -; they differ in length. Different names stay different, the same
// name is always sent the same, and a name that is allowed is sent as it is.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dialects/dialect.h"

namespace apigw::dialects {

class ToolNames {
 public:
  // `way_back` outlives this and gets a row a renamed tool.
  ToolNames(std::size_t most_bytes, WayBack& way_back) : most_bytes_(most_bytes), way_back_(way_back) {}
  // Names that are allowed are told first, so that no renamed one takes theirs.
  void reserve(std::string_view original);
  [[nodiscard]] std::string sent(std::string_view original);

 private:
  [[nodiscard]] bool allowed(std::string_view name) const;

  std::size_t most_bytes_;
  WayBack& way_back_;
  std::map<std::string, std::string, std::less<>> renamed_;  // original → sent
  std::set<std::string, std::less<>> taken_;                 // among what is sent
  std::size_t number_ = 0;                                   // the last one that was tried behind a name
};

// The name that the client knows. A name that was never sent comes back as it is.
[[nodiscard]] std::string original_name(const WayBack& way_back, std::string_view sent);

}  // namespace apigw::dialects
