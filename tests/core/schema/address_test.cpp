#include "schema/address.h"

#include <doctest/doctest.h>

using apigw::schema::resolve;

// The examples of RFC 3986 section 5.4 that schemas can meet, and schemas without an address.
TEST_CASE("a reference is seen from the address around it") {
  struct Row {
    std::string_view base, reference, resource, fragment;
  };
  const Row rows[] = {
      {"", "#/$defs/a", "", "/$defs/a"},
      {"", "node.json#top", "node.json", "top"},
      {"http://a/b/c/d;p?q", "g:h", "g:h", ""},
      {"http://a/b/c/d;p?q", "g", "http://a/b/c/g", ""},
      {"http://a/b/c/d;p?q", "./g/", "http://a/b/c/g/", ""},
      {"http://a/b/c/d;p?q", "/g", "http://a/g", ""},
      {"http://a/b/c/d;p?q", "//g", "http://g", ""},
      {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y", ""},
      {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q", "s"},
      {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q", ""},
      {"http://a/b/c/d;p?q", "..", "http://a/b/", ""},
      {"http://a/b/c/d;p?q", "../../../g", "http://a/g", ""},
      {"http://a", "g", "http://a/g", ""},
      {"urn:uuid:1234", "#/definitions/bar", "urn:uuid:1234", "/definitions/bar"},
      {"file:///c:/folder/file.json", "#a%25b", "file:///c:/folder/file.json", "a%b"},
      {"", "#50%", "", "50%"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reference);
    const auto address = resolve(row.base, row.reference);
    CHECK(address.resource == row.resource);
    CHECK(address.fragment == row.fragment);
  }
}
