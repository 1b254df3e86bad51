// A URL of the config or of the catalogue as the origin that is called.
#pragma once
#include <string_view>

#include "config/draft.h"

namespace apigw::config {

[[nodiscard]] model::Origin origin_of(const Url& url);
// Of the catalogue's rows, which are well formed: a test of the vocabulary proves it.
[[nodiscard]] Url url_of(std::string_view text);

}  // namespace apigw::config
