// Bodies that are asked for in one piece, in both directions.
#include "harness.h"

using namespace apigw;
using namespace apigw::test;

namespace {

constexpr std::uint64_t most = 100'000;

std::string letters(std::size_t size) {
  std::string text(size, 'a');
  for (std::size_t i = 0; i < size; i += 61) text[i] = static_cast<char>('b' + i % 23);
  return text;
}

// A text in short.
std::string sign(std::string_view text) {
  return fmt::format("{} bytes {:x}", text.size(), std::hash<std::string_view>{}(text));
}

// Read to its end: how many pieces it came in, and itself.
struct Body {
  int pieces = 0;
  std::string text;
  std::optional<Error> error;
  void take(const Result<std::string_view>& piece) {
    if (!piece) {
      error = piece.error();
    } else if (!piece->empty()) {
      ++pieces;
      text += *piece;
    }
  }
  [[nodiscard]] std::string told() const {
    return error ? std::string(word(error->kind)) : fmt::format("{} in {} pieces", sign(text), pieces);
  }
};

Task<void> tell(http::Exchange& exchange, std::string told) {
  http::ResponseHead head;
  (void)co_await exchange.reply(head, told);
}

Task<void> gathering(http::Exchange& exchange, gateway::Transport&) {
  exchange.gather_body(most);
  Body body;
  while (!exchange.body_done() && !body.error) {
    const auto piece = co_await exchange.read_body();
    body.take(piece);
  }
  co_await tell(exchange, body.told());
}

ServeOne gathering_from(std::uint16_t port) {
  return [port](http::Exchange& exchange, gateway::Transport& transport) -> Task<void> {
    gateway::Destination to;
    to.origin = {.tls = false, .host = "127.0.0.1", .port = port};
    const model::Timeouts timeouts;
    gateway::Opening opening;
    auto opened = co_await transport.open(to, timeouts, false, opening);
    REQUIRE(opened);
    gateway::UpstreamCall& call = **opened;
    gateway::UpstreamRequest request;
    request.method = "GET";
    request.target = exchange.head().target.text();
    request.authority = "up";
    (void)co_await call.send(request, "", true);
    const auto head = co_await call.read_head();
    REQUIRE(head);
    call.gather_body(most);
    Body body;
    for (bool going = true; going;) {
      const auto piece = co_await call.read_body();
      body.take(piece);
      going = piece && !piece->empty();
    }
    co_await tell(exchange, body.told());
  };
}

std::string post(std::size_t announced, std::string_view body) {
  return "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: " + std::to_string(announced) + "\r\n\r\n" +
         std::string(body);
}

std::string behind_head(std::string_view reply) {
  return std::string(reply.substr(reply.find("\r\n\r\n") + 4));
}

const std::size_t gathered[] = {1, 5, 16'384, 16'385, 65'535, 65'536, 65'537, most};

}  // namespace

TEST_CASE("a gathered request body is one piece, wherever it was cut and whatever stands behind it") {
  Rig rig(gathering);
  Wire wire = rig.connect();
  for (const std::size_t size : gathered) {
    CAPTURE(size);
    const std::string body = letters(size);
    const std::string bytes = post(size, body) + post(2, "xy");
    for (const std::size_t cut : {std::size_t{40}, bytes.size() - 70, bytes.size()}) {
      wire.send(bytes.substr(0, cut));
      wire.send(bytes.substr(cut));
      CHECK(behind_head(wire.reply()) == sign(body) + " in 1 pieces");
      CHECK(behind_head(wire.reply()) == sign("xy") + " in 1 pieces");
    }
  }
}

TEST_CASE("what is longer than the wish or of unknown length comes as it comes") {
  Rig rig(gathering);
  Wire wire = rig.connect();
  const std::string body = letters(most + 1);
  wire.send(post(body.size(), body));
  const std::string told = behind_head(wire.reply());
  CHECK(told.starts_with(sign(body) + " in "));
  CHECK_FALSE(told.ends_with(" in 1 pieces"));
  wire.send("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  CHECK(behind_head(wire.reply()) == sign("abc") + " in 2 pieces");
}

TEST_CASE("a client that leaves within a gathered body is noticed") {
  Rig rig(gathering);
  Wire wire = rig.connect();
  wire.send(post(1'000, "half"));
  wire.half_close();
  CHECK(behind_head(wire.all()) == "closed");
}

TEST_CASE("bytes that are gathered count for the pace of their body") {
  Rig rig(gathering, [](model::Plan& plan) { plan.timeouts.body_idle = std::chrono::hours(1); }, 1);
  Wire steady = rig.connect(), slow = rig.connect();
  const std::string body = letters(90'000);
  steady.send(post(body.size(), std::string_view(body).substr(0, 60'000)));
  slow.send(post(body.size(), "he"));
  // 60,000 bytes are worth 234 seconds, two none.
  std::string refused;
  for (int leaps = 0; leaps < 18 && refused.empty(); ++leaps) {
    rig.clock.leap(11s);
    if (slow.more(500ms)) refused = slow.reply();
  }
  CHECK(behind_head(refused) == "timeout");
  steady.send(std::string_view(body).substr(60'000));
  CHECK(behind_head(steady.reply()) == sign(body) + " in 1 pieces");
}

TEST_CASE("a gathered reply is one piece, and a cut one an error") {
  // Asked for /ANNOUNCED/SENT/CUT it sends so many bytes, the reply cut in two there.
  Peer upstream([](Wire& wire, int) {
    std::size_t announced = 0, sent = 0, cut = 0;
    while (std::sscanf(wire.until("\r\n\r\n").c_str(), "GET /%zu/%zu/%zu", &announced, &sent, &cut) == 3) {
      const std::string reply =
          "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(announced) + "\r\n\r\n" + letters(sent);
      wire.send(reply.substr(0, cut));
      wire.send(reply.substr(cut));
      if (sent < announced) return;
    }
  });
  Rig rig(gathering_from(upstream.port()), {}, 1);
  Wire wire = rig.connect();
  const auto ask = [&](std::size_t announced, std::size_t sent, std::size_t cut) {
    wire.send(fmt::format("GET /{}/{}/{} HTTP/1.1\r\nhost: h\r\n\r\n", announced, sent, cut));
    return behind_head(wire.reply());
  };
  for (const std::size_t size : gathered) {
    CAPTURE(size);
    for (const std::size_t cut : {std::size_t{20}, std::size_t{38}, size + 20}) {
      CHECK(ask(size, size, cut) == sign(letters(size)) + " in 1 pieces");
    }
  }
  CHECK(upstream.connections() == 1);
  CHECK(ask(70'000, 60'000, 0) == "closed");
}
