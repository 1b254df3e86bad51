// Values of a scanned text, read where they stand, and strings written back. json_scan.cpp judges the text.
#include "base/json.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_escape.h"
#include "base/json_plain.h"
#include "base/text.h"

namespace apigw::json {

namespace {

void append_utf8(std::string& out, unsigned c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

// A long text is looked through and copied by so many bytes, which are still near when the copy reads them again.
constexpr std::size_t stride = 8 << 10;

// Where the first byte stands that is not copied as it is, looked for until `stop` or the end of the character there.
const char* verbatim_end(const char* p, const char* stop, const char* end) {
  while (p < stop) {
    p = plain_end(p, stop);
    if (p == stop || static_cast<unsigned char>(*p) < 0x80) return p;
    const std::string_view rest(p, static_cast<std::size_t>(end - p));
    const std::size_t size = text::character_size(rest);
    if (size == 0 || rest.starts_with("\u2028") || rest.starts_with("\u2029")) return p;
    p += size;
  }
  return p;
}

// Of what is not copied; no bytes for what is no UTF-8.
void quote_character(std::string& out, std::string_view character) {
  const char c = character.empty() ? '\0' : character[0];
  if (character.empty())
    out += "\xef\xbf\xbd";
  else if (c == '"' || c == '\\')
    out.append("\\").append(character);
  else if (c == '\n')
    out += "\\n";
  else if (c == '\t')
    out += "\\t";
  else if (c == '\r')
    out += "\\r";
  else if (character.size() == 1)
    out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  else if (character == "\u2028")
    out += "\\u2028";
  else
    out += "\\u2029";
}

}  // namespace

std::string decode_string(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t escape = std::min(raw.find('\\', i), raw.size());
    out.append(raw, i, escape - i);
    if (escape == raw.size()) break;
    i = escape + 1;
    const char c = raw[i];
    if (c == 'u') {
      auto unit = static_cast<unsigned>(hex4(&raw[i + 1]));
      i += 4;
      if (high_surrogate(static_cast<int>(unit))) {
        const auto low = static_cast<unsigned>(hex4(&raw[i + 3]));
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
      append_utf8(out, unit);
      continue;
    }
    constexpr std::string_view names = "bfnrt", means = "\b\f\n\r\t";
    const auto at = names.find(c);
    out += at == std::string_view::npos ? c : means[at];
  }
  return out;
}

std::string key_of(const Member& member) {
  return member.escaped ? decode_string(member.key) : std::string(member.key);
}

const Member* Document::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.escaped ? decode_string(member.key) == key : member.key == key) return &member;
  }
  return nullptr;
}

std::optional<std::string> string_at(std::string_view text, Slice slice) {
  if (slice.type != Type::string) return std::nullopt;
  return decode_string(text.substr(slice.begin + 1, slice.end - slice.begin - 2));
}

std::optional<bool> boolean_at(std::string_view text, Slice slice) {
  if (slice.type != Type::boolean) return std::nullopt;
  return text[slice.begin] == 't';
}

std::optional<std::uint64_t> number_at(std::string_view text, Slice slice) {
  if (slice.type != Type::number) return std::nullopt;
  return text::parse_number(at(text, slice));
}

std::string quote(std::string_view value) {
  std::string out;
  quote_into(out, value);
  return out;
}

void quote_into(std::string& out, std::string_view value) {
  // A long text has room behind it for what closes a document, which would else be copied once more for that.
  const std::size_t needed = value.size() + value.size() / 16 + 2;
  if (out.capacity() - out.size() < needed) out.reserve(out.size() + needed);
  out += '"';
  const char* const end = value.data() + value.size();
  for (const char* p = value.data();;) {
    const char* const run = p;
    const char* const stop = run + std::min(stride, static_cast<std::size_t>(end - run));
    p = verbatim_end(p, stop, end);
    out.append(run, p);
    if (p == end) break;
    if (p >= stop) continue;
    const std::size_t size = text::character_size({p, static_cast<std::size_t>(end - p)});
    quote_character(out, {p, size});
    p += std::max<std::size_t>(size, 1);
  }
  out += '"';
}

}  // namespace apigw::json
