#include "policy/secret_scan.h"

#include <random>

#include <doctest/doctest.h>

#include "support/plan_builder.h"

using namespace apigw;

namespace {

policy::SecretSet set_of(const std::vector<std::string>& values) {
  std::vector<Secret> secrets;
  for (const auto& value : values) secrets.emplace_back(value);
  return policy::SecretSet(std::move(secrets));
}

struct Passed {
  std::string bytes;
  bool hit = false;
};

Passed pass(const policy::SecretSet& secrets, std::string_view text, const std::vector<std::size_t>& cuts) {
  policy::SecretFilter filter(secrets);
  Passed out;
  std::size_t begin = 0;
  const auto feed = [&](std::size_t end) {
    const auto fed = filter.feed(text.substr(begin, end - begin));
    out.bytes += fed.bytes;
    out.hit = fed.hit;
    begin = end;
  };
  for (const std::size_t cut : cuts) {
    if (out.hit) return out;
    feed(cut);
  }
  if (!out.hit) feed(text.size());
  if (!out.hit) out.bytes += filter.finish().bytes;
  return out;
}

}  // namespace

TEST_CASE("a secret is found wherever it stands and however the text is cut, and none of it leaves") {
  const std::string secret = "sk-0123456789abcdef", other = "another-secret-value-that-is-longer";
  const auto secrets = set_of({secret, other});
  for (const std::string& value : {secret, other}) {
    for (const std::string& text :
         {value, "x" + value, value + "y", std::string(300, 's') + value + "tail", "sk-0123456789abcde" + value}) {
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto out = pass(secrets, text, {cut});
        CAPTURE(cut);
        REQUIRE(out.hit);
        REQUIRE(text.starts_with(out.bytes));
        REQUIRE(out.bytes.size() <= text.find(value));
      }
    }
  }
}

TEST_CASE("what is no secret passes byte for byte, however it is cut") {
  const auto secrets = set_of({"sk-0123456789abcdef", "aaaaaaaaaaaaaaaaaaab"});
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 200) text += random() % 3 == 0 ? "sk-0123456789" : random() % 2 == 0 ? "aaaaaaa" : "q";
    std::vector<std::size_t> cuts;
    for (std::size_t at = random() % 20; at < text.size(); at += 1 + random() % 30) cuts.push_back(at);
    const auto out = pass(secrets, text, cuts);
    REQUIRE_FALSE(out.hit);
    REQUIRE(out.bytes == text);
  }
}

TEST_CASE("a plan's secrets are its keys and pepper, short ones left out") {
  test::PlanBuilder plan;
  plan.provider("p", 1, "provider-key-1").consumer("c", "consumer-key-1").consumer("short", "up");
  plan.with([](model::Plan& p) { p.pepper = {model::SecretRef::Kind::env, "P", Secret("pepper-of-house"), {}}; });
  const auto secrets = policy::SecretSet::of(*plan.build());
  CHECK(secrets.in("..provider-key-1.."));
  CHECK(secrets.in("consumer-key-1"));
  CHECK(secrets.in("x pepper-of-house"));
  CHECK_FALSE(secrets.in("up up up up up up"));
  CHECK_FALSE(set_of({}).in("anything at all"));
}

TEST_CASE("a secret is found at every place of texts of every small size") {
  const std::string shorter = "short-secret-1", longer = "a-longer-secret-of-this-gateway-0123456789";
  const auto secrets = set_of({shorter, longer});
  for (const std::string& secret : {shorter, longer}) {
    for (std::size_t size = 0; size < 300; ++size) {
      CHECK_FALSE(secrets.in(std::string(size, 's')));
      for (std::size_t begin = 0; begin + secret.size() <= size; ++begin) {
        std::string text(size, 's');
        text.replace(begin, secret.size(), secret);
        if (!secrets.in(text)) FAIL("missed at " << begin << " of " << size);
        text[begin + secret.size() - 1] ^= 1;
        if (secrets.in(text)) FAIL("imagined at " << begin << " of " << size);
      }
    }
  }
}
