#include "policy/key.h"

#include <algorithm>
#include <cassert>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/text.h"

namespace apigw::policy {
namespace {

constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's: no i, l, o, u
constexpr std::size_t id_size = 10, secret_size = 52, check_size = 7;
constexpr std::size_t id_begin = key_prefix.size(), secret_begin = id_begin + id_size + 1;
constexpr std::size_t body_size = secret_begin + secret_size, key_size = body_size + check_size;
constexpr std::size_t id_bytes = 7;

// CRC-32 (IEEE), bit by bit: a key is hashed once a request and checked before that, 70 bytes.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

// The first `count` groups of five bits, zero bits behind the last byte.
void append_digits(std::string& out, std::span<const std::uint8_t> bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    unsigned value = 0;
    for (std::size_t bit = i * 5; bit < i * 5 + 5; ++bit) {
      const unsigned set = bit / 8 < bytes.size() ? (bytes[bit / 8] >> (7 - bit % 8)) & 1U : 0U;
      value = value << 1 | set;
    }
    out += digits[value];
  }
}

std::string checksum(std::string_view body) {
  const std::uint32_t crc = crc32(body);
  const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(crc >> 24), static_cast<std::uint8_t>(crc >> 16),
                                          static_cast<std::uint8_t>(crc >> 8), static_cast<std::uint8_t>(crc)};
  std::string out;
  append_digits(out, bytes, check_size);
  return out;
}

bool only_digits(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return digits.find(c) != std::string_view::npos; });
}

bool minted_form(std::string_view key) {
  return key.size() == key_size && key.starts_with(key_prefix) && key[secret_begin - 1] == '_' &&
         only_digits(key.substr(id_begin, id_size)) && only_digits(key.substr(secret_begin)) &&
         key.substr(body_size) == checksum(key.substr(0, body_size));
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

Digest started(std::span<const std::uint8_t, 64> key, std::uint8_t pad) {
  Digest digest(EVP_MD_CTX_new());
  std::array<std::uint8_t, 64> block{};
  std::ranges::transform(key, block.begin(),
                         [pad](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ pad); });
  const bool ok = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1 &&
                  EVP_DigestUpdate(digest.get(), block.data(), block.size()) == 1;
  assert(ok);
  return ok ? std::move(digest) : nullptr;
}

}  // namespace

Result<Secret> mint_key() {
  std::array<std::uint8_t, key_random_bytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return fail(ErrorKind::internal, "draw random bytes for a key: the system's generator failed");
  }
  return mint_key(random);
}

Secret mint_key(std::span<const std::uint8_t, key_random_bytes> random) {
  std::string key{key_prefix};
  append_digits(key, random.first(id_bytes), id_size);
  key += '_';
  append_digits(key, random.subspan(id_bytes), secret_size);
  key += checksum(key);
  return Secret(std::move(key));
}

bool key_form_ok(std::string_view key) {
  return !key.starts_with(key_prefix) || minted_form(key);
}

std::string_view key_id(std::string_view key) {
  return minted_form(key) ? key.substr(0, id_begin + id_size) : std::string_view{};
}

// RFC 2104: the two padded key blocks are hashed once and copied for each key.
struct KeyHasher::Schedule {
  Digest inner, outer, work;
};

KeyHasher::KeyHasher(const Secret& pepper) : schedule_(std::make_unique<Schedule>()) {
  std::array<std::uint8_t, 64> key{};
  const std::string_view bytes = pepper.expose();
  if (bytes.size() <= key.size()) {
    std::ranges::copy(bytes, key.begin());
  } else {
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), key.data(), &size, EVP_sha256(), nullptr);
  }
  schedule_->inner = started(key, 0x36);
  schedule_->outer = started(key, 0x5c);
  schedule_->work.reset(EVP_MD_CTX_new());
}

KeyHasher::KeyHasher(KeyHasher&&) noexcept = default;
KeyHasher& KeyHasher::operator=(KeyHasher&&) noexcept = default;
KeyHasher::~KeyHasher() = default;

// A failing libcrypto leaves a digest of random bytes, which no key has: it refuses.
KeyDigest KeyHasher::digest(std::string_view key) const {
  KeyDigest out{};
  EVP_MD_CTX* work = schedule_->work.get();
  const bool ok =
      EVP_MD_CTX_copy_ex(work, schedule_->inner.get()) == 1 && EVP_DigestUpdate(work, key.data(), key.size()) == 1 &&
      EVP_DigestFinal_ex(work, out.data(), nullptr) == 1 && EVP_MD_CTX_copy_ex(work, schedule_->outer.get()) == 1 &&
      EVP_DigestUpdate(work, out.data(), out.size()) == 1 && EVP_DigestFinal_ex(work, out.data(), nullptr) == 1;
  if (!ok) RAND_bytes(out.data(), static_cast<int>(out.size()));
  return out;
}

std::string hash_key(const Secret& pepper, std::string_view key) {
  const KeyHasher hasher(pepper);
  return std::string(key_hash_prefix) + text::hex(hasher.digest(key));
}

Result<KeyDigest> parse_key_hash(std::string_view stored) {
  const bool prefixed = stored.starts_with(key_hash_prefix);
  const auto bytes = prefixed ? text::unhex(stored.substr(key_hash_prefix.size())) : std::nullopt;
  KeyDigest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    return fail(ErrorKind::invalid, "a key hash is 'hmac-sha256:' and 64 hex digits");
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

}  // namespace apigw::policy
