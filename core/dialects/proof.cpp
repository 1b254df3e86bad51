#include "dialects/proof.h"

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::dialects {

namespace {

// What begins another dialect's: mark, its word, form, proof.
constexpr std::string_view mark = "apigw:";
constexpr std::string_view signature_form = "signature", sealed_form = "sealed";

}  // namespace

bool carries_proof(const chat::Reasoning& thought) {
  return !thought.signature.empty() || !thought.sealed.empty();
}

void read_proof(std::string carried, std::string_view own, chat::Reasoning& thought) {
  thought.origin = own;
  if (carried.starts_with(mark)) {
    const auto parts = text::split(std::string_view(carried).substr(mark.size()), ':');
    if (parts.size() >= 3 && (parts[1] == signature_form || parts[1] == sealed_form)) {
      const std::size_t begin = mark.size() + parts[0].size() + parts[1].size() + 2;
      thought.origin = parts[0];
      (parts[1] == sealed_form ? thought.sealed : thought.signature) = carried.substr(begin);
      return;
    }
  }
  thought.signature = std::move(carried);
}

std::string written_proof(const chat::Reasoning& thought, std::string_view own) {
  if (thought.origin == own) return thought.sealed.empty() ? thought.signature : thought.sealed;
  if (!thought.sealed.empty()) return fmt::format("{}{}:{}:{}", mark, thought.origin, sealed_form, thought.sealed);
  if (thought.signature.empty()) return {};
  return fmt::format("{}{}:{}:{}", mark, thought.origin, signature_form, thought.signature);
}

}  // namespace apigw::dialects
