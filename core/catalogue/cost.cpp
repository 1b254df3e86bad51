#include "catalogue/cost.h"

#include <algorithm>

namespace apigw::catalogue {
namespace {

// Tokens at millionths of a dollar for a million are 10^-12 dollars each, so a sum is exact; 64 bits of tokens at 32
// bits of price, six times, need 99.
__extension__ using Sum = unsigned __int128;
constexpr Sum sums_a_nanodollar = 1'000;

bool add(std::uint64_t tokens, Price price, Sum& all) {
  if (tokens == 0) return true;
  if (!price.known()) return false;
  all += Sum{tokens} * price.millionths;
  return true;
}

}  // namespace

Nanodollars sum(Nanodollars a, Nanodollars b) {
  Nanodollars both = 0;
  return __builtin_add_overflow(a, b, &both) ? UINT64_MAX : both;
}

const Prices* prices_of(const ModelRow& row, std::uint64_t prompt_tokens, Billing billing) {
  const bool batch = billing == Billing::batch;
  const Prices* found = batch ? nullptr : &row.prices;
  for (const Tier& tier : row.tiers)
    if (tier.batch == batch && (tier.above == 0 || prompt_tokens > tier.above)) found = &tier.prices;
  return found;
}

std::optional<Nanodollars> cost_of(const chat::Usage& usage, const ModelRow* row, Billing billing) {
  if (usage.cost) return usage.cost;
  if (!usage.known) return std::nullopt;
  const std::uint64_t prompt = sum(sum(usage.input, usage.cache_read), usage.cache_write);
  static constexpr Prices unknown;
  const Prices* const prices = row == nullptr ? &unknown : prices_of(*row, prompt, billing);
  if (prices == nullptr) return std::nullopt;
  const std::uint64_t hour = std::min(usage.hour_writes, usage.cache_write);
  Sum all = 0;
  const bool known = add(usage.input, prices->input, all) && add(usage.cache_read, prices->cache_read, all) &&
                     add(usage.cache_write - hour, prices->cache_write, all) &&
                     add(hour, prices->cache_write_hour, all) && add(usage.output, prices->output, all) &&
                     add(usage.reasoning, prices->thoughts.known() ? prices->thoughts : prices->output, all);
  if (!known) return std::nullopt;
  const Sum rounded = (all + (sums_a_nanodollar - 1)) / sums_a_nanodollar;
  return rounded > UINT64_MAX ? UINT64_MAX : static_cast<Nanodollars>(rounded);
}

}  // namespace apigw::catalogue
