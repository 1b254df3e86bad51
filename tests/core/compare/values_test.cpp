#include "compare/values.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

using namespace apigw;
using namespace apigw::compare;

TEST_CASE("two values that a cut would show as the same begin shortly before the place where they differ") {
  const std::string long_text(300, 'a');
  CHECK(shown("a", "b") == Shown{"a", "b"});
  CHECK(shown("a" + long_text, "b" + long_text).first == "a" + std::string(119, 'a') + "…");
  CHECK(shown(long_text + "old: 1\n", long_text + "new: 2\n") ==
        Shown{"…" + std::string(30, 'a') + "old: 1\\n", "…" + std::string(30, 'a') + "new: 2\\n"});
  CHECK(shown(long_text, long_text + "b") == Shown{"…" + std::string(30, 'a'), "…" + std::string(30, 'a') + "b"});
  const std::string umlauts = [] {
    std::string out;
    for (int i = 0; i < 200; ++i) out += "ü";
    return out;
  }();
  for (std::string tail = "x"; tail.size() < 4; tail += "y") {
    const auto [before, after] = shown(umlauts + tail + "1", umlauts + tail + "2");
    CHECK(before != after);
    CHECK(text::valid_utf8(before));
    CHECK(before.starts_with("…ü"));
  }
  // The same up to the middle of a character: one byte of two.
  const auto [before, after] = shown(umlauts + "ä", umlauts + "ö");
  CHECK(before.ends_with("üä"));
  CHECK(after.ends_with("üö"));
  const Json list = Json::array({long_text, 1}), other = Json::array({long_text, 2});
  CHECK(shown(&list, &other).first.ends_with("\",1]"));
  CHECK(shown(nullptr, &list).first == "");
}
