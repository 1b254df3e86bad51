#include "mock/embedding.h"

#include <bit>
#include <cmath>

#include "mock/words.h"

namespace apigw::mock {

namespace {

constexpr unsigned places_of_a_word = 8;

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      three = (three << 8) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i <= bytes.size() ? alphabet[(three >> (18 - 6 * i)) & 63] : '=';
    }
  }
  return out;
}

}  // namespace

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3;
  // Neighbouring inputs differ in low bits only until these are mixed down.
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
  return hash ^ (hash >> 32);
}

std::vector<float> embedding_of(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector(dimensions, 0.0F);
  // Every text has a little of the first direction, so that an empty one has a length too.
  vector[0] = 0.1F;
  for (const std::string& word : words_of(text)) {
    for (unsigned place = 0; place < places_of_a_word; ++place) {
      const std::uint64_t hash = stable_hash(word, place);
      vector[hash % dimensions] += (hash >> 63) != 0 ? 1.0F : -1.0F;
    }
  }
  double square = 0;
  for (float x : vector) square += static_cast<double>(x) * x;
  const double length = std::sqrt(square);
  if (length == 0)
    vector[0] = 1.0F;
  else
    for (float& x : vector) x = static_cast<float>(x / length);
  return vector;
}

std::string packed(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (float x : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xff);
  }
  return base64(bytes);
}

}  // namespace apigw::mock
