#include "net/heads.h"

#include <charconv>

#include "http/problem.h"

namespace apigw::net {
namespace {

bool splits(std::string_view s) {
  return s.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void append_number(std::string& out, std::uint64_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out.append(digits, end);
}

void append_fields(const http::Headers& headers, std::string& out) {
  for (const auto [name, value] : headers) {
    if (splits(name) || splits(value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

void append_length(std::uint64_t length, std::string& out) {
  out += "content-length: ";
  append_number(out, length);
  out += "\r\n";
}

void append_status_line(int status, std::string& out) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out.append(1, ' ').append(http::status_phrase(status)).append("\r\n");
}

}  // namespace

void write_reply_head(const http::ResponseHead& head, const ReplyFraming& framing, std::string_view date,
                      std::string& out) {
  out.clear();
  append_status_line(head.status, out);
  out += date;
  append_fields(head.headers, out);
  if (framing.length) append_length(*framing.length, out);
  if (framing.chunked) out += "transfer-encoding: chunked\r\n";
  if (framing.close) {
    out += "connection: close\r\n";
  } else if (framing.http_1_0) {
    out += "connection: keep-alive\r\n";
  }
  out += "\r\n";
}

void write_request_head(const gateway::UpstreamRequest& request, std::string_view before_target,
                        std::string_view proxy_credential, std::string& out) {
  out.clear();
  out.append(request.method)
      .append(1, ' ')
      .append(before_target)
      .append(request.target)
      .append(" HTTP/1.1\r\nhost: ");
  out.append(request.authority).append("\r\n");
  append_fields(request.headers, out);
  if (request.content_length) {
    append_length(*request.content_length, out);
  } else if (request.has_body) {
    out += "transfer-encoding: chunked\r\n";
  }
  if (!proxy_credential.empty()) out.append("proxy-authorization: Basic ").append(proxy_credential).append("\r\n");
  out += "\r\n";
}

}  // namespace apigw::net
