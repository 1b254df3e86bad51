#include "net/body_reader.h"

#include <algorithm>

namespace apigw::net {

using http::BodyKind;

void BodyReader::begin(BodyKind kind, std::uint64_t length) {
  kind_ = kind;
  remaining_ = kind == BodyKind::length ? length : 0;
  received_ = gathered_ = 0;
  done_ = kind == BodyKind::none;
  malformed_ = false;
}

std::size_t BodyReader::wanted() const {
  // A stream of unknown length is mostly small events or one modest chunk; a block that fills up is grown by itself.
  return kind_ == BodyKind::length && remaining_ > Blocks::small ? Blocks::large : Blocks::small;
}

BodyReader::State BodyReader::next(std::string_view& piece) {
  if (kind_ == BodyKind::chunked) return next_chunk(piece);
  if (gathering()) {
    input_.make_room(remaining_ + 1);  // a read that leaves room has emptied the socket
    return State::more;
  }
  if (input_.empty()) return State::more;
  piece = input_.view();
  if (kind_ == BodyKind::length) {
    piece = piece.substr(0, std::min<std::uint64_t>(piece.size(), remaining_));
    remaining_ -= piece.size();
    done_ = remaining_ == 0;
  }
  received_ += piece.size();
  input_.consume(piece.size());
  return State::data;
}

BodyReader::State BodyReader::next_chunk(std::string_view& piece) {
  using Step = MessageParser::Piece::State;
  if (malformed_) return State::malformed;
  const MessageParser::Piece step = parser_.chunk(input_.view());
  input_.consume(step.used);
  piece = step.data;
  received_ += piece.size();
  malformed_ = step.state == Step::malformed;
  if (malformed_) return State::malformed;
  if (step.state == Step::more) return State::more;
  if (step.state == Step::done) {
    done_ = true;
    return State::data;
  }
  // The usual end, seen at once, tells whoever forwards the piece that it is the last.
  if (input_.view().starts_with("\r\n0\r\n\r\n")) {
    const MessageParser::Piece end = parser_.chunk(input_.view());
    input_.consume(end.used);
    done_ = end.state == Step::done;
  }
  return State::data;
}

bool BodyReader::end_of_stream() {
  if (kind_ == BodyKind::until_close) done_ = true;
  return done_;
}

}  // namespace apigw::net
