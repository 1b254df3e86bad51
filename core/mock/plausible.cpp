#include "mock/plausible.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "mock/words.h"

namespace apigw::mock {

namespace {

struct Format {
  std::string_view format, value;
};
constexpr auto formats = std::to_array<Format>({{"date", "2026-01-15"},
                                                {"date-time", "2026-01-15T09:30:00Z"},
                                                {"time", "09:30:00Z"},
                                                {"duration", "PT30M"},
                                                {"email", "ada@example.com"},
                                                {"idn-email", "ada@example.com"},
                                                {"hostname", "www.example.com"},
                                                {"ipv4", "192.0.2.7"},
                                                {"ipv6", "2001:db8::7"},
                                                {"uri", "https://example.com/one"},
                                                {"uri-reference", "/one"},
                                                {"uuid", "123e4567-e89b-42d3-a456-426614174000"},
                                                {"json-pointer", "/one"},
                                                {"regex", "^.*$"}});

enum class From : std::uint8_t { fixed, name_in_text, subject, sentences, answer, sentiment };

struct Named {
  std::string_view word;  // the field's name has it as a word
  From from;
  std::string_view value;  // fixed, or where the text has none
};

// In order: the first word that the name holds decides.
constexpr auto named = std::to_array<Named>({
    {"sentiment", From::sentiment, ""},
    {"mood", From::sentiment, ""},
    {"email", From::fixed, "ada@example.com"},
    {"url", From::fixed, "https://example.com/one"},
    {"phone", From::fixed, "+1 202 555 0134"},
    {"city", From::name_in_text, "Paris"},
    {"location", From::name_in_text, "Paris"},
    {"place", From::name_in_text, "Paris"},
    {"country", From::name_in_text, "France"},
    {"zone", From::fixed, "Europe/Paris"},
    {"timezone", From::fixed, "Europe/Paris"},
    {"language", From::fixed, "en"},
    {"lang", From::fixed, "en"},
    {"currency", From::fixed, "EUR"},
    {"unit", From::fixed, "celsius"},
    {"color", From::fixed, "blue"},
    {"date", From::fixed, "2026-01-15"},
    {"time", From::fixed, "09:30"},
    {"first", From::fixed, "Ada"},
    {"last", From::fixed, "Lovelace"},
    {"surname", From::fixed, "Lovelace"},
    {"name", From::name_in_text, "Ada Lovelace"},
    {"person", From::name_in_text, "Ada Lovelace"},
    {"id", From::fixed, "a1"},
    {"query", From::subject, "news"},
    {"question", From::subject, "Why?"},
    {"input", From::subject, "some text"},
    {"prompt", From::subject, "some text"},
    {"expression", From::subject, "1 + 1"},
    {"summary", From::sentences, "In short: nothing to tell."},
    {"title", From::sentences, "A title"},
    {"reason", From::answer, ""},
    {"explanation", From::answer, ""},
    {"answer", From::answer, ""},
    {"response", From::answer, ""},
    {"reply", From::answer, ""},
    {"message", From::answer, ""},
    {"text", From::answer, ""},
    {"translation", From::answer, ""},
    {"output", From::answer, ""},
    {"result", From::answer, ""},
    {"description", From::answer, ""},
});

// "userName", "user_name" and "user-name" as words.
std::vector<std::string> words_of_name(std::string_view name) {
  std::string parted;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') parted += ' ';
    parted += c == '_' || c == '-' ? ' ' : c;
  }
  return words_of(parted);
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string take(const Named& row, const Material& material) {
  switch (row.from) {
    case From::fixed:
      break;
    case From::name_in_text:
      return name_in(material.text).value_or(std::string(row.value));
    case From::subject:
      return material.text.empty() ? std::string(row.value) : subject_of(material.text);
    case From::sentences:
      return material.text.empty() ? std::string(row.value) : sentences_of(subject_of(material.text), 1);
    case From::answer:
      return std::string(material.answer);
    case From::sentiment:
      return std::string(sentiment_of(material.text));
  }
  return std::string(row.value);
}

struct Figure {
  std::string_view word;
  double value;
};
constexpr auto figures = std::to_array<Figure>({{"confidence", 0.9},
                                                {"probability", 0.9},
                                                {"score", 0.9},
                                                {"age", 36},
                                                {"year", 2026},
                                                {"price", 19.99},
                                                {"amount", 19.99},
                                                {"temperature", 21},
                                                {"latitude", 48.85},
                                                {"longitude", 2.35},
                                                {"percent", 50},
                                                {"rating", 4}});

}  // namespace

std::string plausible_text(std::string_view name, std::string_view format, const Material& material, unsigned nth) {
  const auto* const formatted = std::ranges::find(formats, format, &Format::format);
  if (formatted != formats.end()) return std::string(formatted->value);
  const auto words = words_of_name(name);
  const auto* const row =
      std::ranges::find_if(named, [&](const Named& candidate) { return has(words, candidate.word); });
  std::string value = row != named.end() ? take(*row, material)
                                         : fmt::format("sample {}", name.empty() ? "text" : text::join(words, " "));
  return nth == 0 ? value : fmt::format("{} {}", value, nth + 1);
}

double plausible_number(std::string_view name, bool whole, const Material& material, unsigned nth) {
  const auto words = words_of_name(name);
  if (const auto told = number_in(material.text); told && nth == 0) return static_cast<double>(*told);
  const auto* const row =
      std::ranges::find_if(figures, [&](const Figure& candidate) { return has(words, candidate.word); });
  const double value = row != figures.end() ? row->value : 1;
  return (whole ? static_cast<double>(static_cast<long long>(value + 0.5)) : value) + nth;
}

}  // namespace apigw::mock
