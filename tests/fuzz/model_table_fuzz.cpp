// A table of models that is accepted says the same when it is written out and read again, prices no call below a
// smaller one of the same tier, and numbers of money come back from their texts.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/decimal.h"
#include "catalogue/cost.h"
#include "catalogue/table.h"
#include "fuzz/law.h"

namespace catalogue = apigw::catalogue;
namespace decimal = apigw::decimal;

namespace {

std::string word(std::optional<std::uint64_t> figure) {
  return figure ? std::to_string(*figure) : "-";
}

std::string words(const catalogue::Prices& prices) {
  std::string out;
  for (const catalogue::Price price :
       {prices.input, prices.cache_read, prices.cache_write, prices.output, prices.cache_write_hour, prices.thoughts})
    out += fmt::format("{}{}", out.empty() ? "" : ",", price.known() ? std::to_string(price.millionths) : "-");
  return out;
}

std::string written(const catalogue::ModelRow& row) {
  std::string traits;
  for (const auto& [bit, name] :
       {std::pair{catalogue::effort, "effort"}, {catalogue::fixed, "fixed"}, {catalogue::prompted, "prompted"}})
    if ((row.traits & bit) != 0) traits += fmt::format("{}{}", traits.empty() ? "" : "|", name);
  std::string out = fmt::format("{} {} {} {} {} {}", row.provider, row.model, word(row.context), word(row.max_output),
                                words(row.prices), traits.empty() ? "-" : traits);
  for (const catalogue::Tier& tier : row.tiers)
    out += fmt::format(" {}{}:{}", tier.batch ? "batch" : "", tier.above == 0 ? "" : fmt::format(">{}", tier.above),
                       words(tier.prices));
  return out + "\n";
}

std::string written(const catalogue::OwnTable& table) {
  std::string out;
  for (const catalogue::ModelRow& row : table.rows()) out += written(row);
  return out;
}

void check_costs(const catalogue::ModelRow& row, std::uint64_t tokens) {
  const apigw::chat::Usage less{.input = tokens, .output = tokens / 2, .known = true};
  apigw::chat::Usage more = less;
  ++more.output;
  for (const auto billing : {catalogue::Billing::at_once, catalogue::Billing::batch}) {
    const auto a = catalogue::cost_of(less, &row, billing), b = catalogue::cost_of(more, &row, billing);
    LAW(!a || !b || *a <= *b);
    LAW(tokens == 0 || a.has_value() == b.has_value() || less.output == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto number = decimal::parse(text, 9)) LAW(decimal::parse(decimal::text(*number, 9), 9) == number);
  const auto table = catalogue::OwnTable::read(text);
  if (!table) {
    LAW(!table.error().empty() && table.error().size() <= catalogue::OwnTable::most_faults);
    for (const catalogue::Fault& fault : table.error()) LAW(fault.line > 0 && !fault.what.empty());
    return 0;
  }
  const std::string out = written(**table);
  const auto again = catalogue::OwnTable::read(out);
  LAW(again.has_value());
  LAW(written(**again) == out);
  for (const catalogue::ModelRow& row : (*table)->rows()) {
    LAW((*table)->models().exact(row.provider, row.model) != nullptr);
    check_costs(row, size * size * size);
    for (const catalogue::Tier& tier : row.tiers) check_costs(row, tier.above);
  }
  return 0;
}
