#include "policy/key.h"

#include <numeric>

#include <doctest/doctest.h>

using namespace apigw;

namespace {

Secret fixed_key(std::uint8_t first) {
  std::array<std::uint8_t, policy::key_random_bytes> random{};
  std::iota(random.begin(), random.end(), first);
  return policy::mint_key(random);
}

}  // namespace

TEST_CASE("a minted key passes its own check and shows its id") {
  const Secret key = fixed_key(1);
  CHECK(key.expose().size() == 74);
  CHECK(policy::key_form_ok(key.expose()));
  CHECK(policy::key_id(key.expose()) == key.expose().substr(0, 14));
  CHECK(fixed_key(2).expose() != key.expose());
}

TEST_CASE("two keys of the system's generator differ") {
  const auto a = policy::mint_key();
  const auto b = policy::mint_key();
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->expose() != b->expose());
  CHECK(policy::key_form_ok(a->expose()));
}

TEST_CASE("every typo of one character is seen without a look-up") {
  const std::string key{fixed_key(7).expose()};
  for (std::size_t i = policy::key_prefix.size(); i < key.size(); ++i) {
    std::string typo = key;
    typo[i] = typo[i] == '7' ? '8' : '7';
    CAPTURE(i);
    CHECK_FALSE(policy::key_form_ok(typo));
  }
  CHECK_FALSE(policy::key_form_ok(key.substr(0, key.size() - 1)));
  CHECK_FALSE(policy::key_form_ok(key + "0"));
  CHECK_FALSE(policy::key_form_ok("agw_"));
}

TEST_CASE("a key that somebody else made has no form to break") {
  CHECK(policy::key_form_ok("sk-anything"));
  CHECK(policy::key_form_ok(""));
  CHECK(policy::key_id("sk-anything").empty());
}

TEST_CASE("the hash of a key is HMAC-SHA-256 under the pepper") {
  struct Row {
    std::string_view name, pepper, key, hash;
  };
  const std::string long_pepper(131, '\xaa');
  for (const Row& row : {
           // RFC 4231, test case 2 and 6, and the empty key and message.
           Row{"short pepper", "Jefe", "what do ya want for nothing?",
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
           Row{"pepper longer than a block", long_pepper, "Test Using Larger Than Block-Size Key - Hash Key First",
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
           Row{"no pepper", "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
       }) {
    CAPTURE(row.name);
    CHECK(policy::hash_key(Secret(std::string(row.pepper)), row.key) == "hmac-sha256:" + std::string(row.hash));
  }
}

TEST_CASE("one hasher gives the same digest again and again") {
  const policy::KeyHasher hasher(Secret("pepper"));
  const auto first = hasher.digest("a");
  CHECK(hasher.digest("b") != first);
  CHECK(hasher.digest("a") == first);
}

TEST_CASE("only a whole hash text is read back") {
  const std::string hash = policy::hash_key(Secret("p"), "k");
  REQUIRE(policy::parse_key_hash(hash));
  CHECK(*policy::parse_key_hash(hash) == policy::KeyHasher(Secret("p")).digest("k"));
  CHECK_FALSE(policy::parse_key_hash(hash.substr(12)));
  CHECK_FALSE(policy::parse_key_hash(hash + "00"));
  CHECK_FALSE(policy::parse_key_hash("hmac-sha256:zz"));
}
