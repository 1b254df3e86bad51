// Heads as bytes: what the connection itself must say (length or chunks, close, date) beside the fields it was given.
//
// Written into a string that the caller keeps from message to message. A field that holds CR, LF or NUL is left out:
// nobody downstream of the checks may split a message.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/transport.h"
#include "http/message.h"

namespace apigw::net {

struct ReplyFraming {
  std::optional<std::uint64_t> length;  // content-length to announce
  bool chunked = false;
  bool close = false;
  bool http_1_0 = false;
};

// `date` is a whole field with its line end.
void write_reply_head(const http::ResponseHead& head, const ReplyFraming& framing, std::string_view date,
                      std::string& out);

// `before_target` is "http://host:port" for a request through a plain proxy; `proxy_credential` its Basic token.
void write_request_head(const gateway::UpstreamRequest& request, std::string_view before_target,
                        std::string_view proxy_credential, std::string& out);

}  // namespace apigw::net
