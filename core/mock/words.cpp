#include "mock/words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace apigw::mock {

namespace {

constexpr auto kind_words = std::to_array<std::string_view>(
    {"amazing", "awesome", "beautiful", "best",      "brilliant", "delicious", "delighted", "easy",
     "enjoy",   "enjoyed", "excellent", "fantastic", "fast",      "friendly",  "good",      "glad",
     "great",   "happy",   "helpful",   "impressed", "like",      "love",      "loved",     "lovely",
     "nice",    "perfect", "pleased",   "recommend", "thank",     "thanks",    "wonderful", "works"});

constexpr auto unkind_words = std::to_array<std::string_view>(
    {"angry",    "annoying",     "awful",         "bad",     "boring", "broken",    "bug",  "cannot", "complaint",
     "crash",    "disappointed", "disappointing", "dislike", "error",  "expensive", "fail", "failed", "hate",
     "horrible", "late",         "never",         "poor",    "refund", "rude",      "sad",  "slow",   "terrible",
     "ugly",     "unhappy",      "unusable",      "useless", "waste",  "worst",     "wrong"});

constexpr auto negations =
    std::to_array<std::string_view>({"not", "no", "isn", "wasn", "don", "didn", "doesn", "hardly"});

constexpr auto number_words = std::to_array<std::string_view>(
    {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"});

bool in(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool word_byte(char c) {
  const char l = text::lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && word_byte(text[end])) ++end;
    if (end > at) words.push_back(text::lower(text.substr(at, end - at)));
    at = end + 1;
  }
  return words;
}

std::string spaced_words(std::string_view text) {
  return " " + text::join(words_of(text), " ") + " ";
}

bool stands_in(std::string_view spaced, std::string_view phrase) {
  return spaced.contains(" " + std::string(phrase) + " ");
}

bool says(std::string_view text, std::string_view phrase) {
  return stands_in(spaced_words(text), phrase);
}

std::string_view sentiment_of(std::string_view text) {
  int score = 0;
  std::string before, before_that;
  for (const std::string& word : words_of(text)) {
    const int sign = in(negations, before) || in(negations, before_that) ? -1 : 1;
    score += in(kind_words, word) ? sign : in(unkind_words, word) ? -sign : 0;
    before_that = std::move(before);
    before = word;
  }
  return score > 0 ? "positive" : score < 0 ? "negative" : "neutral";
}

std::string sentences_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; ++at) {
    const bool end = text[at] == '.' || text[at] == '!' || text[at] == '?' || text[at] == '\n';
    const bool followed = at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\n';
    if (end && followed) --count;
  }
  return std::string(text::trim(text.substr(0, at)));
}

std::string subject_of(std::string_view text) {
  const auto open = text.find('"');
  const auto close = open == std::string_view::npos ? open : text.find('"', open + 1);
  if (close != std::string_view::npos && close > open + 1)
    return std::string(text.substr(open + 1, close - open - 1));
  const auto colon = text.find(':');
  const bool useful = colon != std::string_view::npos && !text.substr(colon).starts_with("://");
  const auto behind = useful ? text.find_first_not_of(" \t\r\n", colon + 1) : std::string_view::npos;
  return std::string(behind == std::string_view::npos ? text : text.substr(behind));
}

std::optional<long long> number_in(std::string_view text) {
  for (const std::string& word : words_of(text)) {
    if (const auto digits = text::parse_number(word); digits && *digits < 1'000'000'000'000) {
      return static_cast<long long>(*digits);
    }
    const auto* const found = std::ranges::find(number_words, word);
    if (found != number_words.end()) return found - number_words.begin();
  }
  return std::nullopt;
}

std::optional<std::string> name_in(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    const bool starts =
        upper(text[at]) && text[at - 1] == ' ' && (at < 2 || !std::string_view(".!?:").contains(text[at - 2]));
    if (!starts) continue;
    std::size_t end = at;
    while (end < text.size() && (word_byte(text[end]) || text[end] == '-')) ++end;
    // "New York": a second capitalised word belongs to it. "I" is nobody's name.
    if (end + 1 < text.size() && text[end] == ' ' && upper(text[end + 1])) {
      for (++end; end < text.size() && (word_byte(text[end]) || text[end] == '-');) ++end;
    }
    if (end - at > 1) return std::string(text.substr(at, end - at));
  }
  return std::nullopt;
}

}  // namespace apigw::mock
