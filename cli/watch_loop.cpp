#include "watch_loop.h"

#include <algorithm>

#include <poll.h>
#include <signal.h>

#include "include_matches.h"
#include "run/signals.h"
#include "run/watch.h"

namespace apigw::cli {
namespace {

// How long to sleep: to the next look at the files, or to the end.
int milliseconds_until(run::TimePoint due, run::TimePoint now) {
  return due <= now ? 0 : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(due - now).count());
}

}  // namespace

void watch_loop(Env& env, std::optional<std::chrono::milliseconds> patience, const std::function<Watched()>& run) {
  run::Signals signals({SIGINT, SIGTERM});
  env.files.patience.interrupt = signals.fd();
  const auto leave = [&] { env.files.patience.interrupt = -1; };
  const auto begin = env.clock.now();
  run::FileWatch watch(begin);
  IncludeMatches includes;
  while (true) {
    const auto read_at = env.clock.wall();
    const Watched watched = run();
    env.out.flush();
    bool changed = includes.renew(env.files, watched.globs, watched.files);
    watch.watch(watched.files, env.clock.now(), read_at);
    while (!changed) {
      const auto now = env.clock.now();
      if (patience && now - begin >= *patience) return leave();
      const auto due = patience ? std::min(watch.next(), begin + *patience) : watch.next();
      pollfd ready[] = {{signals.fd(), POLLIN, 0}, {watch.fd(), POLLIN, 0}};
      ::poll(ready, std::size(ready), milliseconds_until(due, now));
      if (signals.take()) return leave();
      changed = !watch.advance(env.clock.now()).empty() || includes.changed(env.files).has_value();
    }
  }
}

}  // namespace apigw::cli
