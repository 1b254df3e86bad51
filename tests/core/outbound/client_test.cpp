#include "outbound/client.h"

#include <string>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace apigw;

namespace {

// One connection: reads a request head, answers `reply`, closes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string reply) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket_, 1) == 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this, text = std::move(reply)] { serve(text); }};
  }
  ~OneAnswer() {
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What came, once the connection has ended.
  const std::string& request() {
    thread_.join();
    return request_;
  }

 private:
  void serve(const std::string& reply) {
    const int client = ::accept(socket_, nullptr, nullptr);
    char block[4096];
    while (request_.find("\r\n\r\n") == std::string::npos || !whole()) {
      const ssize_t n = ::read(client, block, sizeof block);
      if (n <= 0) break;
      request_.append(block, static_cast<std::size_t>(n));
    }
    if (!reply.empty() && ::write(client, reply.data(), reply.size()) < 0) request_.clear();
    if (reply.empty())
      while (::read(client, block, sizeof block) > 0) {
      }  // silent until the other side leaves
    ::close(client);
  }
  bool whole() const {
    const auto at = request_.find("Content-Length: ");
    const std::size_t body = at == std::string::npos ? 0 : std::stoul(request_.substr(at + 16));
    return request_.size() >= request_.find("\r\n\r\n") + 4 + body;
  }
  int socket_;
  int port_ = 0;
  std::string request_;
  std::thread thread_;
};

struct Heard {
  int status = 0;
  std::string body;
  outbound::Listener listener{.head = [this](const http::ResponseHead& head) { status = head.status; },
                              .body =
                                  [this](std::string_view piece) {
                                    body += piece;
                                    return true;
                                  }};
};

}  // namespace

TEST_CASE("a request leaves as it was given and its reply comes in pieces") {
  OneAnswer server{
      "HTTP/1.1 201 Created\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
  Heard heard;
  outbound::Request request{.origin = server.origin(), .method = "PATCH", .target = "/a%2Db?q=%20x", .body = "hello"};
  request.headers.add("x-mine", "yes");
  const auto reply = outbound::send(request, heard.listener);
  REQUIRE(reply);
  CHECK(reply->status == 201);
  CHECK(reply->headers.find("x-a") == "1");
  CHECK(heard.status == 201);
  CHECK(heard.body == "abcde");
  const std::string& sent = server.request();
  CHECK(sent.starts_with("PATCH /a%2Db?q=%20x HTTP/1.1\r\n"));
  CHECK(sent.find("x-mine: yes\r\n") != std::string::npos);
  CHECK(sent.ends_with("\r\n\r\nhello"));
}

TEST_CASE("a redirect is an answer") {
  OneAnswer server{"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"};
  Heard heard;
  const auto reply = outbound::send({.origin = server.origin()}, heard.listener);
  REQUIRE(reply);
  CHECK(reply->status == 302);
}

TEST_CASE("what goes wrong has a kind") {
  Heard heard;
  SUBCASE("an origin that is none") {
    for (const char* origin : {"ftp://x", "http://", "http://a:0", "http://a:70000", "http://a/b", "127.0.0.1:80"}) {
      CAPTURE(origin);
      const auto reply = outbound::send({.origin = origin}, heard.listener);
      REQUIRE(!reply);
      CHECK(reply.error().kind == ErrorKind::invalid);
    }
  }
  SUBCASE("nobody listens") {
    const auto reply = outbound::send({.origin = "http://127.0.0.1:1"}, heard.listener);
    REQUIRE(!reply);
    CHECK(reply.error().kind == ErrorKind::connect);
    CHECK(reply.error().what == "GET http://127.0.0.1:1/: connection refused");
  }
  SUBCASE("a body that is cut") {
    OneAnswer server{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"};
    const auto reply = outbound::send({.origin = server.origin()}, heard.listener);
    REQUIRE(!reply);
    CHECK(reply.error().kind == ErrorKind::closed);
    CHECK(heard.body == "abc");
  }
  SUBCASE("silence") {
    OneAnswer server{""};
    const auto reply =
        outbound::send({.origin = server.origin(), .timeout = std::chrono::milliseconds{50}}, heard.listener);
    REQUIRE(!reply);
    CHECK(reply.error().kind == ErrorKind::timeout);
  }
  SUBCASE("a reader that has enough") {
    OneAnswer server{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"};
    const auto reply = outbound::send({.origin = server.origin()}, {.body = [](std::string_view) { return false; }});
    REQUIRE(!reply);
    CHECK(reply.error().kind == ErrorKind::cancelled);
  }
}
