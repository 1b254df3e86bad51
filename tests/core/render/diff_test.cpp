#include <doctest/doctest.h>

#include "render/file_tree.h"

using apigw::render::unified_diff;

TEST_CASE("a diff is what patch reads") {
  struct Row {
    const char* name;
    const char* before;
    const char* after;
    const char* expected;
  };
  const Row rows[] = {
      {"equal", "a\nb\n", "a\nb\n", ""},
      {"new file", "", "a\nb\n", "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
      {"one line changed", "a\nb\nc\n", "a\nB\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
      {"only three lines around", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n",
       "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"},
      {"two hunks", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n", "X\n2\n3\n4\n5\n6\n7\n8\n9\n10\nY\n",
       "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-1\n+X\n 2\n 3\n 4\n@@ -8,4 +8,4 @@\n 8\n 9\n 10\n-11\n+Y\n"},
      {"near changes share a hunk", "1\n2\n3\n4\n5\n6\n7\n8\n", "X\n2\n3\n4\n5\n6\n7\nY\n",
       "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-1\n+X\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+Y\n"},
      {"no newline at the end", "a\n", "a", "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n"},
      {"lines added in the middle", "a\nd\n", "a\nb\nc\nd\n", "--- f\n+++ f\n@@ -1,2 +1,4 @@\n a\n+b\n+c\n d\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(unified_diff("f", row.before, row.after) == row.expected);
  }
}
