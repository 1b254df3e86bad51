#include "dialects/dialect.h"

#include <set>

#include <doctest/doctest.h>

namespace dialects = apigw::dialects;

TEST_CASE("every dialect of the roster is whole and found by its word") {
  std::set<std::pair<std::string_view, std::string_view>> addresses;
  for (const auto& [word, dialect] : dialects::roster()) {
    CAPTURE(word);
    CHECK(dialects::find_dialect(word) == dialect);
    const bool whole = dialect->read_request != nullptr && dialect->read_reply != nullptr &&
                       dialect->read_stream != nullptr && dialect->error_body != nullptr &&
                       dialect->broken_stream != nullptr && dialect->models_body != nullptr &&
                       dialect->model_body != nullptr;
    CHECK(whole);
    CHECK(!dialect->credential_header.empty());
    for (const auto& endpoint : dialect->endpoints) {
      CHECK(addresses.insert({endpoint.method, endpoint.path}).second);
      CHECK(&dialects::endpoint(*dialect, endpoint.operation) == &endpoint);
      CHECK(endpoint.path.starts_with("/"));
    }
  }
  CHECK(dialects::find_dialect("nothing") == nullptr);
}
