#include "mock/transport.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

namespace mock = apigw::mock;
namespace gateway = apigw::gateway;
using apigw::ErrorKind;
using apigw::Result;
using apigw::Task;

namespace {

// What one call gave: a word for the head, the body, and a word for its end.
struct Seen {
  int status = 0;
  std::string mock, body, failure;
  std::size_t pieces = 0;
  std::optional<std::uint64_t> length;
};

struct Bench {
  boost::asio::io_context io{1};
  apigw::SystemClock clock;
  mock::MockTransport transport{io, clock, {.per_token = std::chrono::milliseconds{0}}};
  gateway::Destination destination;
  apigw::model::Timeouts timeouts;

  // Sends `body` in two pieces and reads the reply to its end; aborts at the head when told to.
  Task<void> talk(std::string body, bool abort, Seen& seen) {
    gateway::Opening opening;
    Result<gateway::OpenCall> opened = co_await transport.open(destination, timeouts, false, opening);
    REQUIRE(opened);
    gateway::UpstreamCall& call = **opened;
    CHECK(!call.sent_any());
    gateway::UpstreamRequest request;
    request.method = "POST";
    request.target = "/v1/chat/completions";
    const std::string first = body.substr(0, 10);
    const std::string second = body.substr(10);
    const Result<void> sent = co_await call.send(request, first, false);
    REQUIRE(sent);
    const Result<void> more = co_await call.send_more(second, true);
    REQUIRE(more);
    CHECK(call.sent_any());
    if (abort) boost::asio::post(io, [&call] { call.abort(); });
    const Result<const apigw::http::ResponseHead*> head = co_await call.read_head();
    if (!head) {
      seen.failure = word(head.error().kind);
      co_return;
    }
    seen.status = (*head)->status;
    seen.mock = (*head)->headers.find("x-apigw-mock").value_or("");
    seen.length = (*head)->content_length;
    co_await read_body(call, seen);
  }

  static Task<void> read_body(gateway::UpstreamCall& call, Seen& seen) {
    for (;;) {
      const Result<std::string_view> piece = co_await call.read_body();
      if (!piece) {
        seen.failure = word(piece.error().kind);
        co_return;
      }
      if (piece->empty()) co_return;
      seen.body += *piece;
      ++seen.pieces;
    }
  }

  Seen run(const std::string& model, bool stream, bool abort = false) {
    Seen seen;
    std::string body = R"({"model":")" + model + R"(","messages":[{"role":"user","content":"hi"}],"stream":)" +
                       (stream ? "true}" : "false}");
    boost::asio::co_spawn(io, talk(std::move(body), abort, seen), boost::asio::detached);
    io.run();
    io.restart();
    return seen;
  }
};

}  // namespace

TEST_CASE("a plain reply announces its length and marks itself") {
  const Seen seen = Bench().run("chat", false);
  CHECK(seen.status == 200);
  CHECK(seen.mock == "1");
  CHECK(seen.length == seen.body.size());
  CHECK(seen.failure.empty());
}

TEST_CASE("a stream comes in pieces and to its end") {
  const Seen seen = Bench().run("chat", true);
  CHECK(!seen.length);
  CHECK(seen.pieces > 10);
  CHECK(seen.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("a paced stream is whole too") {
  CHECK(Bench().run("drip-1", true).body.ends_with("data: [DONE]\n\n"));
  CHECK(Bench().run("slow-1", false).status == 200);
}

TEST_CASE("a cut, a reset and silence are errors of their kind") {
  Bench bench;
  bench.timeouts.first_byte = bench.timeouts.between_bytes = std::chrono::milliseconds(5);
  CHECK(bench.run("fail-cut", true).failure == "closed");
  CHECK(bench.run("fail-cut", true).pieces > 2);
  CHECK(bench.run("fail-cut", false).failure == "closed");
  CHECK(!bench.run("fail-cut", false).length);
  CHECK(bench.run("fail-reset", true).failure == "closed");
  CHECK(bench.run("fail-timeout", true).failure == "timeout");
  CHECK(bench.run("fail-stall", true).failure == "timeout");
  CHECK(bench.run("slow-1000", false).failure == "timeout");
}

TEST_CASE("abort ends a wait at once") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(Bench().run("fail-timeout", true, true).failure == "cancelled");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
