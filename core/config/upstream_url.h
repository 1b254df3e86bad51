// A URL of the config or of the catalogue as the origin that is called.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/draft.h"
#include "config/vocabulary.h"

namespace apigw::config {

[[nodiscard]] model::Origin origin_of(const Url& url);
// Of the catalogue's rows, which are well formed: a test of the vocabulary proves it. A host may have {region} in it.
[[nodiscard]] Url url_of(std::string_view text);

// Places that an address of the catalogue leaves open, as fields of a provider name them.
[[nodiscard]] bool has_place(const KnownProvider& row, std::string_view field);  // "region", "project"
// The address with its places filled. The values are labels, so that none leads elsewhere.
[[nodiscard]] Url address_of(const KnownProvider& row, std::string_view region, std::string_view project);
// Whether `url` is the provider's own, whichever region it names: its key may go there.
[[nodiscard]] bool at_home(const KnownProvider& row, const Url& url);

}  // namespace apigw::config
