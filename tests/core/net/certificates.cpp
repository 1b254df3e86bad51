#include "certificates.h"

#include <cstdio>

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "support/process.h"

namespace apigw::test {
namespace {

EVP_PKEY* new_key() {
  return EVP_EC_gen("P-256");
}

void extend(X509* cert, X509* issuer, int what, const std::string& value) {
  X509V3_CTX around;
  X509V3_set_ctx_nodb(&around);
  X509V3_set_ctx(&around, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &around, what, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* new_cert(const std::string& name, EVP_PKEY* key, X509* issuer, long serial) {
  X509* cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600);
  X509_set_pubkey(cert, key);
  X509_NAME* subject = X509_get_subject_name(cert);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : subject);
  return cert;
}

void save_cert(const std::string& path, X509* cert) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  PEM_write_X509(file, cert);
  std::fclose(file);
}

void save_key(const std::string& path, EVP_PKEY* key) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

}  // namespace

Authority::Authority(std::string directory) : directory_(std::move(directory)) {
  EVP_PKEY* key = new_key();
  X509* cert = new_cert("test authority", key, nullptr, serial_++);
  extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
  extend(cert, cert, NID_key_usage, "critical,keyCertSign");
  X509_sign(cert, key, EVP_sha256());
  save_cert(ca_file(), cert);
  key_ = key;
  cert_ = cert;
}

Authority::~Authority() {
  EVP_PKEY_free(static_cast<EVP_PKEY*>(key_));
  X509_free(static_cast<X509*>(cert_));
}

CertificateFiles Authority::issue(const std::string& name, const std::string& names) {
  EVP_PKEY* key = new_key();
  X509* issuer = static_cast<X509*>(cert_);
  X509* cert = new_cert(name, key, issuer, serial_++);
  extend(cert, issuer, NID_subject_alt_name, names);
  X509_sign(cert, static_cast<EVP_PKEY*>(key_), EVP_sha256());
  CertificateFiles files{directory_ + "/" + name + ".pem", directory_ + "/" + name + ".key"};
  save_cert(files.cert, cert);
  save_key(files.key, key);
  X509_free(cert);
  EVP_PKEY_free(key);
  return files;
}

}  // namespace apigw::test
