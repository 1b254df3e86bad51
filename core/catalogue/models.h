// What is known of models before one is asked: sizes, prices, and what a request to them may say. Data: models.txt.
//
// A figure that is not known is absent and never zero: a missing price is no free model.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "catalogue/providers.h"

namespace apigw::catalogue {

// Millionths of a US dollar for a million tokens: 2'500'000 is 2.50 USD.
using Price = std::optional<std::uint64_t>;

struct Prices {
  Price input;
  Price cache_read;
  Price cache_write;  // kept for five minutes
  Price output;
};

// What a request to a model may say.
struct Traits {
  std::optional<std::uint64_t> max_output;  // most tokens of an answer
  bool thinks_by_effort = false;            // takes a word for how much to think, no budget of tokens
  bool native_schema = true;                // takes a JSON schema for its answer
  bool thinks = true;                       // does at all
  bool always_thinks = false;               // cannot be told not to
  bool two_efforts = false;                 // of the words for how much, takes low and high alone
  bool fixed_sampling = false;              // refuses temperature, top_p and their like
  bool max_tokens_only = false;             // its server knows the limit of an answer by its older name
  bool top_k = false;                       // its server takes one, beside OpenAI's own parameters
  ThoughtsBack thoughts = ThoughtsBack::none;
  bool cache_marks = false;
  bool assumed = false;  // no row knows the model
};

// What a row says of requests, joined by |.
enum RowTraits : std::uint8_t {
  plain = 0,
  effort = 1,    // Traits::thinks_by_effort
  fixed = 2,     // Traits::fixed_sampling
  prompted = 4,  // takes no JSON schema for its answer
  silent = 8,    // not Traits::thinks
  always = 16,   // Traits::always_thinks
  coarse = 32,   // Traits::two_efforts
};

struct ModelRow {
  std::string_view provider;  // as the catalogue of providers names it, where that knows it
  std::string_view model;
  std::optional<std::uint64_t> context;  // tokens, prompt and answer together
  std::optional<std::uint64_t> max_output;
  Prices prices;
  unsigned traits = plain;
};

[[nodiscard]] std::span<const ModelRow> models();
// A date or "latest" behind the name is passed over ("claude-haiku-4-5-20251001"). A provider that the catalogue does
// not know may serve any of its models, as its maker says them. Null: not known.
[[nodiscard]] const ModelRow* find_model(std::string_view provider, std::string_view model);

// For a model that no row knows: what is true of the newest ones of its provider, else of most servers.
[[nodiscard]] Traits traits_of(std::string_view provider, std::string_view model);

}  // namespace apigw::catalogue
