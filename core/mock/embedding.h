// Vectors for texts that share words lie near each other: hashed words, deterministic, of length one.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::mock {

[[nodiscard]] std::vector<float> embedding_of(std::string_view text, std::size_t dimensions);
// Little-endian 32-bit floats in base64 with padding, as `encoding_format: base64` asks for.
[[nodiscard]] std::string packed(const std::vector<float>& vector);

// FNV-1a, for what must be the same on every machine and run.
[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace apigw::mock
