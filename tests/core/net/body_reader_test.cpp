#include "net/body_reader.h"

#include <cstring>

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::net;
using State = BodyReader::State;

TEST_CASE("a chunked body that is broken stays so, however often it is asked") {
  MessageParser parser(MessageParser::Side::reply);
  http::Headers headers;
  StartLine line;
  REQUIRE(parser.section("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", headers, line));
  Blocks blocks;
  Input input(blocks);
  constexpr std::string_view bytes = "5\r\nhello\r\nzz\r\n5\r\nworld\r\n0\r\n\r\n";
  const auto [to, size] = input.room(Blocks::small);
  REQUIRE(size >= bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  input.grew(bytes.size());

  BodyReader body(input, parser);
  body.begin(http::BodyKind::chunked, 0);
  std::string_view piece;
  REQUIRE(body.next(piece) == State::data);
  CHECK(piece == "hello");
  for (int i = 0; i < 3; ++i) CHECK(body.next(piece) == State::malformed);
  CHECK_FALSE(body.done());
}
