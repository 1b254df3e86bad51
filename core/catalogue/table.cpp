#include "catalogue/table.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::catalogue {
namespace {

constexpr std::size_t fixed_words = 6;  // provider model context answer prices traits
constexpr std::size_t most_word = 200;  // bytes
constexpr std::uint64_t most_tokens = 1'000'000'000'000;

// What is wrong; empty: nothing is.
using Wrong = std::string;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  constexpr std::string_view blanks = " \t";
  for (auto at = line.find_first_not_of(blanks); at != line.npos; at = line.find_first_not_of(blanks)) {
    line.remove_prefix(at);
    out.push_back(line.substr(0, line.find_first_of(blanks)));
    line.remove_prefix(out.back().size());
  }
  return out;
}

Wrong read_name(std::string_view word, std::string_view what, std::string_view& into) {
  const auto plain = [](char c) { return c > ' ' && c <= '~'; };
  if (word.size() > most_word || !std::ranges::all_of(word, plain))
    return fmt::format("'{}' is no name of a {}: up to {} letters, digits and signs of ASCII",
                       text::printable(word, 40), what, most_word);
  into = word;
  return {};
}

Wrong read_size(std::string_view word, std::string_view what, std::optional<std::uint64_t>& into) {
  if (word == "-") return {};
  const auto number = text::parse_number(word);
  if (!number || *number == 0 || *number > most_tokens)
    return fmt::format("{} cannot be '{}': a number of tokens above 0, or - where it is not known", what,
                       text::printable(word, 40));
  into = number;
  return {};
}

Wrong read_prices(std::string_view word, Prices& into) {
  Price* const order[] = {&into.input,  &into.cache_read,       &into.cache_write,
                          &into.output, &into.cache_write_hour, &into.thoughts};
  const auto figures = text::split(word, ',');
  if (figures.size() < 4 || figures.size() > std::size(order))
    return fmt::format(
        "'{}' are no prices: input,cache-read,cache-write,output, then perhaps "
        "cache-write-for-an-hour and thoughts; - where one is not known",
        text::printable(word, 60));
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i] == "-") continue;
    const auto number = text::parse_number(figures[i]);
    if (!number || *number > Price::most)
      return fmt::format("'{}' is no price: millionths of a US dollar for a million tokens, at most {}, or -",
                         text::printable(figures[i], 40), Price::most);
    *order[i] = static_cast<std::uint32_t>(*number);
  }
  return {};
}

Wrong read_traits(std::string_view word, unsigned& into) {
  constexpr std::pair<std::string_view, RowTraits> known[] = {{"effort", effort},     {"fixed", fixed},
                                                              {"prompted", prompted}, {"silent", silent},
                                                              {"always", always},     {"coarse", coarse}};
  if (word == "-") return {};
  for (const std::string_view trait : text::split(word, '|')) {
    const auto found = std::ranges::find(known, trait, [](const auto& one) { return one.first; });
    if (found == std::end(known))
      return fmt::format("'{}' is no trait: effort, fixed, prompted, silent, always, coarse, joined by |, or -",
                         text::printable(trait, 40));
    into |= found->second;
  }
  return {};
}

// ">200000:PRICES", "batch:PRICES" or "batch>200000:PRICES".
Wrong read_tier(std::string_view word, Tier& into) {
  const auto no_tier = [&] {
    return fmt::format("'{}' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES",
                       text::printable(word, 60));
  };
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) return no_tier();
  std::string_view key = word.substr(0, colon);
  into.batch = key.starts_with("batch");
  if (into.batch) key.remove_prefix(5);
  if (key.empty() && !into.batch) return no_tier();
  if (!key.empty()) {
    const auto above = key.front() == '>' ? text::parse_number(key.substr(1)) : std::nullopt;
    if (!above || *above == 0 || *above > most_tokens) return no_tier();
    into.above = *above;
  }
  return read_prices(word.substr(colon + 1), into.prices);
}

Wrong read_tiers(std::span<const std::string_view> words, std::vector<Tier>& into) {
  const auto key = [](const Tier& tier) { return std::pair(tier.batch, tier.above); };
  for (const std::string_view word : words) {
    Tier tier;
    if (Wrong wrong = read_tier(word, tier); !wrong.empty()) return wrong;
    if (std::ranges::find(into, key(tier), key) != into.end())
      return fmt::format("the tier '{}' is there twice", text::printable(word.substr(0, word.find(':')), 60));
    into.push_back(tier);
  }
  std::ranges::sort(into, {}, key);
  return {};
}

Wrong read_row(std::string_view line, ModelRow& row, std::vector<Tier>& tiers) {
  const auto words = words_of(line);
  if (words.size() < fixed_words)
    return fmt::format(
        "a row has {} words and then its tiers: provider model context answer prices traits; "
        "here are {}",
        fixed_words, words.size());
  Wrong wrong = read_name(words[0], "provider", row.provider);
  if (const auto name = whose_models(row.provider); wrong.empty() && name != row.provider)
    return fmt::format("'{}' is another name of '{}', under which its models stand: write that", row.provider, name);
  if (wrong.empty()) wrong = read_name(words[1], "model", row.model);
  if (wrong.empty()) wrong = read_size(words[2], "the context", row.context);
  if (wrong.empty()) wrong = read_size(words[3], "the longest answer", row.max_output);
  if (wrong.empty()) wrong = read_prices(words[4], row.prices);
  if (wrong.empty()) wrong = read_traits(words[5], row.traits);
  if (wrong.empty()) wrong = read_tiers(std::span(words).subspan(fixed_words), tiers);
  return wrong;
}

std::pair<std::string_view, std::string_view> name_of(const ModelRow& row) {
  return {row.provider, row.model};
}

}  // namespace

std::vector<Fault> OwnTable::parse() {
  std::vector<Fault> faults;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> lines;
  std::size_t number = 0;
  for (std::string_view line : text::split(text_, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (text::trim(line).empty() || line.starts_with('#')) continue;
    ModelRow row;
    std::vector<Tier>& tiers = tiers_.emplace_back();
    Wrong wrong = read_row(line, row, tiers);
    if (wrong.empty()) {
      const auto [first, fresh] = lines.emplace(name_of(row), number);
      if (!fresh)
        wrong = fmt::format("{}/{} is there twice, first on line {}", row.provider, row.model, first->second);
    }
    if (!wrong.empty()) {
      faults.push_back({number, std::move(wrong)});
      if (faults.size() == most_faults) return faults;
      continue;
    }
    row.tiers = tiers;
    rows_.push_back(row);
  }
  if (rows_.empty() && faults.empty()) faults.push_back({number, "there is no row"});
  return faults;
}

std::expected<std::shared_ptr<const OwnTable>, std::vector<Fault>> OwnTable::read(std::string text) {
  std::shared_ptr<OwnTable> table(new OwnTable);
  table->text_ = std::move(text);
  if (auto faults = table->parse(); !faults.empty()) return std::unexpected(std::move(faults));
  std::ranges::sort(table->rows_, {}, name_of);
  // Of two rows with one name a union takes the first range's.
  std::ranges::set_union(table->rows_, Models::built_in().rows(), std::back_inserter(table->all_), {}, name_of,
                         name_of);
  table->models_ = Models(table->all_);
  return table;
}

}  // namespace apigw::catalogue
