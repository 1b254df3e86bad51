// A world without files: an include finds nothing, a secret file is missing.
#pragma once
#include "config/load.h"

namespace apigw::test {

class NoFiles final : public config::Files {
 public:
  Result<std::string> read(const std::string&, std::size_t) const override {
    return fail(ErrorKind::not_found, "no such file");
  }
  std::vector<std::string> glob(const std::string&) const override { return {}; }
  bool exists(const std::string&) const override { return false; }
  unsigned mode(const std::string&) const override { return 0; }
};

}  // namespace apigw::test
