#include "config/upstream_url.h"

#include <algorithm>

#include "base/text.h"

namespace apigw::config {

model::Origin origin_of(const Url& url) {
  return {url.scheme == Url::Scheme::https, url.host, url.port};
}

Url url_of(std::string_view text) {
  if (text == "mock:") return {.scheme = Url::Scheme::mock};
  Url url{.scheme = text.starts_with("https://") ? Url::Scheme::https : Url::Scheme::http};
  text.remove_prefix(std::min(text.find("://") + 3, text.size()));
  const auto slash = std::min(text.find('/'), text.size());
  const std::string_view authority = text.substr(0, slash);
  const auto colon = authority.find(':');
  url.host = std::string(authority.substr(0, colon));
  const auto port = colon == std::string_view::npos ? std::nullopt : text::parse_number(authority.substr(colon + 1));
  url.port = static_cast<std::uint16_t>(port.value_or(url.scheme == Url::Scheme::https ? 443 : 80));
  url.base_path = std::string(text.substr(slash));
  return url;
}

}  // namespace apigw::config
