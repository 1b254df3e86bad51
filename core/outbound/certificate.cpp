#include "outbound/certificate.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace apigw::outbound {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::optional<std::chrono::system_clock::time_point> end_of(const X509& certificate) {
  std::tm date{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &date) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&date));
}

}  // namespace

Result<std::chrono::system_clock::time_point> earliest_end(std::string_view pem) {
  const std::unique_ptr<BIO, Free> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::optional<std::chrono::system_clock::time_point> earliest;
  while (text) {
    const std::unique_ptr<X509, Free> certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    const auto end = end_of(*certificate);
    if (end) earliest = earliest ? std::min(*earliest, *end) : *end;
  }
  ERR_clear_error();  // the end of the text is one
  if (!earliest) return fail(ErrorKind::invalid, "it holds no certificate");
  return *earliest;
}

}  // namespace apigw::outbound
