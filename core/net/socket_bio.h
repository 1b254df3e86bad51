// The ground under OpenSSL: a BIO on a socket that raises no SIGPIPE and owns nothing.
#pragma once
#include "net/tls_types.h"

namespace apigw::net {

[[nodiscard]] bio_st* new_socket_bio(int fd);

}  // namespace apigw::net
