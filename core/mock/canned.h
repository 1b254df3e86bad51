// Answers that the mock has by heart: whole conversations, and what it says to each. From a project's own test cases.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::mock {

class Canned {
 public:
  using Turns = std::vector<std::pair<std::string, std::string>>;  // role ("system", "user", "assistant") and text

  // Of two equal conversations the first counts.
  void add(const Turns& turns, std::string answer) { answers_.emplace(turns, std::move(answer)); }
  [[nodiscard]] std::optional<std::string_view> find(const Turns& turns) const {
    const auto found = answers_.find(turns);
    return found == answers_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }
  [[nodiscard]] bool empty() const { return answers_.empty(); }

 private:
  std::map<Turns, std::string> answers_;
};
using CannedPtr = std::shared_ptr<const Canned>;  // null: none

}  // namespace apigw::mock
