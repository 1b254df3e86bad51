// What is known of models before one is asked: sizes, prices, and what a request to them may say. Data: models.txt,
// and over it what `apigw models update` was given (table.h).
//
// A figure that is not known is absent and never zero: a missing price is no free model.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "catalogue/providers.h"

namespace apigw::catalogue {

// Millionths of a US dollar for a million tokens, where it is known: 2'500'000 is 2.50 USD. All is public so that
// rows of prices can be constants of templates.
struct Price {
  static constexpr std::uint32_t unknown = UINT32_MAX;
  static constexpr std::uint32_t most = 4'000'000'000;  // 4,000 USD
  std::uint32_t millionths = unknown;

  constexpr Price() = default;
  // At most `most`. Rows say plain figures, so this is no explicit one.
  constexpr Price(std::uint32_t figure) : millionths(figure) {}
  [[nodiscard]] constexpr bool known() const { return millionths != unknown; }
  friend constexpr auto operator<=>(const Price&, const Price&) = default;
};

struct Prices {
  Price input;
  Price cache_read;
  Price cache_write;  // kept for five minutes
  Price output;
  Price cache_write_hour;  // kept for an hour
  Price thoughts;          // not known: they cost what output does
  friend constexpr bool operator==(const Prices&, const Prices&) = default;
};

// Other prices, of a whole call.
struct Tier {
  bool batch = false;       // of calls that are handed in as a batch
  std::uint64_t above = 0;  // of prompts with more tokens than these, cached ones included
  Prices prices;
  friend constexpr bool operator==(const Tier&, const Tier&) = default;
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
  std::span<const Tier> tiers;  // by (batch, above), each pair once
};

// What the mock costs: nothing.
extern const ModelRow free_of_charge;

// A model of a platform that serves those of several makers, as its maker names it.
struct Made {
  std::string_view maker;  // "anthropic"; empty: the name does not tell
  std::string_view model;  // "claude-sonnet-4-5-20250929"
};
// Of Amazon Bedrock: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", or the same behind an ARN's last slash.
[[nodiscard]] Made made_by(std::string_view model);

// Rows by (provider, model), each pair once.
class Models {
 public:
  // The rows that are compiled in.
  [[nodiscard]] static const Models& built_in();

  // `rows` are sorted and outlive this.
  explicit Models(std::span<const ModelRow> rows);

  [[nodiscard]] std::span<const ModelRow> rows() const { return rows_; }
  // A date or "latest" behind the name is passed over ("claude-haiku-4-5-20251001"). A provider that the catalogue
  // does not know may serve any of its models, as its maker says them. Null: not known.
  [[nodiscard]] const ModelRow* find(std::string_view provider, std::string_view model) const;
  // The row itself and no other.
  [[nodiscard]] const ModelRow* exact(std::string_view provider, std::string_view model) const;
  // For a model that no row knows: what is true of the newest ones of its provider, else of most servers.
  [[nodiscard]] Traits traits(std::string_view provider, std::string_view model) const;

 private:
  [[nodiscard]] const ModelRow* served(std::string_view provider, std::string_view model) const;
  std::span<const ModelRow> rows_;
  std::vector<const ModelRow*> by_model_;  // then by provider
};

}  // namespace apigw::catalogue
