// Every field of the config is claimed by every emitter, and every emitter is a row of its table.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "assembly/vocabulary.h"
#include "config/load.h"
#include "emit/emitter.h"
#include "structure/claims.h"
#include "structure/tree.h"

using namespace apigw;

TEST_CASE("every emitter claims every field of the config, and no other") {
  const auto pages = config::field_pages(assembly::vocabulary());
  for (const emit::RosterRow& row : emit::roster()) {
    CAPTURE(row.word);
    for (const config::FieldPage& page : pages) {
      if (!page.enforced) continue;
      const bool parent = std::ranges::any_of(
          pages, [&](const config::FieldPage& other) { return other.path.starts_with(page.path + "."); });
      const auto claims = std::ranges::count_if(
          row.emitter->claims, [&](const emit::FieldClaim& claim) { return test::covers(claim.field, page.path); });
      CHECK_MESSAGE((claims == 1 || (parent && claims == 0)), page.path);
    }
    for (const emit::FieldClaim& claim : row.emitter->claims)
      CHECK_MESSAGE(
          std::ranges::any_of(pages, [&](const auto& page) { return test::covers(claim.field, page.path); }),
          claim.field);
  }
}

TEST_CASE("every emitter's file is a row of targets.txt and every row a file") {
  std::set<std::string> named;
  for (const auto line : test::lines(test::read_text("core/emit/targets.txt")))
    if (!line.empty() && line.front() != '#') named.insert(std::string(line.substr(line.rfind(' ') + 1)));
  for (const auto& file : test::source_files("core/emit", {".cpp"}))
    if (file.text.find("const Emitter ") != std::string::npos)
      CHECK_MESSAGE(named.contains(file.path.substr(file.path.rfind('/') + 1)), file.path);
  CHECK(named.size() == emit::roster().size());
}
