#include "run/supervisor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace apigw::run;

namespace {

// Drives a Supervisor through virtual time and writes down what it does: "start stock", "probe stock", "note …".
struct Play {
  Supervisor::Options options{.jitter = [] { return 0.5; }};
  Supervisor supervisor{options};
  TimePoint now{};

  std::string step() {
    std::string log;
    constexpr std::string_view kinds[] = {"start", "probe", "term", "kill"};
    for (const Action& action : supervisor.step(now))
      log += fmt::format("{} {}; ", kinds[static_cast<int>(action.kind)], action.service);
    (void)supervisor.take_notes();
    return log;
  }
  std::string after(Milliseconds time) {
    now += time;
    return step();
  }
  void healthy(std::string_view service) {
    after(Milliseconds{20});
    supervisor.probed(service, true, now);
  }
  Phase phase(std::string_view service) {
    for (const Status& status : supervisor.status())
      if (status.service == service) return status.phase;
    return Phase::stopped;
  }
};

Launch launch(std::string name, std::vector<std::string> calls = {}, std::string command = "run") {
  return {.name = std::move(name), .command = std::move(command), .calls = std::move(calls)};
}

}  // namespace

TEST_CASE("a service starts once those that it calls are healthy") {
  Play play;
  play.supervisor.want({launch("web", {"orders"}), launch("orders", {"stock", "elsewhere"}), launch("stock")},
                       play.now);
  CHECK(play.step() == "start stock; ");
  CHECK(play.after(Milliseconds{20}) == "probe stock; ");
  play.supervisor.probed("stock", false, play.now);
  CHECK(play.after(Milliseconds{10}) == "");
  CHECK(play.after(Milliseconds{20}) == "probe stock; ");
  CHECK_FALSE(play.supervisor.settled());
  play.supervisor.probed("stock", true, play.now);
  CHECK(play.step() == "start orders; ");
  play.healthy("orders");
  CHECK(play.step() == "start web; ");
  play.healthy("web");
  CHECK(play.supervisor.settled());
  CHECK_FALSE(play.supervisor.next());
}

TEST_CASE("a circle of calls starts, and so does one that calls itself") {
  Play play;
  play.supervisor.want({launch("a", {"b"}), launch("b", {"a"}), launch("c", {"c"})}, play.now);
  CHECK(play.step() == "start b; start c; ");
  play.healthy("b");
  CHECK(play.step() == "start a; ");
}

TEST_CASE("pauses between starts grow, are capped and begin anew after a settled time") {
  Play play;
  play.supervisor.want({launch("a")}, play.now);
  play.step();
  long long pauses[9];
  for (long long& pause : pauses) {
    play.supervisor.exited("a", {.code = 1}, play.now);
    const auto notes = play.supervisor.take_notes();
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].kind == Note::Kind::died_early);
    pause = notes[0].pause.count();
    CHECK(play.phase("a") == Phase::resting);
    CHECK(play.after(notes[0].pause - Milliseconds{1}) == "");
    CHECK(play.after(Milliseconds{1}) == "start a; ");
  }
  CHECK(std::vector<long long>(std::begin(pauses), std::end(pauses)) ==
        std::vector<long long>{500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000});
  play.healthy("a");
  play.now += Milliseconds{10'000};
  play.supervisor.exited("a", {.signal = 9}, play.now);
  const auto notes = play.supervisor.take_notes();
  REQUIRE_FALSE(notes.empty());
  CHECK(notes.back().kind == Note::Kind::exited);
  CHECK(notes.back().pause == Milliseconds{500});
  CHECK(notes.back().status.text() == "signal 9 (Killed)");
}

TEST_CASE("jitter keeps a pause between 75 and 125 percent") {
  for (const auto& [jitter, pause] : {std::pair{0.0, 375}, {0.999, 624}}) {
    Supervisor supervisor({.jitter = [jitter] { return jitter; }});
    supervisor.want({launch("a")}, {});
    (void)supervisor.step({});
    (void)supervisor.take_notes();
    supervisor.exited("a", {}, {});
    CHECK(supervisor.take_notes().front().pause == Milliseconds{pause});
  }
}

TEST_CASE("a start that is late is told once, lets its callers start and may still become healthy") {
  Play play;
  play.supervisor.want({launch("slow"), launch("web", {"slow"})}, play.now);
  play.step();
  play.now += Milliseconds{60'000};
  (void)play.supervisor.step(play.now);
  const auto notes = play.supervisor.take_notes();
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].kind == Note::Kind::late);
  CHECK(notes[1].kind == Note::Kind::started);
  CHECK(notes[1].service == "web");
  CHECK(play.phase("slow") == Phase::late);
  play.supervisor.probed("slow", true, play.now);
  CHECK(play.phase("slow") == Phase::healthy);
}

TEST_CASE("a reload restarts what changed, stops what went, starts what is new and leaves the rest alone") {
  Play play;
  play.supervisor.want({launch("same"), launch("changed"), launch("gone")}, play.now);
  play.step();
  for (const char* name : {"same", "changed", "gone"}) {
    play.supervisor.probed(name, true, play.now);
    play.healthy(name);
  }
  play.supervisor.want({launch("same"), launch("changed", {}, "other"), launch("new")}, play.now);
  CHECK(play.step() == "term changed; term gone; start new; ");
  play.supervisor.exited("changed", {}, play.now);
  CHECK(play.step() == "start changed; ");
  CHECK(play.supervisor.find("changed")->command == "other");
  play.supervisor.exited("gone", {}, play.now);
  play.step();
  CHECK(play.supervisor.find("gone") == nullptr);
  CHECK(play.phase("same") == Phase::healthy);
}

TEST_CASE("a service that comes back while it is stopping starts again") {
  Play play;
  play.supervisor.want({launch("a")}, play.now);
  play.step();
  play.supervisor.want({}, play.now);
  CHECK(play.step() == "term a; ");
  play.supervisor.want({launch("a")}, play.now);
  CHECK(play.step() == "");
  play.supervisor.exited("a", {}, play.now);
  CHECK(play.step() == "start a; ");
}

TEST_CASE("stopping is TERM, then KILL after the grace period, and forgets those that rest") {
  Play play;
  play.supervisor.want({launch("a"), launch("resting")}, play.now);
  play.step();
  play.supervisor.exited("resting", {.code = 1}, play.now);
  play.supervisor.stop(play.now);
  CHECK(play.step() == "term a; ");
  CHECK(play.phase("resting") == Phase::stopped);
  CHECK(play.after(Milliseconds{4'999}) == "");
  CHECK(play.after(Milliseconds{1}) == "kill a; ");
  CHECK(play.after(Milliseconds{60'000}) == "");
  CHECK_FALSE(play.supervisor.empty());
  play.supervisor.exited("a", {.signal = 9}, play.now);
  play.step();
  CHECK(play.supervisor.empty());
}
