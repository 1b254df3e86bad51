// Names of tools in the charset of a target: what it does not allow is replaced, and the way back is remembered.
//
// All dialects allow ASCII letters, digits and _, and most of them -; they differ in length, in what else they allow
// and in how a name begins. Different names stay different, the same name is always sent the same, and a name that is
// allowed is sent as it is.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dialects/dialect.h"

namespace apigw::dialects {

struct NameRules {
  std::size_t most_bytes = 64;
  std::string_view more = {};  // characters beside the usual ones
  bool dashes = true;          // - is one of them
  bool word_first = false;     // begins with a letter or _
};

class ToolNames {
 public:
  // `way_back` outlives this and gets a row a renamed tool.
  ToolNames(const NameRules& rules, WayBack& way_back) : rules_(rules), way_back_(way_back) {}
  ToolNames(std::size_t most_bytes, WayBack& way_back) : ToolNames(NameRules{.most_bytes = most_bytes}, way_back) {}
  // Names that are allowed are told first, so that no renamed one takes theirs.
  void reserve(std::string_view original);
  [[nodiscard]] std::string sent(std::string_view original);

 private:
  [[nodiscard]] bool plain(char c) const;
  [[nodiscard]] bool begins_well(std::string_view name) const;
  [[nodiscard]] bool allowed(std::string_view name) const;

  NameRules rules_;
  WayBack& way_back_;
  std::map<std::string, std::string, std::less<>> renamed_;  // original → sent
  std::set<std::string, std::less<>> taken_;                 // among what is sent
  std::size_t number_ = 0;                                   // the last one that was tried behind a name
};

// The name that the client knows. A name that was never sent comes back as it is.
[[nodiscard]] std::string original_name(const WayBack& way_back, std::string_view sent);

}  // namespace apigw::dialects
