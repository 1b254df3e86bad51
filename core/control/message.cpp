#include "control/message.h"

#include <algorithm>

#include "http/problem.h"

namespace apigw::control {

std::size_t Request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count(headers, name, [](const auto& field) -> std::string_view { return field.first; }));
}

const std::string* Request::find(std::string_view name) const {
  if (count(name) != 1) return nullptr;
  for (const auto& [field, value] : headers)
    if (field == name) return &value;
  return nullptr;
}

Reply problem(int status, std::string_view reason, std::string_view detail) {
  return {.status = status,
          .type = std::string(http::problem_type),
          .body = http::problem_body({.status = status, .reason = reason, .detail = detail})};
}

}  // namespace apigw::control
