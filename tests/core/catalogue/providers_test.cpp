#include "catalogue/providers.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

namespace catalogue = apigw::catalogue;

TEST_CASE("every provider's row is whole, and found by its name") {
  std::set<std::string_view> names, urls;
  for (const catalogue::ProviderRow& row : catalogue::providers()) {
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    if (row.models_of.empty()) CHECK(urls.insert(row.url).second);
    CHECK(catalogue::find_provider(row.name) == &row);
    CHECK(!row.dialect.empty());
    CHECK(row.documents.starts_with("https://"));
    CHECK(!row.url.ends_with("/"));
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
  }
}

TEST_CASE("a provider that is reached over a network is reached over TLS and takes a key; a local one takes none") {
  for (const catalogue::ProviderRow& row : catalogue::providers()) {
    CAPTURE(std::string(row.name));
    const bool local = row.url.starts_with("http://127.0.0.1:");
    CHECK(row.variable.empty() == local);
    CHECK((local || row.url.starts_with("https://")));
  }
}

TEST_CASE("names that no row has are not found") {
  CHECK(catalogue::find_provider("opnai") == nullptr);
  CHECK(catalogue::find_provider("") == nullptr);
  CHECK(catalogue::find_provider("zzz") == nullptr);
  CHECK(catalogue::find_provider("mock") == nullptr);
}
