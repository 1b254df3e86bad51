// Each case has its arithmetic written out: tokens × USD for a million tokens. Prices stand here and not in
// models.txt, so that a new price list changes no case.
#include "catalogue/cost.h"

#include <array>
#include <random>

#include <doctest/doctest.h>

namespace catalogue = apigw::catalogue;
namespace chat = apigw::chat;

using catalogue::Billing;
using catalogue::Prices;
using catalogue::Tier;

namespace {

// 3 USD in, 0.30 read from the cache, 3.75 or 6 written to it, 15 out; twice that and 22.50 out above 200,000.
constexpr std::array<Tier, 3> sonnet_tiers{
    Tier{false, 200'000, {6'000'000, 600'000, 7'500'000, 22'500'000, 12'000'000}},
    Tier{true, 0, {1'500'000, 150'000, 1'875'000, 7'500'000}},
    Tier{true, 200'000, {3'000'000, 300'000, 3'750'000, 11'250'000}}};
constexpr catalogue::ModelRow sonnet{.provider = "anthropic",
                                     .model = "sonnet",
                                     .prices = {3'000'000, 300'000, 3'750'000, 15'000'000, 6'000'000},
                                     .tiers = sonnet_tiers};
// 0.05 in, 0.005 from the cache, 0.40 out; nothing known of writes.
constexpr catalogue::ModelRow nano{.provider = "openai", .model = "nano", .prices = {50'000, 5'000, {}, 400'000}};
// 2 in, 8 out, 3 for thoughts.
constexpr catalogue::ModelRow research{
    .provider = "perplexity", .model = "research", .prices = {2'000'000, {}, {}, 8'000'000, {}, 3'000'000}};
// 0.1875 in, 0.234375 written, 1.125 out: a token is no whole nanodollar.
constexpr catalogue::ModelRow odd{.provider = "alibaba", .model = "odd", .prices = {187'500, {}, 234'375, 1'125'000}};
// 0.02 in, nothing comes out.
constexpr catalogue::ModelRow embedding{.provider = "openai", .model = "embedding", .prices = {20'000, {}, {}, {}}};
// Two steps: 2.50/15, above 32,000 tokens 4/20, above 128,000 tokens 8/40.
constexpr std::array<Tier, 2> step_tiers{Tier{false, 32'000, {4'000'000, {}, {}, 20'000'000}},
                                         Tier{false, 128'000, {8'000'000, {}, {}, 40'000'000}}};
constexpr catalogue::ModelRow steps{
    .provider = "alibaba", .model = "steps", .prices = {2'500'000, {}, {}, 15'000'000}, .tiers = step_tiers};
constexpr catalogue::ModelRow dearest{
    .provider = "x",
    .model = "dearest",
    .prices = {catalogue::Price::most, catalogue::Price::most, catalogue::Price::most, catalogue::Price::most,
               catalogue::Price::most, catalogue::Price::most}};
constexpr catalogue::ModelRow cheapest{.provider = "x", .model = "cheapest", .prices = {1, 1, 1, 1, 1}};
constexpr catalogue::ModelRow unpriced{.provider = "x", .model = "unpriced"};

struct Tokens {
  std::uint64_t input = 0, cache_read = 0, cache_write = 0, hour_writes = 0, output = 0, reasoning = 0;
};

chat::Usage usage_of(const Tokens& tokens) {
  return {.input = tokens.input,
          .cache_read = tokens.cache_read,
          .cache_write = tokens.cache_write,
          .output = tokens.output,
          .reasoning = tokens.reasoning,
          .known = true,
          .hour_writes = tokens.hour_writes};
}

struct Case {
  const char* what;
  const catalogue::ModelRow* row;
  Tokens tokens;
  std::optional<std::uint64_t> nanodollars;
  Billing billing = Billing::at_once;
};

constexpr std::optional<std::uint64_t> unknown;
constexpr auto batch = Billing::batch;

}  // namespace

TEST_CASE("what a call costs") {
  const Case cases[] = {
      // 1,000 × 3 USD/M = 0.003
      {"input", &sonnet, {.input = 1'000}, 3'000'000},
      // 1,000 × 15 USD/M = 0.015
      {"output", &sonnet, {.output = 1'000}, 15'000'000},
      // 1,000 × 0.30 USD/M = 0.0003
      {"read from the cache", &sonnet, {.cache_read = 1'000}, 300'000},
      // 1,000 × 3.75 USD/M = 0.00375
      {"written to the cache", &sonnet, {.cache_write = 1'000}, 3'750'000},
      // 1,000 × 6 USD/M = 0.006
      {"written for an hour", &sonnet, {.cache_write = 1'000, .hour_writes = 1'000}, 6'000'000},
      // 600 × 3.75 + 400 × 6 USD/M = 0.00225 + 0.0024 = 0.00465
      {"written for either time", &sonnet, {.cache_write = 1'000, .hour_writes = 400}, 4'650'000},
      // No more than was written: 100 × 6 USD/M = 0.0006
      {"more for an hour than was written", &sonnet, {.cache_write = 100, .hour_writes = 900}, 600'000},
      // Thoughts have no price of their own: 1,000 × 15 USD/M = 0.015
      {"thoughts as output", &sonnet, {.reasoning = 1'000}, 15'000'000},
      // 1,000 × 3 USD/M = 0.003
      {"thoughts at their own price", &research, {.reasoning = 1'000}, 3'000'000},
      // 500 × 2 + 200 × 8 + 10,000 × 3 USD/M = 0.001 + 0.0016 + 0.03 = 0.0326
      {"thoughts beside output", &research, {.input = 500, .output = 200, .reasoning = 10'000}, 32'600'000},
      // 1,200 × 3 + 300 × 15 USD/M = 0.0036 + 0.0045 = 0.0081
      {"a question and its answer", &sonnet, {.input = 1'200, .output = 300}, 8'100'000},
      // 100 × 3 + 9,000 × 0.30 + 2,000 × 3.75 + 500 × 15 USD/M = 0.0003 + 0.0027 + 0.0075 + 0.0075 = 0.018
      {"a long talk", &sonnet, {.input = 100, .cache_read = 9'000, .cache_write = 2'000, .output = 500}, 18'000'000},
      // 100 × 3 + 9,000 × 0.3 + 1,500 × 3.75 + 500 × 6 + 400 × 15 + 100 × 15 USD/M
      // = 0.0003 + 0.0027 + 0.005625 + 0.003 + 0.006 + 0.0015 = 0.019125
      {"all six counters",
       &sonnet,
       {.input = 100, .cache_read = 9'000, .cache_write = 2'000, .hour_writes = 500, .output = 400, .reasoning = 100},
       19'125'000},
      // 1,000,000 × 0.05 USD/M = 0.05
      {"a million cheap ones", &nano, {.input = 1'000'000}, 50'000'000},
      // 1 × 0.05 USD/M = 0.00000005
      {"one token", &nano, {.input = 1}, 50},
      // 1 × 0.005 USD/M = 0.000000005
      {"one cached token", &nano, {.cache_read = 1}, 5},
      // 13 × 0.05 + 7 × 0.40 USD/M = 0.00000065 + 0.0000028 = 0.00000345
      {"a short answer", &nano, {.input = 13, .output = 7}, 3'450},
      // 2,048 × 0.05 + 1,024 × 0.005 + 512 × 0.40 USD/M = 0.0001024 + 0.00000512 + 0.0002048 = 0.00031232
      {"half from the cache", &nano, {.input = 2'048, .cache_read = 1'024, .output = 512}, 312'320},
      // 8,192 × 0.02 USD/M = 0.00016384
      {"an embedding needs no price of output", &embedding, {.input = 8'192}, 163'840},
      {"nothing was used", &sonnet, {}, 0},

      // Rounded up, once and at the end.
      // 1 × 0.1875 USD/M = 0.0000001875 = 187.5 nanodollars
      {"half a nanodollar", &odd, {.input = 1}, 188},
      // 2 × 0.1875 USD/M = 375 nanodollars
      {"two halves are one", &odd, {.input = 2}, 375},
      // 1 × 0.234375 USD/M = 234.375 nanodollars
      {"three eighths", &odd, {.cache_write = 1}, 235},
      // 187.5 + 234.375 + 1,125 = 1,546.875 nanodollars, and not 188 + 235 + 1,125 = 1,548
      {"the sum is rounded, not its parts", &odd, {.input = 1, .cache_write = 1, .output = 1}, 1'547},
      // 1 × 0.000001 USD/M = 0.001 nanodollars
      {"nothing that has a price is free", &cheapest, {.input = 1}, 1},
      // 1,000 × 0.000001 USD/M = 1 nanodollar
      {"a thousand of them", &cheapest, {.input = 1'000}, 1},
      // 1,001 × 0.000001 USD/M = 1.001 nanodollars
      {"a thousand and one", &cheapest, {.input = 1'001}, 2},

      // Tiers: the whole call is charged by the size of its prompt.
      // 200,000 × 3 USD/M = 0.6
      {"a prompt at the bound", &sonnet, {.input = 200'000}, 600'000'000},
      // 200,001 × 6 USD/M = 1.200006
      {"a prompt above it", &sonnet, {.input = 200'001}, 1'200'006'000},
      // 200,001 × 6 + 1,000 × 22.50 USD/M = 1.200006 + 0.0225 = 1.222506
      {"its answer too", &sonnet, {.input = 200'001, .output = 1'000}, 1'222'506'000},
      // 1 × 6 + 150,000 × 0.60 + 50,000 × 7.50 USD/M = 0.000006 + 0.09 + 0.375 = 0.465006
      {"cached tokens are of the prompt",
       &sonnet,
       {.input = 1, .cache_read = 150'000, .cache_write = 50'000},
       465'006'000},
      // 100,001 × 6 + 50,000 × 7.50 + 50,000 × 12 USD/M = 0.600006 + 0.375 + 0.6 = 1.575006
      {"hours in a long prompt",
       &sonnet,
       {.input = 100'001, .cache_write = 100'000, .hour_writes = 50'000},
       1'575'006'000},
      // 1,000 × 3 + 300,000 × 15 USD/M = 0.003 + 4.5 = 4.503
      {"an answer makes no prompt long", &sonnet, {.input = 1'000, .output = 300'000}, 4'503'000'000},
      // 32,000 × 2.50 + 10 × 15 USD/M = 0.08 + 0.00015 = 0.08015
      {"below the first of two steps", &steps, {.input = 32'000, .output = 10}, 80'150'000},
      // 32,001 × 4 + 10 × 20 USD/M = 0.128004 + 0.0002 = 0.128204
      {"on the first of two steps", &steps, {.input = 32'001, .output = 10}, 128'204'000},
      // 128,000 × 4 USD/M = 0.512
      {"at the second step", &steps, {.input = 128'000}, 512'000'000},
      // 128,001 × 8 + 10 × 40 USD/M = 1.024008 + 0.0004 = 1.024408
      {"on the second step", &steps, {.input = 128'001, .output = 10}, 1'024'408'000},

      // Batches.
      // 1,000 × 1.50 + 1,000 × 7.50 USD/M = 0.0015 + 0.0075 = 0.009
      {"a batch", &sonnet, {.input = 1'000, .output = 1'000}, 9'000'000, batch},
      // 1,000 × 0.15 + 1,000 × 1.875 USD/M = 0.00015 + 0.001875 = 0.002025
      {"a batch and its cache", &sonnet, {.cache_read = 1'000, .cache_write = 1'000}, 2'025'000, batch},
      // 250,000 × 3 + 1,000 × 11.25 USD/M = 0.75 + 0.01125 = 0.76125
      {"a long prompt in a batch", &sonnet, {.input = 250'000, .output = 1'000}, 761'250'000, batch},
      {"no price for an hour in a batch", &sonnet, {.cache_write = 10, .hour_writes = 10}, unknown, batch},
      {"no price in a batch", &nano, {.input = 10}, unknown, batch},

      // A price that is needed and not known.
      {"no row", nullptr, {.input = 10, .output = 10}, unknown},
      {"no prices", &unpriced, {.input = 1}, unknown},
      {"no price of writes", &nano, {.input = 10, .cache_write = 1}, unknown},
      {"no price of an hour", &odd, {.cache_write = 10, .hour_writes = 1}, unknown},
      {"no price of the cache above a step", &steps, {.input = 40'000, .cache_read = 1}, unknown},
      {"no price of output", &embedding, {.input = 10, .output = 1}, unknown},
      {"no price of thoughts", &embedding, {.reasoning = 1}, unknown},
      {"nothing used needs no price", &unpriced, {}, 0},
      {"nothing used needs no row", nullptr, {}, 0},

      // 0 is a price, and that of the mock.
      {"the mock",
       &catalogue::free_of_charge,
       {.input = 900, .cache_read = 1, .cache_write = 2, .hour_writes = 1, .output = 9, .reasoning = 3},
       0},

      // Large numbers: 10^9 × 4,000 USD/M = 4,000,000 USD = 4 × 10^15 nanodollars
      {"a thousand million tokens", &dearest, {.input = 1'000'000'000}, 4'000'000'000'000'000},
      // 4 × 10^12 × 4,000 USD/M = 1.6 × 10^10 USD = 1.6 × 10^19 nanodollars, of 1.8446 × 10^19
      {"the last that fits", &dearest, {.output = 4'000'000'000'000}, 16'000'000'000'000'000'000ULL},
      {"more stays at the bound", &dearest, {.input = 4'000'000'000'000, .output = 4'000'000'000'000}, UINT64_MAX},
      {"all counters full",
       &dearest,
       {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
       UINT64_MAX},
      // A prompt of more tokens than 64 bits hold is a long one: 10 × 22.50 USD/M would be seen if it wrapped to 1.
      {"a prompt that overflows is long", &sonnet, {.input = UINT64_MAX, .cache_read = 2}, UINT64_MAX},
  };
  static_assert(std::size(cases) >= 40);
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(catalogue::cost_of(usage_of(c.tokens), c.row, c.billing) == c.nanodollars);
  }
}

TEST_CASE("what the provider told goes before every price, and nothing is made of an unknown usage") {
  chat::Usage usage = usage_of({.input = 1'000, .output = 1'000});
  usage.cost = 42;
  CHECK(catalogue::cost_of(usage, &sonnet) == 42u);
  CHECK(catalogue::cost_of(usage, nullptr) == 42u);
  usage.cost = 0;
  CHECK(catalogue::cost_of(usage, &sonnet) == 0u);
  CHECK(!catalogue::cost_of(chat::Usage{}, &sonnet));
  CHECK(!catalogue::cost_of(chat::Usage{}, &catalogue::free_of_charge));
}

TEST_CASE("sums stay at the bound") {
  CHECK(catalogue::sum(1, 2) == 3);
  CHECK(catalogue::sum(UINT64_MAX, 1) == UINT64_MAX);
  CHECK(catalogue::sum(UINT64_MAX - 1, 1) == UINT64_MAX);
}

namespace {

class Random {
 public:
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  // Small, usual and huge ones.
  std::uint64_t tokens() { return below(std::uint64_t{1} << (1 + below(32))); }
  Tokens usage() {
    Tokens out{tokens(), tokens(), tokens(), 0, tokens(), tokens()};
    out.hour_writes = below(out.cache_write + 1);
    return out;
  }
  catalogue::Price price() { return static_cast<std::uint32_t>(below(std::uint64_t{1} << (1 + below(28)))); }
  Prices prices() { return {price(), price(), price(), price(), price(), price()}; }

 private:
  std::mt19937_64 engine_{20261130};
};

Tokens plus(const Tokens& a, const Tokens& b) {
  return {
      a.input + b.input,   a.cache_read + b.cache_read, a.cache_write + b.cache_write, a.hour_writes + b.hour_writes,
      a.output + b.output, a.reasoning + b.reasoning};
}

std::uint64_t cost(const Tokens& tokens, const catalogue::ModelRow& row) {
  const auto found = catalogue::cost_of(usage_of(tokens), &row);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("without tiers costs add up: two calls cost what one of both would, but for the one rounding") {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    catalogue::ModelRow row{.prices = random.prices()};
    const Tokens a = random.usage(), b = random.usage();
    const std::uint64_t parts = cost(a, row) + cost(b, row), whole = cost(plus(a, b), row);
    CHECK((whole <= parts && parts <= whole + 1));
    // Each counter for itself: six roundings at most.
    const std::uint64_t singly = cost({.input = a.input}, row) + cost({.cache_read = a.cache_read}, row) +
                                 cost({.cache_write = a.cache_write - a.hour_writes}, row) +
                                 cost({.cache_write = a.hour_writes, .hour_writes = a.hour_writes}, row) +
                                 cost({.output = a.output}, row) + cost({.reasoning = a.reasoning}, row);
    CHECK((cost(a, row) <= singly && singly <= cost(a, row) + 5));
    // At prices of whole nanodollars a token nothing is rounded.
    for (catalogue::Price* price : {&row.prices.input, &row.prices.cache_read, &row.prices.cache_write,
                                    &row.prices.output, &row.prices.cache_write_hour, &row.prices.thoughts})
      price->millionths -= price->millionths % 1'000;
    CHECK(cost(a, row) + cost(b, row) == cost(plus(a, b), row));
  }
}

TEST_CASE("one more token of any kind costs no less, in every row with tiers that are compiled in") {
  Random random;
  std::vector<const catalogue::ModelRow*> rows{&sonnet, &steps, &odd};
  for (const catalogue::ModelRow& row : catalogue::Models::built_in().rows())
    if (!row.tiers.empty()) rows.push_back(&row);
  CHECK(rows.size() > 150);
  const auto more = [&](const Tokens& tokens) {
    const Tokens extra = random.usage();
    return plus(tokens, extra);
  };
  for (int i = 0; i < 20'000; ++i) {
    const catalogue::ModelRow& row = *rows[random.below(rows.size())];
    for (const Billing billing : {Billing::at_once, Billing::batch}) {
      const Tokens less = random.usage();
      const auto a = catalogue::cost_of(usage_of(less), &row, billing);
      const auto b = catalogue::cost_of(usage_of(more(less)), &row, billing);
      CAPTURE(std::string(row.model));
      if (a && b) CHECK(*a <= *b);
      // Near every bound, too: one token more of the prompt.
      for (const Tier& tier : row.tiers) {
        const auto at = catalogue::cost_of(usage_of({.input = tier.above, .output = less.output}), &row, billing);
        const auto above =
            catalogue::cost_of(usage_of({.input = tier.above + 1, .output = less.output}), &row, billing);
        if (at && above) CHECK(*at <= *above);
      }
    }
  }
}

TEST_CASE("the prices of each tier are those of its row") {
  using Row = std::pair<std::uint64_t, const Prices*>;
  for (const auto& [tokens, prices] : {Row{0, &steps.prices}, Row{32'000, &steps.prices},
                                       Row{32'001, &step_tiers[0].prices}, Row{128'000, &step_tiers[0].prices},
                                       Row{128'001, &step_tiers[1].prices}, Row{UINT64_MAX, &step_tiers[1].prices}})
    CHECK(catalogue::prices_of(steps, tokens, Billing::at_once) == prices);
  CHECK(catalogue::prices_of(steps, 0, batch) == nullptr);
  CHECK(catalogue::prices_of(sonnet, 0, batch) == &sonnet_tiers[1].prices);
  CHECK(catalogue::prices_of(sonnet, 200'001, batch) == &sonnet_tiers[2].prices);
}
