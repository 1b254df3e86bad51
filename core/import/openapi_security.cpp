// Security schemes and requirements; see openapi.h.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "import/openapi.h"

namespace apigw::import::openapi {
namespace {

constexpr std::string_view key_headers[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};

void api_key(const yaml::Node& scheme, std::string_view name, Importing& to) {
  const yaml::Node* in = scheme.find("in");
  const yaml::Node* header = scheme.find("name");
  const std::string where = in == nullptr ? "" : in->value;
  const std::string field = header == nullptr ? "" : header->value;
  if (where == "header" && std::ranges::find(key_headers, text::lower(field)) != std::end(key_headers)) return;
  to.nearly(
      scheme.span, fmt::format("security scheme '{}'", name),
      fmt::format("a key in {} '{}' is not looked for; clients send it as 'Authorization: Bearer' or 'x-api-key'",
                  where == "query" || where == "cookie" || where == "header" ? where : "its",
                  text::printable(field, 60)));
}

void http(const yaml::Node& scheme, std::string_view name, Importing& to) {
  const yaml::Node* word = scheme.find("scheme");
  const yaml::Node* format = scheme.find("bearerFormat");
  const std::string kind = word == nullptr ? "" : text::lower(word->value);
  if (kind == "bearer" && format != nullptr && text::lower(format->value) == "jwt") {
    to.later(scheme.span, fmt::format("security scheme '{}' (a JWT)", name),
             "auth: { NAME: { jwt: ISSUER } }, and its name in 'auth' of the routes")
        .helps.push_back("until then these operations ask for a consumer's key");
  } else if (kind != "bearer") {
    to.lost(scheme.span, fmt::format("security scheme '{}' (http {})", name, text::printable(kind, 40)),
            "apigw checks keys only; these operations ask for a consumer's key");
  }
}

}  // namespace

void Security::scheme(const yaml::Entry& requirement) {
  const std::string name = text::printable(requirement.key->value, 60);
  if (!to_.first("scheme " + requirement.key->value)) return;
  const yaml::Node* found = schemes_ == nullptr ? nullptr : members_.find(*schemes_, requirement.key->value);
  if (found != nullptr) found = followed(*found, root_, members_, to_);
  if (found == nullptr || found->kind != yaml::Kind::mapping) {
    to_.unreadable(
        requirement.key->span,
        fmt::format("security scheme '{}' is not declared: these operations ask for a consumer's key", name));
    return;
  }
  const yaml::Node* type = found->find("type");
  const std::string kind = type == nullptr ? "" : type->value;
  if (kind == "apiKey") return api_key(*found, name, to_);
  if (kind == "http") return http(*found, name, to_);
  if (kind == "oauth2" || kind == "openIdConnect") {
    to_.later(found->span, fmt::format("security scheme '{}' ({})", name, kind),
              "auth: { NAME: { jwt: ISSUER } }, and its name in 'auth' of the routes")
        .helps.push_back("until then these operations ask for a consumer's key");
    return;
  }
  to_.lost(found->span, fmt::format("security scheme '{}' ({})", name, text::printable(kind, 40)),
           "apigw checks keys only; these operations ask for a consumer's key");
}

Access Security::access(const yaml::Node* requirements) {
  if (requirements == nullptr) return Access::unsaid;
  if (requirements->kind != yaml::Kind::sequence) {
    to_.unreadable(requirements->span, fmt::format("'security' must be a list, not {}", kind_of(*requirements)));
    return Access::key;
  }
  bool open = requirements->items.empty();
  for (const yaml::Node* one : requirements->items) {
    if (one->kind != yaml::Kind::mapping) {
      to_.unreadable(one->span, fmt::format("a security requirement must be a mapping, not {}", kind_of(*one)));
      continue;
    }
    open = open || one->entries.empty();
    for (const yaml::Entry& entry : one->entries) scheme(entry);
    if (one->entries.size() > 1)
      to_.nearly(one->span, "a requirement of several schemes at once", "one key is enough");
  }
  if (open && requirements->items.size() > 1)
    to_.nearly(requirements->span, "security that may be left out",
               "'auth: none' lets everybody in, and a key that is sent is not judged");
  if (!open && to_.first("key"))
    to_.nearly(requirements->span, "who may call",
               "the gateway asks for a key of 'consumers' and takes it off, so that the service sees none")
        .helps.push_back("consumers: { NAME: { key: env:NAME_KEY } }");
  return open ? Access::none : Access::key;
}

}  // namespace apigw::import::openapi
