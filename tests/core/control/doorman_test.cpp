#include "control/doorman.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::control;

namespace {

using Field = std::pair<std::string, std::string>;

Request good() {
  return {.method = "GET",
          .path = "/admin/state",
          .headers = {{"host", "127.0.0.1:8081"}, {"authorization", "Bearer right"}},
          .local_host = "127.0.0.1",
          .local_port = 8081};
}

int verdict(const Request& request, std::string key = "right") {
  const auto refusal = refuse(request, Secret(std::move(key)));
  return refusal ? refusal->status : 200;
}

// The good request with one field set (or a second one added).
int with(Field field, bool second = false) {
  Request request = good();
  if (!second) std::erase_if(request.headers, [&](const Field& f) { return f.first == field.first; });
  request.headers.push_back(std::move(field));
  return verdict(request);
}

}  // namespace

TEST_CASE("only a Host that names this machine's address and port is let in") {
  struct Row {
    std::string_view name;
    std::string host;
    int status;
  };
  for (const Row& row : {Row{"its address", "127.0.0.1:8081", 200},
                         {"localhost", "localhost:8081", 200},
                         {"in capitals", "LOCALHOST:8081", 200},
                         {"IPv6 loopback", "[::1]:8081", 200},
                         {"a name that was rebound", "evil.example:8081", 421},
                         {"a name below localhost", "evil.localhost:8081", 421},
                         {"a name that begins like it", "127.0.0.1.evil.example:8081", 421},
                         {"another loopback address", "127.0.0.2:8081", 421},
                         {"another port", "127.0.0.1:8080", 421},
                         {"no port", "127.0.0.1", 421},
                         {"a user", "127.0.0.1@evil.example:8081", 421},
                         {"nothing", "", 421},
                         {"port of letters", "127.0.0.1:80x1", 421}}) {
    CAPTURE(row.name);
    CHECK(with({"host", row.host}) == row.status);
  }
  CHECK(with({"host", "127.0.0.1:8081"}, true) == 421);  // two of them
  Request without = good();
  without.headers.erase(without.headers.begin());
  CHECK(verdict(without) == 421);
}

TEST_CASE("on another address the Host must be that very address") {
  Request request = good();
  request.local_host = "10.0.0.5";
  request.headers[0].second = "10.0.0.5:8081";
  CHECK(verdict(request) == 200);
  request.headers[0].second = "10.0.0.6:8081";
  CHECK(verdict(request) == 421);
}

TEST_CASE("over a Unix socket any well-formed Host will do, and the key is needed all the same") {
  Request request = good();
  request.local_host.clear();
  request.local_port = 0;
  request.headers[0].second = "localhost";
  CHECK(verdict(request) == 200);
  CHECK(verdict(request, "other") == 401);
}

TEST_CASE("what another site's page sent is refused") {
  CHECK(with({"origin", "http://127.0.0.1:8081"}) == 200);
  CHECK(with({"origin", "http://evil.example"}) == 403);
  CHECK(with({"origin", "null"}) == 403);
  CHECK(with({"origin", "http://127.0.0.1:8080"}) == 403);
  CHECK(with({"origin", "https://127.0.0.1:8081"}) == 403);
  CHECK(with({"origin", ""}) == 403);
  CHECK(with({"sec-fetch-site", "same-origin"}) == 200);
  CHECK(with({"sec-fetch-site", "none"}) == 200);
  CHECK(with({"sec-fetch-site", "same-site"}) == 403);
  CHECK(with({"sec-fetch-site", "cross-site"}) == 403);
}

TEST_CASE("only the whole key lets in, and an empty one nobody") {
  struct Row {
    std::string_view name;
    std::string authorization;
    int status;
  };
  for (const Row& row : {Row{"right", "Bearer right", 200},
                         {"scheme in another case", "bearer right", 200},
                         {"wrong", "Bearer wrong", 401},
                         {"prefix", "Bearer righ", 401},
                         {"longer", "Bearer right1", 401},
                         {"no scheme", "right", 401},
                         {"basic", "Basic right", 401},
                         {"empty", "", 401},
                         {"only the scheme", "Bearer ", 401}}) {
    CAPTURE(row.name);
    CHECK(with({"authorization", row.authorization}) == row.status);
  }
  CHECK(with({"authorization", "Bearer right"}, true) == 401);  // two of them
  Request empty = good();
  empty.headers[1].second = "Bearer ";
  CHECK(verdict(empty, "") == 401);
  const auto refusal = refuse(empty, Secret("right"));
  CHECK(refusal->headers.contains("www-authenticate"));
}

TEST_CASE("Host is judged before Origin, and Origin before the key") {
  Request request = good();
  request.headers = {{"host", "evil.example"}, {"origin", "http://evil.example"}};
  CHECK(verdict(request) == 421);
  request.headers[0].second = "127.0.0.1:8081";
  CHECK(verdict(request) == 403);
}
