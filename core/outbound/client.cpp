#include "outbound/client.h"

#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/text.h"

namespace apigw::outbound {
namespace {

using Clock = std::chrono::steady_clock;

struct Place {
  bool tls = false, unix_socket = false;
  std::string host;  // or the socket's path
  int port = 80;
};

std::optional<Place> parse_origin(std::string_view origin) {
  Place place;
  if (constexpr std::string_view prefix = "unix:"; origin.starts_with(prefix)) {
    place.unix_socket = true;
    place.host = origin.substr(prefix.size());
    return place.host.empty() ? std::nullopt : std::optional(place);
  }
  place.tls = origin.starts_with("https://");
  if (!place.tls && !origin.starts_with("http://")) return std::nullopt;
  origin.remove_prefix(place.tls ? 8 : 7);
  place.port = place.tls ? 443 : 80;
  const std::size_t colon = origin.rfind(':');
  const bool has_port = colon != std::string_view::npos && origin.find(']', colon) == std::string_view::npos;
  if (has_port) {
    const auto port = text::parse_number(origin.substr(colon + 1));
    if (!port || *port == 0 || *port > 65'535) return std::nullopt;
    place.port = static_cast<int>(*port);
    origin = origin.substr(0, colon);
  }
  if (origin.starts_with('[') && origin.ends_with(']')) origin = origin.substr(1, origin.size() - 2);
  if (origin.empty() || origin.find_first_of("/?#@ ") != std::string_view::npos) return std::nullopt;
  place.host = origin;
  return place;
}

// "user:password" of its base64.
std::string decoded(std::string_view base64) {
  std::string padded(base64.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(padded.data()),
                      reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
  padded.resize(size < 0 ? 0
                         : static_cast<std::size_t>(size) - static_cast<std::size_t>(base64.ends_with("==")  ? 2
                                                                                     : base64.ends_with('=') ? 1
                                                                                                             : 0));
  return padded;
}

void go_through(const Proxy& proxy, httplib::ClientImpl& client) {
  client.set_proxy(proxy.host, proxy.port);
  if (proxy.credential.empty()) return;
  const std::string both = decoded(proxy.credential);
  const auto colon = std::min(both.find(':'), both.size());
  client.set_proxy_basic_auth(both.substr(0, colon), both.substr(std::min(colon + 1, both.size())));
}

Result<std::unique_ptr<httplib::ClientImpl>> make_client(const Place& place, const Request& request) {
  std::unique_ptr<httplib::ClientImpl> client;
  if (place.tls) {
    auto secure = std::make_unique<httplib::SSLClient>(place.host, place.port, request.cert_file, request.key_file);
    if (!secure->is_valid())
      return fail(ErrorKind::tls, fmt::format("the client certificate '{}' cannot be used", request.cert_file));
    secure->enable_server_certificate_verification(request.verify);
    // The system's certificates are loaded later, beside these.
    if (!request.ca_file.empty() &&
        SSL_CTX_load_verify_locations(secure->ssl_context(), request.ca_file.c_str(), nullptr) != 1)
      return fail(ErrorKind::tls, fmt::format("the certificates of '{}' cannot be read", request.ca_file));
    client = std::move(secure);
  } else {
    client = std::make_unique<httplib::ClientImpl>(place.host, place.port);
    if (place.unix_socket) client->set_address_family(AF_UNIX);
  }
  client->set_connection_timeout(request.timeout);
  client->set_read_timeout(request.timeout);
  client->set_write_timeout(request.timeout);
  client->set_keep_alive(false);
  client->set_follow_location(false);
  client->set_decompress(false);
  client->set_url_encode(false);
  if (request.proxy) go_through(*request.proxy, *client);
  return client;
}

http::ResponseHead head_of(const httplib::Response& response) {
  http::ResponseHead head{.status = response.status};
  for (const auto& [name, value] : response.headers) head.headers.add(name, value);
  return head;
}

// Whether somebody had to be asked where the origin, or its proxy, is.
bool looked_up(const Request& request) {
  const auto place = parse_origin(request.origin);
  in6_addr address{};
  return !place || request.proxy ||
         (!place->unix_socket && ::inet_pton(AF_INET, place->host.c_str(), &address) != 1 &&
          ::inet_pton(AF_INET6, place->host.c_str(), &address) != 1);
}

Error failure(httplib::Error error, const Request& request, bool late) {
  const auto say = [&](ErrorKind kind, std::string_view why) {
    return Error{kind, fmt::format("{} {}{}: {}", request.method, request.origin, request.target, why)};
  };
  if (late || error == httplib::Error::ConnectionTimeout)
    return say(ErrorKind::timeout, fmt::format("no whole reply within {} ms", request.timeout.count()));
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return say(ErrorKind::connect,
                 looked_up(request) ? "connection refused or host not found" : "connection refused");
    case httplib::Error::SSLConnection:
      return say(ErrorKind::tls, "the TLS handshake failed");
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return say(ErrorKind::tls, "the certificate is not trusted");
    case httplib::Error::Canceled:
      return say(ErrorKind::cancelled, "stopped");
    default:
      return say(ErrorKind::closed, "the connection ended before the reply was whole");
  }
}

struct Connected {
  Place place;
  std::unique_ptr<httplib::ClientImpl> client;
};

Result<Connected> connect(const Request& request) {
  auto place = parse_origin(request.origin);
  if (!place)
    return fail(ErrorKind::invalid, fmt::format("'{}' is no http://, https:// or unix: origin", request.origin));
  auto client = make_client(*place, request);
  if (!client) return std::unexpected(client.error());
  return Connected{std::move(*place), std::move(*client)};
}

Result<http::ResponseHead> exchange(const Connected& to, const Request& request, const Listener& listener) {
  const auto deadline = Clock::now() + request.timeout;
  std::optional<http::ResponseHead> head;
  bool enough = false;
  httplib::Request wire;
  wire.method = request.method;
  wire.path = request.target;
  wire.body = request.body;
  for (const auto field : request.headers) wire.headers.emplace(std::string{field.name}, std::string{field.value});
  if (to.place.unix_socket) wire.headers.emplace("Host", "localhost");  // a path is no host
  wire.response_handler = [&](const httplib::Response& response) {
    head = head_of(response);
    if (listener.head) listener.head(*head);
    return true;
  };
  wire.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    enough = listener.body && !listener.body({data, size});
    return !enough && Clock::now() < deadline;
  };
  httplib::Response response;
  auto error = httplib::Error::Success;
  const bool sent = to.client->send(wire, response, error);
  const bool late = Clock::now() >= deadline && !enough;
  if (!sent || late) return std::unexpected(failure(error, request, late));
  if (!head) head = head_of(response);
  return std::move(*head);
}

}  // namespace

Result<http::ResponseHead> send(const Request& request, const Listener& listener) {
  const auto connected = connect(request);
  if (!connected) return std::unexpected(connected.error());
  return exchange(*connected, request, listener);
}

struct Line::Open {
  Connected connected;
};

Line::Line() = default;
Line::~Line() = default;

Result<http::ResponseHead> Line::send(const Request& request, const Listener& listener) {
  if (!open_) {
    auto connected = connect(request);
    if (!connected) return std::unexpected(connected.error());
    connected->client->set_keep_alive(true);
    connected->client->set_tcp_nodelay(true);
    const std::lock_guard lock(mutex_);
    open_ = std::make_shared<Open>(Open{std::move(*connected)});
  }
  return exchange(open_->connected, request, listener);
}

void Line::cut() {
  std::shared_ptr<Open> open;
  {
    const std::lock_guard lock(mutex_);
    open = open_;
  }
  if (open) open->connected.client->stop();
}

}  // namespace apigw::outbound
