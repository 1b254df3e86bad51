// Whether the files of certificates and keys can be used, found out by the functions with which a gateway loads them.
#pragma once
#include "base/error.h"
#include "model/plan.h"

namespace apigw::assembly {

// A listener's certificate chain and key, which must belong together. Error tls: it names the file; a gateway does
// not start with them.
[[nodiscard]] Result<void> try_identity(const model::TlsFiles& files);
// The CA file and the client certificate with its key of connections to an upstream, as far as there are some. Error
// tls: it names the file; no call reaches that upstream.
[[nodiscard]] Result<void> try_identity(const model::Outbound& outbound);

}  // namespace apigw::assembly
