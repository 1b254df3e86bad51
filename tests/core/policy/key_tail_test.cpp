#include "policy/key_tail.h"

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("a key is named by its last four characters, a short one by none") {
  CHECK(policy::key_tail(Secret("sk-abcdefghk3Qz")) == "…k3Qz");
  CHECK(policy::key_tail(Secret("123456789012")) == "…9012");
  CHECK(policy::key_tail(Secret("12345678901")) == "…");
  CHECK(policy::key_tail(Secret("")) == "…");
  CHECK(policy::key_tail(Secret("123456789\x1b[1m")) == "…");
  CHECK(policy::key_tail(Secret("1234567890123é")) == "…");
}
