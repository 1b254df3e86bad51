// `apigw serve` on a config of the test's own, and the load tools as processes: the stage of the process tests.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"
#include "support/sanitized.h"

namespace support {

inline constexpr std::string_view test_key = "test-key-not-a-secret-0123456789";

// Long tests run at full size only with APIGW_LONG=1.
[[nodiscard]] bool long_tests();

// tests/support/upstream_main.cpp in a process of its own.
class LoadUpstream {
 public:
  LoadUpstream();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint64_t stat(std::string_view name) const;  // a number of /stats, asked directly
  Process& process() { return process_; }

 private:
  Process process_;
  std::uint16_t port_ = 0;
};

// Runs test_load with these arguments to its end; its JSON line.
[[nodiscard]] std::string run_load(std::vector<std::string> arguments, std::chrono::seconds limit);

// apigw serve in a directory of its own. `{port}` in the config becomes a free port, `{up}` the given upstream's URL;
// GATEWAY_KEY (test_key) and UPSTREAM_KEY are in its environment. Returns once the port accepts.
class Serving {
 public:
  Serving(std::string config, const std::string& upstream_url);
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }
  [[nodiscard]] std::string filled(std::string config) const;  // the same places filled in
  // Writes another config and sends SIGHUP; does not wait.
  void reload(std::string config);
  Process& process() { return *process_; }
  // Kilobytes: resident now, and the most since the last call of forget_peak().
  [[nodiscard]] std::uint64_t resident() const;
  [[nodiscard]] std::uint64_t peak() const;
  void forget_peak() const;

 private:
  [[nodiscard]] std::uint64_t status_line(std::string_view name) const;
  TempDir directory_;
  std::string upstream_url_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace support
