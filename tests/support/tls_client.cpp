#include "support/tls_client.h"

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "support/process.h"

namespace support {
namespace {

template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* p) const {
    free_it(p);
  }
};
using File = std::unique_ptr<std::FILE, Free<std::fclose>>;

}  // namespace

void make_certificate(const std::string& cert_path, const std::string& key_path) {
  const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Free<X509_free>> cert(X509_new());
  X509_set_version(cert.get(), 2);
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 7);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), serial + 1);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 86400);
  X509_NAME* name = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                             0);
  X509_set_issuer_name(cert.get(), name);
  X509_set_pubkey(cert.get(), key.get());
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"));
  X509_add_ext(cert.get(), names.get(), -1);
  if (X509_sign(cert.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign a certificate");
  const File cert_file(std::fopen(cert_path.c_str(), "w"));
  const File key_file(std::fopen(key_path.c_str(), "w"));
  if (!cert_file || !key_file || PEM_write_X509(cert_file.get(), cert.get()) != 1 ||
      PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::runtime_error("cannot write " + cert_path);
}

void tls_request(std::uint16_t port, const std::string& path, const std::string& key, TlsTally& tally) {
  const auto failed = [&](std::string why) {
    ++tally.failed;
    char text[256] = "";
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    tally.why = std::move(why) + " " + text;
  };
  const std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, Free<SSL_free>> tls(SSL_new(context.get()));
  try {
    Connection connection(port);
    SSL_set_fd(tls.get(), connection.fd());
    SSL_set_tlsext_host_name(tls.get(), "localhost");
    if (SSL_connect(tls.get()) != 1) return failed("handshake");
    const std::unique_ptr<X509, Free<X509_free>> cert(SSL_get1_peer_certificate(tls.get()));
    const std::unique_ptr<BIGNUM, Free<BN_free>> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert.get()), nullptr));
    char* hex = BN_bn2hex(number.get());
    tally.certificates.insert(hex);
    OPENSSL_free(hex);
    const std::string request = "GET " + path +
                                " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer " + key +
                                "\r\n\r\n";
    if (SSL_write(tls.get(), request.data(), static_cast<int>(request.size())) <= 0) return failed("write");
    std::string reply;
    char buffer[4096];
    for (int n = 0; (n = SSL_read(tls.get(), buffer, sizeof buffer)) > 0;)
      reply.append(buffer, static_cast<std::size_t>(n));
    if (!reply.starts_with("HTTP/1.1 200")) return failed("reply '" + reply.substr(0, reply.find('\r')) + "'");
    ++tally.ok;
  } catch (const std::runtime_error& e) {
    failed(e.what());
  }
}

}  // namespace support
