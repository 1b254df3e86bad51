// `apigw doctor` and `apigw provider add` against real ports and a provider in another process.
#include <ctime>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "process/gateway.h"
#include "support/skip.h"
#include "support/tls_client.h"

using namespace support;

namespace {

std::string config_of(std::uint16_t port, std::uint16_t provider) {
  return "apigw: 1\nlisten: 127.0.0.1:" + std::to_string(port) +
         "\nproviders:\n  near: { url: http://127.0.0.1:" + std::to_string(provider) +
         "/v1, key: env:NEAR_KEY }\nmodels:\n  chat: near/x\n";
}

std::string line_with(const std::string& text, std::string_view part) {
  const auto at = text.find(part);
  if (at == std::string::npos) return {};
  const auto begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("doctor tells a busy port from a free one and from our own gateway") {
  const BusyPort busy;
  TempDir dir;
  dir.write("apigw.yaml", config_of(busy.port(), 9));
  Process doctor({apigw_binary(), "doctor"}, {.directory = dir.path()});
  CHECK(doctor.wait().code == 1);
  CHECK(line_with(doctor.out(), "ports\t")
            .starts_with("fail\tports\t127.0.0.1:" + std::to_string(busy.port()) + "\tbusy\t"));
  dir.write("apigw.yaml", config_of(free_port(), 9));
  Process second({apigw_binary(), "doctor"}, {.directory = dir.path()});
  CHECK(second.wait().code == 0);
  CHECK(line_with(second.out(), "ports\t").ends_with("\tfree\t"));
}

TEST_CASE("doctor --online asks the provider, and one that is gone is a failure") {
  FakeUpstream upstream;
  TempDir dir;
  dir.write("apigw.yaml", config_of(free_port(), upstream.port()));
  Process::Options options{.directory = dir.path(), .environment = {{"NEAR_KEY", "sk-0123456789k3Qz"}}};
  Process offline({apigw_binary(), "doctor"}, options);
  CHECK(offline.wait().code == 0);
  CHECK(line_with(offline.out(), "online\t").empty());
  Process online({apigw_binary(), "doctor", "--online"}, options);
  CHECK(online.wait().code == 0);
  CHECK(line_with(online.out(), "online\t").find("providers.near\ttakes the key (") != std::string::npos);
  dir.write("apigw.yaml", config_of(free_port(), 1));
  Process gone({apigw_binary(), "doctor", "--online"}, options);
  CHECK(gone.wait().code == 1);
  CHECK(line_with(gone.out(), "online\t").find("connection refused") != std::string::npos);
}

TEST_CASE("doctor compares this machine's clock with the provider's") {
  FakeUpstream upstream;
  struct Row {
    std::string_view name;
    long ahead;  // of the provider, in seconds
    std::string_view state, found;
  };
  for (const Row& row : {Row{"together", 0, "ok", "agrees with the provider's"},
                         {"a minute and a half behind", 90, "warn", " s behind the provider's"},
                         {"an hour ahead", -3600, "fail", " s ahead of the provider's"}}) {
    CAPTURE(row.name);
    TempDir dir;
    dir.write("apigw.yaml", "apigw: 1\nproviders:\n  near: { url: " + upstream.url() + "/date/" +
                                std::to_string(std::time(nullptr) + row.ahead) + " }\nmodels:\n  chat: near/x\n");
    Process doctor({apigw_binary(), "doctor", "--online", "--set", "listen=127.0.0.1:0"}, {.directory = dir.path()});
    doctor.wait();
    const std::string line = line_with(doctor.out(), "clock\t");
    CHECK(line.starts_with(row.state));
    CHECK(line.find(row.found) != std::string::npos);
  }
}

TEST_CASE("doctor says which certificate is about to expire, and whether its key is private") {
  TempDir dir;
  make_certificate(dir / "c.pem", dir / "k.pem");
  REQUIRE(chmod((dir / "k.pem").c_str(), 0644) == 0);
  dir.write("apigw.yaml",
            "apigw: 1\nlisten:\n  - { address: '127.0.0.1:0', tls: { cert: c.pem, key: k.pem } }\nmodels: { chat: "
            "mock/x }\n");
  Process doctor({apigw_binary(), "doctor"}, {.directory = dir.path()});
  CHECK(doctor.wait().code == 1);
  CHECK(line_with(doctor.out(), "certificates\tc.pem").starts_with("warn\tcertificates\tc.pem\tgood for "));
  CHECK(line_with(doctor.out(), "files\tk.pem").starts_with("fail\tfiles\tk.pem\tmode 0644, others may read it"));
}

TEST_CASE("doctor and validate --resolve find the certificate and key with which serve does not start") {
  TempDir dir;
  make_certificate(dir / "c.pem", dir / "k.pem");
  make_certificate(dir / "other.pem", dir / "other.key");
  Process kind({"/bin/sh", "-c", "openssl genpkey -algorithm ed25519 -out kind.key"}, {.directory = dir.path()});
  if (kind.wait().code != 0) APIGW_SKIP("needs openssl");
  const auto write = [&](const std::string& key) {
    dir.write("apigw.yaml",
              "apigw: 1\ndefaults: { auth: none }\nlisten:\n  - { address: '127.0.0.1:0', tls: { cert: c.pem, key: " +
                  key + " } }\nmodels: { chat: mock/x }\n");
  };
  const auto ran = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), apigw_binary());
    Process process(std::move(arguments), {.directory = dir.path()});
    const int code = process.wait().code;
    return "exit " + std::to_string(code) + ": " + process.out() + process.err();
  };
  write("k.pem");
  CHECK(line_with(ran({"doctor"}), "listen ")
            .starts_with("ok\tcertificates\tlisten 127.0.0.1:0\tits files can be used"));
  CHECK(ran({"validate", "--resolve"}).starts_with("exit 0: "));
  struct Row {
    std::string_view key, why;
  };
  for (const Row& row : {Row{"gone.pem", "private key gone.pem: no such file"},
                         {"kind.key", "private key kind.key does not belong to certificate c.pem"},
                         {"other.key", "private key other.key does not belong to certificate c.pem"}}) {
    CAPTURE(row.key);
    write(std::string(row.key));
    const std::string why(row.why);
    const std::string served = ran({"serve"});
    CHECK(served.starts_with("exit 3: "));
    CHECK(served.contains(why));
    const std::string doctor = ran({"doctor"});
    CHECK(doctor.starts_with("exit 1: "));
    CHECK(line_with(doctor, "listen ") ==
          "fail\tcertificates\tlisten 127.0.0.1:0\t" + why + "\tmend the files, or what apigw.yaml:4:16 names");
    const std::string validated = ran({"validate", "--resolve"});
    CHECK(validated.starts_with(
        "exit 1: apigw.yaml:4:16: error[AGW405]: certificate and key of '127.0.0.1:0' cannot be used: " + why));
    CHECK(ran({"validate"}).starts_with("exit 0: "));
  }
}

TEST_CASE("doctor says when git tracks .env") {
  TempDir dir;
  dir.write(".env", "A=1\n");
  REQUIRE(chmod((dir / ".env").c_str(), 0600) == 0);
  dir.write("apigw.yaml", "apigw: 1\nlisten: 127.0.0.1:0\nmodels: { chat: mock/x }\n");
  Process git({"/bin/sh", "-c", "git init -q . && git add -f .env"}, {.directory = dir.path()});
  if (git.wait().code != 0) APIGW_SKIP("needs git");
  Process doctor({apigw_binary(), "doctor"}, {.directory = dir.path()});
  CHECK(doctor.wait().code == 1);
  CHECK(doctor.out().find("fail\tfiles\t.env\tis tracked by git") != std::string::npos);
}

TEST_CASE("provider add pings the provider, then writes .env and the config with their modes") {
  FakeUpstream upstream;
  TempDir dir;
  dir.write("apigw.yaml", "apigw: 1  # ours\n");
  Process add({apigw_binary(), "provider", "add", "near", "--provider-url", upstream.url() + "/v1"},
              {.directory = dir.path(), .environment = {{"NEAR_API_KEY", "sk-0123456789k3Qz"}}});
  CHECK(add.wait().code == 0);
  CHECK(add.out().starts_with("near  answers ("));
  CHECK(dir.read("apigw.yaml") ==
        "apigw: 1  # ours\n\nproviders:\n  near: { url: " + upstream.url() + "/v1, key: env:NEAR_API_KEY }\n");
  CHECK(!dir.has(".env"));
  CHECK((add.out() + add.err()).find("sk-0123") == std::string::npos);
}

TEST_CASE(
    "a key that the provider refuses is exit 4 for provider add and a failure for doctor, and nothing is written") {
  FakeUpstream upstream;
  TempDir dir;
  const std::string before = "apigw: 1\n";
  dir.write("apigw.yaml", before);
  const Process::Options options{.directory = dir.path(), .environment = {{"NEAR_API_KEY", "sk-0123456789k3Qz"}}};
  Process add({apigw_binary(), "provider", "add", "near", "--provider-url", upstream.url() + "/status/401"}, options);
  CHECK(add.wait().code == 4);
  CHECK(add.err() == "error: near refused NEAR_API_KEY (401)\n help: copy the key again, whole\n");
  CHECK(dir.read("apigw.yaml") == before);
  Process yes({apigw_binary(), "provider", "add", "near", "--provider-url", upstream.url() + "/status/401", "--yes"},
              options);
  CHECK(yes.wait().code == 0);
  Process doctor({apigw_binary(), "doctor", "--online"}, options);
  CHECK(doctor.wait().code == 1);
  CHECK(line_with(doctor.out(), "online\t").find("refuses the key (401)") != std::string::npos);
}

TEST_CASE("provider add writes nothing for an answer that proves no key, unless --yes says so") {
  FakeUpstream upstream;
  for (const char* path : {"/page", "/status/500", "/status/404"}) {
    CAPTURE(path);
    TempDir dir;
    const std::string before = "apigw: 1\n";
    dir.write("apigw.yaml", before);
    const Process::Options options{.directory = dir.path(), .environment = {{"NEAR_API_KEY", "sk-0123456789k3Qz"}}};
    const auto add = [&](std::vector<std::string> more) {
      std::vector<std::string> command{apigw_binary(), "provider",       "add",
                                       "near",         "--provider-url", upstream.url() + path};
      command.insert(command.end(), more.begin(), more.end());
      return Process(std::move(command), options);
    };
    Process asked = add({});
    CHECK(asked.wait().code == 3);
    CHECK(asked.err().find("the key is not proven") != std::string::npos);
    CHECK(dir.read("apigw.yaml") == before);
    Process yes = add({"--yes"});
    CHECK(yes.wait().code == 0);
    CHECK(dir.read("apigw.yaml") != before);
  }
}

TEST_CASE("doctor tells a key that is refused from one that was not sent") {
  FakeUpstream upstream;
  TempDir dir;
  const Process::Options options{.directory = dir.path(), .environment = {{"OPENAI_API_KEY", "sk-0123456789k3Qz"}}};
  const auto online = [&](const std::string& path) {
    dir.write("apigw.yaml", "apigw: 1\nproviders: { openai: { url: " + upstream.url() + path + " } }\n");
    Process doctor({apigw_binary(), "doctor", "--online"}, options);
    doctor.wait();
    return line_with(doctor.out(), "online\t");
  };
  CHECK(online("/status/401")
            .ends_with("wants a key (401), and none was sent\twrite key: env:NAME for it in the config"));
  CHECK(online("/v1").find("answers without a key (") != std::string::npos);
  CHECK(online("/page").starts_with("warn\tonline\tproviders.openai\treached, but its list of models is no JSON"));
}
