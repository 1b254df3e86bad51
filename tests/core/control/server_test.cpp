// The control server over real sockets: framing, limits, and that nobody can keep it from answering others.
#include "control/server.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/process.h"

using namespace apigw;
using namespace apigw::control;
using support::Connection;
using support::parse_reply;

namespace {

Reply echo(const Request& request) {
  Reply reply{.type = "text/plain", .body = request.method + " " + request.path + "\n"};
  for (const auto& [name, value] : request.headers) reply.body += name + "=" + value + "\n";
  reply.body += request.local_host + ":" + std::to_string(request.local_port);
  return reply;
}

std::unique_ptr<Server> serve(Server::Limits limits = {}) {
  auto server = Server::start({.host = "127.0.0.1", .port = 0}, echo, limits);
  REQUIRE(server);
  return std::move(*server);
}

std::string talk(const Server& server, std::string_view bytes) {
  Connection connection(support::port_in(server.bound().text));
  (void)connection.try_send(bytes);
  return connection.read_all();
}

}  // namespace

TEST_CASE("a request reaches the handler as it was sent, with the address that it came to") {
  const auto server = serve();
  const auto reply = parse_reply(talk(*server, "GET /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\n\r\n"));
  CHECK(reply.status == 200);
  CHECK(reply.whole);
  CHECK(reply.body.find("GET /a/b\n") == 0);
  CHECK(reply.body.find("x-two=1\n") != std::string::npos);
  CHECK(reply.body.find("remote_addr") == std::string::npos);
  CHECK(reply.body.ends_with(server->bound().text.substr(7)));
  CHECK(reply.headers.at("connection") == "close");
  CHECK(reply.headers.at("cache-control") == "no-store");
}

TEST_CASE("a head in single bytes is a head; HEAD has no body; a range is not obeyed") {
  const auto server = serve();
  Connection connection(support::port_in(server->bound().text));
  for (const char c : std::string_view("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")) connection.send({&c, 1});
  CHECK(parse_reply(connection.read_all()).status == 200);
  const auto head = parse_reply(talk(*server, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  const auto range = parse_reply(talk(*server, "GET /a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\n"));
  CHECK(range.status == 200);
  CHECK(range.body.size() > 4);
}

TEST_CASE("what is no request is refused, and what stands behind a request is never one") {
  const auto server = serve();
  struct Row {
    std::string_view name;
    std::string bytes;
    int status;
  };
  const std::string marker = "GET /marker HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const Row& row :
       {Row{"words", "hello there\r\n\r\n" + marker, 400},
        {"unknown version", "GET / HTTP/3.7\r\nHost: x\r\n\r\n" + marker, 400},
        {"a body", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" + marker, 200},
        {"chunks", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + marker, 200},
        {"a long head", "GET /a HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n" + marker, 431},
        {"an endless line", std::string(20'000, 'x'), 431},
        {"two requests", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + marker, 200}}) {
    CAPTURE(row.name);
    const std::string raw = talk(*server, row.bytes);
    CHECK(parse_reply(raw).status == row.status);
    CHECK(raw.find("/marker") == std::string::npos);
    CHECK(raw.find("HTTP/1.1", 1) == std::string::npos);
  }
}

TEST_CASE("silent connections keep nobody out and end at their deadline") {
  const auto server = serve({.connections = 4, .exchange = std::chrono::milliseconds{300}});
  const std::uint16_t port = support::port_in(server->bound().text);
  std::vector<Connection> silent;
  for (int i = 0; i < 40; ++i) {
    silent.emplace_back(port);
    (void)silent.back().try_send("GET / HT");
  }
  CHECK(support::request(port, "GET", "/a").status == 200);
  for (Connection& connection : silent) CHECK(connection.read_all().empty());
}

TEST_CASE("a client that does not read its reply is not waited for") {
  auto big = Server::start(
      {.host = "127.0.0.1", .port = 0},
      [](const Request& request) { return Reply{.body = std::string(request.path == "/big" ? 32u << 20 : 1, 'x')}; },
      {.exchange = std::chrono::milliseconds{500}});
  REQUIRE(big);
  const std::uint16_t port = support::port_in((*big)->bound().text);
  Connection stuck(port);
  stuck.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(support::request(port, "GET", "/small").body == "x");
}

TEST_CASE("a busy port is an error that names it, or moves on when it may") {
  const support::BusyPort busy;
  const Where where{.host = "127.0.0.1", .port = busy.port()};
  const auto failed = Server::start(where, echo, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().what == "listen on 127.0.0.1:" + std::to_string(busy.port()) + ": Address already in use");
  const auto moved = Server::start(where, echo, {.ports_to_try = 50});
  REQUIRE(moved);
  CHECK((*moved)->bound().moved);
  CHECK(support::port_in((*moved)->bound().text) > busy.port());
}

TEST_CASE("a Unix socket is for its owner only, replaces a stale one and goes with its server") {
  const support::TempDir dir;
  const std::string path = dir / "admin.sock";
  {
    auto server = Server::start({.unix_path = path}, echo, {});
    REQUIRE(server);
    struct stat is{};
    REQUIRE(stat(path.c_str(), &is) == 0);
    CHECK((is.st_mode & 0777) == 0600);
    Connection connection(path);
    connection.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(parse_reply(connection.read_all()).body.ends_with("\n:0"));
    CHECK_FALSE(Server::start({.unix_path = path}, echo, {}));
  }
  CHECK_FALSE(dir.has("admin.sock"));
  dir.write("plain", "not a socket");
  CHECK_FALSE(Server::start({.unix_path = dir / "plain"}, echo, {}));
  CHECK(dir.read("plain") == "not a socket");
}
