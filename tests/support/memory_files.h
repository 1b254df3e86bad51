// A file system in memory for commands under test: absolute and relative paths meet in one map.
#pragma once
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/text.h"
#include "env.h"

namespace apigw::testing {

class MemoryFiles : public cli::Files {
 public:
  std::map<std::string, std::string> content;  // by absolute path
  std::map<std::string, unsigned> modes;
  std::set<std::string> denied;  // below these directories nothing can be written
  std::set<std::string> sealed;  // absolute paths of files that cannot be written
  std::set<std::string> links;   // absolute paths that are symbolic links
  std::string here = "/project";
  std::string piped;  // what stdin holds

  MemoryFiles() = default;
  MemoryFiles(std::initializer_list<std::pair<const std::string, std::string>> files) {
    for (const auto& [path, text] : files) content[absolute(path)] = text;
  }

  Result<std::string> read(const std::string& path, std::size_t limit) const override {
    const auto found = content.find(absolute(path));
    if (directory(path)) return fail(ErrorKind::invalid, "read '" + path + "': it is a directory");
    if (found == content.end()) return fail(ErrorKind::not_found, "read '" + path + "': no such file or directory");
    if (found->second.size() > limit) return fail(ErrorKind::too_large, "read '" + path + "': too large");
    return found->second;
  }
  Result<std::string> read_named(const std::string& path, std::size_t limit) const override {
    return read(path, limit);
  }
  Result<std::string> read_stdin(std::size_t limit) const override {
    if (piped.size() > limit)
      return fail(ErrorKind::too_large, "read stdin: larger than " + std::to_string(limit) + " bytes");
    return piped;
  }
  std::vector<std::string> glob(const std::string& pattern) const override {
    // As glob(3): folders match too, and a name that begins with a dot only where the pattern says so.
    const std::string whole = absolute(pattern);
    const bool hidden = whole[whole.rfind('/') + 1] == '.';
    std::set<std::string> found;
    for (const auto& [path, text] : content)
      for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (text::glob(whole, part) && std::ranges::count(part, '/') == std::ranges::count(whole, '/') &&
            (part[part.rfind('/') + 1] == '.') == hidden)
          found.insert(part);
        if (end == std::string::npos) break;
      }
    std::vector<std::string> paths;
    for (const std::string& path : found)
      paths.push_back(pattern.starts_with('/') ? path
                      : pattern.starts_with("../")
                          ? pattern.substr(0, pattern.rfind('/')) + path.substr(path.rfind('/'))
                          : path.substr(here.size() + 1));
    return paths;
  }
  bool exists(const std::string& path) const override { return content.contains(absolute(path)) || directory(path); }
  unsigned mode(const std::string& path) const override {
    const auto found = modes.find(absolute(path));
    return found == modes.end() ? 0 : found->second;
  }
  Result<void> write(const std::string& path, std::string_view text, unsigned mode) override {
    if (auto may = may_write(path); !may) return may;
    const std::string whole = absolute(path);
    if (directory(path)) return fail(ErrorKind::invalid, "write '" + path + "': it is a directory");
    content[whole] = text;
    modes[whole] = mode;
    return {};
  }
  Result<void> may_write(const std::string& path) const override {
    const std::string whole = absolute(path);
    const bool closed = sealed.contains(whole) || std::ranges::any_of(denied, [&](const std::string& folder) {
                          return whole.starts_with(folder + "/");
                        });
    if (closed) return fail(ErrorKind::denied, "write '" + path + "': permission denied");
    return {};
  }
  bool stream(const std::string& /*path*/) const override { return false; }
  bool directory(const std::string& path) const override {
    const std::string whole = absolute(path);
    if (whole == "/" || whole == here || directories_.contains(whole)) return true;
    const auto next = content.lower_bound(whole + "/");
    return next != content.end() && next->first.starts_with(whole + "/");
  }
  bool link(const std::string& path) const override { return links.contains(absolute(path)); }
  Result<void> enter(const std::string& path) override {
    if (!directory(path)) return fail(ErrorKind::not_found, "enter '" + path + "': no such file or directory");
    here = absolute(path);
    return {};
  }
  std::string absolute(const std::string& path) const override {
    const std::filesystem::path joined{path.starts_with('/') ? path : here + "/" + path};
    std::string whole = joined.lexically_normal().string();
    while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
    return whole;
  }
  Result<void> remove(const std::string& path) override {
    content.erase(absolute(path));
    return {};
  }
  Result<std::shared_ptr<void>> lock(const std::string& /*path*/, std::chrono::milliseconds /*wait*/) override {
    return std::make_shared<int>();
  }
  Result<void> private_directory(const std::string& path) override {
    directories_.insert(absolute(path));
    return {};
  }

 private:
  std::set<std::string> directories_;
};

}  // namespace apigw::testing
