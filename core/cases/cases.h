// Test cases of routes: a call in the words of `apigw call`, and what the answer must be.
//
//   cases:
//     - name: an order is found
//       call: GET /orders/o-1              # [METHOD] PATH, or the name of a route or service
//       headers: { accept: application/json, authorization: }     # without a value: it is not sent, nor the key
//       body: { item: tea }                # sent as JSON; a text as it is
//       expect:
//         status: 200                      # or a list, or 2xx; without it 2xx or 3xx
//         headers: { content-type: { contains: json }, x-debug: }   # a text is equal; without a value: absent
//         json-path: { $.id: o-1 }         # and the other words of prompt/expectation.h
//
// Pure: reads texts and judges answers that somebody else got.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "http/headers.h"
#include "prompt/expectation.h"
#include "yaml/tree.h"

namespace apigw::cases {

struct StatusRange {
  int first = 0, last = 0;
};

struct HeaderExpectation {
  std::string name;                         // lower case
  std::vector<prompt::Expectation> expect;  // of its value; empty: it must not be there
};

struct Response {
  StatusRange status;
  std::optional<prompt::Expectation> expect;
};

struct Case {
  std::string name;    // "case 2" where the file gives none
  std::string method;  // empty: as `call` chooses it
  std::string target;  // path and query, or a name
  http::Headers headers;
  std::vector<std::string> without;  // headers that are not sent, in lower case
  std::optional<std::string> body;
  std::vector<StatusRange> status;  // never empty
  std::vector<HeaderExpectation> answer_headers;
  std::vector<prompt::Expectation> expect;
  std::vector<Response> responses;     // the first that has the answer's status holds too
  std::vector<std::string> unchecked;  // what of the answer cannot be checked, and why
  std::string untested;                // why it cannot be called; empty: it can
  Span where;
  Span call;

  [[nodiscard]] bool takes(int code) const;  // whether the status is an expected one
  // The least max-latency: a call that takes longer has failed.
  [[nodiscard]] std::optional<std::chrono::milliseconds> limit() const;
};

// Why no request can hold what the case sends: a header's name or value, or its path; empty where one can.
[[nodiscard]] std::string unsendable(const Case& test);

// What stands in a test file, by its content.
enum class Kind : std::uint8_t { prompt, routes, openapi };
// A file with a call is one of routes; one with neither calls nor the head of an OpenAPI document is a prompt's.
[[nodiscard]] Kind kind_of(const yaml::Node& root);

// Cases of a file of routes. What is wrong goes to the report, with nothing returned when there are errors.
[[nodiscard]] std::optional<std::vector<Case>> read_cases(const yaml::Node& root, const diag::Sources& sources,
                                                          diag::Report& report);

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::chrono::milliseconds took{0};
};

// What of the answer is not as expected, a sentence each: "status: is 404, not 200". A body is judged as JSON when
// its content type says so or when it is an object or a list; any other is a text.
[[nodiscard]] std::vector<std::string> mismatches(const Case& test, const Answer& answer);

}  // namespace apigw::cases
