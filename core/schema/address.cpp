#include "schema/address.h"

#include <vector>

#include "base/json_escape.h"
#include "base/text.h"

namespace apigw::schema {

namespace {

// Absent parts are empty, present ones carry their mark: "http:", "//host", "/path", "?query".
struct Parts {
  std::string_view scheme, authority, path, query;
};

Parts split(std::string_view address) {
  Parts parts;
  const auto cut = [&](std::size_t size) {
    const auto part = address.substr(0, size);
    address.remove_prefix(part.size());
    return part;
  };
  const auto colon = address.find_first_of(":/?#");
  if (colon != std::string_view::npos && colon > 0 && address[colon] == ':') parts.scheme = cut(colon + 1);
  if (address.starts_with("//")) parts.authority = cut(std::min(address.find_first_of("/?#", 2), address.size()));
  parts.path = cut(std::min(address.find('?'), address.size()));
  parts.query = address;
  return parts;
}

std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool rooted = path.starts_with('/');
  const auto steps = text::split(rooted ? path.substr(1) : path, '/');
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    if (steps[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (steps[i] != ".") {
      kept.push_back(steps[i]);
      continue;
    }
    if (last) kept.emplace_back();
  }
  std::string joined = rooted ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) joined.append(i == 0 ? "" : "/").append(kept[i]);
  return joined;
}

std::string merged(const Parts& base, std::string_view path) {
  if (base.path.empty() && !base.authority.empty()) return "/" + std::string(path);
  return std::string(base.path.substr(0, base.path.rfind('/') + 1)).append(path);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high =
        i + 2 < text.size() && text[i] == '%' ? json::hex_values[static_cast<unsigned char>(text[i + 1])] : -1;
    const int low = high >= 0 ? json::hex_values[static_cast<unsigned char>(text[i + 2])] : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string join(std::string_view base_address, std::string_view reference) {
  const Parts base = split(base_address), given = split(reference);
  std::string out;
  if (!given.scheme.empty()) return std::string(reference);
  out.append(base.scheme);
  if (!given.authority.empty())
    return out.append(given.authority).append(without_dots(given.path)).append(given.query);
  out.append(base.authority);
  if (given.path.empty()) return out.append(base.path).append(given.query.empty() ? base.query : given.query);
  const std::string path = given.path[0] == '/' ? std::string(given.path) : merged(base, given.path);
  return out.append(without_dots(path)).append(given.query);
}

}  // namespace

Address resolve(std::string_view base, std::string_view reference) {
  const auto hash = reference.find('#');
  Address address{.resource = join(base, reference.substr(0, hash))};
  if (hash != std::string_view::npos) address.fragment = percent_decoded(reference.substr(hash + 1));
  return address;
}

}  // namespace apigw::schema
