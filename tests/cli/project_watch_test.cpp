// When a running project is to be read again.
#include "project_watch.h"

#include <doctest/doctest.h>

#include "support/memory_files.h"

using namespace apigw;
using cli::ProjectWatch;

namespace {

using Paths = std::vector<std::string>;

// A disk that holds the includes `there` and nothing else.
class Includes final : public testing::MemoryFiles {
 public:
  Paths there;
  std::vector<std::string> glob(const std::string&) const override { return there; }
};

constexpr run::TimePoint start{std::chrono::hours{1}};

ProjectWatch::Reading reading_of(const Paths& includes) {
  Paths files{"/nowhere/apigw.yaml"};
  files.insert(files.end(), includes.begin(), includes.end());
  return {.files = files, .globs = {"/nowhere/*/apigw.yaml"}};
}

}  // namespace

TEST_CASE("an include that came while the project was read has it read again, at once and one time") {
  Includes disk;
  ProjectWatch watch(ProjectWatch::Scope::project, disk, start);
  disk.there = {"/nowhere/one/apigw.yaml", "/nowhere/two/apigw.yaml"};
  watch.follow(reading_of({"/nowhere/one/apigw.yaml"}), {}, "", start);
  CHECK(watch.next() <= start);
  const auto change = watch.changed(start);
  REQUIRE(change);
  CHECK_FALSE(change->certificates);
  // The second cannot be read: that is told already, and told once.
  watch.follow(reading_of({"/nowhere/one/apigw.yaml"}), {}, "", start);
  CHECK(watch.next() > start);
  CHECK_FALSE(watch.changed(start));
}

TEST_CASE("a project whose includes were all read rests until one comes or goes") {
  Includes disk;
  ProjectWatch watch(ProjectWatch::Scope::project, disk, start);
  disk.there = {"/nowhere/one/apigw.yaml"};
  watch.follow(reading_of(disk.there), {}, "", start);
  CHECK(watch.next() > start);
  CHECK_FALSE(watch.changed(start));
  disk.there.clear();
  CHECK(watch.changed(start + run::FileWatch::look_every));
}

TEST_CASE("an include that came or went is named") {
  Includes disk;
  cli::IncludeMatches matches;
  disk.there = {"/nowhere/b/apigw.yaml", "/nowhere/d/apigw.yaml"};
  CHECK_FALSE(matches.renew(disk, {"/nowhere/*/apigw.yaml"}, disk.there));
  CHECK_FALSE(matches.changed(disk));
  disk.there = {"/nowhere/b/apigw.yaml", "/nowhere/c/apigw.yaml", "/nowhere/d/apigw.yaml"};
  CHECK(matches.changed(disk) == "/nowhere/c/apigw.yaml");
  disk.there = {"/nowhere/d/apigw.yaml"};
  CHECK(matches.changed(disk) == "/nowhere/b/apigw.yaml");
}

TEST_CASE("certificates alone are watched for their own sake, whatever the includes do") {
  Includes disk;
  ProjectWatch watch(ProjectWatch::Scope::certificates, disk, start);
  disk.there = {"/nowhere/one/apigw.yaml"};
  watch.follow(reading_of({}), {}, "", start);
  CHECK(watch.next() > start);
  CHECK_FALSE(watch.changed(start + run::FileWatch::look_every));
}
