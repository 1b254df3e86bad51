#include "assembly/provider_ping.h"

#include <ctime>

#include "base/json.h"
#include "dialects/dialect.h"
#include "net/proxy.h"
#include "outbound/client.h"

namespace apigw::assembly {
namespace {

constexpr std::size_t most_listed = 16 << 20;  // bytes of a list of models

Result<std::optional<net::ProxyHop>> proxy_of(const model::Provider& provider, const Variables& environment) {
  return net::choose_proxy(provider.outbound, provider.origin, {environment.begin(), environment.end()});
}

outbound::Request request_to(const model::Provider& provider, const dialects::Dialect& dialect) {
  outbound::Request request{.origin = (provider.origin.tls ? "https://" : "http://") + provider.origin.authority(),
                            .target = provider.base_path + std::string(dialect.provider_models),
                            .verify = provider.outbound.verify,
                            .ca_file = provider.outbound.ca_file,
                            .cert_file = provider.outbound.client_cert_file,
                            .key_file = provider.outbound.client_key_file};
  request.headers.add("user-agent", "apigw/" APIGW_VERSION);
  for (const dialects::OwnHeader& own : dialect.own_headers)
    if (!own.otherwise.empty()) request.headers.add(own.name, own.otherwise);
  if (provider.key.loaded())
    request.headers.add(dialect.credential_header,
                        std::string(dialect.credential_prefix).append(provider.key.value.expose()));
  return request;
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_date(const std::string& value) {
  std::tm date{};
  const char* const end = ::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&date));
}

Result<std::string> way_to(const model::Provider& provider, const Variables& environment) {
  const auto proxy = proxy_of(provider, environment);
  if (!proxy) return std::unexpected(proxy.error());
  return *proxy ? "through " + (*proxy)->text() : "directly";
}

Result<Pong> ping(const model::Provider& provider, const Variables& environment, std::chrono::milliseconds timeout,
                  const Clock& clock) {
  if (provider.mock) return Pong{.status = 200, .lists = true};
  const dialects::Dialect* const dialect = dialects::find_spoken(provider.dialect);
  if (dialect == nullptr) return fail(ErrorKind::internal, fmt::format("no dialect '{}'", provider.dialect));
  if (dialect->provider_models.empty()) return Pong{.asked = false};
  const auto proxy = proxy_of(provider, environment);
  if (!proxy) return std::unexpected(proxy.error());
  outbound::Request request = request_to(provider, *dialect);
  request.timeout = timeout;
  if (*proxy) request.proxy = outbound::Proxy{(*proxy)->host, (*proxy)->port, (*proxy)->credential};
  const auto began = clock.now();
  std::string body;
  const auto head = outbound::send(request, {.head = {}, .body = [&](std::string_view piece) {
                                               if (body.size() + piece.size() <= most_listed) body += piece;
                                               return true;
                                             }});
  if (!head) return std::unexpected(head.error());
  const auto scanned = json::scan(body);
  Pong pong{.status = head->status,
            .took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - began),
            .lists = scanned && scanned->root.type == json::Type::object};
  if (pong.status >= 400) pong.status = dialect->read_error(pong.status, head->headers, body).status;
  if (const auto date = head->headers.find("date")) pong.date = parse_date(std::string(*date));
  return pong;
}

}  // namespace apigw::assembly
