#include "dialects/dialect.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

namespace dialects = apigw::dialects;

TEST_CASE("every dialect of the roster is whole and found by its word") {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> addresses;
  for (const auto& [word, dialect] : dialects::roster()) {
    CAPTURE(word);
    CHECK(dialects::find_dialect(word) == dialect);
    const bool whole =
        dialect->scan_request != nullptr && dialect->scan_reply != nullptr && dialect->watch_stream != nullptr &&
        dialect->error_body != nullptr && dialect->broken_stream != nullptr && dialect->error_frame != nullptr &&
        dialect->is_own_error != nullptr && dialect->models_body != nullptr && dialect->model_body != nullptr;
    CHECK(whole);
    CHECK(!dialect->credential_header.empty());
    for (const auto& endpoint : dialect->endpoints) {
      CHECK(&dialects::endpoint(*dialect, endpoint.operation) == &endpoint);
      if (endpoint.path.empty() && dialect->read_path) continue;  // another one's path leads there
      CHECK(addresses.insert({endpoint.method, endpoint.path, endpoint.header}).second);
      CHECK(endpoint.path.starts_with("/"));
    }
  }
  CHECK(dialects::find_dialect("nothing") == nullptr);
}

TEST_CASE("every dialect's file is named by a row of the roster, or begins with the name of one that is") {
  const std::filesystem::path folder = std::filesystem::path(APIGW_SOURCE_DIR) / "core/dialects";
  std::set<std::string> named;
  std::ifstream rows(folder / "dialects.txt");
  for (std::string row; std::getline(rows, row);) {
    std::istringstream parts(row);
    std::string word, name, file;
    if (!row.starts_with('#') && parts >> word >> name >> file) named.insert(file);
  }
  CHECK(named.size() == dialects::roster().size());
  const std::set<std::string> shared{
      "dialect.cpp",           "embedding.cpp",     "form_request.cpp", "function_tools.cpp", "openai_others.cpp",
      "openai_embeddings.cpp", "media.cpp",         "native.cpp",       "proof.cpp",          "provider_error.cpp",
      "reading.cpp",           "reply_reading.cpp", "reader_watch.cpp", "retry_advice.cpp",   "tool_names.cpp",
      "variants.cpp",          "vertex.cpp"};  // of all dialects
  const auto belongs = [&](const std::string& file) {
    if (file.starts_with("bedrock")) return dialects::find_spoken("bedrock") != nullptr;  // in variants.cpp
    return std::ranges::any_of(named, [&](const std::string& one) {
      return file == one || file.starts_with(one.substr(0, one.size() - 4) + "_");
    });
  };
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    CAPTURE(file);
    CHECK((entry.path().extension() != ".cpp" || shared.contains(file) || belongs(file)));
  }
}

TEST_CASE("what providers alone speak is a dialect at other addresses, or one of its own without a client's half") {
  std::size_t variants = 0, own = 0;
  for (const auto& [word, spoken] : dialects::of_providers()) {
    CAPTURE(word);
    CHECK(dialects::find_dialect(word) == nullptr);
    CHECK(dialects::find_spoken(word) == spoken);
    for (const dialects::Endpoint& endpoint : spoken->endpoints) {
      CHECK(endpoint.path.empty());
      CHECK(!endpoint.upstream.empty());
    }
    const dialects::Dialect* of = spoken->variant_of;
    const dialects::Dialect& mock = dialects::for_mock(*spoken);
    CHECK(dialects::find_dialect(dialects::word_of(mock)) == &mock);
    if (of == nullptr) {
      ++own;
      CHECK((spoken->read_request == nullptr && spoken->write_reply == nullptr && spoken->write_events == nullptr));
      CHECK((spoken->write_request && spoken->read_reply && spoken->read_events && spoken->read_error));
      continue;
    }
    ++variants;
    CHECK(&mock == of);
    CHECK(dialects::find_dialect(dialects::word_of(*of)) == of);
    CHECK((spoken->write_request == of->write_request));
    CHECK((spoken->read_events == of->read_events));
    for (const dialects::Endpoint& endpoint : spoken->endpoints)
      CHECK(dialects::find_endpoint(*of, endpoint.operation) != nullptr);
  }
  CHECK(variants > 0);
  CHECK(own > 0);
  CHECK(&dialects::for_mock(*dialects::find_dialect("gemini")) == dialects::find_dialect("gemini"));
  CHECK(dialects::find_spoken("openai") == dialects::find_dialect("openai"));
  CHECK(dialects::find_spoken("nothing") == nullptr);
}

TEST_CASE("a dialect's own header keeps the client's word, and of a list the words that are allowed") {
  constexpr std::string_view globs[] = {"thinking-*", "exact"};
  const dialects::OwnHeader version{.name = "x-version", .otherwise = "1", .allowed = {}};
  const dialects::OwnHeader flags{.name = "x-flags", .otherwise = "", .allowed = globs};
  apigw::http::Headers from;
  CHECK(dialects::value_for_provider(version, from) == "1");
  CHECK(dialects::value_for_provider(flags, from).empty());
  from.add("x-version", "2");
  from.add("X-Flags", "files-1, thinking-2 ,exact,exactly");
  from.add("x-flags", "thinking-3");
  CHECK(dialects::value_for_provider(version, from) == "2");
  CHECK(dialects::value_for_provider(flags, from) == "thinking-2,exact,thinking-3");
}
