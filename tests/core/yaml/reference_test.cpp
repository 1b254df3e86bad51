#include "yaml/reference.h"

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("a reference leads to what it names, or says why not") {
  diag::Sources sources;
  diag::Report report;
  const auto tree =
      yaml::parse(sources.add("a",
                              "a: { $ref: '#/b' }\nb: { $ref: '#/c~1d/0' }\nc/d: x\nloop: { $ref: '#/loop' }\n"
                              "far: { $ref: 'other.yaml#/a' }\ngone: { $ref: '#/a/b/c' }\nt: { ~0: here }\n"
                              "u: { $ref: '#/t/~00' }\nv: { $ref: '#/c~1d' }\n"),
                  sources, report);
  REQUIRE(tree);
  const yaml::Node& root = tree->root();
  yaml::Members members;
  const auto follow = [&](const char* key) { return yaml::follow(*root.find(key), root, members); };
  CHECK(*follow("c/d") == root.find("c/d"));
  CHECK(*follow("v") == root.find("c/d"));
  CHECK(follow("a").error().why == "reference '#/c~1d/0' leads nowhere");
  CHECK(follow("gone").error().why == "reference '#/a/b/c' leads nowhere");
  CHECK(follow("loop").error().why == "references lead in a circle or too far");
  CHECK_FALSE(follow("loop").error().outside);
  CHECK(follow("far").error().outside);
  CHECK((*follow("u"))->value == "here");
}

TEST_CASE("members of a large mapping are found, the last of duplicates") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "k" + std::to_string(i) + ": " + std::to_string(i) + "\n";
  text += "k7: again\n";
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("a", text), sources, report);
  REQUIRE(tree);
  yaml::Members members;
  for (const char* const key : {"k0", "k7", "k99", "none"})
    CHECK(members.find(tree->root(), key) == tree->root().find(key));
}
