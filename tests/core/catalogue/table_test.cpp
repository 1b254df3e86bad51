#include "catalogue/table.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace catalogue = apigw::catalogue;
using catalogue::Models;
using catalogue::OwnTable;

namespace {

std::string own_text() {
  std::ifstream in(APIGW_SOURCE_DIR "/core/catalogue/models.txt");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string faults(std::string text) {
  const auto table = OwnTable::read(std::move(text));
  if (table) return {};
  std::string out;
  for (const catalogue::Fault& fault : table.error()) out += fmt::format("{}: {}\n", fault.line, fault.what);
  return out;
}

}  // namespace

TEST_CASE("the table that is compiled in is what the reader makes of its text") {
  const auto table = OwnTable::read(own_text());
  REQUIRE(table);
  const auto read = (*table)->rows(), compiled = Models::built_in().rows();
  REQUIRE(read.size() == compiled.size());
  std::size_t tiers = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    CAPTURE(std::string(compiled[i].model));
    CHECK(read[i].provider == compiled[i].provider);
    CHECK(read[i].model == compiled[i].model);
    CHECK(read[i].context == compiled[i].context);
    CHECK(read[i].max_output == compiled[i].max_output);
    CHECK(read[i].prices == compiled[i].prices);
    CHECK(read[i].traits == compiled[i].traits);
    CHECK(std::ranges::equal(read[i].tiers, compiled[i].tiers));
    tiers += compiled[i].tiers.size();
  }
  CHECK(tiers > 200);
}

TEST_CASE("tiers as price lists say them") {
  struct Row {
    const char *provider, *model;
    bool batch;
    std::uint64_t above;
    std::uint32_t input, output;
  } constexpr rows[] = {
      {"openai", "gpt-5.4", false, 272'000, 5'000'000, 22'500'000},
      {"openai", "gpt-5.4", true, 0, 1'250'000, 7'500'000},
      {"openai", "gpt-5.5", false, 272'000, 10'000'000, 45'000'000},
      {"openai", "gpt-5.4-pro", true, 272'000, 30'000'000, 135'000'000},
      {"openai", "gpt-4o-mini", true, 0, 75'000, 300'000},
      {"google", "gemini-2.5-pro", false, 200'000, 2'500'000, 15'000'000},
      {"google", "gemini-3-pro-preview", false, 200'000, 4'000'000, 18'000'000},
      {"vertex", "gemini-2.5-pro", false, 200'000, 2'500'000, 15'000'000},
      {"xai", "grok-4.3", false, 200'000, 2'500'000, 5'000'000},
      {"anthropic", "claude-opus-4-5", true, 0, 2'500'000, 12'500'000},
      {"minimax", "MiniMax-M3", false, 512'000, 600'000, 2'400'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    const auto* found = Models::built_in().find(row.provider, row.model);
    REQUIRE(found != nullptr);
    const auto tier = std::ranges::find_if(
        found->tiers, [&](const auto& one) { return one.batch == row.batch && one.above == row.above; });
    REQUIRE(tier != found->tiers.end());
    CHECK(tier->prices.input == row.input);
    CHECK(tier->prices.output == row.output);
  }
  CHECK(Models::built_in().find("anthropic", "claude-sonnet-4-5")->prices.cache_write_hour == 6'000'000);
  CHECK(Models::built_in().find("perplexity", "sonar-deep-research")->prices.thoughts == 3'000'000);
}

TEST_CASE("rows of one's own stand over those compiled in, and the others stay") {
  const auto table = OwnTable::read(
      "# of our contract\r\n"
      "\n"
      "openai gpt-5-mini 400000 128000 200000,20000,-,1600000 effort|fixed batch>1000:1,2,3,4,5,6 >9:1,-,-,2 "
      "batch:7,7,7,7\r\n"
      "house  llama-70b\t- - 0,-,-,0 -");
  REQUIRE(table);
  const Models& models = (*table)->models();
  CHECK((*table)->rows().size() == 2);
  CHECK(models.rows().size() == Models::built_in().rows().size() + 1);
  CHECK(
      std::ranges::is_sorted(models.rows(), {}, [](const auto& row) { return std::pair(row.provider, row.model); }));
  const auto* mini = models.find("openai", "gpt-5-mini-2025-08-07");
  REQUIRE(mini != nullptr);
  CHECK(mini->prices == catalogue::Prices{200'000, 20'000, {}, 1'600'000});
  REQUIRE(mini->tiers.size() == 3);
  CHECK(mini->tiers[0] == catalogue::Tier{false, 9, {1, {}, {}, 2}});
  CHECK(mini->tiers[1] == catalogue::Tier{true, 0, {7, 7, 7, 7}});
  CHECK(mini->tiers[2] == catalogue::Tier{true, 1'000, {1, 2, 3, 4, 5, 6}});
  CHECK(models.traits("openai", "gpt-5-mini").thinks_by_effort);
  CHECK(models.find("house", "llama-70b")->prices.input == 0);
  CHECK(models.find("openai", "gpt-5")->prices == Models::built_in().find("openai", "gpt-5")->prices);
}

TEST_CASE("every fault of a table is told with its line") {
  struct Row {
    const char *text, *fault;
  } constexpr rows[] = {
      {"", "1: there is no row\n"},
      {"# only words\n\n", "3: there is no row\n"},
      {"openai gpt 1 2 1,1,1,1",
       "1: a row has 6 words and then its tiers: provider model context answer prices traits; here are 5\n"},
      {"öpenai gpt 1 2 1,1,1,1 -",
       "1: 'öpenai' is no name of a provider: up to 200 letters, digits and signs of ASCII\n"},
      {"openai g\x01t 1 2 1,1,1,1 -",
       "1: 'g\\u0001t' is no name of a model: up to 200 letters, digits and signs of ASCII\n"},
      {"openai gpt 0 2 1,1,1,1 -",
       "1: the context cannot be '0': a number of tokens above 0, or - where it is not known\n"},
      {"openai gpt 1 8k 1,1,1,1 -",
       "1: the longest answer cannot be '8k': a number of tokens above 0, or - where it is not known\n"},
      {"openai gpt 1 1000000000001 1,1,1,1 -",
       "1: the longest answer cannot be '1000000000001': a number of tokens above 0, or - where it is not known\n"},
      {"openai gpt 1 2 1,1,1 -",
       "1: '1,1,1' are no prices: input,cache-read,cache-write,output, then perhaps cache-write-for-an-hour and "
       "thoughts; - where one is not known\n"},
      {"openai gpt 1 2 1,1,1,1,1,1,1 -",
       "1: '1,1,1,1,1,1,1' are no prices: input,cache-read,cache-write,output, then perhaps "
       "cache-write-for-an-hour and thoughts; - where one is not known\n"},
      {"openai gpt 1 2 1,2.5,1,1 -",
       "1: '2.5' is no price: millionths of a US dollar for a million tokens, at most 4000000000, or -\n"},
      {"openai gpt 1 2 1,,1,1 -",
       "1: '' is no price: millionths of a US dollar for a million tokens, at most 4000000000, or -\n"},
      {"openai gpt 1 2 1,-1,1,1 -",
       "1: '-1' is no price: millionths of a US dollar for a million tokens, at most 4000000000, or -\n"},
      {"openai gpt 1 2 4000000001,1,1,1 -",
       "1: '4000000001' is no price: millionths of a US dollar for a million tokens, at most 4000000000, or -\n"},
      {"gemini x 1 2 1,1,1,1 -",
       "1: 'gemini' is another name of 'google', under which its models stand: write that\n"},
      {"openai gpt 1 2 1,1,1,1 fast",
       "1: 'fast' is no trait: effort, fixed, prompted, silent, always, coarse, joined by |, or -\n"},
      {"openai gpt 1 2 1,1,1,1 effort|",
       "1: '' is no trait: effort, fixed, prompted, silent, always, coarse, joined by |, or -\n"},
      {"openai gpt 1 2 1,1,1,1 - >200k:1,1,1,1",
       "1: '>200k:1,1,1,1' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - 200000:1,1,1,1",
       "1: '200000:1,1,1,1' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - :1,1,1,1",
       "1: ':1,1,1,1' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - flex:1,1,1,1",
       "1: 'flex:1,1,1,1' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - batch>:1,1,1,1",
       "1: 'batch>:1,1,1,1' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - batch",
       "1: 'batch' is no tier: >TOKENS:PRICES, batch:PRICES or batch>TOKENS:PRICES\n"},
      {"openai gpt 1 2 1,1,1,1 - batch:1,1",
       "1: '1,1' are no prices: input,cache-read,cache-write,output, then perhaps cache-write-for-an-hour and "
       "thoughts; - where one is not known\n"},
      {"openai gpt 1 2 1,1,1,1 - >9:1,1,1,1 >9:2,2,2,2", "1: the tier '>9' is there twice\n"},
      {"openai gpt 1 2 1,1,1,1 - batch:1,1,1,1 batch:1,1,1,1", "1: the tier 'batch' is there twice\n"},
      {"a b 1 2 1,1,1,1 -\n# between\na b 1 2 3,3,3,3 -", "3: a/b is there twice, first on line 1\n"},
      {"a b 1 2 1,1,1,1 -\nx\na c x 2 1,1,1,1 -\n",
       "2: a row has 6 words and then its tiers: provider model context answer prices traits; here are 1\n"
       "3: the context cannot be 'x': a number of tokens above 0, or - where it is not known\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(faults(row.text) == row.fault);
  }
  std::string many;
  for (int i = 0; i < 100; ++i) many += "x\n";
  const auto table = OwnTable::read(many);
  REQUIRE_FALSE(table);
  CHECK(table.error().size() == OwnTable::most_faults);
}
