// Files on disk, as commands see them.
#pragma once
#include "env.h"

namespace apigw::cli {

class DiskFiles final : public Files {
 public:
  [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::string> read_named(const std::string& path, std::size_t limit) const override;
  [[nodiscard]] Result<std::string> read_stdin(std::size_t limit) const override;
  [[nodiscard]] std::vector<std::string> glob(const std::string& pattern) const override;
  [[nodiscard]] bool exists(const std::string& path) const override;
  [[nodiscard]] unsigned mode(const std::string& path) const override;
  Result<void> write(const std::string& path, std::string_view content, unsigned mode) override;
  [[nodiscard]] Result<void> may_write(const std::string& path) const override;
  [[nodiscard]] bool stream(const std::string& path) const override;
  [[nodiscard]] bool directory(const std::string& path) const override;
  [[nodiscard]] bool link(const std::string& path) const override;
  Result<void> enter(const std::string& path) override;
  [[nodiscard]] std::string absolute(const std::string& path) const override;
  Result<void> remove(const std::string& path) override;
  Result<std::shared_ptr<void>> lock(const std::string& path, std::chrono::milliseconds wait) override;
  Result<void> private_directory(const std::string& path) override;
};

}  // namespace apigw::cli
