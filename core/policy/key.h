// Consumers' keys: minting, telling a typo from a key, and the keyed hash that stands for a key wherever one is
// stored.
//
// A minted key is `agw_` + 10 characters of id + `_` + 52 of secret (256 random bits) + 7 of checksum, all in the 32
// lower-case characters of `digits`: a scanner can find leaks, and a mistyped key is refused without a look-up. Keys
// that others made (`key: env:NAME`) have no form to check. A key is never stored or logged; its digest and id may
// be.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace apigw::policy {

inline constexpr std::string_view key_prefix = "agw_";
inline constexpr std::string_view key_hash_prefix = "hmac-sha256:";
inline constexpr std::size_t key_random_bytes = 39;  // 56 bits of id (50 used) and 256 of secret

// A new key from the system's generator. Error internal when that fails.
[[nodiscard]] Result<Secret> mint_key();
// The same from given randomness: tests and reproducible fixtures.
[[nodiscard]] Secret mint_key(std::span<const std::uint8_t, key_random_bytes> random);

// False only for a text that begins like a minted key and is none: wrong length, character or checksum.
[[nodiscard]] bool key_form_ok(std::string_view key);
// "agw_8k2mx0q9fz" of a minted key, for logs and lists; "" of any other.
[[nodiscard]] std::string_view key_id(std::string_view key);

using KeyDigest = std::array<std::uint8_t, 32>;

// HMAC-SHA-256 under one pepper, its key schedule computed once. An empty pepper is the empty HMAC key. One object
// belongs to one thread at a time.
class KeyHasher {
 public:
  explicit KeyHasher(const Secret& pepper);
  KeyHasher(KeyHasher&&) noexcept;
  KeyHasher& operator=(KeyHasher&&) noexcept;
  ~KeyHasher();
  [[nodiscard]] KeyDigest digest(std::string_view key) const;

 private:
  struct Schedule;
  std::unique_ptr<Schedule> schedule_;
};

// "hmac-sha256:" and 64 hex digits: what `apigw key hash` prints and `hash:` of a consumer holds.
[[nodiscard]] std::string hash_key(const Secret& pepper, std::string_view key);
// The digest of such a text; invalid for anything else.
[[nodiscard]] Result<KeyDigest> parse_key_hash(std::string_view text);

}  // namespace apigw::policy
