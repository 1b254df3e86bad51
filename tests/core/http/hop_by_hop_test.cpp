#include "http/hop_by_hop.h"

#include <doctest/doctest.h>

namespace http = apigw::http;
using http::Credentials;
using http::Headers;

namespace {

struct Field {
  const char* name;
  const char* value;
};

Headers headers_of(std::initializer_list<Field> fields) {
  Headers headers;
  for (const Field& field : fields) headers.add(field.name, field.value);
  return headers;
}

std::string listed(const Headers& headers) {
  std::string all;
  for (const auto field : headers) all.append(field.name).append("=").append(field.value).append(";");
  return all;
}

std::string to_service(std::initializer_list<Field> fields, Credentials rule = Credentials::drop) {
  Headers to;
  http::copy_to_service(headers_of(fields), rule, to);
  return listed(to);
}

std::string from_service(std::initializer_list<Field> fields) {
  Headers to;
  http::copy_from_service(headers_of(fields), to);
  return listed(to);
}

}  // namespace

TEST_CASE("a service gets what is between client and service, in order and as often as it came") {
  CHECK(
      to_service({{"Accept", "a"}, {"Cookie", "c"}, {"Accept", "b"}, {"Content-Type", "t"}, {"traceparent", "p"}}) ==
      "accept=a;cookie=c;accept=b;content-type=t;traceparent=p;");
}

TEST_CASE("hop-by-hop and framing fields end at the gateway") {
  for (const char* name :
       {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Content-Length", "Host", "Expect"}) {
    CAPTURE(name);
    CHECK(to_service({{name, "x"}}) == "");
    CHECK(from_service({{name, "x"}}) == "");
  }
}

TEST_CASE("fields that Connection names end at the gateway, security-relevant ones excepted") {
  CHECK(to_service({{"Connection", "close, X-Hop"}, {"x-hop", "1"}, {"x-other", "2"}}) == "x-other=2;");
  CHECK(to_service({{"Connection", "Cookie, Content-Type"}, {"Cookie", "c"}, {"Content-Type", "t"}}) ==
        "cookie=c;content-type=t;");
  CHECK(to_service({{"Connection", "authorization"}, {"Authorization", "t"}}, Credentials::keep) ==
        "authorization=t;");
  CHECK(from_service({{"Connection", "x-hop, set-cookie"}, {"X-Hop", "1"}, {"Set-Cookie", "a"}}) == "set-cookie=a;");
}

TEST_CASE("what a client claims about itself is dropped in every spelling") {
  for (const char* name :
       {"X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X-Forwarded-Anything", "Forwarded", "X-Real-IP",
        "Via", "X-Request-Id", "True-Client-IP", "X-Original-URL", "X-Rewrite-URL", "X_Forwarded_For",
        "x-forwarded_for", "X_Real_IP", "any_name", "X-Apigw-Consumer"}) {
    CAPTURE(name);
    CHECK(to_service({{name, "x"}}) == "");
  }
}

TEST_CASE("credentials that the gateway checked stay with it; a route without auth leaves them to the service") {
  for (const char* name : {"authorization", "x-api-key", "api-key", "x-goog-api-key"}) {
    CAPTURE(name);
    CHECK(to_service({{name, "k"}}) == "");
    CHECK(to_service({{name, "k"}}, Credentials::keep) == std::string(name) + "=k;");
  }
}

TEST_CASE("a client gets a service's fields but those that speak for the gateway") {
  CHECK(from_service({{"Content-Type", "t"},
                      {"Set-Cookie", "a"},
                      {"Set-Cookie", "b"},
                      {"ETag", "e"},
                      {"www-authenticate", "w"}}) ==
        "content-type=t;set-cookie=a;set-cookie=b;etag=e;www-authenticate=w;");
  CHECK(from_service({{"Server", "s/1.2"}, {"Date", "d"}, {"Alt-Svc", "a"}, {"X-Apigw-Mock", "1"}, {"Via", "v"}}) ==
        "");
}

TEST_CASE("AI endpoints pass listed fields only, both ways") {
  Headers to;
  http::copy_to_provider(headers_of({{"Authorization", "Bearer gateway"},
                                     {"Content-Type", "application/json"},
                                     {"Accept", "a"},
                                     {"OpenAI-Organization", "o"},
                                     {"OpenAI-Project", "p"},
                                     {"Cookie", "c"},
                                     {"Accept-Encoding", "gzip"},
                                     {"X-Stainless-OS", "x"},
                                     {"Anthropic-Version", "v"},
                                     {"User-Agent", "u"}}),
                         to);
  CHECK(listed(to) == "content-type=application/json;accept=a;user-agent=u;");
  to.clear();
  http::copy_from_provider(headers_of({{"Content-Type", "text/event-stream"},
                                       {"Set-Cookie", "c"},
                                       {"Retry-After", "1"},
                                       {"X-RateLimit-Remaining-Tokens", "7"},
                                       {"Anthropic-RateLimit-Requests-Remaining", "8"},
                                       {"Anthropic-Organization-Id", "o"},
                                       {"Request-Id", "req_1"},
                                       {"Authorization", "Bearer provider"},
                                       {"OpenAI-Organization", "o"},
                                       {"X-Request-Id", "theirs"},
                                       {"x-apigw-mock", "1"}}),
                           to);
  CHECK(listed(to) ==
        "content-type=text/event-stream;retry-after=1;x-ratelimit-remaining-tokens=7;"
        "anthropic-ratelimit-requests-remaining=8;request-id=req_1;x-apigw-mock=1;");
}

TEST_CASE("a call that came through this process before is seen in Via") {
  CHECK(!http::passed_here_before(headers_of({}), "apigw-1"));
  CHECK(!http::passed_here_before(headers_of({{"Via", "1.1 apigw-12, 1.0 proxy (apigw-1)"}}), "apigw-1"));
  CHECK(http::passed_here_before(headers_of({{"Via", "1.1 a"}, {"Via", "1.0 b, HTTP/1.1 APIGW-1 (x)"}}), "apigw-1"));
  CHECK(http::via_with(headers_of({}), "apigw-1") == "1.1 apigw-1");
  CHECK(http::via_with(headers_of({{"Via", "1.0 a"}, {"Via", "1.1 b"}}), "apigw-1") == "1.0 a, 1.1 b, 1.1 apigw-1");
}
