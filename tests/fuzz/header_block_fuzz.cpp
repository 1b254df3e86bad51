// Raw header sections, request and reply: cut anywhere they get the same answer, and what is accepted has no byte
// that a second reader could take for a line end, a fold or another name.
#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "fuzz/law.h"
#include "http/framing.h"

namespace http = apigw::http;

namespace {

using Answer = http::Framed<std::optional<std::size_t>>;

Answer feed_in_steps(http::HeaderScanner::Side side, std::string_view bytes, std::size_t step) {
  http::HeaderScanner scanner(side);
  for (std::size_t size = std::min(step, bytes.size());; size = std::min(size + step, bytes.size())) {
    const Answer answer = scanner.feed(bytes.substr(0, size));
    if (!answer || *answer || size == bytes.size()) return answer;
  }
}

bool token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// The section line by line, read by other code than the scanner's; its fields in `head`.
void check_accepted(std::string_view section, http::Headers& headers) {
  LAW(section.ends_with("\r\n\r\n"));
  section.remove_suffix(2);
  bool first = true;
  while (!section.empty()) {
    const auto end = section.find("\r\n");
    const std::string_view line = section.substr(0, end);
    LAW(!line.empty() && line.find_first_of(std::string_view("\r\n\0\x7f", 4)) == std::string_view::npos);
    section.remove_prefix(end + 2);
    if (std::exchange(first, false)) continue;
    const auto colon = line.find(':');
    LAW(colon != std::string_view::npos && colon > 0);
    for (char c : line.substr(0, colon)) LAW(token(c));
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    headers.add(line.substr(0, colon), value);
  }
}

void check_framing_of(const http::Headers& headers) {
  http::RequestHead head;
  head.headers = headers;
  const auto framing = http::check_framing(head, "", 1);
  if (!framing) return;
  LAW(headers.count("host") == 1 && headers.count("content-length") <= 1 && headers.count("transfer-encoding") <= 1);
  LAW(!(headers.has("content-length") && headers.has("transfer-encoding")));
  LAW(head.has_body == (framing->body != http::BodyKind::none));
  LAW(!http::check_framing(head, "other.host.invalid", 1) || head.host == "other.host.invalid");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = data[0] % 32 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto side : {http::HeaderScanner::Side::request, http::HeaderScanner::Side::reply}) {
    const Answer whole = feed_in_steps(side, bytes, bytes.size() + 1);
    const Answer cut = feed_in_steps(side, bytes, step);
    LAW(whole.has_value() == cut.has_value());
    if (!whole) {
      LAW(whole.error().status == cut.error().status);
      continue;
    }
    LAW(*whole == *cut);
    if (!*whole) continue;
    http::Headers headers;
    check_accepted(bytes.substr(0, **whole), headers);
    check_framing_of(headers);
  }
  return 0;
}
