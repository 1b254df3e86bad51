// Every field of the config is claimed by every emitter, and what one calls lost is told where it is set.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "assembly/vocabulary.h"
#include "config/load.h"
#include "emit/emitter.h"
#include "structure/tree.h"

using namespace apigw;

namespace {

bool covers(std::string_view claim, std::string_view field) {
  if (!claim.ends_with(".**")) return claim == field;
  claim.remove_suffix(3);
  return field == claim || (field.starts_with(claim) && field[claim.size()] == '.');
}

}  // namespace

TEST_CASE("every emitter claims every field of the config, and no other") {
  const auto pages = config::field_pages(assembly::vocabulary());
  for (const emit::RosterRow& row : emit::roster()) {
    CAPTURE(row.word);
    for (const config::FieldPage& page : pages) {
      if (!page.enforced) continue;
      const bool parent = std::ranges::any_of(
          pages, [&](const config::FieldPage& other) { return other.path.starts_with(page.path + "."); });
      const auto claims = std::ranges::count_if(
          row.emitter->claims, [&](const emit::FieldClaim& claim) { return covers(claim.field, page.path); });
      CHECK_MESSAGE((claims == 1 || (parent && claims == 0)), page.path);
    }
    for (const emit::FieldClaim& claim : row.emitter->claims)
      CHECK_MESSAGE(std::ranges::any_of(pages, [&](const auto& page) { return covers(claim.field, page.path); }),
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
