#include "shown_address.h"

#include "base/text.h"

namespace apigw::cli {

std::string shown_address(std::string_view address) {
  const auto scheme = address.find("://");
  const auto at = address.rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
    return text::printable(address);
  return text::printable(std::string(address.substr(0, scheme + 3)) + "…" + std::string(address.substr(at)));
}

}  // namespace apigw::cli
