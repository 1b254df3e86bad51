// `apigw emit` of the real binary, where the disk matters.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/process.h"

using namespace support;

namespace {

constexpr std::string_view shop =
    "apigw: 1\nservices: { orders: { image: \"r.example/orders:1.4.2\" } }\n"
    "routes: { /orders/**: { to: orders, auth: none } }\n"
    "deploy: { gateway: { image: \"r.example/apigw:1.0.0\" } }\nprofiles: { prod: { timeouts: { drain: 60s } } }\n";

std::vector<std::string> emit(std::string target, const std::string& config) {
  return {apigw_binary(), "emit", std::move(target), "-c", config, "--to", "out"};
}

}  // namespace

TEST_CASE("a config from a pipe is read once, and travels as apigw.yaml") {
  for (const std::string target : {"k8s", "kustomize", "compose"}) {
    CAPTURE(target);
    TempDir from_file, from_stdin, from_pipe;
    from_file.write("apigw.yaml", shop);
    Process file(emit(target, "apigw.yaml"), {.directory = from_file.path()});
    REQUIRE(file.wait().code == 0);
    Process piped(emit(target, "-"), {.directory = from_stdin.path(), .input = std::string(shop)});
    CHECK(piped.wait().code == 0);
    CHECK(piped.out() == file.out());
    CHECK(from_stdin.read("out/emit.lock") == from_file.read("out/emit.lock"));
    REQUIRE(mkfifo((from_pipe / "pipe").c_str(), 0600) == 0);
    Process pipe(emit(target, "pipe"), {.directory = from_pipe.path()});
    from_pipe.write("pipe", shop);
    CHECK(pipe.wait().code == 0);
    INFO(pipe.err());
    CHECK(pipe.out() == file.out());
    CHECK(from_pipe.read("out/emit.lock") == from_file.read("out/emit.lock"));
  }
}
