#include "http/framing.h"

#include <doctest/doctest.h>

namespace http = apigw::http;
using http::BodyKind;
using http::HeaderScanner;
using namespace std::string_literals;

namespace {

struct Refused {
  const char* name;
  std::string bytes;
  int status;
  const char* reason;
};

const std::string line = "GET / HTTP/1.1\r\n";

const Refused raw_requests[] = {
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "bare_lf"},
    {"bare LF after a field", line + "Host: a\n\r\n", 400, "bare_lf"},
    {"bare LF as blank line", line + "Host: a\r\n\n", 400, "bare_lf"},
    {"bare CR in a value", line + "Host: a\rb\r\n\r\n", 400, "bare_cr"},
    {"bare CR in a name", line + "Ho\rst: a\r\n\r\n", 400, "bare_cr"},
    {"bare CR in the target", "GET /a\rb HTTP/1.1\r\n\r\n", 400, "bare_cr"},
    {"CR CR LF", line + "Host: a\r\r\n\r\n", 400, "bare_cr"},
    {"NUL in a value", line + "Host: a\0b\r\n\r\n"s, 400, "nul"},
    {"NUL in a name", line + "Ho\0st: a\r\n\r\n"s, 400, "nul"},
    {"NUL in the target", "GET /\0 HTTP/1.1\r\n\r\n"s, 400, "nul"},
    {"NUL in the method", "G\0T / HTTP/1.1\r\n\r\n"s, 400, "nul"},
    {"control in a value", line + "Host: a\x01\r\n\r\n", 400, "control_character"},
    {"DEL in a value", line + "Host: a\x7f\r\n\r\n", 400, "control_character"},
    {"escape in the target", "GET /\x1b HTTP/1.1\r\n\r\n", 400, "control_character"},
    {"folded value", line + "Host: a\r\n b\r\n\r\n", 400, "obs_fold"},
    {"folded with a tab", line + "Host: a\r\n\tb\r\n\r\n", 400, "obs_fold"},
    {"fold before the first field", line + " Host: a\r\n\r\n", 400, "obs_fold"},
    {"blank before the colon", line + "Host : a\r\n\r\n", 400, "space_before_colon"},
    {"tab before the colon", line + "Host\t: a\r\n\r\n", 400, "space_before_colon"},
    {"empty name", line + ": a\r\n\r\n", 400, "empty_name"},
    {"blank in a name", line + "Ho st: a\r\n\r\n", 400, "field_name"},
    {"brackets in a name", line + "Ho(s)t: a\r\n\r\n", 400, "field_name"},
    {"UTF-8 in a name", line + "H\xc3\xb6st: a\r\n\r\n", 400, "field_name"},
    {"no colon", line + "Host\r\n\r\n", 400, "no_colon"},
    {"method that is no token", "GE(T / HTTP/1.1\r\n\r\n", 400, "method"},
    {"method in UTF-8", "\xc3\x84 / HTTP/1.1\r\n\r\n", 400, "method"},
    {"TLS hello on a plain port", "\x16\x03\x01", 400, "control_character"},
    {"blank first", " GET / HTTP/1.1\r\n\r\n", 400, "method"},
    {"no target", "GET  HTTP/1.1\r\n\r\n", 400, "request_line"},
    {"no version", "GET /\r\n\r\n", 400, "request_line"},
    {"two blanks", "GET  / HTTP/1.1\r\n\r\n", 400, "request_line"},
    {"blank behind the version", "GET / HTTP/1.1 \r\n\r\n", 400, "request_line"},
    {"tab for a blank", "GET\t/ HTTP/1.1\r\n\r\n", 400, "method"},
    {"lower case version", "GET / http/1.1\r\n\r\n", 400, "request_line"},
    {"method only", "GET\r\n\r\n", 400, "request_line"},
    {"empty line first", "\r\nGET / HTTP/1.1\r\n\r\n", 400, "empty_line"},
    {"HTTP/0.9 by number", "GET / HTTP/0.9\r\n\r\n", 505, "http_version"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", 505, "http_version"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version"},
    {"two digit version", "GET / HTTP/1.10\r\n\r\n", 400, "request_line"},
    {"0xFF in the target", "GET /\xff HTTP/1.1\r\n\r\n", 400, "target"},
    {"UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", 400, "target"},
    {"request line too long", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", 414, "request_line_too_long"},
    {"endless request line", "GET /" + std::string(9000, 'a'), 414, "request_line_too_long"},
    {"header section too large", line + "A: " + std::string(33'000, 'a') + "\r\n\r\n", 431, "header_too_large"},
    {"endless field", line + "A: " + std::string(33'000, 'a'), 431, "header_too_large"},
};

std::string many_fields(int n) {
  std::string all = line;
  for (int i = 0; i < n; ++i) all += "a: b\r\n";
  return all + "\r\n";
}

const Refused raw_replies[] = {
    {"bare LF", "HTTP/1.1 200 OK\nA: b\r\n\r\n", 502, "bare_lf"},
    {"not HTTP", "SSH-2.0-x\r\n\r\n", 502, "status_line"},
    {"two digit status", "HTTP/1.1 20 OK\r\n\r\n", 502, "status_line"},
    {"four digit status", "HTTP/1.1 2000 OK\r\n\r\n", 502, "status_line"},
    {"status 700", "HTTP/1.1 700 X\r\n\r\n", 502, "status_line"},
    {"HTTP/2 status line", "HTTP/2.0 200 OK\r\n\r\n", 502, "status_line"},
    {"control in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n", 502, "control_character"},
    {"folded value", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", 502, "obs_fold"},
    {"blank before the colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", 502, "space_before_colon"},
};

using Scan = http::Framed<std::optional<std::size_t>>;

// Feeds `bytes` in steps; the first final answer, or nothing when the end of the section never came.
Scan feed_in_steps(HeaderScanner::Side side, std::string_view bytes, std::size_t step) {
  HeaderScanner scanner(side);
  for (std::size_t size = std::min(step, bytes.size());; size = std::min(size + step, bytes.size())) {
    const auto fed = scanner.feed(bytes.substr(0, size));
    if (!fed || *fed || size == bytes.size()) return fed;
  }
}

void check_refused(HeaderScanner::Side side, const Refused& row) {
  for (std::size_t step : {std::size_t{1}, std::size_t{7}, row.bytes.size()}) {
    CAPTURE(row.name);
    CAPTURE(step);
    const Scan scanned = feed_in_steps(side, row.bytes, step);
    REQUIRE(!scanned);
    CHECK(scanned.error().status == row.status);
    CHECK(scanned.error().reason == row.reason);
  }
}

}  // namespace

TEST_CASE("a malformed header section is refused however it arrives") {
  for (const Refused& row : raw_requests) check_refused(HeaderScanner::Side::request, row);
  check_refused(HeaderScanner::Side::request, {"too many fields", many_fields(101), 431, "too_many_fields"});
}

TEST_CASE("a malformed reply head is the upstream's fault") {
  for (const Refused& row : raw_replies) check_refused(HeaderScanner::Side::reply, row);
}

TEST_CASE("a good header section ends at its blank line however it arrives") {
  const std::string sections[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET /a?b=%2f HTTP/1.0\r\nHost: a\r\n\r\n",
      "M-SEARCH * HTTP/1.1\r\nX!#$%&'*+-.^_`|~: \tv\xc3\xa9 \x80\xff\r\nEmpty:\r\nA: b: c\r\n\r\n",
      many_fields(100),
      "GET /" + std::string(8000, 'a') + " HTTP/1.1\r\n\r\n",
  };
  for (const std::string& section : sections) {
    CAPTURE(section.substr(0, 40));
    for (std::size_t step = 1; step < 40; ++step) {
      const Scan scanned = feed_in_steps(HeaderScanner::Side::request, section + "GET /next", step);
      REQUIRE(scanned);
      REQUIRE(*scanned);
      CHECK(**scanned == section.size());
    }
  }
}

TEST_CASE("a good reply head ends at its blank line, with or without a reason") {
  for (const std::string section :
       {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.0 404 \r\n\r\n", "HTTP/1.1 599\r\n\r\n"}) {
    const Scan scanned = feed_in_steps(HeaderScanner::Side::reply, section + "body", 3);
    REQUIRE(scanned);
    REQUIRE(*scanned);
    CHECK(**scanned == section.size());
  }
}

TEST_CASE("a scanner asks for more until the section is whole, and restarts") {
  HeaderScanner scanner(HeaderScanner::Side::request);
  for (std::string_view part :
       {"", "G", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r"}) {
    const auto fed = scanner.feed(part);
    REQUIRE(fed);
    CHECK(!*fed);
  }
  CHECK(*scanner.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 27);
  scanner.restart();
  CHECK(*scanner.feed("GET / HTTP/1.1\r\n\r\n") == 18);
}

namespace {

struct Field {
  const char* name;
  const char* value;
};

struct Request {
  const char* name;
  std::vector<Field> fields;
  const char* authority;
  unsigned minor;
  int status;  // 0: accepted
  const char* reason;
};

const Field host{"Host", "a"};

const Request requests[] = {
    {"no host", {}, "", 1, 400, "no_host"},
    {"no host on 1.0", {}, "", 0, 400, "no_host"},
    {"two hosts", {host, {"host", "b"}}, "", 1, 400, "several_hosts"},
    {"two equal hosts", {host, host}, "", 1, 400, "several_hosts"},
    {"empty host", {{"Host", ""}}, "", 1, 400, "host"},
    {"host with a user", {{"Host", "u@a"}}, "", 1, 400, "host"},
    {"host with a path", {{"Host", "a/b"}}, "", 1, 400, "host"},
    {"host list", {{"Host", "a, b"}}, "", 1, 400, "host"},
    {"host unlike the target", {host}, "b", 1, 400, "host_and_target_differ"},
    {"host port unlike the target", {host}, "a:80", 1, 400, "host_and_target_differ"},
    {"host as the target", {{"Host", "A:80"}}, "a:80", 1, 0, ""},
    {"length and encoding",
     {host, {"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
     "",
     1,
     400,
     "length_and_encoding"},
    {"encoding and length zero",
     {host, {"Transfer-Encoding", "chunked"}, {"Content-Length", "0"}},
     "",
     1,
     400,
     "length_and_encoding"},
    {"two lengths", {host, {"Content-Length", "5"}, {"Content-Length", "6"}}, "", 1, 400, "several_lengths"},
    {"two equal lengths", {host, {"Content-Length", "5"}, {"Content-Length", "5"}}, "", 1, 400, "several_lengths"},
    {"length list", {host, {"Content-Length", "5, 5"}}, "", 1, 400, "content_length"},
    {"signed length", {host, {"Content-Length", "+5"}}, "", 1, 400, "content_length"},
    {"negative length", {host, {"Content-Length", "-5"}}, "", 1, 400, "content_length"},
    {"hex length", {host, {"Content-Length", "0x5"}}, "", 1, 400, "content_length"},
    {"empty length", {host, {"Content-Length", ""}}, "", 1, 400, "content_length"},
    {"length with a blank", {host, {"Content-Length", "5 5"}}, "", 1, 400, "content_length"},
    {"length past 64 bits", {host, {"Content-Length", "18446744073709551616"}}, "", 1, 400, "content_length"},
    {"encoding on 1.0", {host, {"Transfer-Encoding", "chunked"}}, "", 0, 400, "encoding_on_http_1_0"},
    {"chunked, identity", {host, {"Transfer-Encoding", "chunked, identity"}}, "", 1, 400, "transfer_encoding"},
    {"gzip, chunked", {host, {"Transfer-Encoding", "gzip, chunked"}}, "", 1, 400, "transfer_encoding"},
    {"xchunked", {host, {"Transfer-Encoding", "xchunked"}}, "", 1, 400, "transfer_encoding"},
    {"identity", {host, {"Transfer-Encoding", "identity"}}, "", 1, 400, "transfer_encoding"},
    {"empty encoding", {host, {"Transfer-Encoding", ""}}, "", 1, 400, "transfer_encoding"},
    {"chunked twice",
     {host, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
     "",
     1,
     400,
     "transfer_encoding"},
    {"chunked with a parameter", {host, {"Transfer-Encoding", "chunked;q=1"}}, "", 1, 400, "transfer_encoding"},
    {"unknown expectation", {host, {"Expect", "magic"}}, "", 1, 417, "expect"},
};

http::RequestHead head_of(const std::vector<Field>& fields) {
  http::RequestHead head;
  head.method = "POST";
  for (const Field& field : fields) head.headers.add(field.name, field.value);
  return head;
}

}  // namespace

TEST_CASE("fields that could frame a request in two ways are refused") {
  for (const Request& row : requests) {
    CAPTURE(row.name);
    http::RequestHead head = head_of(row.fields);
    const auto framing = http::check_framing(head, row.authority, row.minor);
    CHECK(framing.has_value() == (row.status == 0));
    if (framing) continue;
    CHECK(framing.error().status == row.status);
    CHECK(framing.error().reason == row.reason);
  }
}

TEST_CASE("a good request tells its host, body and whether to stay") {
  http::RequestHead head =
      head_of({{"Host", "Shop.Example:8080"}, {"Content-Length", "5"}, {"Expect", "100-Continue"}});
  auto framing = http::check_framing(head, "", 1);
  REQUIRE(framing);
  CHECK(head.host == "shop.example:8080");
  CHECK(head.content_length == 5);
  CHECK(head.has_body);
  CHECK(framing->body == BodyKind::length);
  CHECK(framing->keep_alive);
  CHECK(framing->expect_continue);

  head = head_of({host, {"Transfer-Encoding", "Chunked"}, {"Connection", "x, Close"}});
  framing = http::check_framing(head, "", 1);
  REQUIRE(framing);
  CHECK(framing->body == BodyKind::chunked);
  CHECK(head.has_body);
  CHECK(!head.content_length);
  CHECK(!framing->keep_alive);

  head = head_of({host, {"Content-Length", "0"}, {"Expect", "100-continue"}});
  framing = http::check_framing(head, "", 1);
  REQUIRE(framing);
  CHECK(head.content_length == 0);
  CHECK(!head.has_body);
  CHECK(!framing->expect_continue);
}

TEST_CASE("HTTP/1.0 closes unless it asks to stay") {
  http::RequestHead head = head_of({host});
  CHECK(!http::check_framing(head, "", 0)->keep_alive);
  head = head_of({host, {"Connection", "Keep-Alive"}});
  CHECK(http::check_framing(head, "", 0)->keep_alive);
}

namespace {

struct Reply {
  const char* name;
  const char* method;
  int status;
  std::vector<Field> fields;
  unsigned minor;
  const char* reason;  // empty: accepted
  BodyKind body;
  bool keep_alive;
};

const Field chunked{"Transfer-Encoding", "chunked"};

const Reply replies[] = {
    {"length", "GET", 200, {{"Content-Length", "5"}}, 1, "", BodyKind::length, true},
    {"length zero", "GET", 200, {{"Content-Length", "0"}}, 1, "", BodyKind::none, true},
    {"chunked", "GET", 200, {chunked}, 1, "", BodyKind::chunked, true},
    {"until close", "GET", 200, {}, 1, "", BodyKind::until_close, false},
    {"1.0 closes", "GET", 200, {{"Content-Length", "5"}}, 0, "", BodyKind::length, false},
    {"HEAD has no body", "HEAD", 200, {{"Content-Length", "5"}}, 1, "", BodyKind::none, true},
    {"HEAD chunked has no body", "HEAD", 200, {chunked}, 1, "", BodyKind::none, true},
    {"204", "GET", 204, {}, 1, "", BodyKind::none, true},
    {"304 with a length", "GET", 304, {{"Content-Length", "5"}}, 1, "", BodyKind::none, true},
    {"204 with a length", "GET", 204, {{"Content-Length", "5"}}, 1, "body_on_204", {}, {}},
    {"204 chunked", "GET", 204, {chunked}, 1, "body_on_204", {}, {}},
    {"101", "GET", 101, {}, 1, "status", {}, {}},
    {"length and encoding", "GET", 200, {{"Content-Length", "5"}, chunked}, 1, "length_and_encoding", {}, {}},
    {"two lengths", "GET", 200, {{"Content-Length", "5"}, {"Content-Length", "5"}}, 1, "several_lengths", {}, {}},
    {"gzip, chunked", "GET", 200, {{"Transfer-Encoding", "gzip, chunked"}}, 1, "transfer_encoding", {}, {}},
    {"chunked on 1.0", "GET", 200, {chunked}, 0, "encoding_on_http_1_0", {}, {}},
    {"length that is no number", "GET", 200, {{"Content-Length", "5x"}}, 1, "content_length", {}, {}},
};

}  // namespace

TEST_CASE("a reply's body is framed by method, status and fields, or refused") {
  for (const Reply& row : replies) {
    CAPTURE(row.name);
    const auto framing = http::check_reply_framing(row.method, row.status, head_of(row.fields).headers, row.minor);
    CHECK(framing.has_value() == std::string_view(row.reason).empty());
    if (!framing) {
      CHECK(framing.error().status == 502);
      CHECK(framing.error().reason == row.reason);
      continue;
    }
    CHECK(framing->body == row.body);
    CHECK(framing->keep_alive == row.keep_alive);
  }
  CHECK(http::check_reply_framing("HEAD", 200, head_of({{"Content-Length", "5"}}).headers, 1)->content_length == 5);
}
