// Splits a judged header section into start line and fields, and takes the chunks off a chunked body.
//
// Framing is Boost.Beast's parser, which only message_parser.cpp sees; what it may not decide alone (which section is
// acceptable, where a body ends) is judged by http/framing.h before and after it. One object serves message after
// message without an allocation.
#pragma once
#include <cstddef>
#include <string_view>

#include "http/headers.h"

namespace apigw::net {

struct StartLine {
  std::string_view method, target;  // of a request, views into the section
  int status = 0;                   // of a reply
  unsigned minor = 1;               // HTTP/1.minor
};

class MessageParser {
 public:
  enum class Side : unsigned char { request, reply };
  explicit MessageParser(Side side) : side_(side) {}
  ~MessageParser() { clear(); }
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  // Begins a new message with its whole header section, the blank line included. Adds to `headers`. False: malformed.
  [[nodiscard]] bool section(std::string_view bytes, http::Headers& headers, StartLine& start);
  // Whether the section said chunked, in the parser's own opinion.
  [[nodiscard]] bool chunked() const;

  struct Piece {
    enum class State : unsigned char { more, data, done, malformed } state = State::more;
    std::size_t used = 0;   // bytes to take off the input
    std::string_view data;  // the last of the used bytes
  };
  // Of a chunked body: the next run of data, or what stopped it. Trailer fields are dropped.
  [[nodiscard]] Piece chunk(std::string_view bytes);

 private:
  void clear();

  Side side_;
  bool live_ = false;
  alignas(std::max_align_t) std::byte storage_[192];
};

}  // namespace apigw::net
