#include "net/tls.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace apigw::net {
namespace {

constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

TlsPtr new_tls(const SSL_METHOD* method) {
  TlsPtr tls(SSL_CTX_new(method), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(tls.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // An encrypted key must be an error, not a question on the terminal.
  SSL_CTX_set_default_passwd_cb(tls.get(), [](char*, int, int, void*) { return 0; });
  return tls;
}

// What OpenSSL says about the last failure, or what the system says about the file.
std::unexpected<Error> file_error(std::string_view what, const std::string& file) {
  std::error_code missing;
  std::string why;
  if (!std::filesystem::exists(file, missing)) {
    why = missing ? missing.message() : "no such file";
  } else {
    const unsigned long code = ERR_peek_error();
    const char* reason = ERR_reason_error_string(code);
    why = reason ? reason : "not readable as PEM";
  }
  ERR_clear_error();
  return fail(ErrorKind::tls, fmt::format("{} {}: {}", what, file, why));
}

Result<void> use_identity(SSL_CTX* tls, const std::string& cert, const std::string& key) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(tls, cert.c_str()) != 1) return file_error("certificate", cert);
  // A key of the certificate's kind is compared with it here, one of another kind only by the check.
  const bool used = SSL_CTX_use_PrivateKey_file(tls, key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!used && ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_X509) return file_error("private key", key);
  if (used && SSL_CTX_check_private_key(tls) == 1) return {};
  ERR_clear_error();
  return fail(ErrorKind::tls, fmt::format("private key {} does not belong to certificate {}", key, cert));
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, http_1_1, sizeof http_1_1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

Result<TlsPtr> load_server_tls(const model::TlsFiles& files) {
  TlsPtr tls = new_tls(TLS_server_method());
  SSL_CTX_set_options(tls.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(tls.get(), SSL_SESS_CACHE_OFF);  // tickets resume sessions without memory of ours
  SSL_CTX_set_alpn_select_cb(tls.get(), choose_protocol, nullptr);
  if (auto used = use_identity(tls.get(), files.cert_file, files.key_file); !used)
    return std::unexpected(used.error());
  return tls;
}

SslPtr server_session(SSL_CTX& tls) {
  SslPtr ssl(SSL_new(&tls));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

Result<TlsPtr> load_client_tls(const model::Outbound& outbound) {
  TlsPtr tls = new_tls(TLS_client_method());
  SSL_CTX_set_alpn_protos(tls.get(), http_1_1, sizeof http_1_1);
  if (outbound.verify) SSL_CTX_set_default_verify_paths(tls.get());
  ERR_clear_error();
  if (!outbound.ca_file.empty() && SSL_CTX_load_verify_file(tls.get(), outbound.ca_file.c_str()) != 1) {
    return file_error("CA file", outbound.ca_file);
  }
  if (!outbound.client_cert_file.empty()) {
    const std::string& key = outbound.client_key_file.empty() ? outbound.client_cert_file : outbound.client_key_file;
    if (auto used = use_identity(tls.get(), outbound.client_cert_file, key); !used)
      return std::unexpected(used.error());
  }
  return tls;
}

SslPtr client_session(SSL_CTX& tls, const std::string& host, bool verify) {
  SslPtr ssl(SSL_new(&tls));
  SSL_set_connect_state(ssl.get());
  const bool address = is_address(host);
  if (!address) SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  if (!verify) {
    SSL_set_verify(ssl.get(), SSL_VERIFY_NONE, nullptr);
    return ssl;
  }
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                          : X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size());
  if (set != 1) return nullptr;
  return ssl;
}

std::string tls_failure(SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  return reason ? reason : "the connection was closed during the handshake";
}

ClientTls::Key ClientTls::key(const model::Outbound& outbound) {
  return {outbound.ca_file, outbound.client_cert_file, outbound.client_key_file, outbound.verify};
}

TlsPtr ClientTls::ready(const model::Outbound& outbound) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key(outbound));
  return found == known_.end() ? nullptr : found->second;
}

Result<TlsPtr> ClientTls::load(const model::Outbound& outbound) {
  if (TlsPtr known = ready(outbound)) return known;
  auto loaded = load_client_tls(outbound);
  if (!loaded) return loaded;
  const std::lock_guard lock(mutex_);
  return known_.try_emplace(key(outbound), std::move(*loaded)).first->second;
}

void ClientTls::forget() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

}  // namespace apigw::net
