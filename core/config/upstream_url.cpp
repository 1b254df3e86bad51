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

namespace {

constexpr std::string_view region_place = "{region}", project_place = "{project}";
// The region of a cloud whose address has none of it in its host.
constexpr std::string_view everywhere = "global";

std::string with(std::string text, std::string_view place, std::string_view value) {
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
    text.replace(at, place.size(), value);
  return text;
}

}  // namespace

bool has_place(const KnownProvider& row, std::string_view field) {
  return row.url.contains(field == "region" ? region_place : project_place);
}

Url address_of(const KnownProvider& row, std::string_view region, std::string_view project) {
  std::string text(row.url);
  if (region == everywhere) text = with(std::move(text), "{region}-", "");
  return url_of(with(with(std::move(text), region_place, region), project_place, project));
}

bool at_home(const KnownProvider& row, const Url& url) {
  const Url known = url_of(row.url);
  if (known.scheme != url.scheme || known.port != url.port) return false;
  if (!has_place(row, "region")) return known.host == url.host;
  const Url global = address_of(row, everywhere, {});
  return url.host == global.host || text::glob(with(known.host, region_place, "*"), url.host);
}

}  // namespace apigw::config
