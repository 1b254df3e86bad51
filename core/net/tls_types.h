// OpenSSL's objects by name only: its headers stay in the few .cpp that use them.
#pragma once
#include <memory>

struct bio_st;      // BIO
struct ssl_st;      // SSL
struct ssl_ctx_st;  // SSL_CTX

namespace apigw::net {

struct FreeSsl {
  void operator()(ssl_st* ssl) const;
};
using SslPtr = std::unique_ptr<ssl_st, FreeSsl>;  // one connection's session
using TlsPtr = std::shared_ptr<ssl_ctx_st>;       // certificates and rules, shared by sessions

}  // namespace apigw::net
