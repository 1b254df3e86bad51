#include "watch_loop.h"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <signal.h>

#include "run/signals.h"
#include "run/watch.h"

namespace apigw::cli {
namespace {

std::vector<std::string> matches(const Files& files, const std::vector<std::string>& globs) {
  std::vector<std::string> found;
  for (const std::string& glob : globs)
    for (std::string& path : files.glob(glob)) found.push_back(std::move(path));
  return found;
}

// How long to sleep: to the next look at the files, or to the end.
int milliseconds_until(run::TimePoint due, run::TimePoint now) {
  return due <= now ? 0 : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(due - now).count());
}

}  // namespace

void watch_loop(Env& env, std::optional<std::chrono::milliseconds> patience, const std::function<Watched()>& run) {
  run::Signals signals({SIGINT, SIGTERM});
  const auto begin = env.clock.now();
  run::FileWatch watch(begin);
  std::vector<std::string> known;
  while (true) {
    const auto read_at = env.clock.wall();
    const Watched watched = run();
    env.out.flush();
    // A match that came while the others were read was not read itself; one that cannot be read is tried once.
    const auto before = std::exchange(known, matches(env.files, watched.globs));
    bool changed = known != before && !std::ranges::all_of(known, [&](const std::string& path) {
                     return std::ranges::find(watched.files, path) != watched.files.end();
                   });
    watch.watch(watched.files, env.clock.now(), read_at);
    while (!changed) {
      const auto now = env.clock.now();
      if (patience && now - begin >= *patience) return;
      const auto due = patience ? std::min(watch.next(), begin + *patience) : watch.next();
      pollfd ready[] = {{signals.fd(), POLLIN, 0}, {watch.fd(), POLLIN, 0}};
      ::poll(ready, std::size(ready), milliseconds_until(due, now));
      if (signals.take()) return;
      changed = !watch.advance(env.clock.now()).empty() || matches(env.files, watched.globs) != known;
    }
  }
}

}  // namespace apigw::cli
