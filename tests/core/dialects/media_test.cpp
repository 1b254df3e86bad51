#include "dialects/media.h"

#include <doctest/doctest.h>

namespace dialects = apigw::dialects;

namespace {

struct Uri {
  const char* name;
  const char* url;
  const char* type;
  const char* base64;  // null: it cannot be read
};

const Uri uris[] = {
    {"plain", "data:image/png;base64,iVBORw0KGgo=", "image/png", "iVBORw0KGgo="},
    {"the type that browsers say", "data:image/jpg;base64,AAAA", "image/jpeg", "AAAA"},
    {"upper case", "DATA:Image/PNG;BASE64,AAAA", "image/png", "AAAA"},
    {"parameters", "data:text/plain;charset=utf-8;base64,aGk=", "text/plain", "aGk="},
    {"the URL alphabet without padding", "data:image/png;base64,_-8", "image/png", "/+8="},
    {"white space", "data:image/png;base64,AA AA\nAA==", "image/png", "AAAAAA=="},
    {"percent-encoded text", "data:image/svg+xml,%3Csvg%2f%3e", "image/svg+xml", "PHN2Zy8+"},
    {"a percent sign that encodes nothing", "data:text/plain,5%", "text/plain", "NSU="},
    {"no type", "data:;base64,AAAA", "", "AAAA"},
    {"no comma", "data:image/png;base64", "", nullptr},
    {"no data", "data:image/png;base64,", "", nullptr},
    {"no base64", "data:image/png;base64,!!!!", "", nullptr},
    {"a letter too many", "data:image/png;base64,AAAAA", "", nullptr},
    {"something behind the padding", "data:image/png;base64,AA==AA", "", nullptr},
};

}  // namespace

TEST_CASE("data URIs are read in every spelling and written in one") {
  for (const Uri& row : uris) {
    CAPTURE(row.name);
    const auto source = dialects::source_of(row.url);
    CHECK(source.has_value() == (row.base64 != nullptr));
    if (!source || row.base64 == nullptr) continue;
    CHECK(source->media_type == row.type);
    CHECK(source->base64 == row.base64);
    const auto again = dialects::source_of(dialects::data_uri(*source));
    REQUIRE(again);
    CHECK(again->base64 == source->base64);
  }
  const auto address = dialects::source_of("https://example.com/a,b.png");
  REQUIRE(address);
  CHECK(address->url == "https://example.com/a,b.png");
  CHECK(address->base64.empty());
}
