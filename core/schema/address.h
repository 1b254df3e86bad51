// Addresses of schemas ($id, $ref) as RFC 3986 joins them. Nothing here is ever fetched.
#pragma once
#include <string>
#include <string_view>

namespace apigw::schema {

struct Address {
  std::string resource;  // without fragment; empty for a schema that has no $id
  std::string fragment;  // percent-decoded, without its '#'
};

// `reference` seen from `base`, which has no fragment and may be empty.
[[nodiscard]] Address resolve(std::string_view base, std::string_view reference);

}  // namespace apigw::schema
