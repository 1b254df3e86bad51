// The parsed half of framing.h: what Host, Content-Length, Transfer-Encoding, Connection and Expect say together.
#include "http/framing.h"

#include "base/text.h"
#include "http/authority.h"

namespace apigw::http {

namespace {

std::unexpected<Malformed> refuse(int status, std::string_view reason) {
  return std::unexpected(Malformed{status, reason});
}

// The fields that frame a message, gathered in one pass.
struct Gathered {
  std::optional<std::string_view> host, length, encoding, expect;
  unsigned hosts = 0, lengths = 0, encodings = 0, expects = 0;
  bool close = false, keep_alive = false;
};

void gather_connection(std::string_view value, Gathered& out) {
  for_each_token(value, [&](std::string_view token) {
    out.close = out.close || text::iequals(token, "close");
    out.keep_alive = out.keep_alive || text::iequals(token, "keep-alive");
    return true;
  });
}

Gathered gather(const Headers& headers) {
  Gathered out;
  const auto take = [](std::string_view value, std::optional<std::string_view>& first, unsigned& count) {
    if (++count == 1) first = value;
  };
  for (const auto [name, value] : headers) {
    if (name == "host")
      take(value, out.host, out.hosts);
    else if (name == "content-length")
      take(value, out.length, out.lengths);
    else if (name == "transfer-encoding")
      take(value, out.encoding, out.encodings);
    else if (name == "expect")
      take(value, out.expect, out.expects);
    else if (name == "connection")
      gather_connection(value, out);
  }
  return out;
}

struct Body {
  BodyKind kind = BodyKind::none;
  std::optional<std::uint64_t> length;
};

// `none` without a length means that no field spoke of a body.
Framed<Body> judge_body(const Gathered& fields, unsigned minor, int fault) {
  if (fields.encodings > 0) {
    if (fields.lengths > 0) return refuse(fault, "length_and_encoding");
    if (minor == 0) return refuse(fault, "encoding_on_http_1_0");
    if (fields.encodings > 1 || !text::iequals(*fields.encoding, "chunked"))
      return refuse(fault, "transfer_encoding");
    return Body{.kind = BodyKind::chunked, .length = {}};
  }
  if (fields.lengths == 0) return Body{};
  if (fields.lengths > 1) return refuse(fault, "several_lengths");
  const auto length = text::parse_number(*fields.length);
  if (!length || *length > std::uint64_t{1} << 62) return refuse(fault, "content_length");
  return Body{.kind = *length > 0 ? BodyKind::length : BodyKind::none, .length = length};
}

bool stays_open(const Gathered& fields, unsigned minor) {
  return !fields.close && (minor > 0 || fields.keep_alive);
}

Framed<void> judge_host(const Gathered& fields, std::string_view authority, std::string& host) {
  if (fields.hosts == 0) return refuse(400, "no_host");
  if (fields.hosts > 1) return refuse(400, "several_hosts");
  if (!valid_authority(*fields.host)) return refuse(400, "host");
  if (!authority.empty() && !text::iequals(authority, *fields.host)) return refuse(400, "host_and_target_differ");
  host.assign(*fields.host);
  for (char& c : host) c = text::lower(c);
  return {};
}

}  // namespace

Framed<RequestFraming> check_framing(RequestHead& head, std::string_view authority, unsigned minor) {
  const Gathered fields = gather(head.headers);
  if (auto host = judge_host(fields, authority, head.host); !host) return std::unexpected(host.error());
  const auto body = judge_body(fields, minor, 400);
  if (!body) return std::unexpected(body.error());
  RequestFraming framing{.body = body->kind, .keep_alive = stays_open(fields, minor)};
  if (fields.expects > 0) {
    if (fields.expects > 1 || !text::iequals(*fields.expect, "100-continue")) return refuse(417, "expect");
    framing.expect_continue = minor > 0 && body->kind != BodyKind::none;
  }
  head.content_length = body->length;
  head.has_body = body->kind != BodyKind::none;
  return framing;
}

Framed<ReplyFraming> check_reply_framing(std::string_view method, int status, const Headers& headers,
                                         unsigned minor) {
  if (status < 200 || status > 599) return refuse(502, "status");
  const Gathered fields = gather(headers);
  const auto body = judge_body(fields, minor, 502);
  if (!body) return std::unexpected(body.error());
  ReplyFraming framing{.body = body->kind, .content_length = body->length, .keep_alive = stays_open(fields, minor)};
  if (method == "HEAD" || status == 204 || status == 304) {
    if (status == 204 && body->kind != BodyKind::none) return refuse(502, "body_on_204");
    framing.body = BodyKind::none;
  } else if (body->kind == BodyKind::none && !body->length) {
    framing.body = BodyKind::until_close;
    framing.keep_alive = false;
  }
  return framing;
}

}  // namespace apigw::http
