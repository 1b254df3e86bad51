#include "harness.h"

using namespace apigw;
using namespace apigw::test;

TEST_CASE("a request is served and the connection stays for the next one") {
  Rig rig(echo);
  Wire wire = rig.connect();
  for (const char* path : {"/a", "/b?x=1"}) {
    wire.send("GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n");
    const std::string reply = wire.reply();
    CHECK(reply.starts_with("HTTP/1.1 200 OK\r\ndate: "));
    CHECK(reply.ends_with("GET " + std::string(path) + " []"));
  }
}

TEST_CASE("bodies arrive whole however they are framed and cut") {
  Rig rig(echo);
  Wire wire = rig.connect();
  wire.send("POST /l HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello");
  CHECK(wire.reply().ends_with("POST /l [hello]"));
  const std::string chunked =
      "POST /c HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nx-t: "
      "1\r\n\r\n";
  wire.send(chunked);
  CHECK(wire.reply().ends_with("POST /c [abcde]"));
  for (const char byte : chunked) wire.send(std::string_view(&byte, 1));
  CHECK(wire.reply().ends_with("POST /c [abcde]"));
}

TEST_CASE("a reply of an upstream passes through and its connection is used again") {
  Peer upstream([](Wire& wire, int) {
    while (!wire.until("\r\n\r\n").empty()) wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-up: 1\r\n\r\nok");
  });
  Rig rig(forward_to(upstream.port()), {}, 1);
  Wire wire = rig.connect();
  for (int i = 0; i < 3; ++i) {
    wire.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
    const std::string reply = wire.reply();
    CHECK(reply.contains("x-up: 1\r\n"));
    CHECK(reply.ends_with("\r\n\r\nok"));
  }
  CHECK(upstream.connections() == 1);
  CHECK(rig.server().counters().upstream_opened == 1);
}
