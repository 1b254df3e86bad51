// The raw half of framing.h: start line and fields byte by byte against tables, before a lenient parser sees them.
#include <array>
#include <cstring>

#include "http/framing.h"

namespace apigw::http {

namespace {

enum Class : std::uint8_t { token = 1, value = 2, target = 4 };

constexpr auto classes = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] = value | target;
  for (unsigned c = 0x80; c < 0x100; ++c) table[c] = value;  // obs-text: UTF-8 in values is everywhere
  table[' '] = table['\t'] = value;
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] |= token;
  }
  return table;
}();

bool all(std::string_view s, unsigned bits) {
  unsigned seen = bits;
  for (char c : s) seen &= classes[static_cast<unsigned char>(c)];
  return seen == bits;
}

std::unexpected<Malformed> refuse(int status, std::string_view reason) {
  return std::unexpected(Malformed{status, reason});
}

// Why a line holds a byte that no line may hold: the word of the worst one.
std::string_view bad_byte(std::string_view line) {
  if (line.contains('\0')) return "nul";
  if (line.contains('\r')) return "bare_cr";
  return "control_character";
}

// "HTTP/1.0" or "HTTP/1.1".
Framed<void> judge_version(std::string_view version) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  if (version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' &&
      digit(version[7])) {
    return refuse(505, "http_version");
  }
  return refuse(400, "request_line");
}

Framed<void> judge_request_line(std::string_view line) {
  if (line.empty()) return refuse(400, "empty_line");
  const auto method_end = line.find(' ');
  if (method_end == 0) return refuse(400, "method");
  if (method_end == std::string_view::npos) {
    return refuse(400, all(line, value) ? "request_line" : bad_byte(line));
  }
  const std::string_view method = line.substr(0, method_end);
  if (!all(method, token)) return refuse(400, all(method, value) ? "method" : bad_byte(method));
  line.remove_prefix(method_end + 1);
  const auto target_end = line.find(' ');
  if (target_end == std::string_view::npos || target_end == 0) return refuse(400, "request_line");
  const std::string_view raw = line.substr(0, target_end);
  if (!all(raw, target)) return refuse(400, all(raw, value) ? "target" : bad_byte(raw));
  return judge_version(line.substr(target_end + 1));
}

Framed<void> judge_status_line(std::string_view line) {
  if (!all(line, value)) return refuse(502, bad_byte(line));
  const bool version = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!version || line.size() < 12 || line[9] < '1' || line[9] > '5') return refuse(502, "status_line");
  for (const char c : line.substr(10, 2)) {
    if (c < '0' || c > '9') return refuse(502, "status_line");
  }
  if (line.size() > 12 && line[12] != ' ') return refuse(502, "status_line");
  return {};
}

// The reason word, empty when the field is good.
std::string_view judge_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return "obs_fold";
  std::size_t colon = 0;
  while (colon < line.size() && (classes[static_cast<unsigned char>(line[colon])] & token) != 0) ++colon;
  if (colon == line.size()) return "no_colon";
  if (line[colon] != ':') {
    const bool blank = line[colon] == ' ' || line[colon] == '\t';
    if (!all(line.substr(0, colon + 1), value)) return bad_byte(line.substr(0, colon + 1));
    return blank && line.find_first_not_of(" \t", colon) == line.find(':') ? "space_before_colon" : "field_name";
  }
  if (colon == 0) return "empty_name";
  return all(line.substr(colon + 1), value) ? std::string_view() : bad_byte(line.substr(colon + 1));
}

}  // namespace

Framed<void> HeaderScanner::judge_line(std::string_view line) {
  const bool request = side_ == Side::request;
  if (fields_begin_ == 0) {
    if (line.size() > caps_.start_line) return refuse(request ? 414 : 502, "request_line_too_long");
    return request ? judge_request_line(line) : judge_status_line(line);
  }
  if (line.empty()) return {};
  if (++fields_ > caps_.fields) return refuse(request ? 431 : 502, "too_many_fields");
  if (const std::string_view wrong = judge_field(line); !wrong.empty()) return refuse(request ? 400 : 502, wrong);
  return {};
}

// A section that cannot become good is refused before its end has come: a client may hold the rest back for ever.
Framed<void> HeaderScanner::judge_unfinished(std::string_view buffer) const {
  const bool request = side_ == Side::request;
  if (fields_begin_ != 0) {
    if (buffer.size() - fields_begin_ > caps_.section) return refuse(request ? 431 : 502, "header_too_large");
    return {};
  }
  if (buffer.size() > caps_.start_line + 1) return refuse(request ? 414 : 502, "request_line_too_long");
  if (request && !buffer.empty() && buffer.front() != '\r' && !all(buffer.substr(0, 1), token)) {
    return refuse(400, all(buffer.substr(0, 1), value) ? "method" : bad_byte(buffer.substr(0, 1)));
  }
  return {};
}

Framed<std::optional<std::size_t>> HeaderScanner::feed(std::string_view buffer) {
  const int fault = side_ == Side::request ? 400 : 502;
  while (searched_ < buffer.size()) {
    const void* found = std::memchr(buffer.data() + searched_, '\n', buffer.size() - searched_);
    if (found == nullptr) break;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (end == line_ || buffer[end - 1] != '\r') return refuse(fault, "bare_lf");
    const std::string_view line = buffer.substr(line_, end - 1 - line_);
    if (auto judged = judge_line(line); !judged) return std::unexpected(judged.error());
    searched_ = line_ = end + 1;
    if (fields_begin_ == 0) {
      fields_begin_ = line_;
    } else if (line_ - fields_begin_ > caps_.section) {
      return refuse(side_ == Side::request ? 431 : 502, "header_too_large");
    } else if (line.empty()) {
      return line_;
    }
  }
  searched_ = buffer.size();
  if (auto judged = judge_unfinished(buffer); !judged) return std::unexpected(judged.error());
  return std::nullopt;
}

}  // namespace apigw::http
