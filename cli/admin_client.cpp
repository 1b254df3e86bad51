#include "admin_client.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "outbound/client.h"

namespace apigw::cli {
namespace {

constexpr std::chrono::milliseconds limit{1'000};
constexpr std::size_t most_bytes = 8 << 20;

}  // namespace

Result<nlohmann::ordered_json> ask_admin(const RuntimeFile& gateway, const std::string& target) {
  outbound::Request request{.origin = gateway.admin_address, .target = target, .timeout = limit};
  request.verify = false;  // on this machine
  request.headers.add("authorization", fmt::format("Bearer {}", gateway.admin_key.expose()));
  std::string body;
  const auto reply = outbound::send(request, {.head = [](const http::ResponseHead&) {},
                                              .body =
                                                  [&](std::string_view piece) {
                                                    body += piece;
                                                    return body.size() <= most_bytes;
                                                  }});
  if (!reply) return std::unexpected(reply.error());
  auto document = nlohmann::ordered_json::parse(body, nullptr, false);
  if (reply->status != 200 || !document.is_object())
    return fail(ErrorKind::protocol, fmt::format("{} answered {} without a document", target, reply->status));
  return document;
}

}  // namespace apigw::cli
