// Real processes on this machine: what Supervisor's tests cannot show.
#include "run/services.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace apigw;
using namespace apigw::run;

namespace {

struct Stage {
  SystemClock clock;
  std::vector<std::string> lines;
  std::vector<Note> notes;
  Services services{{.supervisor = {.grace = Milliseconds{300}, .first_pause = Milliseconds{10}},
                     .line = [this](std::string_view s,
                                    std::string_view l) { lines.push_back(std::string(s) + ": " + std::string(l)); },
                     .note = [this](const Note& n) { notes.push_back(n); }},
                    clock};

  // Runs the loop until it holds; false after twenty seconds.
  bool until(const std::function<bool()>& holds) {
    const auto deadline = clock.now() + std::chrono::seconds{20};
    while (!holds()) {
      if (clock.now() > deadline) return false;
      auto wait = std::chrono::ceil<Milliseconds>(services.next().value_or(deadline) - clock.now());
      if (services.next() == TimePoint::min()) wait = Milliseconds{0};
      pollfd ready{services.fd(), POLLIN, 0};
      poll(&ready, 1, static_cast<int>(std::clamp<long>(wait.count(), 0, 20'000)));
      services.advance();
    }
    return true;
  }
  bool saw(std::string_view line) { return std::ranges::find(lines, line) != lines.end(); }
  bool noted(Note::Kind kind) {
    return std::ranges::any_of(notes, [&](const Note& n) { return n.kind == kind; });
  }
};

Launch shell(std::string name, std::string command) {
  return {.name = std::move(name),
          .command = std::move(command),
          .environment = {{"PATH", "/usr/bin:/bin"}, {"WHO", "me"}}};
}

}  // namespace

TEST_CASE("a service's output comes line by line with its environment and nothing inherited") {
  Stage stage;
  stage.services.want({shell("a", "echo $WHO; echo err >&2; ls -l /proc/self/fd | wc -l; printf unended; exit 3")});
  REQUIRE(stage.until([&] { return stage.noted(Note::Kind::died_early); }));
  CHECK(stage.saw("a: me"));
  CHECK(stage.saw("a: err"));
  CHECK(stage.saw("a: unended"));
  CHECK(stage.notes[1].status.code == 3);
}

TEST_CASE("the last twenty lines of a start are kept") {
  Stage stage;
  stage.services.want({shell("a", "seq 1 30; exit 1")});
  REQUIRE(stage.until([&] { return stage.noted(Note::Kind::died_early); }));
  const auto tail = stage.services.tail("a");
  REQUIRE(tail.size() == 20);
  CHECK(tail.front() == "11");
  CHECK(tail.back() == "30");
}

TEST_CASE("stopping ends the whole group, also what ignores TERM") {
  Stage stage;
  stage.services.want({shell("a", "trap '' TERM; sleep 1000 & echo $!; wait; wait; sleep 1000")});
  REQUIRE(stage.until([&] { return !stage.lines.empty(); }));
  const pid_t grandchild = std::stoi(stage.lines[0].substr(3));
  CHECK(kill(grandchild, 0) == 0);
  stage.services.stop();
  REQUIRE(stage.until([&] { return stage.services.empty(); }));
  CHECK_FALSE(group_lives(getpgid(grandchild) > 0 ? getpgid(grandchild) : grandchild));
}

TEST_CASE("a service that leaves children behind is restarted only when they are gone") {
  Stage stage;
  stage.services.want({shell("a", "sleep 1000 & echo $!; exit 0")});
  REQUIRE(stage.until([&] { return stage.lines.size() >= 2; }));
  CHECK(stage.notes[1].kind == Note::Kind::died_early);
  const pid_t first = std::stoi(stage.lines[0].substr(3));
  CHECK(kill(first, 0) != 0);
}

TEST_CASE("a directory that is not there is told in the service's own words") {
  Stage stage;
  Launch launch = shell("a", "true");
  launch.directory = "/nowhere/at/all";
  stage.services.want({launch});
  REQUIRE(stage.until([&] { return stage.noted(Note::Kind::died_early); }));
  CHECK(stage.saw("a: apigw: cannot enter '/nowhere/at/all', the directory that dir: names"));
}

TEST_CASE("the guardian ends the groups of a process that was killed") {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t gateway = fork();
  if (gateway == 0) {
    Guardian guardian;
    Result<Child> child = start_child(shell("a", "trap '' TERM; sleep 1000 & wait; wait; sleep 1000"));
    if (!child || !guardian.watch(child->pid)) _exit(1);
    (void)!write(pipe_ends[1], &child->pid, sizeof child->pid);
    pause();
  }
  pid_t group = 0;
  REQUIRE(read(pipe_ends[0], &group, sizeof group) == sizeof group);
  CHECK(kill(group, 0) == 0);
  kill(gateway, SIGKILL);
  waitpid(gateway, nullptr, 0);
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) {
    reap_group(group);  // another test may have made this process the one that orphans go to
    gone = !group_lives(group);
    poll(nullptr, 0, 10);
  }
  CHECK(gone);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}
