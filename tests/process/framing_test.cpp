// Every framing, target and limit case of the security promises through a real socket: each row is sent with a second
// request right behind it, and that marker must never be served.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/serving.h"

namespace {

using namespace support;

constexpr std::string_view config = R"(apigw: 1
listen: 127.0.0.1:{port}
defaults: { auth: none }
caps: { body: 64KiB, header: 8KiB, fields: 40, request_line: 1KiB }
services:
  up: "{up}"
routes:
  /up/**: { to: up, strip: /up }
  /locked/**: { to: up, strip: /locked, auth: key }
consumers:
  tester: { key: env:GATEWAY_KEY }
)";

constexpr std::string_view marker = "GET /up/marker HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct Row {
  std::string_view name;
  std::string bytes;
  int status;
};

std::string get(std::string_view target, std::string_view fields = "Host: localhost\r\n",
                std::string_view version = "HTTP/1.1") {
  return fmt::format("GET {} {}\r\n{}\r\n", target, version, fields);
}

std::string post(std::string_view fields, std::string_view body) {
  return fmt::format("POST /up/sink HTTP/1.1\r\nHost: localhost\r\n{}\r\n{}", fields, body);
}

std::string many_fields(int n) {
  std::string out = "Host: localhost\r\n";
  for (int i = 0; i < n; ++i) out += fmt::format("x-{}: 1\r\n", i);
  return out;
}

std::vector<Row> rows() {
  using namespace std::string_literals;
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      // lengths and codings
      {"content-length with chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked with content-length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {"two different lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400},
      {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"a list of lengths", post("Content-Length: 5, 5\r\n", "hello"), 400},
      {"signed length", post("Content-Length: +5\r\n", "hello"), 400},
      {"negative length", post("Content-Length: -5\r\n", "hello"), 400},
      {"hexadecimal length", post("Content-Length: 0x5\r\n", "hello"), 400},
      {"empty length", post("Content-Length: \r\n", ""), 400},
      {"length that overflows", post("Content-Length: 99999999999999999999\r\n", ""), 400},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
      {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400},
      {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400},
      {"chunked on HTTP/1.0",
       "POST /up/sink HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      // chunks
      {"chunk size that is no number", post(chunked, "zz\r\nhello\r\n0\r\n\r\n"), 400},
      {"negative chunk size", post(chunked, "-5\r\nhello\r\n0\r\n\r\n"), 400},
      {"0x in a chunk size", post(chunked, "0x5\r\nhello\r\n0\r\n\r\n"), 400},
      {"blank before a chunk size", post(chunked, " 5\r\nhello\r\n0\r\n\r\n"), 400},
      {"chunk size that overflows", post(chunked, "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 400},
      {"bare LF behind a chunk size", post(chunked, "5\nhello\r\n0\r\n\r\n"), 400},
      {"chunk data without its CRLF", post(chunked, "5\r\nhelloX0\r\n\r\n"), 400},
      {"chunk extension without end", post(chunked, "5;" + std::string(20'000, 'e') + "\r\nhello\r\n0\r\n\r\n"), 400},
      {"trailers without end", post(chunked, "0\r\nx: " + std::string(20'000, 't') + "\r\n\r\n"), 400},
      // lines and fields
      {"obs-fold", get("/up/a", "Host: localhost\r\nX-A: one\r\n two\r\n"), 400},
      {"bare LF between fields", get("/up/a", "Host: localhost\nX-A: 1\r\n"), 400},
      {"bare LF at the end", "GET /up/a HTTP/1.1\r\nHost: localhost\n\n", 400},
      {"bare CR in a value", get("/up/a", "Host: localhost\r\nX-A: one\rX-B: two\r\n"), 400},
      {"NUL in a value", get("/up/a", "Host: localhost\r\nX-A: a\0b\r\n"s), 400},
      {"blank before the colon", get("/up/a", "Host: localhost\r\nX-A : 1\r\n"), 400},
      {"blank before the first field", get("/up/a", " Host: localhost\r\n"), 400},
      {"field without a name", get("/up/a", "Host: localhost\r\n: 1\r\n"), 400},
      {"field without a colon", get("/up/a", "Host: localhost\r\nnonsense\r\n"), 400},
      {"name that is no token", get("/up/a", "Host: localhost\r\nX(A): 1\r\n"), 400},
      {"method that is no token", "G@T /up/a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"two blanks in the request line", "GET  /up/a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"HTTP/2.0", get("/up/a", "Host: localhost\r\n", "HTTP/2.0"), 505},
      {"version in lower case", get("/up/a", "Host: localhost\r\n", "http/1.1"), 400},
      {"no version", "GET /up/a\r\nHost: localhost\r\n\r\n", 400},
      // host
      {"no Host", get("/up/a", ""), 400},
      {"two Hosts", get("/up/a", "Host: localhost\r\nHost: localhost\r\n"), 400},
      {"Host with a path", get("/up/a", "Host: localhost/x\r\n"), 400},
      {"Host with user info", get("/up/a", "Host: me@localhost\r\n"), 400},
      {"absolute form that names another host", get("http://other.example/up/a"), 400},
      // targets
      {"encoded slash", get("/up/a%2fb"), 400},
      {"backslash", get("/up/a\\b"), 400},
      {"encoded backslash", get("/up/a%5Cb"), 400},
      {"encoded NUL", get("/up/a%00b"), 400},
      {"dot segment", get("/up/../locked/head"), 400},
      {"encoded dot segment", get("/up/%2e%2e/locked/head"), 400},
      {"half encoded dot segment", get("/up/.%2E/locked/head"), 400},
      {"empty segment", get("//up/a"), 400},
      {"overlong UTF-8", get("/up/%c0%af"), 400},
      {"escape that is no hex", get("/up/%zz"), 400},
      {"escape cut short", get("/up/%2"), 400},
      {"byte 0xFF", get("/up/\xff"), 400},
      {"fragment", get("/up/a#b"), 400},
      {"authority form", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", 400},
      // sizes
      {"request line too long", get("/up/" + std::string(2000, 'a')), 414},
      {"header section too large", get("/up/a", "Host: localhost\r\nX-A: " + std::string(9000, 'a') + "\r\n"), 431},
      {"too many fields", get("/up/a", many_fields(60)), 431},
      {"body over the cap by its length", post("Content-Length: 100000\r\n", std::string(100'000, 'b')), 413},
      {"body over the cap in chunks",
       post(chunked, fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", 100'000, std::string(100'000, 'b'))), 413},
      {"unknown expectation", post("Expect: 200-maybe\r\nContent-Length: 5\r\n", "hello"), 417},
  };
}

}  // namespace

TEST_CASE("what is malformed is refused with its status and nothing behind it is served") {
  LoadUpstream upstream;
  Serving serving{std::string(config), upstream.url()};
  for (const Row& row : rows()) {
    CAPTURE(row.name);
    const std::uint64_t before = upstream.stat("requests");
    Connection connection(serving.port());
    (void)connection.try_send(row.bytes + std::string(marker));
    const std::string reply = connection.read_all();
    CHECK(parse_reply(reply).status == row.status);
    CHECK(reply.find("ok /marker") == std::string::npos);
    // What reached the upstream is our own question alone, or a body that grew too large while it was on its way.
    CHECK(upstream.stat("requests") == before + 1);
  }
  CHECK(request(serving.port(), "GET", "/up/alive").body == "ok /alive");
}

TEST_CASE("what is well formed passes, in the one canonical form") {
  LoadUpstream upstream;
  Serving serving{std::string(config), upstream.url()};
  CHECK(request(serving.port(), "GET", "/up/%7euser/%41").body == "ok /~user/A");
  CHECK(request(serving.port(), "GET", "/up/a%20b").body == "ok /a%20b");
  Connection absolute(serving.port());
  absolute.send(get("http://localhost/up/a", "Host: localhost\r\nConnection: close\r\n"));
  CHECK(absolute.read_all().find("ok /a") != std::string::npos);
  Connection pipelined(serving.port());
  pipelined.send(get("/up/one") + get("/up/two") + get("/up/three", "Host: localhost\r\nConnection: close\r\n"));
  const std::string replies = pipelined.read_all();
  const auto one = replies.find("ok /one"), two = replies.find("ok /two"), three = replies.find("ok /three");
  CHECK(one < two);
  CHECK(two < three);
  CHECK(three != std::string::npos);
}

TEST_CASE("an upstream sees neither hop-by-hop fields, nor credentials, nor forged identity") {
  LoadUpstream upstream;
  Serving serving{std::string(config), upstream.url()};
  const std::string head = request(serving.port(), "GET", "/locked/head",
                                   {"Authorization: Bearer " + std::string(test_key), "X-Forwarded-For: 203.0.113.9",
                                    "X_Forwarded_For: 203.0.113.9", "X-Real-IP: 203.0.113.9",
                                    "Forwarded: for=203.0.113.9", "Keep-Alive: 5", "TE: trailers",
                                    "Upgrade: websocket", "Proxy-Authorization: Basic Zm9v", "X-Kept: yes"})
                               .body;
  CHECK(head.find("x-kept: yes") != std::string::npos);
  for (const std::string_view gone :
       {test_key, std::string_view("203.0.113.9"), std::string_view("Zm9v"), std::string_view("websocket"),
        std::string_view("keep-alive"), std::string_view("x_forwarded")}) {
    CAPTURE(gone);
    CHECK(head.find(gone) == std::string::npos);
  }
  CHECK(request(serving.port(), "GET", "/locked/head").status == 401);
  const Reply wrong = request(serving.port(), "GET", "/locked/head", {"Authorization: Bearer wrong-key-of-a-test"});
  CHECK(wrong.status == 401);
  CHECK(wrong.body.find("wrong-key-of-a-test") == std::string::npos);
}

TEST_CASE("a route that asks for no key passes on foreign credentials and none of this gateway's") {
  constexpr std::string_view minted = "agw_0123456789_abcdefghjkmnpqrstvwxyz0123456789abcdefghjkmnpqrstvwxyz";
  const std::string own = "Bearer " + std::string(test_key);
  struct Sent {
    std::string_view name;
    std::vector<std::string> fields;
    std::string_view gone;  // empty: all of it arrives
  };
  const std::vector<Sent> rows = {
      {"a minted key behind another field",
       {"Authorization: Basic YWJj", fmt::format("Authorization: Bearer {}", minted)},
       minted},
      {"a minted key before another field", {fmt::format("X-Api-Key: {}", minted), "X-Api-Key: theirs"}, minted},
      {"a consumer's key of another form", {"Authorization: " + own}, test_key},
      {"a consumer's key behind another field",
       {"X-Api-Key: theirs", "X-Api-Key: " + std::string(test_key)},
       test_key},
      {"a key of somebody else", {"Authorization: Bearer theirs-and-not-ours"}, ""},
  };
  LoadUpstream upstream;
  Serving serving{std::string(config), upstream.url()};
  for (const Sent& row : rows) {
    CAPTURE(row.name);
    const std::string head = request(serving.port(), "GET", "/up/head", row.fields).body;
    if (row.gone.empty()) {
      CHECK(head.find("theirs-and-not-ours") != std::string::npos);
    } else {
      CHECK(head.find("x-forwarded-for") != std::string::npos);
      CHECK(head.find(row.gone) == std::string::npos);
    }
  }
}
