// The files of one commit, as a folder that configs are read from: nothing is checked out, nothing is changed.
#pragma once
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "command.h"
#include "config/load.h"

namespace apigw::cli {

class GitTree final : public config::Files {
 public:
  // The commit that `ref` names in the repository around this directory; paths count from this directory, as those of
  // the disk do. Complains where there is no git (3), no repository, or no such commit (2).
  [[nodiscard]] static std::expected<std::shared_ptr<const GitTree>, Exit> open(Env& env, const Globals& globals,
                                                                                const std::string& ref);

  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] std::vector<std::string> glob(const std::string& pattern) const override;
  [[nodiscard]] bool exists(const std::string& path) const override;
  [[nodiscard]] unsigned mode(const std::string& path) const override;
  [[nodiscard]] bool directory(const std::string& path) const;

  // A path from the repository's top, as one from this directory.
  [[nodiscard]] std::string from_top(const std::string& path) const;

 private:
  struct Entry {
    std::string hash;
    std::size_t size = 0;
    unsigned mode = 0;
  };
  // From the repository's top, which is empty itself; nothing outside of it.
  [[nodiscard]] std::optional<std::string> within(const std::string& path) const;
  [[nodiscard]] const Entry* find(const std::string& path) const;

  std::string ref_, top_,
      here_;  // as asked; the repository's folder; this directory below it, ending in '/' or empty
  std::chrono::milliseconds time_{};
  std::map<std::string, Entry, std::less<>> entries_;  // by path from the top
};

}  // namespace apigw::cli
