#include "routing/conditions.h"

#include "base/text.h"
#include "http/target.h"

namespace apigw::routing {
namespace {

bool header_holds(const model::Condition& condition, const http::Headers& headers) {
  for (const auto field : headers) {
    if (field.name == condition.name && (!condition.value || text::glob(*condition.value, field.value))) return true;
  }
  return false;
}

bool query_holds(const model::Condition& condition, std::string_view query) {
  for (const auto& [name, value] : http::query_pairs(query)) {
    if (name == condition.name && (!condition.value || text::glob(*condition.value, value))) return true;
  }
  return false;
}

}  // namespace

bool holds(const model::Condition& condition, const http::Headers& headers, std::string_view query) {
  return condition.in == model::Condition::In::header ? header_holds(condition, headers)
                                                      : query_holds(condition, query);
}

const model::Condition* first_unmet(std::span<const model::Condition> conditions, const http::Headers& headers,
                                    std::string_view query) {
  for (const auto& condition : conditions) {
    if (!holds(condition, headers, query)) return &condition;
  }
  return nullptr;
}

}  // namespace apigw::routing
