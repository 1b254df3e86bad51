#include "wire/event_stream.h"

#include <array>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "wire/splitter.h"

namespace wire = apigw::wire;

namespace {

std::string message(std::string_view type, std::string_view name_of_it, std::string_view name,
                    std::string_view data) {
  const auto headers = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{":message-type", type}, {name_of_it, name}, {":content-type", "application/json"}});
  return wire::event_stream_message(headers, data);
}
std::string event(std::string_view name, std::string_view data) {
  return message("event", ":event-type", name, data);
}

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

// "[name|data]" of each message, a ! in it for one that says an error; "(kind)" for an Error.
std::string split(std::string_view bytes, std::size_t step, std::string* raw = nullptr, std::size_t cap = 1 << 20) {
  wire::EventStreamSplitter splitter(cap);
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string chunk(bytes.substr(at, step));  // a copy of its own, gone after the round
    splitter.feed(chunk);
    for (;;) {
      const auto frame = splitter.next();
      if (!frame) {
        CHECK_FALSE(splitter.next());  // and nothing more
        return seen + fmt::format("({})", apigw::word(frame.error().kind));
      }
      if (!*frame) break;
      seen += fmt::format("[{}{}|{}]", (*frame)->error ? "!" : "", (*frame)->event, (*frame)->data);
      CHECK((*frame)->has_data == !(*frame)->data.empty());
      if (raw != nullptr) raw->append((*frame)->raw);
    }
  }
  CHECK_FALSE(splitter.finish());
  return seen;
}

}  // namespace

// Of the vectors that AWS's own libraries are tested with.
TEST_CASE("published messages are read, and written the same") {
  struct Row {
    const char *name, *hex, *seen;
  };
  for (const Row& row :
       {Row{"empty_message", "000000100000000005c248eb7d98c8ff", "[|]"},
        Row{"payload_no_headers", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936", "[|{'foo':'bar'}]"},
        Row{"payload_one_str_header",
            "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a"
            "27626172277d8d9c08b1",
            "[|{'foo':'bar'}]"},
        Row{"int32_header",
            "0000002d0000001041c424b80a6576656e742d74797065040000a00c7b27666f6f273a27626172277d36f480a0",
            "[|{'foo':'bar'}]"}}) {
    CAPTURE(row.name);
    CHECK(split(bytes_of(row.hex), 1000) == row.seen);
    CHECK(split(bytes_of(row.hex), 1) == row.seen);
  }
  CHECK(wire::event_stream_message({}, "") == bytes_of("000000100000000005c248eb7d98c8ff"));
  const auto type =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"content-type", "application/json"}});
  CHECK(
      wire::event_stream_message(type, "{'foo':'bar'}") ==
      bytes_of("0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f27"
               "3a27626172277d8d9c08b1"));
}

TEST_CASE("messages are the same however the bytes are cut, and their raw bytes are the stream") {
  const std::string bytes =
      event("messageStart", R"({"role":"assistant"})") + event("contentBlockDelta", std::string(300, 'x')) +
      event("ping", "") + message("exception", ":exception-type", "throttlingException", R"({"message":"slow"})") +
      wire::event_stream_message(
          std::to_array<std::pair<std::string_view, std::string_view>>(
              {{":message-type", "error"}, {":error-code", "InternalError"}, {":error-message", "broken"}}),
          "");
  const std::string seen = fmt::format(R"([messageStart|{{"role":"assistant"}}][contentBlockDelta|{}][ping|])"
                                       R"([!throttlingException|{{"message":"slow"}}][!InternalError|broken])",
                                       std::string(300, 'x'));
  for (const std::size_t step : {1u, 2u, 3u, 7u, 64u, 10'000u}) {
    CAPTURE(step);
    std::string raw;
    CHECK(split(bytes, step, &raw) == seen);
    CHECK(raw == bytes);
  }
  CHECK(split(std::string_view(bytes).substr(0, bytes.size() - 1), 10).ends_with(R"({"message":"slow"}])"));
}

TEST_CASE("a damaged message is an error wherever a bit of it is turned, and nothing comes behind it") {
  const std::string first = event("a", "{}"), second = event("messageStart", R"({"role":"assistant"})");
  for (std::size_t at = 0; at < second.size(); ++at) {
    CAPTURE(at);
    std::string bytes = first + second + first;
    bytes[first.size() + at] = static_cast<char>(bytes[first.size() + at] ^ 0x10);
    CHECK(split(bytes, 5) == "[a|{}](protocol)");
  }
}

TEST_CASE("a message that is larger than the cap is an error once its length is known") {
  const std::string bytes = event("a", std::string(100, 'x'));
  CHECK(split(bytes, 1, nullptr, bytes.size()).starts_with("[a|x"));
  CHECK(split(std::string_view(bytes).substr(0, 12), 1, nullptr, bytes.size() - 1) == "(too_large)");
}

TEST_CASE("lengths and headers that do not fit are an error although the sums do") {
  const auto summed = [](std::uint32_t total, std::uint32_t headers, std::string_view rest) {
    const auto number = [](std::uint32_t value) {
      std::string out;
      for (int i = 3; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xff);
      return out;
    };
    std::string out = number(total) + number(headers);
    out += number(wire::crc32(out));
    out += rest;
    return out + number(wire::crc32(out));
  };
  CHECK(split(summed(15, 0, ""), 100) == "(protocol)");
  CHECK(split(summed(16, 1, ""), 100) == "(protocol)");
  CHECK(split(summed(16, 0xffffffff, ""), 100) == "(protocol)");
  CHECK(split(summed(0, 0, ""), 100) == "(protocol)");
  using namespace std::string_literals;
  for (const std::string& headers :
       {"\0\7\0\0"s, "\1a"s, "\5a\7"s, "\1a\12"s, "\1a\7\0"s, "\1a\7\0\5x"s, "\1a\4\0\0"s}) {
    CHECK(split(summed(static_cast<std::uint32_t>(16 + headers.size()), static_cast<std::uint32_t>(headers.size()),
                       headers),
                100) == "(protocol)");
  }
  const std::string all =
      "\1a\0\1b\1\1c\2x\1d\3xx\1e\4xxxx\1f\5xxxxxxxx\1g\6\0\2xx\1h\7\0\1x\1i\10xxxxxxxx\1j\11xxxxxxxxxxxxxxxx"s;
  CHECK(split(summed(static_cast<std::uint32_t>(16 + all.size()), static_cast<std::uint32_t>(all.size()), all),
              100) == "[|]");
}

TEST_CASE("the splitter of a framing reads messages, whose content type names them") {
  wire::Splitter splitter(wire::Framing::event_stream);
  const std::string bytes = event("a", "{}");
  splitter.feed(bytes);
  const auto frame = splitter.next();
  REQUIRE(frame);
  REQUIRE(*frame);
  CHECK((*frame)->event == "a");
  CHECK(wire::is_stream("application/vnd.amazon.eventstream", wire::Framing::event_stream));
  CHECK_FALSE(wire::is_stream("application/json", wire::Framing::event_stream));
}
