#include "run/watch.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

using namespace apigw::run;
namespace fs = std::filesystem;

namespace {

constexpr TimePoint start{};
const std::chrono::system_clock::time_point never_read{
    std::chrono::hours{24 * 365 * 200}};  // after every file of a test
TimePoint at(int ms) {
  return start + Milliseconds{ms};
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("apigw-watch-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
};

// What the watch says once the kernel has told it something and the burst is over by its own reckoning.
std::vector<std::string> changes(FileWatch& watch, TimePoint& now) {
  pollfd ready{watch.fd(), POLLIN, 0};
  if (poll(&ready, 1, 10'000) != 1) return {"the kernel told nothing"};
  auto changed = watch.advance(now);
  now += Burst::quiet;
  if (changed.empty()) changed = watch.advance(now);
  return changed;
}

}  // namespace

TEST_CASE("a burst is over after a quiet while, and never later than its longest time") {
  Burst burst;
  CHECK_FALSE(burst.over(at(0)));
  burst.note(at(0));
  CHECK_FALSE(burst.over(at(59)));
  burst.note(at(59));
  CHECK_FALSE(burst.over(at(60)));
  CHECK(burst.over(at(119)));
  CHECK_FALSE(burst.over(at(200)));
  for (int t = 1000; t < 1500; t += 50) burst.note(at(t));
  CHECK(burst.due() == at(1500));
  CHECK(burst.over(at(1500)));
}

TEST_CASE("every way to save a file is seen, and reading it is none") {
  const Folder folder;
  folder.write("apigw.yaml", "one");
  folder.write("other", "x");
  const std::string file = folder.file("apigw.yaml");
  struct Row {
    std::string_view name;
    std::function<void()> save;
    bool seen = true;
  };
  const std::vector<Row> rows = {
      {"in place", [&] { folder.write("apigw.yaml", "one two"); }},
      {"rename over it",
       [&] {
         folder.write("new~", "one two three");
         fs::rename(folder.file("new~"), file);
       }},
      {"move away, then write anew",
       [&] {
         fs::rename(file, folder.file("apigw.yaml~"));
         folder.write("apigw.yaml", "four");
       }},
      {"remove", [&] { fs::remove(file); }},
      {"appear", [&] { folder.write("apigw.yaml", "five"); }},
      {"symlink swap",
       [&] {
         folder.write("target", "six six six");
         fs::create_symlink("target", folder.file("link"));
         fs::rename(folder.file("link"), file);
       }},
      {"write through the symlink", [&] { folder.write("target", "seven"); }},
      {"another file beside it", [&] { folder.write("other", "y"); }, false},
  };
  TimePoint now = start;
  FileWatch watch(now);
  REQUIRE(watch.fd() >= 0);
  for (const Row& row : rows) {
    CAPTURE(row.name);
    watch.watch({file}, now, never_read);
    row.save();
    CHECK(changes(watch, now) == (row.seen ? std::vector{file} : std::vector<std::string>{}));
  }
}

TEST_CASE("a file in a directory that is yet to come is seen when it comes") {
  const Folder folder;
  TimePoint now = start;
  FileWatch watch(now);
  const std::string file = folder.file("services/apigw.yaml");
  watch.watch({file}, now, never_read);
  fs::create_directories(folder.path / "services");
  CHECK(changes(watch, now).empty());  // arms the new directory
  folder.write("services/apigw.yaml", "here");
  CHECK(changes(watch, now) == std::vector{file});
}

TEST_CASE("what the kernel does not tell is found by looking") {
  const Folder folder;
  folder.write("a", "1");
  FileWatch watch(start);
  watch.watch({folder.file("a")}, start, never_read);
  CHECK(watch.next() == start + FileWatch::look_every);
  CHECK(watch.advance(start + FileWatch::look_every).empty());
}

TEST_CASE("a change that came between reading and watching is not lost") {
  const Folder folder;
  folder.write("a", "1");
  const std::string file = folder.file("a");
  TimePoint now = start;
  FileWatch watch(now);
  const auto read_at = std::chrono::system_clock::now();
  folder.write("a", "22");
  watch.watch({file}, now, read_at);
  CHECK(watch.advance(now + Burst::quiet) == std::vector{file});
  // A file that is watched already is compared with what advance() saw, not with what it is by now.
  folder.write("a", "333");
  watch.watch({file}, now, never_read);
  CHECK(changes(watch, now) == std::vector{file});
}
