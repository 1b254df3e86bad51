// What a stranger's bytes may not do: each case through a real socket, with a marker request right behind it that
// must never be served.
#include "harness.h"

using namespace apigw;
using namespace apigw::test;

namespace {

constexpr std::string_view marker = "GET /marker HTTP/1.1\r\nhost: h\r\n\r\n";

struct Seen {
  std::mutex mutex;
  std::vector<std::string> paths;
  bool has(std::string_view path) {
    const std::lock_guard lock(mutex);
    return std::ranges::find(paths, path) != paths.end();
  }
};

ServeOne noting(Seen& seen) {
  return [&seen](http::Exchange& exchange, gateway::Transport& transport) -> Task<void> {
    {
      const std::lock_guard lock(seen.mutex);
      seen.paths.push_back(exchange.head().target.path);
    }
    co_await echo(exchange, transport);
  };
}

std::string head(std::string_view fields, std::string_view body = "") {
  return "POST /first HTTP/1.1\r\nhost: h\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("malformed requests are answered once, and nothing behind them is served") {
  struct Row {
    const char* name;
    std::string bytes;
    int status;
  };
  const std::string long_value(40'000, 'a');
  std::string many_fields;
  for (int i = 0; i < 101; ++i) many_fields += "x-" + std::to_string(i) + ": 1\r\n";
  const Row rows[] = {
      {"length and chunked", head("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked and length", head("transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n"), 400},
      {"two lengths that differ", head("content-length: 5\r\ncontent-length: 6\r\n", "hello"), 400},
      {"two lengths that agree", head("content-length: 5\r\ncontent-length: 5\r\n", "hello"), 400},
      {"a list of lengths", head("content-length: 5, 5\r\n", "hello"), 400},
      {"a signed length", head("content-length: +5\r\n", "hello"), 400},
      {"a negative length", head("content-length: -5\r\n", "hello"), 400},
      {"a hexadecimal length", head("content-length: 0x5\r\n", "hello"), 400},
      {"a length that overflows", head("content-length: 18446744073709551621\r\n", "hello"), 400},
      {"an empty length", head("content-length: \r\n", "hello"), 400},
      {"chunked then identity", head("transfer-encoding: chunked, identity\r\n", "0\r\n\r\n"), 400},
      {"gzip then chunked", head("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
      {"something like chunked", head("transfer-encoding: xchunked\r\n", "0\r\n\r\n"), 400},
      {"chunked twice", head("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked in quotes", head("transfer-encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400},
      {"an encoding on HTTP/1.0", "POST /first HTTP/1.0\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"a blank before the colon", head("content-length : 5\r\n", "hello"), 400},
      {"a folded line", head("x-a: 1\r\n content-length: 5\r\n"), 400},
      {"a bare LF between fields", "POST /first HTTP/1.1\r\nhost: h\nx: y\r\n\r\n", 400},
      {"a bare CR in a value", head("x-a: 1\r2\r\n"), 400},
      {"a NUL in a value", head(std::string("x-a: 1\0 2\r\n", 11)), 400},
      {"no colon", head("nonsense\r\n"), 400},
      {"no name", head(": 1\r\n"), 400},
      {"no host", "GET /first HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET /first HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400},
      {"another host in the target", "GET http://b/first HTTP/1.1\r\nhost: a\r\n\r\n", 400},
      {"a tunnel", "CONNECT h:443 HTTP/1.1\r\nhost: h:443\r\n\r\n", 400},
      {"an encoded slash", "GET /first%2fx HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"dot segments", "GET /a/../first HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"an encoded NUL", "GET /first%00 HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"a backslash", "GET /first\\x HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"a high byte in the target", "GET /first\xff HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"two blanks", "GET  /first HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"an unknown version", "GET /first HTTP/2.0\r\nhost: h\r\n\r\n", 505},
      {"a blank line first", "\r\nGET /first HTTP/1.1\r\nhost: h\r\n\r\n", 400},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400},
      {"a long request line", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nhost: h\r\n\r\n", 414},
      {"a long request line without end", "GET /" + std::string(20'000, 'a'), 414},
      {"a large section", head("x: " + long_value + "\r\n"), 431},
      {"too many fields", head(many_fields), 431},
      {"an unknown expectation", head("expect: tea\r\ncontent-length: 5\r\n", "hello"), 417},
  };
  Seen seen;
  Rig rig(noting(seen));
  std::uint64_t malformed = 0;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string reply = rig.ask(row.bytes + std::string(marker));
    CHECK(reply.starts_with("HTTP/1.1 " + std::to_string(row.status) + " "));
    CHECK(reply.contains("connection: close\r\n"));
    CHECK(reply.contains("content-type: application/problem+json\r\n"));
    CHECK(reply.find("HTTP/1.1", 1) == std::string::npos);
    CHECK(rig.server().counters().malformed == ++malformed);
  }
  CHECK_FALSE(seen.has("/first"));
  CHECK_FALSE(seen.has("/marker"));
}

TEST_CASE("a chunked body that breaks a rule ends the connection before what follows it") {
  struct Row {
    const char* name;
    std::string body;
  };
  const Row rows[] = {
      {"a size in the wrong base", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"a size that overflows", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"a signed size", "+5\r\nhello\r\n0\r\n\r\n"},
      {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"},
      {"no size", "\r\nhello\r\n0\r\n\r\n"},
      {"a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"},
      {"data longer than said", "5\r\nhello!\r\n0\r\n\r\n"},
      {"a bare LF behind the size", "5\nhello\r\n0\r\n\r\n"},
      {"a bare LF behind the data", "5\r\nhello\n0\r\n\r\n"},
      {"a bare CR behind the size", "5\rhello\r\n0\r\n\r\n"},
      {"a long extension", "5;" + std::string(300, 'x') + "\r\nhello\r\n0\r\n\r\n"},
      {"an extension with a bare LF", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
      {"a trailer with a bare LF", "5\r\nhello\r\n0\r\nx: 1\ny: 2\r\n\r\n"},
      {"a trailer without a colon", "5\r\nhello\r\n0\r\nnonsense\r\n\r\n"},
      {"a trailer that speaks of length", "5\r\nhello\r\n0\r\ncontent-length: 3\r\n\r\n"},
      {"trailers without end", "5\r\nhello\r\n0\r\nx: " + std::string(20'000, 'x') + "\r\n\r\n"},
  };
  Seen seen;
  Rig rig(noting(seen));
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string reply = rig.ask(head("transfer-encoding: chunked\r\n", row.body) + std::string(marker));
    CHECK(reply.starts_with("HTTP/1.1 400 "));
    CHECK(reply.contains("connection: close\r\n"));
    CHECK(reply.find("HTTP/1.1", 1) == std::string::npos);
  }
  CHECK_FALSE(seen.has("/marker"));
}

TEST_CASE("bodies over the cap are refused: announced ones unread, chunked ones on the way") {
  Seen seen;
  Rig rig(noting(seen), [](model::Plan& plan) { plan.caps.body = 1'000; });
  const std::string announced =
      rig.ask(head("content-length: 1001\r\n") + std::string(1'001, 'a') + std::string(marker));
  CHECK(announced.starts_with("HTTP/1.1 413 "));
  CHECK(announced.contains("connection: close\r\n"));
  const std::string chunked =
      rig.ask(head("transfer-encoding: chunked\r\n", "3e9\r\n" + std::string(1'001, 'a') + "\r\n0\r\n\r\n") +
              std::string(marker));
  CHECK(chunked.starts_with("HTTP/1.1 413 "));
  CHECK(rig.ask(head("content-length: 1000\r\nconnection: close\r\n", std::string(1'000, 'a')))
            .starts_with("HTTP/1.1 200 "));
  CHECK_FALSE(seen.has("/marker"));
}

TEST_CASE("a client that asks before it sends is invited when the body is wanted") {
  Rig rig(echo);
  Wire wire = rig.connect();
  wire.send(head("expect: 100-continue\r\ncontent-length: 5\r\n"));
  CHECK(wire.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("hello");
  CHECK(wire.reply().ends_with("[hello]"));

  Rig strict(echo, [](model::Plan& plan) { plan.caps.body = 4; });
  const std::string refused = strict.ask(head("expect: 100-continue\r\ncontent-length: 5\r\n"));
  CHECK(refused.starts_with("HTTP/1.1 413 "));
  CHECK(refused.contains("connection: close\r\n"));
}

TEST_CASE("older clients and replies without a body get what they can read") {
  Rig rig([](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
    http::ResponseHead reply;
    const std::string& path = exchange.head().target.path;
    if (path == "/204") reply.status = 204;
    if (path == "/304") reply.status = 304;
    if (path == "/whole") {
      const std::string_view body = "hello";
      (void)co_await exchange.reply(reply, body);
      co_return;
    }
    (void)co_await exchange.start(reply);
    const std::string_view body = "hello";
    (void)co_await exchange.write(body);
    (void)co_await exchange.finish();
  });
  const std::string old = rig.ask("GET /s HTTP/1.0\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");
  CHECK(old.contains("connection: close\r\n"));
  CHECK_FALSE(old.contains("transfer-encoding"));
  CHECK(old.ends_with("\r\n\r\nhello"));
  Wire kept = rig.connect();
  kept.send("GET /whole HTTP/1.0\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");
  CHECK(kept.reply().contains("connection: keep-alive\r\n"));
  kept.send("HEAD /whole HTTP/1.1\r\nhost: h\r\n\r\n");
  const std::string to_head = kept.until("\r\n\r\n");
  CHECK(to_head.contains("content-length: 5\r\n"));
  for (const char* path : {"/204", "/304"}) {
    kept.send("GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n");
    const std::string reply = kept.until("\r\n\r\n");
    CHECK_FALSE(reply.contains("content-length"));
    CHECK_FALSE(reply.contains("transfer-encoding"));
  }
  kept.send("GET /s HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
  const std::string last = kept.all();
  CHECK(last.contains("transfer-encoding: chunked\r\n"));
  CHECK(last.contains("connection: close\r\n"));
  CHECK(last.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
}

TEST_CASE("requests in one write are answered in their order") {
  Rig rig(echo);
  Wire wire = rig.connect();
  std::string bytes;
  for (int i = 0; i < 200; ++i)
    bytes += "POST /" + std::to_string(i) + " HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc";
  wire.send(bytes);
  for (int i = 0; i < 200; ++i) CHECK(wire.reply().ends_with("POST /" + std::to_string(i) + " [abc]"));
}

TEST_CASE("slow heads, slow bodies and idle connections end when their time is up") {
  Seen seen;
  Rig rig(noting(seen));
  Wire slow_head = rig.connect(), idle = rig.connect(), stalled_body = rig.connect();
  slow_head.send("GET /first HTTP/1.1\r\nhost:");
  stalled_body.send(head("content-length: 5\r\n", "he"));
  while (!seen.has("/first")) std::this_thread::yield();
  rig.clock.leap(11s);
  const std::string late = slow_head.all();
  CHECK(late.starts_with("HTTP/1.1 408 "));
  CHECK(late.contains("connection: close\r\n"));
  // 256 bytes a second are asked for: two in eleven seconds are too few, long before the idle limit.
  CHECK(stalled_body.all().starts_with("HTTP/1.1 408 "));
  rig.clock.leap(75s);
  CHECK(idle.all().empty());
  CHECK(idle.ended());
}

TEST_CASE("connections over the cap are told so at once") {
  Rig rig(echo, [](model::Plan& plan) { plan.caps.connections = 1; });
  Wire first = rig.connect();
  first.send("GET /a HTTP/1.1\r\nhost: h\r\n\r\n");
  CHECK(first.reply().starts_with("HTTP/1.1 200 "));
  const std::string refused = rig.ask("GET /b HTTP/1.1\r\nhost: h\r\n\r\n");
  CHECK(refused.starts_with("HTTP/1.1 503 "));
  CHECK(refused.contains("retry-after: 1\r\n"));
  CHECK(rig.server().counters().refused == 1);
}

TEST_CASE("a service that throws, says nothing or stops half way leaves a connection that tells so") {
  Rig rig([](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
    const std::string& path = exchange.head().target.path;
    if (path == "/throws") throw std::runtime_error("planted");
    http::ResponseHead reply;
    if (path == "/half") {
      (void)co_await exchange.start(reply);
      const std::string_view body = "hello";
      (void)co_await exchange.write(body);
    }
    if (path == "/short") {
      reply.content_length = 10;
      (void)co_await exchange.start(reply);
      const std::string_view body = "hello";
      (void)co_await exchange.write(body);
      const auto finished = co_await exchange.finish();
      CHECK_FALSE(finished);
    }
  });
  for (const char* path : {"/throws", "/silent"}) {
    CAPTURE(path);
    const std::string reply = rig.ask("GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n");
    CHECK(reply.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(reply.contains("planted"));
  }
  for (const char* path : {"/half", "/short"}) {
    CAPTURE(path);
    Wire wire = rig.connect();
    wire.send("GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n");
    const std::string reply = wire.all();
    CHECK_FALSE(reply.ends_with("0\r\n\r\n"));
    CHECK(wire.was_reset());
  }
}
