// TLS from the other side of the wire: a blocking client or server session, and an upstream made of it.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "certificates.h"
#include "harness.h"

namespace apigw::test {

// A blocking TLS client (or, accepted, server) on a Wire.
class Session {
 public:
  struct Rules {
    std::string ca_file;
    int newest = TLS1_3_VERSION;
    std::string protocols = "\x08http/1.1";
    CertificateFiles identity;  // of a server, or of a client that has one
    bool client_must_show_one = false;
  };
  Session(Wire wire, const Rules& rules, bool server) : wire_(std::move(wire)) {
    tls_ = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_max_proto_version(tls_, rules.newest);
    SSL_CTX_set_security_level(tls_, 0);
    if (!rules.ca_file.empty()) SSL_CTX_load_verify_file(tls_, rules.ca_file.c_str());
    if (!server || rules.client_must_show_one) {
      SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (!rules.identity.cert.empty()) {
      SSL_CTX_use_certificate_chain_file(tls_, rules.identity.cert.c_str());
      SSL_CTX_use_PrivateKey_file(tls_, rules.identity.key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(tls_);
    if (!server)
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(rules.protocols.data()),
                          static_cast<unsigned>(rules.protocols.size()));
    SSL_set_fd(ssl_, wire_.number());
    ERR_clear_error();
    ok_ = (server ? SSL_accept(ssl_) : SSL_connect(ssl_)) == 1;
  }
  ~Session() {
    if (ok_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    SSL_CTX_free(tls_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_); }
  [[nodiscard]] std::string peer() const {
    X509* cert = SSL_get1_peer_certificate(ssl_);
    char name[256] = "";
    if (cert) X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof name);
    X509_free(cert);
    return name;
  }
  [[nodiscard]] std::string server_name() const {
    const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name ? name : "";
  }
  bool send(std::string_view bytes) { return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0; }
  std::string until(std::string_view mark) {
    std::string out;
    char bytes[4096];
    while (out.find(mark) == std::string::npos) {
      const int n = SSL_read(ssl_, bytes, sizeof bytes);
      if (n <= 0) break;
      out.append(bytes, static_cast<std::size_t>(n));
    }
    return out;
  }
  std::string all() { return until(std::string("\xff\xfe never")); }
  std::string ask(std::string_view bytes) {
    send(bytes);
    return all();
  }

 private:
  Wire wire_;
  SSL_CTX* tls_;
  SSL* ssl_;
  bool ok_ = false;
};

// An upstream under TLS that answers every request with what it knows about its client.
inline Peer::Script secure_upstream(Session::Rules rules) {
  return [rules](Wire& wire, int) {
    Session session(std::move(wire), rules, true);
    if (!session.ok()) return;
    while (!session.until("\r\n\r\n").empty()) {
      const std::string body = "name=" + session.server_name() + " client=" + session.peer();
      session.send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  };
}

}  // namespace apigw::test
