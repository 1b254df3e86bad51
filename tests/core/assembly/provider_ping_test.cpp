#include "assembly/provider_ping.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/net/harness.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

// Answers every connection the same and keeps the last request.
class Answering {
 public:
  explicit Answering(std::string answer)
      : answer_(std::move(answer)), peer_([this](test::Wire& wire, int) {
          std::string request = wire.until("\r\n\r\n");
          const std::lock_guard lock(mutex_);
          got_ = std::move(request);
          wire.send(answer_);
        }) {}
  [[nodiscard]] std::uint16_t port() const { return peer_.port(); }
  [[nodiscard]] std::string got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }

 private:
  std::mutex mutex_;
  std::string got_, answer_;
  test::Peer peer_;
};

model::Provider provider_at(std::uint16_t port) {
  model::Provider provider{.name = "openai",
                           .dialect = "openai",
                           .origin = {.tls = false, .host = "127.0.0.1", .port = port},
                           .base_path = "/v1"};
  provider.key = {.kind = model::SecretRef::Kind::env, .name = "KEY", .value = Secret("sk-secret")};
  return provider;
}

}  // namespace

TEST_CASE("a ping asks for the models with the key and reports the reply's status and date") {
  Answering upstream("HTTP/1.1 401 Unauthorized\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n");
  const test::LeapClock clock;
  const auto pong = assembly::ping(provider_at(upstream.port()), {}, 5s, clock);
  REQUIRE(pong);
  CHECK(pong->status == 401);
  CHECK(pong->date == std::chrono::system_clock::from_time_t(784111777));
  CHECK(upstream.got().starts_with("GET /v1/models HTTP/1.1\r\n"));
  CHECK(upstream.got().find("authorization: Bearer sk-secret\r\n") != std::string::npos);
}

TEST_CASE("a ping speaks the provider's dialect") {
  Answering upstream("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  const test::LeapClock clock;
  model::Provider provider = provider_at(upstream.port());
  provider.dialect = "anthropic";
  REQUIRE(assembly::ping(provider, {}, 5s, clock));
  CHECK(upstream.got().starts_with("GET /v1/models HTTP/1.1\r\n"));
  CHECK(upstream.got().find("x-api-key: sk-secret\r\n") != std::string::npos);
  CHECK(upstream.got().find("anthropic-version: 2023-06-01\r\n") != std::string::npos);
}

TEST_CASE("a provider that refuses the key with another status is understood") {
  const std::string body =
      R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":)"
      R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})";
  Answering upstream(fmt::format("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
  const test::LeapClock clock;
  model::Provider provider = provider_at(upstream.port());
  provider.dialect = "gemini";
  provider.base_path = "/v1beta";
  const auto pong = assembly::ping(provider, {}, 5s, clock);
  REQUIRE(pong);
  CHECK(pong->status == 401);
  CHECK(upstream.got().starts_with("GET /v1beta/models HTTP/1.1\r\n"));
  CHECK(upstream.got().find("x-goog-api-key: sk-secret\r\n") != std::string::npos);
}

TEST_CASE("a ping takes the proxy that the gateway would take, and a credential for it") {
  Answering proxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  const test::LeapClock clock;
  model::Provider provider = provider_at(80);
  provider.origin.host = "provider.example";
  provider.outbound.proxy = model::Outbound::Proxy::env;
  const assembly::Variables variables{{"http_proxy", fmt::format("http://me:pass@127.0.0.1:{}", proxy.port())}};
  const auto pong = assembly::ping(provider, variables, 5s, clock);
  REQUIRE(pong);
  CHECK(pong->status == 200);
  CHECK(proxy.got().starts_with("GET http://provider.example:80/v1/models HTTP/1.1\r\n"));
  CHECK(proxy.got().find("Proxy-Authorization: Basic bWU6cGFzcw==\r\n") != std::string::npos);
  CHECK(assembly::way_to(provider, variables) == fmt::format("through 127.0.0.1:{}", proxy.port()));
  CHECK(assembly::way_to(provider, {}) == "directly");
  CHECK(!assembly::way_to(provider, {{"http_proxy", "ftp://x y"}}));
}

TEST_CASE("nobody there is an error, and the mock needs nobody") {
  const test::LeapClock clock;
  const auto nobody = assembly::ping(provider_at(1), {}, 5s, clock);
  REQUIRE(!nobody);
  CHECK(nobody.error().kind == ErrorKind::connect);
  CHECK(assembly::ping({.name = "mock", .mock = true}, {}, 5s, clock)->status == 200);
}

TEST_CASE("only whole dates are dates") {
  CHECK(assembly::parse_date("Sun, 06 Nov 1994 08:49:37 GMT"));
  for (const char* value : {"", "Sun, 06 Nov 1994 08:49:37 GMTx", "06 Nov 1994", "yesterday"}) {
    CAPTURE(value);
    CHECK(!assembly::parse_date(value));
  }
}
