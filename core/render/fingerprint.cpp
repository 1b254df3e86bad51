#include "render/fingerprint.h"

#include <array>
#include <cstdint>

#include <openssl/sha.h>

#include "base/text.h"

namespace apigw::render {

std::string fingerprint(std::string_view content) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  return text::hex(digest);
}

}  // namespace apigw::render
