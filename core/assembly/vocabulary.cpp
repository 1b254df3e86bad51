#include "assembly/vocabulary.h"

#include "catalogue/providers.h"
#include "dialects/dialect.h"

namespace apigw::assembly {
namespace {

// What stands before the model's name in the first path of a dialect, as its provider is asked it.
std::string_view added_by(const dialects::Dialect& dialect) {
  const std::string_view path = dialect.endpoints.front().upstream;
  return path.substr(0, path.find('{'));
}

// Of the maker's API, where that first path says it.
std::string_view version_of(const dialects::Dialect& dialect) {
  constexpr std::string_view says = "?api-version=";
  const std::string_view path = dialect.endpoints.front().upstream;
  const auto at = path.find(says);
  return at == std::string_view::npos ? std::string_view{} : path.substr(at + says.size());
}

config::Vocabulary joined() {
  config::Vocabulary out;
  for (const auto& row : catalogue::providers()) {
    out.providers.push_back({row.name, row.dialect, row.url, row.variable});
  }
  for (const auto& row : dialects::roster()) {
    out.dialects.push_back(row.word);
    for (const auto& endpoint : row.dialect->endpoints) {
      if (!endpoint.path.empty())
        out.endpoints.push_back(
            {endpoint.method, endpoint.path, row.word, endpoint.operation, endpoint.header, row.dialect->yields});
    }
  }
  for (const auto& [word, dialect] : dialects::of_providers())
    out.variants.push_back({word, dialect->variant_of != nullptr ? dialects::word_of(*dialect->variant_of) : word,
                            added_by(*dialect), version_of(*dialect)});
  return out;
}

}  // namespace

const config::Vocabulary& vocabulary() {
  static const config::Vocabulary words = joined();
  return words;
}

}  // namespace apigw::assembly
