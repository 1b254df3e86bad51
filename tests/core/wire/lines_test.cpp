#include "wire/lines.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "wire/splitter.h"

namespace wire = apigw::wire;
using namespace std::string_literals;

namespace {

// The data of each line, `-` for a blank one, and what finish() gave behind a `~`; "!" for an error.
std::string split(std::string_view bytes, std::size_t step, std::string* raw = nullptr, std::size_t cap = 1 << 20) {
  wire::LineSplitter splitter(cap);
  std::string seen;
  const auto show = [&](const wire::Frame& frame) {
    seen.append("[").append(frame.has_data ? frame.data : "-").append("]");
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
  const char* lines;
};

const Stream streams[] = {
    {"nothing", "", ""},
    {"one line", "{}\n", "[{}]"},
    {"several", "{\"a\":1}\n{}\n", "[{\"a\":1}][{}]"},
    {"CRLF", "{}\r\n{}\r\n", "[{}][{}]"},
    {"a CR is no line's end", "{}\r{}\n", "[{}\r{}]"},
    {"blank lines", "\n \n\t\r\n{}\n", "[-][-][-][{}]"},
    {"blanks around", "  {} \n", "[{}]"},
    {"the last line without its end", "{}\n{\"b\":2}", "[{}]~[{\"b\":2}]"},
    {"blanks at the end", "{}\n  ", "[{}]~[-]"},
    {"byte order mark", "\xef\xbb\xbf"s + "{}\n", "[{}]"},
    {"byte order mark later is no mark", "{}\n\xef\xbb\xbf"s + "{}\n", "[{}][\xef\xbb\xbf{}]"},
};

}  // namespace

TEST_CASE("lines are the same however the bytes are cut, and their raw bytes are the stream") {
  for (const Stream& stream : streams) {
    CAPTURE(stream.name);
    for (const std::size_t step : {1u, 2u, 3u, 5u, 100u}) {
      CAPTURE(step);
      std::string raw;
      CHECK(split(stream.bytes, step, &raw) == stream.lines);
      CHECK(raw == stream.bytes);
    }
  }
}

TEST_CASE("a line that is larger than the cap is an error, and nothing comes behind it") {
  for (const std::size_t step : {1u, 4u, 100u}) {
    CAPTURE(step);
    CHECK(split("{}\n12345678\n{}\n", step, nullptr, 8) == "[{}]!");
    CHECK(split("1234567\n", step, nullptr, 8) == "[1234567]");
    CHECK(split("123456789", step, nullptr, 8) == "!");
  }
  wire::LineSplitter splitter(2);
  splitter.feed("123\n");
  CHECK_FALSE(splitter.next());
  splitter.feed("{}\n");
  CHECK_FALSE(splitter.next());
  CHECK_FALSE(splitter.finish());
}

TEST_CASE("a framing is known by its content type, and kept alive by what its readers pass over") {
  using enum wire::Framing;
  struct Row {
    const char* type;
    wire::Framing framing;
    bool is;
  };
  for (const Row& row :
       {Row{"text/event-stream", sse, true}, Row{"Text/Event-Stream; charset=utf-8", sse, true},
        Row{"text/event-streams", sse, false}, Row{"application/json", sse, false},
        Row{"application/x-ndjson", lines, true}, Row{"application/json; charset=utf-8", lines, true},
        Row{"text/plain", lines, false}, Row{"", lines, false}, Row{"", sse, false}}) {
    CAPTURE(row.type);
    CHECK(wire::is_stream(row.type, row.framing) == row.is);
  }
  for (const wire::Framing framing : {sse, lines}) {
    wire::Splitter splitter(framing);
    const std::string frame = framing == sse ? "data: {}\n\n" : "{}\n";
    const std::string bytes = fmt::format("{0}{1}{0}{1}", wire::sign_of_life(framing), frame);
    splitter.feed(bytes);
    std::string data;
    for (auto next = splitter.next(); next && *next; next = splitter.next()) data += (*next)->data;
    CHECK(data == "{}{}");
    CHECK_FALSE(splitter.finish());
  }
}
