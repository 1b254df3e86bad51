// Access tokens fetched from an endpoint over sockets, and a call through a running gateway with one.
#include "assembly/token_keeper.h"

#include <atomic>
#include <future>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "assembly/engine.h"
#include "assembly/vocabulary.h"
#include "config/load.h"
#include "core/net/harness.h"
#include "support/plan_builder.h"
#include "support/service_account.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

const SystemClock system_clock;

std::string reply(int status, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}", status,
      body.size(), body);
}

// One request of `wire`, head and body.
std::string asked(test::Wire& wire) {
  std::string head = wire.until("\r\n\r\n");
  const auto at = text::lower(head).find("\r\ncontent-length: ");
  return at == std::string::npos ? head : head + wire.take(std::stoul(head.substr(at + 18)));
}

std::string account_at(std::uint16_t port) {
  return test::account(fmt::format("http://127.0.0.1:{}/token", port));
}

// A plan whose provider has such a key, and what it is bound to.
struct Bound {
  explicit Bound(const std::string& key)
      : plan(test::PlanBuilder().provider("google", 9, key).speaks("vertex-gemini").build()),
        bindings(gateway::State(1, system_clock).bind(*plan)) {}
  [[nodiscard]] credential::TokenSlot& slot() const { return *bindings->providers.front()->token; }
  // The token once the fetch that is under way is over; empty: none.
  [[nodiscard]] std::string token() const {
    const auto over = std::make_shared<std::promise<void>>();
    bool waits = false;
    const auto at_once = slot().good_or(system_clock.wall(), [over] { over->set_value(); }, waits);
    if (at_once) return std::string(at_once->expose());
    if (!waits || over->get_future().wait_for(10s) != std::future_status::ready) return {};
    const auto late = slot().good(system_clock.wall());
    return late ? std::string(late->expose()) : "";
  }
  model::PlanPtr plan;
  std::shared_ptr<const gateway::Bindings> bindings;
};

}  // namespace

TEST_CASE("an account's key is exchanged for a token, once, and kept over a reload") {
  std::promise<std::string> got;
  test::Peer endpoint([&](test::Wire& wire, int number) {
    std::string request = asked(wire);
    if (number == 0) got.set_value(std::move(request));
    wire.send(reply(200, R"({"access_token":"ya29.fetched","expires_in":3600,"token_type":"Bearer"})"));
  });
  const Bound bound(account_at(endpoint.port()));
  assembly::TokenKeeper keeper(system_clock, {}, nullptr);
  keeper.follow(*bound.plan, *bound.bindings);
  CHECK(bound.token() == "ya29.fetched");
  const std::string request = got.get_future().get();
  CHECK(request.starts_with("POST /token HTTP/1.1\r\n"));
  CHECK(request.contains("application/x-www-form-urlencoded"));
  CHECK(request.contains("\r\n\r\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJ"));
  keeper.follow(*bound.plan, *bound.bindings);
  CHECK(bound.token() == "ya29.fetched");
  CHECK(endpoint.connections() == 1);
}

TEST_CASE("a fetch that fails is told with the provider's name, once, and tried again") {
  test::Peer endpoint([](test::Wire& wire, int number) {
    (void)asked(wire);
    wire.send(number < 2 ? reply(400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})")
                         : reply(200, R"({"access_token":"ya29.third","expires_in":3600})"));
  });
  const Bound bound(account_at(endpoint.port()));
  std::atomic<int> told = 0;
  std::promise<std::string> words;
  assembly::TokenKeeper keeper(system_clock, {}, [&](std::string_view provider, std::string_view why) {
    if (told++ == 0) words.set_value(fmt::format("{}: {}", provider, why));
  });
  keeper.follow(*bound.plan, *bound.bindings);
  CHECK(words.get_future().get() == "google: the token endpoint answered 400, invalid_grant: Invalid JWT Signature.");
  CHECK(bound.token().empty());  // and nobody waits for the next one
  std::string token;
  for (const auto end = system_clock.now() + 10s; token.empty() && system_clock.now() < end;) token = bound.token();
  CHECK(token == "ya29.third");
  CHECK(told == 1);
}

TEST_CASE("an account that cannot be used, and an endpoint that is not there, are told too") {
  for (const auto& [key, words] :
       {std::pair(std::string(R"({"type":"authorized_user"})"), "its type is 'authorized_user'"),
        std::pair(account_at(1), "127.0.0.1:1")}) {
    const Bound bound(key);
    std::promise<std::string> why;
    assembly::TokenKeeper keeper(system_clock, {},
                                 [&](std::string_view, std::string_view told) { why.set_value(std::string(told)); });
    keeper.follow(*bound.plan, *bound.bindings);
    auto told = why.get_future();
    REQUIRE(told.wait_for(10s) == std::future_status::ready);
    CHECK(told.get().contains(words));
  }
}

TEST_CASE("a keeper ends at once while an endpoint keeps silent, and lets nobody wait for an account that is gone") {
  std::promise<void> reached, let_go;
  auto gone = let_go.get_future().share();
  test::Peer endpoint([&](test::Wire& wire, int number) {
    (void)asked(wire);
    if (number == 0) reached.set_value();
    gone.wait();
  });
  const Bound bound(account_at(endpoint.port()));
  const auto began = system_clock.now();
  {
    assembly::TokenKeeper keeper(system_clock, {}, nullptr);
    keeper.follow(*bound.plan, *bound.bindings);
    reached.get_future().wait();
    auto waiting = std::async(std::launch::async, [&] { return bound.token(); });
    const auto without = test::PlanBuilder().provider("google", 9, "ya29.plain").speaks("vertex-gemini").build();
    std::this_thread::yield();
    keeper.follow(*without, *bound.bindings);
    CHECK(waiting.get().empty());
  }
  CHECK(system_clock.now() - began < 8s);
  let_go.set_value();
}

TEST_CASE("a running gateway calls Vertex with the token that it fetched for the file of its config") {
  test::Peer endpoint([](test::Wire& wire, int) {
    (void)asked(wire);
    wire.send(reply(200, R"({"access_token":"ya29.end-to-end","expires_in":3600})"));
  });
  std::promise<std::string> got;
  test::Peer vertex([&](test::Wire& wire, int) {
    got.set_value(asked(wire));
    wire.send(reply(
        200, R"({"candidates":[{"content":{"role":"model","parts":[{"text":"heard"}]},"finishReason":"STOP"}]})"));
  });
  class Files final : public config::Files {
   public:
    explicit Files(std::string account) : account_(std::move(account)) {}
    Result<std::string> read(const std::string& path, std::size_t) const override {
      if (path.ends_with("account.json")) return account_;
      return fail(ErrorKind::not_found, path);
    }
    std::vector<std::string> glob(const std::string&) const override { return {}; }
    bool exists(const std::string&) const override { return false; }
    unsigned mode(const std::string&) const override { return 0600; }

   private:
    std::string account_;
  };
  std::string pretty = account_at(endpoint.port());
  pretty.insert(1, "\n  ");  // as Google writes such files: over several lines
  config::Request request{.path = "apigw.yaml", .secrets = config::Secrets::required};
  request.text = fmt::format(
      "apigw: 1\nlisten: 127.0.0.1:0\ndefaults: {{ auth: none }}\nproviders:\n  vertex: {{ url: "
      "\"http://127.0.0.1:{}/v1/projects/shop/locations/global\", key: \"file:account.json\" }}\nmodels: {{ chat: "
      "vertex/gemini-2.5-flash }}\n",
      vertex.port());
  const auto loaded = config::load(request, Files(pretty), {}, assembly::vocabulary());
  for (const auto& finding : loaded.report.all()) MESSAGE(finding.message);
  REQUIRE(loaded.plan);
  const auto engine = assembly::Engine::start(loaded.plan, {.workers = 1}, system_clock);
  REQUIRE(engine);
  const std::string address = (*engine)->addresses().front().text;
  test::Wire client(static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
  const std::string body = R"({"model":"chat","messages":[{"role":"user","content":"x"}]})";
  client.send(
      fmt::format("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                  "content-length: {}\r\nconnection: close\r\n\r\n{}",
                  body.size(), body));
  const std::string answer = client.until("\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200"));
  const std::string head = text::lower(got.get_future().get());
  CHECK(head.starts_with(
      "post /v1/projects/shop/locations/global/publishers/google/models/gemini-2.5-flash:generatecontent"));
  CHECK(head.contains("\r\nauthorization: bearer ya29.end-to-end\r\n"));
}
