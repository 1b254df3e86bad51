// The parts of the reading of an OpenAPI document that its files share.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "import/importing.h"

namespace apigw::import::openapi {

// Looks members up, also in mappings so large that to look through one for each reference would take for ever.
class Members {
 public:
  [[nodiscard]] const yaml::Node* find(const yaml::Node& node, std::string_view key);

 private:
  std::map<const yaml::Node*, std::unordered_map<std::string_view, const yaml::Node*>> large_;
};

// `$ref` into the document, followed up to a bound; nullptr with a finding (AGW726) for one that leads nowhere, in a
// circle or into another file. A node without `$ref` is itself.
[[nodiscard]] const yaml::Node* followed(const yaml::Node& node, const yaml::Node& root, Members& members,
                                         Importing& to);

// Who may call, as far as a config can say it.
enum class Access : std::uint8_t { unsaid, key, none };

// The security schemes of a document and what requirements mean in a config. Whatever a document protects stays
// protected: a scheme that apigw does not check asks for a key instead, and that is a finding at the scheme.
class Security {
 public:
  // `schemes`: securityDefinitions or components.securitySchemes; may be null.
  Security(const yaml::Node* schemes, const yaml::Node& root, Members& members, Importing& to)
      : schemes_(schemes), root_(root), members_(members), to_(to) {}
  // Of a `security` list; nullptr: unsaid.
  [[nodiscard]] Access access(const yaml::Node* requirements);

 private:
  void scheme(const yaml::Entry& requirement);

  const yaml::Node* schemes_;
  const yaml::Node& root_;
  Members& members_;
  Importing& to_;
};

}  // namespace apigw::import::openapi
