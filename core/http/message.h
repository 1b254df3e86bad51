// The two heads of an exchange as values, the same for every version of HTTP.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "http/headers.h"
#include "http/target.h"

namespace apigw::http {

struct RequestHead {
  std::string method;  // upper case as sent; only token characters
  Target target;
  std::string host;  // lower case, with port when one was sent
  Headers headers;   // hop-by-hop and framing fields included, as received
  std::optional<std::uint64_t> content_length;
  bool has_body = false;       // a length above zero, or chunked
  std::string client;          // address without port: "127.0.0.1", "::1"
  bool secure = false;         // came over TLS
  std::uint32_t listener = 0;  // index into Plan::listeners
};

struct ResponseHead {
  int status = 200;
  Headers headers;  // without content-length, transfer-encoding, connection, date: the connection writes those
  std::optional<std::uint64_t> content_length;  // absent: length unknown, chunked on HTTP/1.1
};

}  // namespace apigw::http
