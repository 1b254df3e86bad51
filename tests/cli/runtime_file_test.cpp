#include "runtime_file.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "support/memory_files.h"

using namespace apigw;

namespace {

cli::RuntimeFile gateway(std::string config, int pid) {
  return {.address = "http://127.0.0.1:8080",
          .admin_address = "http://127.0.0.1:8081",
          .dev_key = Secret{"dev"},
          .admin_key = Secret{"admin"},
          .pid = pid,
          .config = std::move(config)};
}

void set_number(testing::MemoryFiles& files, const std::string& path, const char* name, int value) {
  auto document = nlohmann::json::parse(files.content.at(path));
  document[name] = value;
  files.content[path] = document.dump();
}

const config::Environment with_xdg{{"XDG_RUNTIME_DIR", "/run/user/7"}};

}  // namespace

TEST_CASE("a runtime file comes back as it was written, private, where XDG says") {
  testing::MemoryFiles files;
  REQUIRE(files.private_directory("/run/user/7"));
  const auto path = cli::write_runtime_file(gateway("/a/apigw.yaml", ::getpid()), files, with_xdg);
  REQUIRE(path);
  CHECK(*path == "/run/user/7/apigw/" + std::to_string(::getpid()) + ".json");
  CHECK(files.mode(*path) == 0600);
  const auto found = cli::find_gateway("/a/apigw.yaml", false, files, with_xdg);
  REQUIRE(found);
  CHECK(found->address == "http://127.0.0.1:8080");
  CHECK(found->admin_address == "http://127.0.0.1:8081");
  CHECK(found->dev_key.expose() == "dev");
  CHECK(found->admin_key.expose() == "admin");
}

TEST_CASE("without a usable XDG_RUNTIME_DIR the directory is named after the user") {
  for (const config::Environment& environment :
       {config::Environment{}, {{"XDG_RUNTIME_DIR", "relative"}}, {{"XDG_RUNTIME_DIR", "/not/there"}}}) {
    testing::MemoryFiles files;
    const auto path = cli::write_runtime_file(gateway("/a", ::getpid()), files, environment);
    REQUIRE(path);
    CHECK(path->starts_with("/tmp/apigw-" + std::to_string(::geteuid()) + "/"));
  }
}

TEST_CASE("the gateway of this config is chosen, then the only one") {
  testing::MemoryFiles files;
  const int self = ::getpid(), parent = ::getppid();
  REQUIRE(cli::write_runtime_file(gateway("/a/apigw.yaml", self), files, {}));
  CHECK(cli::find_gateway("/b/apigw.yaml", true, files, {})->pid == self);
  const auto other = cli::find_gateway("/b/apigw.yaml", false, files, {});
  REQUIRE(!other);
  CHECK(other.error().kind == ErrorKind::not_found);
  REQUIRE(cli::write_runtime_file(gateway("/b/apigw.yaml", parent), files, {}));
  CHECK(cli::find_gateway("/b/apigw.yaml", true, files, {})->pid == parent);
  const auto several = cli::find_gateway("/c/apigw.yaml", true, files, {});
  REQUIRE(!several);
  CHECK(several.error().kind == ErrorKind::invalid);
  CHECK(several.error().what.find("/a/apigw.yaml") != std::string::npos);
}

TEST_CASE("the file of a gateway that was killed is removed, whether its pid is free or used again") {
  testing::MemoryFiles files;
  const auto killed = cli::write_runtime_file(gateway("/a", 0x3ffffffe), files, {});
  const auto reused = cli::write_runtime_file(gateway("/b", ::getppid()), files, {});
  const auto runs = cli::write_runtime_file(gateway("/c", ::getpid()), files, {});
  REQUIRE((killed && reused && runs));
  set_number(files, *reused, "started", 1);
  const auto found = cli::running_gateways(files, {});
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().config == "/c");
  CHECK_FALSE(files.exists(*killed));
  CHECK_FALSE(files.exists(*reused));
  CHECK(files.exists(*runs));
}

TEST_CASE("a gateway of another pid namespace is passed over, and its file stays") {
  testing::MemoryFiles files;
  for (const int pid : {0x3ffffffe, ::getpid()}) {
    CAPTURE(pid);
    const auto path = cli::write_runtime_file(gateway("/a", pid), files, {});
    REQUIRE(path);
    set_number(files, *path, "pids", 7);
    CHECK(cli::running_gateways(files, {})->empty());
    CHECK(files.exists(*path));
  }
}

TEST_CASE("files that are broken are passed over") {
  testing::MemoryFiles files;
  REQUIRE(files.private_directory("/tmp/apigw-" + std::to_string(::geteuid())));
  const std::string directory = "/tmp/apigw-" + std::to_string(::geteuid());
  files.content[directory + "/1.json"] = "{";
  files.content[directory + "/2.json"] = "[]";
  files.content[directory + "/3.json"] = "{\"pid\": \"x\", \"address\": 7}";
  const auto found = cli::running_gateways(files, {});
  REQUIRE(found);
  CHECK(found->empty());
  CHECK(files.content.size() == 3);
}
