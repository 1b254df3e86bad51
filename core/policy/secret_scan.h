// Looks for the config's own secrets in what goes out to clients: the last door against an upstream that echoes a
// key.
//
// A SecretSet holds the values once for all workers; a SecretFilter watches one body. Cutting the same bytes
// differently finds the same: a chunk's end that may be the beginning of a secret is held back until the next chunk
// decides, so no byte of a secret ever leaves. The search skips ahead by the shortest secret (Wu and Manber), because
// most bytes of a body begin nothing. What is spelt in another form (escaped, or a character a frame) passes:
// decision 13 says why. Values under `least` bytes are too common to look for.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.h"

namespace apigw::policy {

class SecretSet {
 public:
  static constexpr std::size_t least = 12;

  explicit SecretSet(std::vector<Secret> values);
  // Keys of providers, consumers and the admin API, and the pepper.
  [[nodiscard]] static SecretSet of(const model::Plan& plan);

  [[nodiscard]] bool in(std::string_view text) const;
  // How many bytes at the end of `text` may begin a secret.
  [[nodiscard]] std::size_t begun(std::string_view text) const;
  [[nodiscard]] bool empty() const { return values_.empty(); }

 private:
  static constexpr std::size_t block = 3, table_size = 4096;
  [[nodiscard]] static std::size_t slot(const char* end_of_block);
  [[nodiscard]] bool at(std::string_view text, std::size_t begin) const;

  std::vector<Secret> values_;
  std::size_t shortest_ = 0, longest_ = 0;
  std::array<std::uint8_t, table_size> skip_{};
  std::array<bool, 256> first_{};  // bytes that begin a secret
};

class SecretFilter {
 public:
  explicit SecretFilter(const SecretSet& secrets) : secrets_(secrets) {}
  struct Fed {
    std::string_view bytes;  // may go out now; valid until the next call
    bool hit = false;        // a secret was found: nothing more may go out
  };
  [[nodiscard]] Fed feed(std::string_view chunk);
  [[nodiscard]] Fed finish();

 private:
  const SecretSet& secrets_;
  std::string held_, joined_;
};

}  // namespace apigw::policy
