// A certificate of a test's own, and one request at a time over TLS, for tests that watch certificates change.
#pragma once
#include <cstdint>
#include <set>
#include <string>

namespace support {

// A self-signed P-256 certificate for localhost and 127.0.0.1, valid for a day, with a random serial.
void make_certificate(const std::string& cert_path, const std::string& key_path);

struct TlsTally {
  std::uint64_t ok = 0, failed = 0;
  std::string why;                     // of the last failure
  std::set<std::string> certificates;  // serials seen
};

// GET on a connection of its own, certificate not verified (a test's own); counts 200 as ok.
void tls_request(std::uint16_t port, const std::string& path, const std::string& key, TlsTally& tally);

}  // namespace support
