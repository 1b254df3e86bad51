#include "assembly/identity.h"

#include "net/tls.h"

namespace apigw::assembly {

Result<void> try_identity(const model::TlsFiles& files) {
  const auto loaded = net::load_server_tls(files);
  if (!loaded) return std::unexpected(loaded.error());
  return {};
}

Result<void> try_identity(const model::Outbound& outbound) {
  const auto loaded = net::load_client_tls(outbound);
  if (!loaded) return std::unexpected(loaded.error());
  return {};
}

}  // namespace apigw::assembly
