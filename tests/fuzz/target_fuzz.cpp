// Request targets: what is accepted is canonical, parses to itself, and hides no slash, dot segment or control.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "fuzz/law.h"
#include "http/authority.h"
#include "http/target.h"

namespace http = apigw::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const std::string_view method : {"GET", "OPTIONS"}) {
    const auto parsed = http::parse_target(method, raw);
    if (!parsed) continue;
    const std::string& path = parsed->target.path;
    const auto again = http::parse_target(method, parsed->target.text());
    LAW(again && again->target.text() == parsed->target.text());
    LAW(path == "*" || path.starts_with('/'));
    for (char c : parsed->target.text()) LAW(c > 0x20 && c < 0x7f && c != '\\' && c != '#');
    const std::string decoded = http::decode(path);
    LAW(apigw::text::valid_utf8(decoded));
    LAW(std::ranges::count(decoded, '/') == std::ranges::count(path, '/'));
    for (const char* hidden : {"//", "/./", "/../", "\\"}) LAW(decoded.find(hidden) == std::string::npos);
    for (char c : decoded) LAW(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    LAW(!decoded.ends_with("/.") && !decoded.ends_with("/.."));
    LAW(parsed->authority.empty() || http::valid_authority(parsed->authority));
    LAW(http::encode(http::decode(http::encode(decoded))) == http::encode(decoded));
    (void)http::query_pairs(parsed->target.query);
  }
  return 0;
}
