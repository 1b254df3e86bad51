#include "kubernetes/words.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace apigw::kubernetes {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return text::lower(c) >= 'a' && text::lower(c) <= 'z';
}
bool alphanumeric(char c) {
  return digit(c) || letter(c);
}

}  // namespace

bool is_label_value(std::string_view word) {
  if (word.empty()) return true;
  return word.size() <= 63 && alphanumeric(word.front()) && alphanumeric(word.back()) &&
         std::ranges::all_of(word, [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_port_name(std::string_view word) {
  const auto fits = [](char c) { return digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  return !word.empty() && word.size() <= 15 && std::ranges::all_of(word, fits) && std::ranges::any_of(word, letter) &&
         !word.contains("--") && word.front() != '-' && word.back() != '-';
}

std::optional<std::string_view> sensitive_word(std::string_view name) {
  static constexpr std::string_view words[] = {"password", "token", "bearer", "secret"};
  const std::string lower = text::lower(name);
  for (const std::string_view word : words)
    if (lower.contains(word)) return word;
  if (lower == "google_application_credentials") return "credentials";
  if (lower == "oci_cli_key_content" || (lower.starts_with("azure_") && lower.ends_with("key") && lower.size() > 9))
    return "key";
  return std::nullopt;
}

bool may_be_secret(std::string_view value) {
  if (value.empty() || value.front() == '/') return false;
  if (std::ranges::all_of(value, [](char c) { return digit(c) || c == '.'; })) return false;
  return !text::iequals(value, "true") && !text::iequals(value, "false");
}

bool holds_private_key(std::string_view value) {
  const auto begin = value.find("-BEGIN ");
  return begin != std::string_view::npos && value.find("PRIVATE KEY-", begin) != std::string_view::npos;
}

}  // namespace apigw::kubernetes
