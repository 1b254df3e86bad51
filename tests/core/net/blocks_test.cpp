#include "net/blocks.h"

#include <cstring>

#include <doctest/doctest.h>

using namespace apigw::net;

namespace {

void put(Input& input, std::string_view bytes, std::size_t wanted = Blocks::small) {
  while (!bytes.empty()) {
    const auto [to, size] = input.room(wanted);
    const std::size_t step = std::min(size, bytes.size());
    std::memcpy(to, bytes.data(), step);
    input.grew(step);
    bytes.remove_prefix(step);
  }
}

}  // namespace

TEST_CASE("bytes come out in their order through growth, shifting and rests") {
  Blocks blocks;
  Input input(blocks);
  std::string expected;
  for (int i = 0; i < 2'000; ++i) {
    const std::string bytes(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26));
    put(input, bytes, i % 3 == 0 ? Blocks::large : Blocks::small);
    expected += bytes;
    const std::size_t used = std::min<std::size_t>(expected.size(), static_cast<std::size_t>(i * 7 % 113));
    REQUIRE(input.view() == expected);
    input.consume(used);
    expected.erase(0, used);
    if (i % 5 == 0) input.rest();
    REQUIRE(input.view() == expected);
  }
}

TEST_CASE("an input grows past the largest block on loan") {
  Blocks blocks;
  Input input(blocks);
  const std::string bytes(200'000, 'x');
  put(input, bytes);
  CHECK(input.view() == bytes);
}

TEST_CASE("a block that is given back is lent again") {
  Blocks blocks;
  Input first(blocks), second(blocks);
  put(first, "abc");
  const char* block = first.view().data();
  first.consume(1);
  first.rest();
  CHECK(first.view() == "bc");
  put(second, "x");
  CHECK(second.view().data() == block);
  put(first, "d");
  CHECK(first.view() == "bcd");
  CHECK(first.view().data() != block);
}

TEST_CASE("room made for a total keeps the bytes that are there and takes the rest in one run") {
  Blocks blocks;
  for (const std::size_t total :
       {std::size_t{3}, Blocks::small, Blocks::small + 1, Blocks::large, std::size_t{200'000}}) {
    CAPTURE(total);
    Input input(blocks);
    put(input, std::string(Blocks::small - 3, 'h') + "abc");
    input.consume(Blocks::small - 3);
    input.make_room(total);
    CHECK(input.view() == "abc");
    const char* begin = input.view().data();
    put(input, std::string(total - 3, 'x'));
    CHECK(input.view() == "abc" + std::string(total - 3, 'x'));
    CHECK(input.view().data() == begin);
    input.consume(total);
    input.rest();
    input.make_room(total);
    CHECK(input.empty());
  }
}
