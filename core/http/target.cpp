// One pass over the raw target: a table says what each byte may be, escapes are judged where they stand.
#include "http/target.h"

#include <array>

#include "base/text.h"
#include "http/authority.h"

namespace apigw::http {

namespace {

enum Class : std::uint8_t { bad = 0, path_ok = 1, query_ok = 2, unreserved = 4 };

// RFC 3986: pchar and "/" in a path; a query may hold "?" too, and "[" and "]", which forms send unescaped.
constexpr auto classes = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](std::string_view bytes, unsigned bits) {
    for (char c : bytes) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(bits);
  };
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", path_ok | query_ok | unreserved);
  mark("!$&'()*+,;=:@/", path_ok | query_ok);
  mark("?[]", query_ok);
  return table;
}();

bool is(char c, unsigned bits) {
  return (classes[static_cast<unsigned char>(c)] & bits) != 0;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = text::lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// The byte that the escape at `s[i]` stands for, or -1.
int escaped(std::string_view s, std::size_t i) {
  if (i + 2 >= s.size()) return -1;
  const int high = digit(s[i + 1]);
  const int low = digit(s[i + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void append_escape(std::string& out, unsigned char c) {
  out += '%';
  out += "0123456789ABCDEF"[c >> 4];
  out += "0123456789ABCDEF"[c & 15];
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("target: {}", why));
}

// `.` and `..`, also with path parameters behind them (`..;x`), which some servers cut off before they resolve dots.
bool dot_segment(std::string_view segment) {
  const std::string_view name = segment.substr(0, segment.find(';'));
  return name == "." || name == "..";
}

Result<void> check_segments(std::string_view path) {
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty()) return refuse("empty segment");
    if (segment.front() == '.' && dot_segment(segment)) return refuse("dot segment");
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return {};
}

// Appends the canonical form of an escape that a path may carry.
Result<void> canonical_escape(int byte, std::string& out) {
  if (byte < 0) return refuse("broken escape");
  if (byte < 0x20 || byte == 0x7f) return refuse("encoded control character");
  if (byte == '/') return refuse("encoded slash");
  if (byte == '\\') return refuse("encoded backslash");
  const auto c = static_cast<char>(byte);
  if (is(c, unreserved))
    out += c;
  else
    append_escape(out, static_cast<unsigned char>(byte));
  return {};
}

// The name of a model stands below them, and SDKs encode the slash in a name: there it is the slash that it stands
// for, and as such judged, routed, forwarded and logged.
constexpr std::string_view model_names[] = {"/v1/models/", "/v1beta/models/", "/mistral/v1/models/"};

Result<std::string> canonical_path(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  bool high = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (is(raw[i], path_ok)) {
      out += raw[i];
      continue;
    }
    if (raw[i] == '\\') return refuse("backslash");
    if (raw[i] == '#') return refuse("fragment");
    if (raw[i] != '%') return refuse("character that no path may hold");
    const int byte = escaped(raw, i);
    const bool of_a_name = byte == '/' && std::ranges::any_of(model_names, [&](std::string_view below) {
                             return out.starts_with(below);
                           });
    if (of_a_name) {
      out += '/';
    } else if (auto done = canonical_escape(byte, out); !done) {
      return std::unexpected(done.error());
    }
    high = high || byte >= 0x80;
    i += 2;
  }
  if (high && !text::valid_utf8(decode(out))) return refuse("escapes that are no UTF-8");
  if (auto segments = check_segments(out); !segments) return std::unexpected(segments.error());
  return out;
}

Result<void> check_query(std::string_view query) {
  for (std::size_t i = 0; i < query.size(); ++i) {
    if (is(query[i], query_ok)) continue;
    if (query[i] == '#') return refuse("fragment");
    if (query[i] != '%') return refuse("character that no query may hold");
    const int byte = escaped(query, i);
    if (byte < 0) return refuse("broken escape");
    if (byte == 0) return refuse("encoded control character");
    i += 2;
  }
  return {};
}

Result<Target> parse_origin(std::string_view raw) {
  Target target;
  const auto mark = raw.find('?');
  auto path = canonical_path(raw.substr(0, mark));
  if (!path) return std::unexpected(path.error());
  target.path = std::move(*path);
  if (mark == std::string_view::npos) return target;
  target.query = raw.substr(mark + 1);
  target.has_query = true;
  if (auto query = check_query(target.query); !query) return std::unexpected(query.error());
  return target;
}

// Length of `http://` or `https://` at the start, 0 when it is neither.
std::size_t scheme(std::string_view raw) {
  for (std::string_view known : {std::string_view("http://"), std::string_view("https://")}) {
    if (text::iequals(raw.substr(0, known.size()), known)) return known.size();
  }
  return 0;
}

Target asterisk() {
  return {.path = "*", .query = {}, .has_query = false};
}

Result<ParsedTarget> parse_absolute(std::string_view method, std::string_view rest) {
  const auto end = rest.find_first_of("/?#\\");
  const std::string_view authority = rest.substr(0, end);
  if (!valid_authority(authority)) return refuse("invalid authority");
  ParsedTarget parsed{.target = {}, .authority = text::lower(authority)};
  if (end == std::string_view::npos) {
    if (method == "OPTIONS") parsed.target = asterisk();
    return parsed;
  }
  rest.remove_prefix(end);
  auto target = parse_origin(rest.starts_with('?') ? "/" + std::string(rest) : std::string(rest));
  if (!target) return std::unexpected(target.error());
  parsed.target = std::move(*target);
  return parsed;
}

}  // namespace

Result<ParsedTarget> parse_target(std::string_view method, std::string_view raw) {
  if (raw.empty()) return refuse("empty");
  if (method == "CONNECT") return refuse("CONNECT is not served");
  if (raw.front() == '/') {
    auto target = parse_origin(raw);
    if (!target) return std::unexpected(target.error());
    return ParsedTarget{.target = std::move(*target), .authority = {}};
  }
  if (raw == "*") {
    if (method != "OPTIONS") return refuse("`*` is for OPTIONS only");
    return ParsedTarget{.target = asterisk(), .authority = {}};
  }
  if (const std::size_t size = scheme(raw); size > 0) return parse_absolute(method, raw.substr(size));
  return refuse("neither a path nor an http address");
}

std::string decode(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    const int byte = s[i] == '%' ? escaped(s, i) : -1;
    if (byte < 0) {
      out += s[i];
      continue;
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::string encode(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (char c : s) {
    if (is(c, unreserved))
      out += c;
    else
      append_escape(out, static_cast<unsigned char>(c));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto part = [](std::string_view s) {
    std::string blank(s);
    std::ranges::replace(blank, '+', ' ');
    return decode(blank);
  };
  if (query.empty()) return pairs;
  for (std::string_view pair : text::split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    pairs.emplace_back(part(pair.substr(0, equals)),
                       equals == std::string_view::npos ? std::string() : part(pair.substr(equals + 1)));
  }
  return pairs;
}

}  // namespace apigw::http
