// The service over HTTP: resource, problems, probes, ids, and the graceful end.

#include <future>
#include <regex>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support.h"

using namespace std::chrono_literals;
using runtime::Json;
using runtime::Request;
using runtime::Response;

namespace {

void is_problem(int status, const httplib::Response& answer) {
  CAPTURE(answer.body);
  CHECK(answer.status == status);
  CHECK(answer.get_header_value("content-type") == "application/problem+json");
  CHECK(Json::parse(answer.body)["status"] == status);
}

// What comes back on a connection of its own until it is closed.
std::string send(int port, const std::string& bytes) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const timeval limit{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  REQUIRE(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, got);
  ::close(socket);
  return out;
}

}  // namespace

TEST_CASE("life of an item") {
  const auto app = service();
  Running running(*app);
  const auto created = running.call("POST", "/items", R"({"name": "cup", "quantity": 2})");
  CHECK(created.status == 201);
  CHECK(created.get_header_value("location") == "/items/1");
  CHECK(created.body == "{\"id\":1,\"name\":\"cup\",\"quantity\":2}\n");
  CHECK(running.call("GET", "/items/1").body == created.body);
  CHECK(running.call("GET", "/items").body == "[{\"id\":1,\"name\":\"cup\",\"quantity\":2}]\n");
  const auto head = running.call("HEAD", "/items/1");
  CHECK(head.body.empty());
  CHECK(head.get_header_value("content-length") == std::to_string(created.body.size()));
  CHECK(running.call("DELETE", "/items/1").status == 204);
  CHECK(running.call("GET", "/items/1").status == 404);
}

TEST_CASE("problems") {
  const auto app = service();
  Running running(*app);
  is_problem(400, running.call("POST", "/items", "{"));
  is_problem(400, running.call("POST", "/items", "{} {}"));
  is_problem(400, running.call("POST", "/items", "\"\xff\""));
  is_problem(400, running.call("POST", "/items", std::string(100'000, '[')));
  is_problem(404, running.call("GET", "/nothing"));
  is_problem(404, running.call("GET", "/items/x"));
  const auto refused = running.call("PUT", "/items", "{}");
  is_problem(405, refused);
  CHECK(refused.get_header_value("allow") == "GET, HEAD, POST");
  is_problem(413, running.call("POST", "/items", std::string((1 << 20) + 1, 'x')));
  is_problem(415, running.call("POST", "/items", "{}", { {"content-type", "text/plain"} }));
  const auto invalid = running.call("POST", "/items", R"({"name": ""})");
  is_problem(422, invalid);
  CHECK(Json::parse(invalid.body)["errors"][0]["pointer"] == "/name");
}

TEST_CASE("bodies in chunks, and framing that is refused") {
  const auto app = service();
  Running running(*app);
  const std::string head = "POST /items HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
  const auto status = [&](const std::string& rest) { return send(running.server.port(), head + rest).substr(9, 3); };
  CHECK(status("transfer-encoding: chunked\r\n\r\n8\r\n{\"name\":\r\n6;x=y\r\n\"cup\"}\r\n0\r\na: b\r\n\r\n") == "201");
  CHECK(status("transfer-encoding: chunked\r\n\r\nx\r\n") == "400");
  CHECK(status("transfer-encoding: chunked\r\n\r\n2\r\n{}x\r\n") == "400");
  CHECK(status("transfer-encoding: chunked\r\n\r\n100001\r\n") == "413");
  CHECK(status("transfer-encoding: gzip\r\n\r\n") == "501");
  CHECK(status("transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n") == "400");
  CHECK(status("content-length: 2\r\ncontent-length: 2\r\n\r\n{}") == "400");
  CHECK(status("content-length: -2\r\n\r\n") == "400");
  CHECK(status("content-length: 99999999999999999999\r\n\r\n") == "413");
  CHECK(status("a: " + std::string(70'000, 'x') + "\r\n\r\n") == "400");
}

TEST_CASE("one connection serves many requests, and a body that nobody asked for is not the next one") {
  const auto app = service();
  Running running(*app);
  const std::string out = send(running.server.port(),
                               "GET /items HTTP/1.1\r\nhost: x\r\ncontent-length: 36\r\n\r\n"
                               "GET /readyz HTTP/1.1\r\nhost: hidden\r\n"
                               "GET /items HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  CHECK(out.find("ok") == std::string::npos);
  CHECK(out.find("[]") != out.rfind("[]"));
}

TEST_CASE("a failing handler is a problem") {
  const auto app = service();
  app->router.add("GET", "/fail", [](const Request&) -> Response { throw std::runtime_error("planted"); });
  app->router.add("GET", "/odd", [](const Request&) -> Response { throw 7; });
  Running running(*app);
  for (const char* path : {"/fail", "/odd"}) {
    const auto answer = running.call("GET", path);
    is_problem(500, answer);
    CHECK(answer.body.find("planted") == std::string::npos);
  }
}

TEST_CASE("health, readiness, metrics") {
  const auto app = service();
  Running running(*app);
  for (const char* path : {"/healthz", "/readyz", "/items"}) CHECK(running.call("GET", path).status == 200);
  const std::string metrics = running.call("GET", "/metrics").body;
  CHECK(metrics.find("http_requests_total{method=\"GET\",route=\"/items\",status=\"200\"} 1\n") != std::string::npos);
  CHECK(metrics.find("# HELP http_request_duration_seconds ") != std::string::npos);
}

TEST_CASE("the request id is kept or made, and logged") {
  std::string out;
  runtime::Log log(runtime::Level::info, [&out](const std::string& line) { out += line; });
  const auto app = service(log);
  {
    Running running(*app);
    const auto kept = running.call("GET", "/items", "", { {"x-request-id", "abc-1"} });
    CHECK(kept.get_header_value("x-request-id") == "abc-1");
    const auto made = running.call("GET", "/items", "", { {"x-request-id", "not one"} });
    CHECK(std::regex_match(made.get_header_value("x-request-id"), std::regex("[0-9a-f]{32}")));
  }
  CHECK(out.find("\"request_id\":\"abc-1\"") != std::string::npos);
}

TEST_CASE("the graceful end") {
  const auto app = service();
  std::promise<void> begun, go_on;
  app->router.add("GET", "/slow", [&](const Request&) {
    begun.set_value();
    go_on.get_future().wait_for(10s);
    return Response::of_json("done");
  });
  Running running(*app, "0.5");
  auto slow = std::async(std::launch::async, [&] { return running.call("GET", "/slow").body; });
  REQUIRE(begun.get_future().wait_for(10s) == std::future_status::ready);
  auto status = std::async(std::launch::async, [&] { return running.server.drain(); });
  httplib::Response ready = running.call("GET", "/readyz");
  while (ready.status == 200) ready = running.call("GET", "/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.get_header_value("connection") == "close");
  CHECK(running.call("GET", "/healthz").status == 200);
  CHECK(status.wait_for(800ms) == std::future_status::timeout);  // behind the request that runs
  CHECK_THROWS(running.call("GET", "/readyz"));
  go_on.set_value();
  CHECK(slow.get() == "\"done\"\n");
  CHECK(status.get() == 0);
}
