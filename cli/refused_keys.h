// What a running gateway says when a provider refuses its key: which key that is, and where it came from.
//
// A line names the variable or the file and the end of the key, never more of it. Said once a minute for a provider,
// because every call would say it again. Safe from any thread.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "config/load.h"
#include "model/plan.h"

namespace apigw::cli {

class RefusedKeys {
 public:
  static constexpr std::chrono::minutes quiet{1};
  using TimePoint = std::chrono::steady_clock::time_point;
  // The keys from now on. A variable that `process` has not came from `dotenv`.
  void know(const model::Plan& plan, const config::Environment& process, std::string_view dotenv);
  // "openai refused OPENAI_API_KEY (…k3Qz, from .env)" and what to do, ending in a line feed; nothing when it was
  // said a moment ago. "… refused a call without a key" of a provider that the config gives none.
  [[nodiscard]] std::optional<std::string> refused(std::string_view provider, TimePoint now);

 private:
  struct Key {
    std::string shown;
    std::string_view help;
    std::optional<TimePoint> said;
  };
  std::mutex mutex_;
  std::map<std::string, Key, std::less<>> keys_;  // by provider
};

// What a person is told of a provider whose access token cannot be had.
[[nodiscard]] std::string token_line(std::string_view provider, std::string_view why);

}  // namespace apigw::cli
