#include "net/message_parser.h"

#include <cstdint>
#include <limits>
#include <new>

#include <boost/beast/http/basic_parser.hpp>

// Separate compilation, of the few sources that a parser needs.
#include <boost/beast/core/detail/impl/temporary_buffer.ipp>
#include <boost/beast/core/impl/error.ipp>
#include <boost/beast/core/impl/string.ipp>
#include <boost/beast/http/detail/basic_parser.ipp>
#include <boost/beast/http/detail/rfc7230.ipp>
#include <boost/beast/http/impl/basic_parser.ipp>
#include <boost/beast/http/impl/error.ipp>
#include <boost/beast/http/impl/field.ipp>
#include <boost/beast/http/impl/rfc7230.ipp>
#include <boost/beast/http/impl/status.ipp>
#include <boost/beast/http/impl/verb.ipp>

namespace apigw::net {
namespace {

namespace beast = boost::beast;
using Problem = beast::error_code;

constexpr std::size_t extension_limit = 256;    // bytes of one chunk's extensions
constexpr std::size_t chunk_head_limit = 8192;  // bytes of a chunk's line, or of all trailers

template <bool is_request>
class Sink final : public beast::http::basic_parser<is_request> {
 public:
  Sink(http::Headers& headers, StartLine& start) : headers_(&headers), start_(&start) {
    this->header_limit(std::numeric_limits<std::uint32_t>::max());
    this->body_limit(boost::none);
  }
  std::string_view data;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       Problem&) override {
    *start_ = {.method = method, .target = target, .minor = static_cast<unsigned>(version % 10)};
  }
  void on_response_impl(int status, beast::string_view, int version, Problem&) override {
    *start_ = {.status = status, .minor = static_cast<unsigned>(version % 10)};
  }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, Problem&) override {
    if (headers_) headers_->add(name, value);
  }
  void on_header_impl(Problem&) override { headers_ = nullptr; }  // what follows are trailers
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Problem&) override {}
  std::size_t on_body_impl(beast::string_view body, Problem&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extension, Problem& problem) override {
    if (extension.size() > extension_limit) problem = beast::http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, Problem&) override {
    data = body;
    return body.size();
  }
  void on_finish_impl(Problem&) override {}

  http::Headers* headers_;
  StartLine* start_;
};

template <bool is_request>
Sink<is_request>* sink(const std::byte* storage) {
  return std::launder(reinterpret_cast<Sink<is_request>*>(const_cast<std::byte*>(storage)));
}

template <bool is_request>
bool read_section(std::byte* storage, std::string_view bytes, http::Headers& headers, StartLine& start) {
  auto* parser = new (storage) Sink<is_request>(headers, start);
  Problem problem;
  const std::size_t used = parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), problem);
  return !problem && used == bytes.size() && parser->is_header_done();
}

template <bool is_request>
MessageParser::Piece read_chunk(Sink<is_request>& parser, std::string_view bytes) {
  using State = MessageParser::Piece::State;
  MessageParser::Piece piece;
  parser.data = {};
  while (!parser.is_done() && parser.data.empty()) {
    const std::string_view rest = bytes.substr(piece.used);
    if (rest.empty()) return piece;
    Problem problem;
    piece.used += parser.put(boost::asio::const_buffer(rest.data(), rest.size()), problem);
    const bool wants_more = problem == beast::http::error::need_more;
    if (wants_more && rest.size() <= chunk_head_limit) return piece;
    if (problem) {
      piece.state = State::malformed;
      return piece;
    }
  }
  piece.data = parser.data;
  piece.state = parser.data.empty() ? State::done : State::data;
  return piece;
}

}  // namespace

static_assert(sizeof(Sink<true>) <= 192 && sizeof(Sink<false>) <= 192, "MessageParser::storage_ is too small");

void MessageParser::clear() {
  if (!live_) return;
  live_ = false;
  side_ == Side::request ? sink<true>(storage_)->~Sink() : sink<false>(storage_)->~Sink();
}

bool MessageParser::section(std::string_view bytes, http::Headers& headers, StartLine& start) {
  clear();
  live_ = true;
  return side_ == Side::request ? read_section<true>(storage_, bytes, headers, start)
                                : read_section<false>(storage_, bytes, headers, start);
}

bool MessageParser::chunked() const {
  return side_ == Side::request ? sink<true>(storage_)->chunked() : sink<false>(storage_)->chunked();
}

MessageParser::Piece MessageParser::chunk(std::string_view bytes) {
  return side_ == Side::request ? read_chunk(*sink<true>(storage_), bytes)
                                : read_chunk(*sink<false>(storage_), bytes);
}

}  // namespace apigw::net
