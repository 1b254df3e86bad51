#include "files.h"

#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/process.h"
#include "support/skip.h"

using namespace apigw;

TEST_CASE("a file is written whole, with its mode and its parents, and read back") {
  const support::TempDir dir;
  cli::DiskFiles files;
  const std::string path = dir / "a/b/file";
  REQUIRE(files.write(path, "one", 0600));
  CHECK(files.mode(path) == 0600);
  REQUIRE(files.write(path, "two", 0644));
  CHECK(files.read(path, 100) == "two");
  CHECK(files.mode(path) == 0644);
  CHECK(files.glob(dir / "a/b/*").size() == 1);
  CHECK(files.glob(dir / "a/b/.*.tmp").empty());
}

TEST_CASE("a link is written through, not replaced") {
  const support::TempDir dir;
  cli::DiskFiles files;
  dir.write("target", "old");
  REQUIRE(::symlink((dir / "target").c_str(), (dir / "link").c_str()) == 0);
  CHECK(files.link(dir / "link"));
  CHECK_FALSE(files.link(dir / "target"));
  REQUIRE(files.write(dir / "link", "new", 0644));
  CHECK(dir.read("target") == "new");
}

TEST_CASE("a link that leads nowhere is refused, as a file and as a folder on the way") {
  const support::TempDir dir;
  cli::DiskFiles files;
  REQUIRE(::symlink((dir / "gone").c_str(), (dir / "link").c_str()) == 0);
  for (const std::string& path : {dir / "link", dir / "link/inner/file"}) {
    CAPTURE(path);
    const auto done = files.write(path, "new", 0644);
    REQUIRE_FALSE(done);
    CHECK(done.error().what == "write '" + path + "': '" + (dir / "link") + "' is a link that leads nowhere");
    const auto may = files.may_write(path);
    REQUIRE_FALSE(may);
    CHECK(may.error().what == done.error().what);
  }
  CHECK(std::filesystem::is_symlink(dir / "link"));
  CHECK_FALSE(files.exists(dir / "gone"));
}

TEST_CASE("what cannot be read or written has a kind and a reason") {
  const support::TempDir dir;
  cli::DiskFiles files;
  dir.write("file", "12345");
  const auto missing = files.read(dir / "nothing", 100);
  REQUIRE(!missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().what == "read '" + (dir / "nothing") + "': no such file or directory");
  CHECK(files.read(dir.path(), 100).error().kind == ErrorKind::invalid);
  CHECK(files.read(dir / "file", 4).error().kind == ErrorKind::too_large);
  CHECK(files.read(dir / "file", 5) == "12345");
  CHECK(files.write(dir.path(), "x", 0644).error().kind == ErrorKind::invalid);
  CHECK(files.write(dir / "file/below", "x", 0644).error().kind == ErrorKind::not_found);
  CHECK(files.may_write(dir.path()).error().kind == ErrorKind::invalid);
  CHECK(files.may_write(dir / "file"));
  CHECK(files.may_write(dir / "new/folder/file"));
  CHECK_FALSE(files.exists(dir / "new"));
}

TEST_CASE("a pipe is read only where the user named it, and elsewhere nobody waits for it") {
  const support::TempDir dir;
  const cli::DiskFiles files;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  for (const std::string& path : {dir / "pipe", std::string("/dev/zero")}) {
    CAPTURE(path);
    const auto refused = files.read(path, 100);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().what == "read '" + path + "': it is not a regular file");
  }
  const std::jthread writer([&] { dir.write("pipe", "said"); });  // each waits until the other has it open
  CHECK(files.read_named(dir / "pipe", 100) == "said");
  CHECK(files.read_named(dir.path(), 100).error().what == "read '" + dir.path() + "': it is a directory");
}

TEST_CASE("a glob knows the star and nothing else") {
  const support::TempDir dir;
  const cli::DiskFiles files;
  for (const char* name : {"a.yaml", "b.yaml", "c.txt", "d/e.yaml", "[x].yaml"}) dir.write(name, "");
  CHECK(files.glob(dir / "*.yaml").size() == 3);
  CHECK(files.glob(dir / "*/*.yaml") == std::vector<std::string>{dir / "d/e.yaml"});
  CHECK(files.glob(dir / "[x].yaml") == std::vector<std::string>{dir / "[x].yaml"});
  CHECK(files.glob(dir / "[ab].yaml").empty());
}

TEST_CASE("a private directory is this user's alone or refused") {
  const support::TempDir dir;
  cli::DiskFiles files;
  REQUIRE(files.private_directory(dir / "mine"));
  CHECK(files.mode(dir / "mine") == 0700);
  REQUIRE(files.private_directory(dir / "mine"));
  REQUIRE(::chmod((dir / "mine").c_str(), 0750) == 0);
  CHECK(files.private_directory(dir / "mine").error().kind == ErrorKind::denied);
  REQUIRE(files.private_directory(dir / "other"));
  REQUIRE(::symlink((dir / "other").c_str(), (dir / "link").c_str()) == 0);
  CHECK(files.private_directory(dir / "link").error().kind == ErrorKind::denied);
  dir.write("file", "");
  CHECK(files.private_directory(dir / "file").error().kind == ErrorKind::denied);
}

TEST_CASE("new files obey the umask, and those that are replaced keep mode and owner") {
  const support::TempDir dir;
  cli::DiskFiles files;
  const mode_t usual = ::umask(077);
  CHECK(files.write(dir / "new", "x", 0644));
  CHECK(files.mode(dir / "new") == 0600);
  CHECK(files.write(dir / "run", "x", 0755));
  CHECK(files.mode(dir / "run") == 0700);
  CHECK(files.write(dir / "new", "y", 0644));
  CHECK(files.mode(dir / "new") == 0600);
  REQUIRE(::chmod((dir / "new").c_str(), 0664) == 0);
  CHECK(files.write(dir / "new", "z", 0664));
  CHECK(files.mode(dir / "new") == 0664);
  CHECK(files.write(dir / "new", "z", 0600));
  CHECK(files.mode(dir / "new") == 0600);
  ::umask(usual);
  struct stat about{};
  if (::chown((dir / "new").c_str(), 12345, 12346) != 0) APIGW_SKIP("needs the right to give files away");
  CHECK(files.write(dir / "new", "mine", 0600));
  REQUIRE(::stat((dir / "new").c_str(), &about) == 0);
  CHECK(about.st_uid == 12345);
  CHECK(about.st_gid == 12346);
  CHECK(dir.read("new") == "mine");
}

TEST_CASE("one at a time holds the lock of a folder, and no file is left of it") {
  const support::TempDir dir;
  cli::DiskFiles files;
  dir.write("file", "x");
  auto held = files.lock(dir / "file", std::chrono::milliseconds{0});
  REQUIRE(held);
  const auto second = files.lock(dir / "file", std::chrono::milliseconds{30});
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::timeout);
  CHECK(second.error().what == "write '" + (dir / "file") + "': another command writes it since 30 ms");
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    held->reset();
  });
  CHECK(files.lock(dir / "file", std::chrono::seconds{10}));
  release.join();
  CHECK(files.lock(dir / "not/yet/there", std::chrono::milliseconds{0}));
  CHECK(std::ranges::distance(std::filesystem::directory_iterator(dir.path())) == 1);
}
