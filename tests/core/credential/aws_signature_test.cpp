#include "credential/aws_signature.h"

#include <doctest/doctest.h>

using namespace apigw;

namespace {

// 2015-08-30 12:36:00 UTC, the time of AWS's test suite.
constexpr std::chrono::sys_seconds at{std::chrono::seconds{1'440'938'160}};

credential::AwsKey key_for(std::string service, std::string region, std::string token = {}) {
  return {.id = Secret("AKIDEXAMPLE"),
          .secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
          .session_token = Secret(std::move(token)),
          .region = std::move(region),
          .service = std::move(service)};
}

struct Row {
  const char* name;
  const char *method, *target, *type, *body;
  const char *signed_headers, *signature;
};

// Of AWS's published test suite: host example.amazonaws.com, service "service", region us-east-1.
const Row published[] = {
    {"get-vanilla", "GET", "/", "", "", "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla", "POST", "/", "", "", "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "",
     "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "", "", "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"post-x-www-form-urlencoded", "POST", "/", "application/x-www-form-urlencoded", "Param1=value1",
     "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

}  // namespace

TEST_CASE("the published test suite's requests get its signatures") {
  for (const Row& row : published) {
    CAPTURE(row.name);
    http::Headers headers;
    if (*row.type != '\0') headers.add("content-type", row.type);
    credential::sign(key_for("service", "us-east-1"), {row.method, row.target, "example.amazonaws.com", row.body}, at,
                     headers);
    CHECK(headers.find("x-amz-date") == "20150830T123600Z");
    CHECK_FALSE(headers.has("x-amz-security-token"));
    CHECK(headers.find("authorization") ==
          fmt::format("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                      "SignedHeaders={}, Signature={}",
                      row.signed_headers, row.signature));
  }
}

// As botocore 1.29 signs them: the path of a model's name is encoded twice.
TEST_CASE("calls of Bedrock are signed as AWS's own library does it") {
  http::Headers headers;
  headers.add("content-type", "application/json");
  const credential::Signable converse{.method = "POST",
                                      .target = "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
                                      .authority = "bedrock-runtime.eu-central-1.amazonaws.com",
                                      .body = R"({"messages":[]})"};
  credential::sign(key_for("bedrock", "eu-central-1"), converse, at, headers);
  CHECK(headers.find("authorization")
            ->ends_with("Signature=69d8a7a442259a839ee9b9ec21baddc1306a325b8f484238f5aeceefd883629d"));
  credential::Signable profile = converse;
  profile.target = "/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Fx/converse-stream";
  credential::sign(key_for("bedrock", "eu-central-1", "TOKEN/+=="), profile, at, headers);
  CHECK(headers.find("x-amz-security-token") == "TOKEN/+==");
  CHECK(headers.find("authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/bedrock/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature=50c2e512f874ebb53aec6d7aee8dccb58f7f6c85c1b99d49ee051977fbd7e519");
}

TEST_CASE("every part of a request changes its signature") {
  const auto signature = [](const credential::Signable& request, const credential::AwsKey& key) {
    http::Headers headers;
    credential::sign(key, request, at, headers);
    const std::string_view value = *headers.find("authorization");
    return std::string(value.substr(value.rfind('=') + 1));
  };
  const credential::Signable whole{.method = "POST", .target = "/a", .authority = "h", .body = "b"};
  const std::string first = signature(whole, key_for("s", "r"));
  CHECK(signature({"PUT", "/a", "h", "b"}, key_for("s", "r")) != first);
  CHECK(signature({"POST", "/a/", "h", "b"}, key_for("s", "r")) != first);
  CHECK(signature({"POST", "/a?x", "h", "b"}, key_for("s", "r")) != first);
  CHECK(signature({"POST", "/a", "g", "b"}, key_for("s", "r")) != first);
  CHECK(signature({"POST", "/a", "h", "c"}, key_for("s", "r")) != first);
  CHECK(signature(whole, key_for("t", "r")) != first);
  CHECK(signature(whole, key_for("s", "q")) != first);
  CHECK(signature(whole, key_for("s", "r")) == first);
}

TEST_CASE("the region is read from addresses that name one") {
  struct Row {
    const char *host, *region;
  };
  for (const Row& row : {Row{"bedrock-runtime.eu-central-1.amazonaws.com", "eu-central-1"},
                         Row{"bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
                         Row{"bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"},
                         Row{"vpce-0a1-b2c.bedrock-runtime.us-east-1.vpce.amazonaws.com", "us-east-1"},
                         Row{"bedrock.amazonaws.com", ""}, Row{"amazonaws.com", ""}, Row{"127.0.0.1", ""},
                         Row{"bedrock-runtime.eu-central-1.example.com", ""}, Row{"", ""}}) {
    CAPTURE(row.host);
    CHECK(credential::region_of(row.host) == row.region);
  }
}
