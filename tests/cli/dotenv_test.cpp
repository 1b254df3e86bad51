#include "dotenv.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/memory_files.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::cli;

namespace {

const Tracked nobody = [](const std::string&, const std::string&) { return false; };

}  // namespace

TEST_CASE("the .env beside the config fills what the environment leaves out") {
  const testing::MemoryFiles files = {{"shop/.env", "A=file\nB=file\nB=last\n"}};
  const auto read = read_dotenv(files, "shop/apigw.yaml", {{"A", "set"}, {"C", "c"}}, nobody);
  REQUIRE(read);
  CHECK(read->path == "shop/.env");
  CHECK(read->environment == config::Environment{{"A", "set"}, {"B", "last"}, {"C", "c"}});
}

TEST_CASE("without a .env the environment stays, and its place is known to the watcher") {
  const testing::MemoryFiles files;
  for (const char* config : {"", "-", "apigw.yaml"}) {
    CAPTURE(config);
    const auto read = read_dotenv(files, config, {{"A", "set"}}, nobody);
    REQUIRE(read);
    CHECK(read->path == ".env");
    CHECK(read->environment.size() == 1);
  }
}

TEST_CASE("a .env that git tracks or that has a bad line is refused without its values") {
  const testing::MemoryFiles files = {{".env", "KEY=sk-very-secret\nsk-other-secret\n"}};
  const auto bad = read_dotenv(files, "apigw.yaml", {}, nobody);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message == "'.env' line 2 is no NAME=VALUE");
  const auto tracked = read_dotenv(
      files, "apigw.yaml", {},
      [](const std::string& directory, const std::string& file) { return directory == "." && file == ".env"; });
  REQUIRE_FALSE(tracked);
  CHECK(tracked.error().message.find("tracked by git") != std::string::npos);
  for (const auto& refusal : {bad.error(), tracked.error()})
    CHECK((refusal.message + refusal.help).find("secret\n") == std::string::npos);
}

TEST_CASE("git says whether it tracks a file, and no git means no") {
  namespace fs = std::filesystem;
  const fs::path directory = fs::temp_directory_path() / ("apigw-git-" + std::to_string(getpid()));
  fs::create_directories(directory);
  std::ofstream(directory / ".env") << "A=1\n";
  const config::Environment environment = {{"PATH", std::getenv("PATH")}, {"HOME", directory.string()}};
  CHECK_FALSE(tracked_by_git(directory.string(), ".env", environment));
  const std::string git = "cd '" + directory.string() + "' && git init -q . >/dev/null 2>&1 && git add ";
  const bool added = std::system((git + "-f .env").c_str()) == 0;
  CHECK(tracked_by_git(directory.string(), ".env", environment) == added);
  CHECK_FALSE(tracked_by_git(directory.string(), "other", environment));
  CHECK_FALSE(tracked_by_git(directory.string(), ".env", {{"PATH", "/nowhere"}}));
  fs::remove_all(directory);
  if (!added) APIGW_SKIP("needs git");
}
