#include "gateway/operation_call.h"

#include "contract/operation.h"

namespace apigw::gateway {

std::optional<policy::Refusal> misfit(const Compiled& compiled, const routing::Match& match,
                                      const http::RequestHead& head, std::string_view body) {
  if (!match.route->operation) return std::nullopt;
  contract::Call call{.variables = {}, .query = head.target.query, .headers = head.headers, .body = body};
  const auto& names = compiled.router.variables(match.index);
  for (std::size_t i = 0; i < match.captures.size && i < names.size(); ++i)
    call.variables.emplace_back(names[i], match.captures.values[i]);
  auto wrong = contract::check(*match.route->operation->content, call, {.depth = compiled.plan->caps.json_depth});
  if (!wrong) return std::nullopt;
  return policy::Refusal{wrong->status, "invalid_request", std::move(wrong->detail), {}, std::move(wrong->errors)};
}

}  // namespace apigw::gateway
