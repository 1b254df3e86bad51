#include "outbound/certificate.h"

#include <string>

#include <doctest/doctest.h>

using namespace apigw;

namespace {

// Self-signed P-256 certificates made for this test; their keys were thrown away.
const std::string until_2030 = R"(-----BEGIN CERTIFICATE-----
MIIBFjCBvQIUVoaakdh5jub4SYuGy2OBTuBKkYkwCgYIKoZIzj0EAwIwDjEMMAoG
A1UEAwwDdDMwMB4XDTIwMDEwMTAwMDAwMFoXDTMwMDEwMTAwMDAwMFowDjEMMAoG
A1UEAwwDdDMwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBzOSIsyetVuOHAXp
ap6AOc0B+FiXMCXqE/l7FwxTgt9DgpLjx92HqqfwqYrocZXb0zLrA2L+V4a+vYP8
ChblGDAKBggqhkjOPQQDAgNIADBFAiEA9x2ijGsRXMyljrXjevC7NDZuKzSkosID
y75tBtIc2pMCICRMZW+eegsjWGZvVujT2qBWvWzlHj6mBQBTbmW62X1x
-----END CERTIFICATE-----
)";
const std::string until_2040 = R"(-----BEGIN CERTIFICATE-----
MIIBFjCBvQIUVHnRXSq9Xl39PNYkE0ESzUKEVlwwCgYIKoZIzj0EAwIwDjEMMAoG
A1UEAwwDdDQwMB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEwMTAwMDAwMFowDjEMMAoG
A1UEAwwDdDQwMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsnsKqQ5VcxjkaGez
jDnkAPA4GShHMicQpGmjz1s143XpWXuU4lV3Ade46/eGjrD2dYuEI8oZI+WL/zP7
WFMgCTAKBggqhkjOPQQDAgNIADBFAiEAq57h3xuG//0WLYhfgaxXKdF7xLs5XxqD
dPNgvczKEsECIFZ6wB5Io8EcAuBM9DqARY39oyXxpbsOjLQxgzanzsKX
-----END CERTIFICATE-----
)";

const auto start_of_2030 = std::chrono::system_clock::from_time_t(1'893'456'000);

}  // namespace

TEST_CASE("a chain ends with the certificate that ends first") {
  CHECK(outbound::earliest_end(until_2030) == start_of_2030);
  CHECK(outbound::earliest_end(until_2040 + until_2030) == start_of_2030);
  CHECK(outbound::earliest_end("a comment\n" + until_2040).value() > start_of_2030);
}

TEST_CASE("a text without a certificate is an error") {
  for (const std::string& text : {std::string{}, std::string{"x"}, until_2030.substr(0, 100)}) {
    const auto end = outbound::earliest_end(text);
    REQUIRE(!end);
    CHECK(end.error().kind == ErrorKind::invalid);
  }
}
