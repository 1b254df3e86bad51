#include <doctest/doctest.h>

#include "policy/key.h"
#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

TEST_CASE("key hash reads a key from stdin and prints the line for the config") {
  const auto ran =
      run({"key", "hash", "-q"}, {.in = "a-key-of-ours\r\nsecond line\n", .environment = {{"APIGW_PEPPER", "p"}}});
  CHECK(ran.exit == 0);
  CHECK(ran.out == "hash: " + policy::hash_key(Secret{"p"}, "a-key-of-ours") + "\n");
  CHECK(ran.err.empty());
}

TEST_CASE("key hash says which pepper it used") {
  CHECK(run({"key", "hash"}, {.in = "k\n"}).err ==
        "hashed without a pepper: APIGW_PEPPER is not set; set it first when the config has `pepper:`\n");
  const auto ran = run({"key", "hash", "--pepper-from", "SALT"}, {.in = "k\n", .environment = {{"SALT", "s"}}});
  CHECK(ran.err == "hashed with the pepper in SALT; the config must say `pepper: env:SALT`\n");
  CHECK(ran.out == "hash: " + policy::hash_key(Secret{"s"}, "k") + "\n");
}

TEST_CASE("a generated key is shown once and its hash is its hash") {
  const auto ran = run({"key", "hash", "--generate", "-q"});
  REQUIRE(ran.out.starts_with("key: agw_"));
  const std::string key = ran.out.substr(5, ran.out.find('\n') - 5);
  CHECK(policy::key_form_ok(key));
  CHECK(ran.out == "key: " + key + "\nhash: " + policy::hash_key(Secret{}, key) + "\n");
}

TEST_CASE("what is no key is exit 2 and is not repeated") {
  const auto none = run({"key", "hash"}, {.in = "\n"});
  CHECK(none.exit == 2);
  CHECK(none.err == "error: no key on stdin\n help: pipe it in, or use --generate\n");
  const auto closed = run({"key", "hash", "--no-input"}, {.in = "k\n", .terminal = {.in = true}});
  CHECK(closed.exit == 2);
  const auto typo = run({"key", "hash"}, {.in = "agw_nkck5w1f8a_e8v0\n"});
  CHECK(typo.exit == 2);
  CHECK(typo.err == "error: the key is mistyped: its checksum does not fit\n help: copy it again, whole\n");
}

TEST_CASE("a key is never an argument") {
  const auto ran = run({"key", "hash", "agw_secret"});
  CHECK(ran.exit == 2);
  CHECK(ran.out.empty());
}
