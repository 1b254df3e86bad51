// TLS settings from files: a context a listener, and one a kind of outbound connection. TLS 1.2 or later, HTTP/1.1.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "base/error.h"
#include "model/plan.h"
#include "net/tls_types.h"

namespace apigw::net {

// Errors name the file. Reads files: not from a worker.
[[nodiscard]] Result<TlsPtr> load_server_tls(const model::TlsFiles& files);
[[nodiscard]] SslPtr server_session(ssl_ctx_st& tls);

[[nodiscard]] Result<TlsPtr> load_client_tls(const model::Outbound& outbound);
// For a handshake with `host`, a name or an address: its certificate must be for exactly that, unless verification is
// off.
[[nodiscard]] SslPtr client_session(ssl_ctx_st& tls, const std::string& host, bool verify);
// Why the last handshake of the session failed, for people.
[[nodiscard]] std::string tls_failure(ssl_st* ssl);

// The client contexts of the process, each loaded when it is first needed. Thread-safe; of() may take tens of
// milliseconds, ready() never waits.
class ClientTls {
 public:
  [[nodiscard]] TlsPtr ready(const model::Outbound& outbound);
  [[nodiscard]] Result<TlsPtr> load(const model::Outbound& outbound);
  // Files may have changed: the next connections read them again.
  void forget();

 private:
  using Key = std::tuple<std::string, std::string, std::string, bool>;
  static Key key(const model::Outbound& outbound);
  std::mutex mutex_;
  std::map<Key, TlsPtr> known_;
};

}  // namespace apigw::net
