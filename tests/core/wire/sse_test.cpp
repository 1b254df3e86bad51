#include "wire/sse.h"

#include <doctest/doctest.h>

namespace wire = apigw::wire;
using namespace std::string_literals;

namespace {

// "event|data" a frame, `-` for one without data, and what finish() gave behind a `~`; "!" for an error.
std::string split(std::string_view bytes, std::size_t step, std::string* raw = nullptr, std::size_t cap = 1 << 20) {
  wire::SseSplitter splitter(cap);
  std::string seen;
  const auto show = [&](const wire::Frame& frame) {
    seen += "[";
    if (!frame.event.empty()) seen.append(frame.event).append("|");
    seen.append(frame.has_data ? frame.data : "-").append("]");
    if (raw != nullptr) raw->append(frame.raw);
  };
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string chunk(bytes.substr(at, step));  // a copy of its own, gone after the round
    splitter.feed(chunk);
    for (;;) {
      const auto frame = splitter.next();
      if (!frame) return seen + "!";
      if (!*frame) break;
      show(**frame);
    }
  }
  if (const auto rest = splitter.finish()) {
    seen += "~";
    show(*rest);
  }
  return seen;
}

struct Stream {
  const char* name;
  std::string bytes;
  const char* frames;
};

const Stream streams[] = {
    {"nothing", "", ""},
    {"one frame", "data: a\n\n", "[a]"},
    {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", "[a][b]"},
    {"CR", "data: a\r\rdata: b\r\rx: y\r\r\r", "[a][b][-]~[-]"},
    {"mixed line ends", "data: a\r\ndata: b\n\rdata: c\r\r\n", "[a\nb][c]"},
    {"no blank behind the colon", "data:a\n\n", "[a]"},
    {"two blanks behind the colon", "data:  a\n\n", "[ a]"},
    {"several data lines", "data: a\ndata: b\ndata:\ndata: c\n\n", "[a\nb\n\nc]"},
    {"an event's name", "event: error\ndata: {}\n\n", "[error|{}]"},
    {"comments", ": ping\n\n:\ndata: a\n: b\n\n", "[-][a]"},
    {"other fields", "id: 7\nretry: 10\ndata: a\n\n", "[a]"},
    {"a field without a colon", "data\n\n", "[]"},
    {"empty data", "data:\n\n", "[]"},
    {"blank lines only", "\n\n", "[-][-]"},
    {"byte order mark", "\xef\xbb\xbf"s + "data: a\n\n", "[a]"},
    {"byte order mark alone on its line", "\xef\xbb\xbf\n"s + "data: a\n\n", "[-][a]"},
    {"byte order mark later is no mark", "data: a\n\n\xef\xbb\xbf"s + "data: b\n\n", "[a][-]"},
    {"a last frame without its blank line", "data: a\n\ndata: [DONE]", "[a]~[[DONE]]"},
    {"a last frame with one line end", "data: a\n\ndata: b\n", "[a]~[b]"},
    {"UTF-8", "data: Grüße 漢字 🙂\n\n", "[Grüße 漢字 🙂]"},
    {"NUL", "data: a\0b\n\n"s, "[a\0b]"},
};

}  // namespace

TEST_CASE("a stream gives the same frames however it is cut, and their raw bytes are the stream") {
  for (const Stream& row : streams) {
    for (std::size_t step = 1; step <= row.bytes.size() + 1; ++step) {
      CAPTURE(row.name);
      CAPTURE(step);
      std::string raw;
      const std::string seen = split(row.bytes, step, &raw);
      if (row.name != "NUL"s) CHECK(seen == row.frames);
      CHECK(raw == row.bytes);
    }
  }
}

TEST_CASE("a frame that lies in one chunk is a view into it") {
  const std::string chunk = "data: a\n\ndata: b\n\n";
  wire::SseSplitter splitter;
  splitter.feed(chunk);
  const auto frame = splitter.next();
  REQUIRE(frame);
  REQUIRE(*frame);
  CHECK((*frame)->raw.data() == chunk.data());
  CHECK((*frame)->data.data() == chunk.data() + 6);
}

TEST_CASE("a frame larger than the cap ends the stream, however it is cut") {
  const std::string bytes = "data: a\n\ndata: " + std::string(100, 'x') + "\n\ndata: b\n\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) CHECK(split(bytes, step, nullptr, 64) == "[a]!");
  CHECK(split("data: 1\n\n", 3, nullptr, 9) == "[1]");
  wire::SseSplitter splitter(4);
  splitter.feed("data: a\n\n");
  CHECK(!splitter.next());
  CHECK(!splitter.next());
  CHECK(!splitter.finish());
}
