#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "runtime_file.h"
#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

nlohmann::json row(const testing::Ran& ran, std::string_view check, std::string_view subject) {
  const auto document = nlohmann::json::parse(ran.out);
  for (const auto& item : document.at("items"))
    if (item.at("check") == check && item.at("subject") == subject) return item;
  return {{"state", "no such row"}, {"found", ""}, {"fix", ""}};
}

testing::Ran doctor(testing::MemoryFiles& files, config::Environment environment = {}) {
  environment.emplace("XDG_RUNTIME_DIR", "/run/me");
  return run({"doctor", "-o", "json"}, files, {.environment = std::move(environment)});
}

constexpr std::string_view two_providers =
    "apigw: 1\nproviders:\n  openai: {}\n  groq: { key: file:/keys/groq }\nmodels:\n  chat: [openai/a, groq/b]\n";

}  // namespace

TEST_CASE("doctor says where each key comes from and shows its end only") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{two_providers}},
                             {".env", "OPENAI_API_KEY=sk-0123456789k3Qz\n"},
                             {"/keys/groq", "gsk_short\n"}};
  files.modes["/project/.env"] = 0600;
  files.modes["/keys/groq"] = 0600;
  const auto ran = doctor(files);
  CHECK(ran.exit == 0);
  CHECK(row(ran, "values", "providers.openai").at("found") == "OPENAI_API_KEY (…k3Qz, from .env)");
  CHECK(row(ran, "values", "providers.groq").at("found") == "/keys/groq (…, from a file)");
  CHECK(row(ran, "files", ".env").at("found") == "mode 0600");
  CHECK(ran.out.find("sk-0123") == std::string::npos);
  CHECK(ran.out.find("gsk_short") == std::string::npos);
  const auto exported = doctor(files, {{"OPENAI_API_KEY", "sk-other-other-Zz99"}});
  CHECK(row(exported, "values", "providers.openai").at("found") == "OPENAI_API_KEY (…Zz99, from the environment)");
}

TEST_CASE("a port says whose gateway has it, and another project's is in the way") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nlisten: 127.0.0.1:8391\nmodels: { chat: mock/x }\n"}};
  const config::Environment environment{{"XDG_RUNTIME_DIR", "/run/me"}};
  cli::RuntimeFile gateway{.address = "http://127.0.0.1:8391", .pid = ::getpid(), .config = "/project/apigw.yaml"};
  REQUIRE(cli::write_runtime_file(gateway, files, environment));
  const auto own = doctor(files);
  CHECK(own.exit == 0);
  CHECK(row(own, "ports", "127.0.0.1:8391").at("found") == fmt::format("apigw run has it, process {}", ::getpid()));
  gateway.config = "/elsewhere/apigw.yaml";
  REQUIRE(cli::write_runtime_file(gateway, files, environment));
  const auto others = doctor(files);
  CHECK(others.exit == 1);
  CHECK(row(others, "ports", "127.0.0.1:8391").at("found") ==
        fmt::format("busy: the gateway of /elsewhere/apigw.yaml has it, process {}", ::getpid()));
  CHECK(row(others, "ports", "127.0.0.1:8391").at("fix") == "stop that one, or choose another port");
}

TEST_CASE("a provider that has no call that costs nothing is not asked") {
  testing::MemoryFiles files{
      {"apigw.yaml",
       "apigw: 1\nproviders: { bedrock: { region: eu-central-1, aws: { access_key_id: env:KEY_ID, secret_access_key: "
       "env:KEY_SECRET } } }\nmodels: { chat: bedrock/amazon.nova-lite-v1:0 }\n"}};
  const auto ran = run({"doctor", "--online", "-o", "json"}, files,
                       {.environment = {{"XDG_RUNTIME_DIR", "/run/me"}, {"KEY_ID", "AKID-0123456789"}}});
  CHECK(row(ran, "online", "providers.bedrock").at("found") == "not asked: it has no call that costs nothing");
  CHECK(row(ran, "values", "providers.bedrock.aws.access_key_id")
            .at("found")
            .get<std::string>()
            .starts_with("KEY_ID (…"));
  CHECK(row(ran, "values", "providers.bedrock.aws.secret_access_key").at("state") != "ok");  // it is not set
}

TEST_CASE("a missing key is a warning with what to do") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{two_providers}}};
  const auto ran = doctor(files);
  CHECK(ran.exit == 0);
  const auto openai = row(ran, "values", "providers.openai");
  CHECK(openai.at("state") == "warn");
  CHECK(openai.at("found") == "OPENAI_API_KEY is not set");
  CHECK(openai.at("fix") == "export OPENAI_API_KEY=…, or write it into .env");
}

TEST_CASE("a client's key that is easy to guess is a warning, a provider's is the provider's choice") {
  testing::MemoryFiles files{{"apigw.yaml",
                              "apigw: 1\nproviders: { openai: {} }\nmodels: { chat: openai/a }\n"
                              "consumers: { web: { key: env:WEB }, app: { key: env:APP } }\n"}};
  const auto ran =
      doctor(files, {{"OPENAI_API_KEY", "short"}, {"WEB", "short"}, {"APP", "test-key-0123456789abcdef"}});
  CHECK(ran.exit == 0);
  CHECK(row(ran, "values", "consumers.web").at("state") == "warn");
  CHECK(row(ran, "values", "consumers.web").at("found") ==
        "WEB (…, from the environment), easy to guess: it has fewer than 16 characters");
  CHECK(row(ran, "values", "consumers.web").at("fix") == "make another: apigw key hash --generate");
  CHECK(row(ran, "values", "consumers.app").at("state") == "ok");
  CHECK(row(ran, "values", "providers.openai").at("state") == "ok");
}

TEST_CASE("a key that loading the config would refuse is no key for doctor either") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{two_providers}}};
  const auto openai = row(doctor(files, {{"OPENAI_API_KEY", "sk-one\nsk-two"}}), "values", "providers.openai");
  CHECK(openai.at("state") == "warn");
  CHECK(openai.at("found") == "OPENAI_API_KEY holds control characters");
}

TEST_CASE("what others may read fails, and so does doctor") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{two_providers}}, {".env", "A=1\n"}, {"/keys/groq", "k\n"}};
  files.modes["/project/.env"] = 0644;
  files.modes["/keys/groq"] = 0640;
  const auto ran = doctor(files);
  CHECK(ran.exit == 1);
  CHECK(row(ran, "files", ".env").at("state") == "fail");
  CHECK(row(ran, "files", ".env").at("fix") == "chmod 600 .env");
  CHECK(row(ran, "files", "/keys/groq").at("found") == "mode 0640, others may read it");
}

TEST_CASE("a .env that is no list of variables is a failure, and the rest is looked at all the same") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{two_providers}}, {".env", "just words\n"}};
  const auto ran = doctor(files);
  CHECK(ran.exit == 1);
  CHECK(ran.out.find("'.env' line 1 is no NAME=VALUE") != std::string::npos);
  CHECK(row(ran, "values", "providers.openai").at("state") == "warn");
}

TEST_CASE("a broken config is a row, and no config is a warning") {
  testing::MemoryFiles broken{{"apigw.yaml", "apigw: 1\nroutes:\n  GET /x: nosuch\n"}};
  const auto ran = doctor(broken);
  CHECK(ran.exit == 1);
  CHECK(row(ran, "config", "apigw.yaml").at("found") == "1 error in apigw.yaml");
  testing::MemoryFiles none;
  CHECK(row(doctor(none), "config", "apigw.yaml").at("state") == "warn");
}

TEST_CASE("the way to a provider names the proxy without its password, and a broken proxy fails") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\noutbound: { proxy: env }\nproviders: { openai: {} }\nmodels: { chat: openai/a }\n"}};
  const auto ran = doctor(files, {{"https_proxy", "http://me:hunter2@proxy.example:3128"}});
  CHECK(row(ran, "network", "providers.openai").at("found") == "https://api.openai.com, through proxy.example:3128");
  CHECK(ran.out.find("hunter2") == std::string::npos);
  CHECK(row(doctor(files, {{"https_proxy", "ftp://x"}}), "network", "providers.openai").at("state") == "fail");
  CHECK(row(doctor(files, {{"SSL_CERT_FILE", "/nowhere.pem"}}), "network", "SSL_CERT_FILE").at("state") == "fail");
}

TEST_CASE("a proxy that the environment names and the config does not use is a warning") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nproviders: { openai: {} }\nmodels: { chat: openai/a }\n"}};
  const auto passed =
      row(doctor(files, {{"https_proxy", "http://proxy.example:3128"}}), "network", "providers.openai");
  CHECK(passed.at("state") == "warn");
  CHECK(passed.at("found") == "https://api.openai.com, directly; the environment names a proxy");
  CHECK(passed.at("fix") == "outbound: { proxy: env } in the config goes through it");
  const auto excused = doctor(files, {{"https_proxy", "http://proxy.example:3128"}, {"no_proxy", "api.openai.com"}});
  CHECK(row(excused, "network", "providers.openai").at("state") == "ok");
}

TEST_CASE("a certificate that cannot be read fails") {
  testing::MemoryFiles files{
      {"apigw.yaml", "apigw: 1\nlisten:\n  - { address: 127.0.0.1:0, tls: { cert: c.pem, key: k.pem } }\n"},
      {"c.pem", "no certificate"}};
  const auto ran = doctor(files);
  CHECK(row(ran, "certificates", "c.pem").at("found") == "it holds no certificate");
}

TEST_CASE("profile and --set are named with where they come from") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nprofiles:\n  prod: { listen: 127.0.0.1:9 }\n"}};
  const auto ran = run({"doctor", "-o", "json", "--set", "caps.body=1MiB"}, files,
                       {.environment = {{"APIGW_PROFILE", "prod"}, {"XDG_RUNTIME_DIR", "/run/me"}}});
  CHECK(row(ran, "values", "profile").at("found") == "prod, from APIGW_PROFILE");
  CHECK(row(ran, "values", "caps.body").at("found") == "1MiB, from --set");
}
