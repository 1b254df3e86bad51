// Small readings of a person's text that skills and made-up values share. English, ASCII case ignored.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::mock {

// Lower-case words: runs of letters, digits and bytes beyond ASCII.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);
// Those of `text` with a blank around each.
[[nodiscard]] std::string spaced_words(std::string_view text);
// Whether `phrase` (lower case, words with single blanks) stands as whole words in what spaced_words() gave.
[[nodiscard]] bool stands_in(std::string_view spaced, std::string_view phrase);
// Whether it stands in `text`.
[[nodiscard]] bool says(std::string_view text, std::string_view phrase);
// "positive", "negative" or "neutral".
[[nodiscard]] std::string_view sentiment_of(std::string_view text);
// The first `count` sentences.
[[nodiscard]] std::string sentences_of(std::string_view text, std::size_t count);
// What an instruction speaks of: the part in quotes, behind a colon, or all of it.
[[nodiscard]] std::string subject_of(std::string_view text);
// The first whole number, in digits or as a word up to twelve.
[[nodiscard]] std::optional<long long> number_in(std::string_view text);
// A capitalised word that does not begin the text: a name of somebody or some place.
[[nodiscard]] std::optional<std::string> name_in(std::string_view text);

}  // namespace apigw::mock
