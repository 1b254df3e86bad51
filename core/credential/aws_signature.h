// Signs requests to AWS: what is sent is proved by a key that is not.
//
// The signature covers method, path, query, the host, the content's type, the time and a hash of the whole body, so
// that none of them may change afterwards. It is good for some minutes around its time. Pure: the clock is the
// caller's.
// Source: AWS, "Signature Version 4 signing process"; the path is encoded twice, as for every service but S3.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "http/headers.h"

namespace apigw::credential {

struct AwsKey {
  Secret id;             // "AKIA…": sent
  Secret secret;         // never sent
  Secret session_token;  // of temporary keys, sent; empty: none
  std::string region;    // "eu-central-1"
  std::string service;   // "bedrock"
};

// A request as it goes on the wire.
struct Signable {
  std::string_view method;
  std::string_view target;     // path, encoded, and query behind a '?'
  std::string_view authority;  // the Host field
  std::string_view body;
};

// Sets x-amz-date, x-amz-security-token where there is one, and authorization in `headers`, whose content-type is
// signed where it is given. Nothing that is signed may change afterwards.
void sign(const AwsKey& key, const Signable& request, std::chrono::system_clock::time_point now,
          http::Headers& headers);

// The region that an address of AWS names: that of "bedrock-runtime.eu-central-1.amazonaws.com" and of its
// endpoints for FIPS, in China, and inside of a network (vpce). Empty: it names none.
[[nodiscard]] std::string_view region_of(std::string_view host);

}  // namespace apigw::credential
