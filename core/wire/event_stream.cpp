#include "wire/event_stream.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace apigw::wire {

namespace {

constexpr std::size_t prelude = 12, sum = 4;  // bytes: two lengths and their sum; the sum at the end

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
    table[i] = value;
  }
  return table;
}();

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_number(std::string& out, std::uint32_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

// The types of headers' values, by their number.
enum class Kind : std::uint8_t { yes, no, byte, int16, int32, int64, bytes, text, time, uuid };
constexpr std::array<std::size_t, 10> fixed_sizes{0, 0, 1, 2, 4, 8, 0, 0, 8, 16};

struct Header {
  std::string_view name, value;  // the value of a text; of other types empty
};

// Takes one header off the front of `rest`; nothing when it is none.
std::optional<Header> take_header(std::string_view& rest) {
  const std::size_t name = rest.empty() ? 0 : static_cast<unsigned char>(rest[0]);
  if (name == 0 || rest.size() < 2 + name) return std::nullopt;
  Header header{.name = rest.substr(1, name), .value = {}};
  const auto kind = static_cast<std::size_t>(static_cast<unsigned char>(rest[1 + name]));
  rest.remove_prefix(2 + name);
  if (kind >= fixed_sizes.size()) return std::nullopt;
  std::size_t size = fixed_sizes[kind];
  if (kind == static_cast<std::size_t>(Kind::bytes) || kind == static_cast<std::size_t>(Kind::text)) {
    if (rest.size() < 2) return std::nullopt;
    size = number(rest, 0, 2);
    rest.remove_prefix(2);
  }
  if (rest.size() < size) return std::nullopt;
  if (kind == static_cast<std::size_t>(Kind::text)) header.value = rest.substr(0, size);
  rest.remove_prefix(size);
  return header;
}

struct Names {
  std::string_view message, event, exception, code, words;
};

std::optional<Names> names_in(std::string_view headers) {
  Names names;
  const auto rows = std::to_array<std::pair<std::string_view, std::string_view*>>({
      {":message-type", &names.message},
      {":event-type", &names.event},
      {":exception-type", &names.exception},
      {":error-code", &names.code},
      {":error-message", &names.words},
  });
  while (!headers.empty()) {
    const auto header = take_header(headers);
    if (!header) return std::nullopt;
    for (const auto& [name, into] : rows)
      if (header->name == name) *into = header->value;
  }
  return names;
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorKind::protocol, fmt::format("the event stream is damaged: {}", what));
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t value = 0xffffffffU;
  for (const char c : bytes) value = (value >> 8) ^ crc_table[(value ^ static_cast<unsigned char>(c)) & 0xff];
  return ~value;
}

Result<std::optional<Frame>> EventStreamSplitter::next() {
  if (broken_) return std::unexpected(*broken_);
  auto frame = read();
  if (!frame) broken_ = frame.error();
  return frame;
}

// Of the message that begins here; nothing as long as its prelude is not whole.
Result<std::optional<std::size_t>> EventStreamSplitter::size_of_next() const {
  const std::string_view rest = held_.input().substr(at_);
  if (rest.size() < prelude) return std::nullopt;
  if (crc32(rest.substr(0, 8)) != number(rest, 8, 4)) return wrong("the sum of a prelude does not fit");
  const std::size_t total = number(rest, 0, 4), headers = number(rest, 4, 4);
  if (total < prelude + sum || headers > total - prelude - sum) return wrong("a message is shorter than its headers");
  if (total > message_cap_)
    return fail(ErrorKind::too_large, fmt::format("a message of the stream is larger than {} bytes", message_cap_));
  return total;
}

Result<std::optional<Frame>> EventStreamSplitter::read() {
  const auto size = size_of_next();
  if (!size) return std::unexpected(size.error());
  if (!*size || held_.input().size() - at_ < **size) {
    held_.keep(std::exchange(at_, 0));
    return std::nullopt;
  }
  const std::string_view raw = held_.input().substr(at_, **size);
  at_ += raw.size();
  if (crc32(raw.substr(0, raw.size() - sum)) != number(raw, raw.size() - sum, sum))
    return wrong("the sum of a message does not fit");
  const std::size_t headers = number(raw, 4, 4);
  const auto names = names_in(raw.substr(prelude, headers));
  if (!names) return wrong("the headers of a message cannot be read");
  const std::string_view payload = raw.substr(prelude + headers, raw.size() - prelude - headers - sum);
  Frame frame{.raw = raw, .event = names->event, .data = payload, .has_data = !payload.empty()};
  if (names->message == "exception") {
    frame.event = names->exception;
    frame.error = true;
  } else if (names->message == "error") {
    frame = {.raw = raw, .event = names->code, .data = names->words, .has_data = true, .error = true};
  }
  return frame;
}

std::string event_stream_message(std::span<const std::pair<std::string_view, std::string_view>> headers,
                                 std::string_view payload) {
  std::string lines;
  for (const auto& [name, value] : headers) {
    lines += static_cast<char>(name.size());
    lines.append(name);
    lines += static_cast<char>(Kind::text);
    append_number(lines, static_cast<std::uint32_t>(value.size()), 2);
    lines.append(value);
  }
  std::string out;
  append_number(out, static_cast<std::uint32_t>(prelude + lines.size() + payload.size() + sum), 4);
  append_number(out, static_cast<std::uint32_t>(lines.size()), 4);
  append_number(out, crc32(out), 4);
  out.append(lines).append(payload);
  append_number(out, crc32(out), 4);
  return out;
}

}  // namespace apigw::wire
