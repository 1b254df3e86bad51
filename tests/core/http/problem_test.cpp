#include "http/problem.h"

#include <doctest/doctest.h>

namespace http = apigw::http;

TEST_CASE("a problem is one JSON object with the standard members and our code") {
  CHECK(
      http::problem_body(
          {.status = 404, .reason = "no_route", .detail = "no route for \"/x\"", .request_id = "r1"}) ==
      R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no route for \"/x\"","code":"no_route","request_id":"r1"})"
      "\n");
  CHECK(http::problem_body({.status = 599, .reason = "x", .detail = "", .request_id = ""}) ==
        R"({"type":"about:blank","title":"Unknown","status":599,"detail":"","code":"x"})"
        "\n");
}

TEST_CASE("statuses have their standard phrase") {
  CHECK(http::status_phrase(200) == "OK");
  CHECK(http::status_phrase(413) == "Content Too Large");
  CHECK(http::status_phrase(508) == "Loop Detected");
  CHECK(http::status_phrase(299) == "Unknown");
}
