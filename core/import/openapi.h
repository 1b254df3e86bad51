// The parts of the reading of an OpenAPI document that its files share.
#pragma once
#include "import/importing.h"
#include "yaml/reference.h"

namespace apigw::import::openapi {

// `$ref` into the document, followed up to a bound; nullptr with a finding (AGW726) for one that leads nowhere, in a
// circle or into another file. A node without `$ref` is itself.
[[nodiscard]] const yaml::Node* followed(const yaml::Node& node, const yaml::Node& root, yaml::Members& members,
                                         Importing& to);

// Who may call, as far as a config can say it.
enum class Access : std::uint8_t { unsaid, key, none };

// The security schemes of a document and what requirements mean in a config. Whatever a document protects stays
// protected: a scheme that apigw does not check asks for a key instead, and that is a finding at the scheme.
class Security {
 public:
  // `schemes`: securityDefinitions or components.securitySchemes; may be null.
  Security(const yaml::Node* schemes, const yaml::Node& root, yaml::Members& members, Importing& to)
      : schemes_(schemes), root_(root), members_(members), to_(to) {}
  // Of a `security` list; nullptr: unsaid.
  [[nodiscard]] Access access(const yaml::Node* requirements);

 private:
  void scheme(const yaml::Entry& requirement);

  const yaml::Node* schemes_;
  const yaml::Node& root_;
  yaml::Members& members_;
  Importing& to_;
};

}  // namespace apigw::import::openapi
