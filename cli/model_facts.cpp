#include "model_facts.h"

#include <algorithm>
#include <vector>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/decimal.h"
#include "base/text.h"

namespace apigw::cli {
namespace {

using catalogue::ModelRow;
using catalogue::Price;
using catalogue::Prices;
using nlohmann::ordered_json;

constexpr unsigned price_places = 6;   // millionths
constexpr std::size_t most_named = 8;  // providers of an ambiguous name
constexpr std::string_view unknown = "-";

struct Column {
  std::string_view title, key;
  Price Prices::* price;
};
constexpr Column columns[] = {{"input", "input_usd", &Prices::input},
                              {"cache read", "cache_read_usd", &Prices::cache_read},
                              {"cache write", "cache_write_usd", &Prices::cache_write},
                              {"for an hour", "cache_write_hour_usd", &Prices::cache_write_hour},
                              {"output", "output_usd", &Prices::output},
                              {"thoughts", "thoughts_usd", &Prices::thoughts}};

std::string dollars(Price price) {
  return price.known() ? decimal::text(price.millionths, price_places) : std::string(unknown);
}

ordered_json json_of(Price price) {
  return price.known() ? ordered_json(static_cast<double>(price.millionths) / 1e6) : ordered_json();
}

ordered_json json_of(const Prices& prices, bool batch, std::uint64_t above) {
  ordered_json out{{"batch", batch}, {"above_tokens", above}};
  for (const Column& column : columns) out[std::string(column.key)] = json_of(prices.*column.price);
  return out;
}

std::string when(bool batch, std::uint64_t above) {
  const std::string_view what = batch ? "in a batch" : "a call";
  return above == 0 ? std::string(what) : fmt::format("{} above {} tokens", what, above);
}

std::string line_of(std::string_view title, const Prices& prices) {
  std::string line = fmt::format("  {:<32}", title);
  for (const Column& column : columns) line += fmt::format("  {:>11}", dollars(prices.*column.price));
  return line + "\n";
}

std::string size_text(std::optional<std::uint64_t> tokens) {
  return tokens ? fmt::format("{} tokens", *tokens) : "not known";
}

// Of those that are nearest in writing.
Complaint no_row(const catalogue::Models& models, std::string_view name) {
  const std::string message = fmt::format("there is no model '{}'", text::printable(name));
  const auto slash = name.find('/');
  const std::string_view provider = slash == name.npos ? std::string_view() : name.substr(0, slash);
  std::vector<std::string> names;
  for (const ModelRow& row : models.rows())
    if (slash == name.npos || row.provider == provider)
      names.push_back(slash == name.npos ? std::string(row.model) : full_name(row));
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const auto near = text::closest(name, views)) return {message, fmt::format("did you mean '{}'?", *near)};
  return {message, slash == name.npos ? "'apigw models' lists them"
                                      : "'apigw models list --provider NAME' lists those of a provider"};
}

}  // namespace

std::string full_name(const ModelRow& row) {
  return fmt::format("{}/{}", row.provider, row.model);
}

std::expected<const ModelRow*, Complaint> named_row(const catalogue::Models& models, std::string_view name) {
  if (const auto slash = name.find('/'); slash != name.npos)
    if (const ModelRow* const row = models.find(name.substr(0, slash), name.substr(slash + 1))) return row;
  std::vector<const ModelRow*> rows;
  for (const ModelRow& row : models.rows())
    if (row.model == name) rows.push_back(&row);
  if (rows.size() == 1) return rows.front();
  if (rows.empty()) return std::unexpected(no_row(models, name));
  std::vector<std::string> names;
  for (const ModelRow* row : rows)
    if (names.size() < most_named) names.push_back(full_name(*row));
  return std::unexpected(Complaint{
      fmt::format("{} providers have a model '{}'", rows.size(), text::printable(name)),
      fmt::format("name one of them: {}{}", fmt::join(names, ", "), rows.size() > most_named ? ", …" : "")});
}

ordered_json row_json(const ModelRow& row) {
  const auto size = [](std::optional<std::uint64_t> tokens) {
    return tokens ? ordered_json(*tokens) : ordered_json();
  };
  ordered_json prices = ordered_json::array({json_of(row.prices, false, 0)});
  for (const catalogue::Tier& tier : row.tiers) prices.push_back(json_of(tier.prices, tier.batch, tier.above));
  return {{"name", full_name(row)},       {"provider", row.provider},           {"model", row.model},
          {"context", size(row.context)}, {"max_output", size(row.max_output)}, {"prices", prices}};
}

std::string row_text(const ModelRow& row) {
  std::string out = fmt::format("{}\n  context {}, longest answer {}\n", full_name(row), size_text(row.context),
                                size_text(row.max_output));
  out += fmt::format("  {:<32}", "USD for a million tokens");
  for (const Column& column : columns) out += fmt::format("  {:>11}", column.title);
  out += "\n" + line_of(when(false, 0), row.prices);
  for (const catalogue::Tier& tier : row.tiers) out += line_of(when(tier.batch, tier.above), tier.prices);
  return out;
}

std::string prices_text(const ModelRow* row) {
  if (row == nullptr || !row->prices.input.known()) return "price not known";
  if (row->prices.input == 0 && row->prices.output == 0) return "free";
  return fmt::format("{} USD in, {} out a million tokens", dollars(row->prices.input), dollars(row->prices.output));
}

}  // namespace apigw::cli
