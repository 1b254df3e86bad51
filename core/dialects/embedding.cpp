#include "dialects/embedding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "dialects/dialect.h"
#include "dialects/media.h"

namespace apigw::dialects {

namespace {

constexpr std::string_view between = ", \t\r\n";

// JSON writes any number; beyond a float's range that is an infinite one, which no vector has, or zero.
std::optional<float> float_of(std::string_view digits) {
  float value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc()) return value;
  double wide = 0;
  const bool fits = std::from_chars(digits.data(), digits.data() + digits.size(), wide).ec == std::errc();
  const bool small = fits ? std::abs(wide) < 1 : digits.contains("e-") || digits.contains("E-");
  if (!small) return std::nullopt;
  return fits ? static_cast<float>(wide) : 0.0F;
}

std::optional<std::string> packed(std::string_view numbers) {
  std::string bytes;
  const std::string_view inside = numbers.substr(1, numbers.size() - 2);
  for (std::size_t at = inside.find_first_not_of(between); at < inside.size();) {
    const std::size_t end = std::min(inside.find_first_of(between, at), inside.size());
    const auto value = float_of(inside.substr(at, end - at));
    if (!value) return std::nullopt;
    const auto bits = std::bit_cast<std::uint32_t>(*value);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xff);
    at = inside.find_first_not_of(between, end);
  }
  return encoded(bytes);
}

std::optional<std::string> unpacked(std::string_view base64) {
  const auto bytes = decoded(base64);
  if (!bytes || bytes->empty() || bytes->size() % 4 != 0) return std::nullopt;
  std::string out = "[";
  std::array<char, 32> digits;
  for (std::size_t at = 0; at < bytes->size(); at += 4) {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<unsigned char>((*bytes)[at + i])} << (8 * i);
    const auto value = std::bit_cast<float>(bits);
    if (!std::isfinite(value)) return std::nullopt;
    if (at != 0) out += ',';
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  }
  return out + "]";
}

}  // namespace

std::string not_text(const chat::EmbeddingInput& input, std::string_view speaker) {
  return fmt::format("{} embeds texts alone, and '{}' is no text", speaker, input.place);
}

bool asks_vectors(std::string_view operation) {
  return operation == "embeddings" || operation == "batch_embeddings" || operation == "prompt_embedding";
}

bool offers(const Dialect& dialect, std::string_view operation) {
  return find_endpoint(dialect, operation) != nullptr || (asks_vectors(operation) && dialect.embeddings != nullptr);
}

bool is_numbers(std::string_view value) {
  if (!value.starts_with('[')) return false;
  const std::string_view inside = value.substr(1, value.size() - 2);
  return inside.find_first_not_of("0123456789+-.eE, \t\r\n") == std::string_view::npos &&
         inside.find_first_of("0123456789") != std::string_view::npos;
}

bool bring(chat::Vector& vector, chat::VectorForm form) {
  if (vector.form == form) return true;
  auto text = form == chat::VectorForm::base64 ? packed(vector.text) : unpacked(vector.text);
  if (!text) return false;
  vector = {form, std::move(*text)};
  return true;
}

std::optional<chat::Vector> read_vector(std::string_view text, json::Slice slice) {
  if (slice.type == json::Type::array && is_numbers(json::at(text, slice)))
    return chat::Vector{chat::VectorForm::floats, std::string(json::at(text, slice))};
  if (slice.type != json::Type::string) return std::nullopt;
  auto written = base64(json::string_at(text, slice).value_or(std::string()));
  if (!written || written->empty()) return std::nullopt;
  return chat::Vector{chat::VectorForm::base64, std::move(*written)};
}

std::vector<CutBody> cut(std::string_view body, json::Slice list, std::size_t most) {
  const auto elements = json::elements(body, list);
  std::vector<CutBody> pieces;
  for (std::size_t from = 0; from < elements.size(); from += most) {
    const std::size_t to = std::min(from + most, elements.size());
    std::string piece(body.substr(0, list.begin + 1));
    piece.append(body.substr(elements[from].begin, elements[to - 1].end - elements[from].begin));
    pieces.push_back({std::move(piece.append(body.substr(list.end - 1))), to - from});
  }
  return pieces;
}

}  // namespace apigw::dialects
