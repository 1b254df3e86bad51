// Keys and certificates made on the spot: a CA, and leaves for the names a test wants, as PEM files in a directory.
#pragma once
#include <string>

namespace apigw::test {

struct CertificateFiles {
  std::string cert, key;
};

class Authority {
 public:
  explicit Authority(std::string directory);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] std::string ca_file() const { return directory_ + "/ca.pem"; }
  // `names` as in a config of OpenSSL: "DNS:localhost,IP:127.0.0.1".
  CertificateFiles issue(const std::string& name, const std::string& names);

 private:
  std::string directory_;
  void* key_ = nullptr;
  void* cert_ = nullptr;
  long serial_ = 1;
};

}  // namespace apigw::test
