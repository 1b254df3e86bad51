// Where a message ends, and every doubt about it refused: two readers must never see two different messages.
//
// HeaderScanner judges the raw bytes of a header section before any parser sees them; check_framing and
// check_reply_framing judge what the parsed fields say about host and body. Whoever gets a Malformed answers its
// status (a client's fault 4xx, an upstream's 502), closes the connection and reads no byte more from it. Nothing
// here allocates unless something is wrong with a host name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace apigw::http {

struct Malformed {
  int status = 400;
  std::string_view reason;  // a stable word for logs, metrics and tests: "bare_lf"
  std::string detail = {};  // for people, where there is more to say; never empty words
};

template <class T>
using Framed = std::expected<T, Malformed>;

struct HeaderCaps {
  std::size_t section = 32 << 10;  // bytes of all fields with their line ends, start line not counted
  std::size_t fields = 100;
  std::size_t start_line = 8 << 10;
};

// Reads a growing buffer up to the blank line, each byte once however it was cut.
class HeaderScanner {
 public:
  enum class Side : std::uint8_t { request, reply };
  explicit HeaderScanner(Side side, const HeaderCaps& caps = {}) : side_(side), caps_(caps) {}

  // `buffer` starts at the same byte in every call and only grows. The size of the header section with its blank
  // line, or nothing while more bytes are wanted. After a section or a refusal: restart().
  [[nodiscard]] Framed<std::optional<std::size_t>> feed(std::string_view buffer);
  void restart() { line_ = searched_ = fields_begin_ = fields_ = 0; }

 private:
  Framed<void> judge_line(std::string_view line);
  [[nodiscard]] Framed<void> judge_unfinished(std::string_view buffer) const;

  Side side_;
  HeaderCaps caps_;
  std::size_t line_ = 0;          // where the current line begins
  std::size_t searched_ = 0;      // no line end before here
  std::size_t fields_begin_ = 0;  // 0: still in the start line
  std::size_t fields_ = 0;
};

// What the body of a message looks like on the wire.
enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct RequestFraming {
  BodyKind body = BodyKind::none;
  bool keep_alive = true;        // what the client wants; the connection may still close
  bool expect_continue = false;  // it waits for 100 before the body
};

// Judges the fields of `head` and fills its host, content_length and has_body. `authority` is the absolute target's,
// or empty. `minor` is 0 or 1.
[[nodiscard]] Framed<RequestFraming> check_framing(RequestHead& head, std::string_view authority, unsigned minor);

struct ReplyFraming {
  BodyKind body = BodyKind::none;
  std::optional<std::uint64_t> content_length;  // as announced; a reply to HEAD has one and no body
  bool keep_alive = true;
};

// For a final reply (200 and up) to a request with `method`. 101 is refused: the gateway never asks to switch.
[[nodiscard]] Framed<ReplyFraming> check_reply_framing(std::string_view method, int status, const Headers& headers,
                                                       unsigned minor);

// The tokens of a comma list, empty ones left out: `each(token)` returns whether to go on.
template <class Each>
void for_each_token(std::string_view list, Each&& each) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view token = list.substr(0, comma);
    while (!token.empty() && (token.front() == ' ' || token.front() == '\t')) token.remove_prefix(1);
    while (!token.empty() && (token.back() == ' ' || token.back() == '\t')) token.remove_suffix(1);
    if (!token.empty() && !each(token)) return;
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace apigw::http
