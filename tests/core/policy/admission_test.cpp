#include "policy/admission.h"

#include <doctest/doctest.h>

#include "policy/wrong_keys.h"
#include "support/plan_builder.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

std::string minted(std::uint8_t fill) {
  std::array<std::uint8_t, policy::key_random_bytes> random{};
  random.fill(fill);
  return std::string(policy::mint_key(random).expose());
}

const std::string shop_key = minted(1);
const std::string stranger_key = minted(2);
constexpr std::string_view hashed_key = "a-key-kept-as-a-hash";

test::PlanBuilder plan_of_shop() {
  test::PlanBuilder plan;
  plan.service("s", 9001).route("/a", "s").consumer("shop", shop_key).consumer("odd", "sk-odd-key").keyed();
  plan.with([](model::Plan& p) {
    p.pepper = {model::SecretRef::Kind::env, "PEPPER", Secret("salt"), {}};
    model::Consumer stored;
    stored.name = "stored";
    stored.hash = policy::hash_key(p.pepper.value, hashed_key);
    p.consumers.push_back(stored);
  });
  return plan;
}

struct Call {
  model::PlanPtr plan = plan_of_shop().build();
  http::RequestHead head{.method = "GET", .client = "192.0.2.1"};
  policy::AdmitFacts facts{.instance = "apigw-me"};

  Call& with(std::string_view name, std::string_view value) {
    head.headers.add(name, value);
    return *this;
  }
  [[nodiscard]] policy::Admitted admit(std::optional<std::uint32_t> wrong_keys = std::nullopt) const {
    return policy::Admission(plan).admit(plan->routes[0], head, facts, wrong_keys);
  }
  // The caller's name, or "" when not admitted.
  [[nodiscard]] std::string caller() const {
    const auto result = admit();
    const auto* call = std::get_if<policy::AdmittedCall>(&result);
    return call ? std::string(call->caller().name) : "";
  }
  [[nodiscard]] policy::Refusal refusal(std::optional<std::uint32_t> wrong_keys = std::nullopt) const {
    auto result = admit(wrong_keys);
    REQUIRE(std::holds_alternative<policy::Refusal>(result));
    return std::get<policy::Refusal>(std::move(result));
  }
};

}  // namespace

TEST_CASE("a known key names its consumer, in whichever header it came") {
  struct Row {
    std::string_view name, header, value, caller;
  };
  for (const Row& row : {
           Row{"bearer", "Authorization", "Bearer {}", "shop"},
           {"bearer in any case", "authorization", "bearer   {}", "shop"},
           {"x-api-key", "X-Api-Key", "{}", "shop"},
           {"api-key", "api-key", "{}", "shop"},
           {"x-goog-api-key", "x-goog-api-key", "{}", "shop"},
           {"a key of somebody else's making", "x-api-key", "sk-odd-key", "odd"},
           {"a key kept as a hash", "x-api-key", hashed_key, "stored"},
       }) {
    CAPTURE(row.name);
    std::string value(row.value);
    if (const auto at = value.find("{}"); at != std::string::npos) value.replace(at, 2, shop_key);
    CHECK(Call().with(row.header, value).caller() == row.caller);
  }
}

TEST_CASE("a call without a good key is refused, told what was seen, and never told what was sent") {
  struct Row {
    std::string_view name, header;
    std::string value;
    std::string_view reason, says;
  };
  std::string typo = stranger_key;
  typo[20] = typo[20] == '0' ? '1' : '0';
  for (const Row& row : {
           Row{"none", "x-other", "1", "missing_key", "no key was sent; send 'Authorization: Bearer KEY'"},
           {"unknown", "x-api-key", stranger_key, "invalid_key", "the key in 'x-api-key' is not known here"},
           {"typo", "Authorization", "Bearer " + typo, "invalid_key", "'Authorization' is mistyped"},
           {"other scheme", "Authorization", "Basic c2VjcmV0", "invalid_key", "holds no key of a form"},
           {"bare scheme", "Authorization", "Bearer", "invalid_key", "holds no key"},
           {"empty", "x-api-key", "", "invalid_key", "holds no key"},
           {"hash instead of the key", "x-api-key", policy::hash_key(Secret("salt"), hashed_key), "invalid_key",
            "not known"},
       }) {
    CAPTURE(row.name);
    const auto no = Call().with(row.header, row.value).refusal(1);
    CHECK(no.status == 401);
    CHECK(no.reason == row.reason);
    CHECK(no.message.find(row.says) != std::string::npos);
    CHECK(no.headers.find("www-authenticate").has_value());
    if (row.value.size() > 8) CHECK_FALSE(no.message.contains(std::string_view(row.value).substr(7)));
  }
}

TEST_CASE("two different keys are refused wherever they stand, and the same one twice is one key") {
  struct Row {
    std::string_view name, first, first_value, second, second_value, says;
  };
  const std::string good = "Bearer " + shop_key, bad = "Bearer " + stranger_key;
  for (const Row& row : {
           Row{"wrong and right", "x-api-key", stranger_key, "authorization", good,
               "'x-api-key' and in 'Authorization'"},
           {"right and wrong", "x-api-key", shop_key, "authorization", bad, "'x-api-key' and in 'Authorization'"},
           {"the other order", "authorization", good, "api-key", stranger_key, "'api-key' and in 'Authorization'"},
           {"one header twice", "x-api-key", shop_key, "X-Api-Key", stranger_key, "'x-api-key' and in 'x-api-key'"},
           {"the second of two bearers", "authorization", good, "authorization", bad, "two different keys"},
       }) {
    CAPTURE(row.name);
    auto call = Call().with(row.first, row.first_value).with(row.second, row.second_value);
    const auto no = call.refusal(1);
    CHECK(no.status == 401);
    CHECK(no.reason == "conflicting_keys");
    CHECK(no.message.find(row.says) != std::string::npos);
    CHECK_FALSE(no.message.contains(shop_key.substr(5)));
  }
  CHECK(Call().with("x-api-key", shop_key).with("authorization", good).caller() == "shop");
}

TEST_CASE("a credential that is no key stands beside a key without a conflict, and rescues none") {
  CHECK(Call().with("x-api-key", shop_key).with("authorization", "Basic c2VjcmV0").caller() == "shop");
  CHECK(Call().with("x-api-key", "").with("authorization", "Bearer " + shop_key).refusal(1).reason == "invalid_key");
}

TEST_CASE("a wrong key asks how many came from its address, and too many are a 429") {
  auto call = Call().with("x-api-key", stranger_key);
  auto first = call.admit();
  REQUIRE(std::holds_alternative<policy::Ask>(first));
  CHECK(std::get<policy::Ask>(first).question == "192.0.2.1");
  CHECK(call.refusal(policy::WrongKeys::limit).status == 401);
  const auto no = call.refusal(policy::WrongKeys::limit + 1);
  CHECK(no.status == 429);
  CHECK(no.headers.find("retry-after") == "60");
}

TEST_CASE("while an address must wait its wrong keys are refused uncounted, and a good key passes") {
  struct Row {
    std::string_view name, header, value;
    int status;
  };
  for (const Row& row : {Row{"unknown", "x-api-key", stranger_key, 429},
                         {"malformed", "authorization", "Basic c2VjcmV0", 429},
                         {"mistyped", "x-api-key", "agw_short", 429},
                         {"none", "x-other", "1", 401}}) {
    CAPTURE(row.name);
    auto call = Call().with(row.header, row.value);
    call.facts.throttled = 17s;
    const auto no = call.refusal();
    CHECK(no.status == row.status);
    CHECK(no.headers.find("retry-after") ==
          (row.status == 429 ? std::optional<std::string_view>("17") : std::nullopt));
  }
  auto call = Call().with("x-api-key", shop_key);
  call.facts.throttled = 17s;
  CHECK(call.caller() == "shop");
}

TEST_CASE("where no key is asked nobody waits for wrong keys") {
  auto call = Call().with("x-api-key", stranger_key);
  call.facts.throttled = 17s;
  auto open = std::make_shared<model::Plan>(*call.plan);
  open->routes[0].auth = {.none = true};
  call.plan = open;
  CHECK(call.caller() == "anonymous");
}

TEST_CASE("the route's own auth stands over the listener's, and that over the defaults") {
  struct Row {
    std::string_view name;
    bool own;
    std::optional<model::Auth> listener;
    std::uint32_t index;
    bool open;
  };
  const model::Auth none{.none = true}, key{.key = true};
  for (const Row& row : {
           Row{"defaults", false, std::nullopt, 0, true},
           {"listener", false, key, 0, false},
           {"own", true, key, 0, true},
           {"a listener that is gone asks for a key", false, std::nullopt, 7, false},
       }) {
    CAPTURE(row.name);
    Call call;
    auto plan = std::make_shared<model::Plan>(*call.plan);
    plan->routes[0].auth = none;
    plan->routes[0].own_auth = row.own;
    plan->listeners[0].auth = row.listener;
    call.plan = plan;
    call.head.listener = row.index;
    CHECK((call.caller() == "anonymous") == row.open);
  }
}

TEST_CASE("a route that names no way to authenticate admits nobody") {
  Call call;
  auto plan = std::make_shared<model::Plan>(*call.plan);
  plan->routes[0].auth = {};
  call.plan = plan;
  CHECK(call.with("x-api-key", shop_key).refusal().reason == "no_authenticator");
}

TEST_CASE("overload, loops and announced sizes are refused before anybody looks at keys") {
  Call full;
  full.facts.in_flight = full.plan->caps.in_flight;
  CHECK(full.refusal().status == 503);
  CHECK(full.refusal().headers.find("retry-after").has_value());
  CHECK(Call().with("Via", "1.1 other, 1.1 apigw-me").refusal().status == 508);
  CHECK(Call().with("Via", "1.1 apigw-another").refusal().status == 401);
  Call big;
  big.head.content_length = big.plan->routes[0].body_cap + 1;
  CHECK(big.refusal().status == 413);
  big.head.content_length = big.plan->routes[0].body_cap;
  CHECK(big.refusal().status == 401);
}
