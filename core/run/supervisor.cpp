#include "run/supervisor.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace apigw::run {
namespace {

constexpr Milliseconds first_probe{20}, longest_probe{250};

}  // namespace

std::string_view word(Phase phase) {
  constexpr std::array<std::string_view, 7> words = {"waiting",    "starting", "not healthy yet", "healthy",
                                                     "restarting", "stopping", "stopped"};
  return words[static_cast<std::size_t>(phase)];
}

std::string ExitStatus::text() const {
  if (signal == 0) return fmt::format("exit status {}", code);
  return fmt::format("signal {} ({})", signal, strsignal(signal));
}

Supervisor::Entry* Supervisor::find_entry(std::string_view service) {
  const auto at =
      std::ranges::find(entries_, service, [](const Entry& e) -> std::string_view { return e.launch.name; });
  return at == entries_.end() ? nullptr : &*at;
}

const Launch* Supervisor::find(std::string_view service) const {
  for (const Entry& entry : entries_)
    if (entry.launch.name == service) return &entry.launch;
  return nullptr;
}

bool Supervisor::runs(const Entry& entry) {
  return entry.phase == Phase::starting || entry.phase == Phase::late || entry.phase == Phase::healthy;
}

void Supervisor::begin_stop(Entry& entry, TimePoint now) {
  if (entry.phase == Phase::stopping) return;
  entry.told = entry.killed = false;
  entry.due = now + options_.grace;
  entry.phase = runs(entry) ? Phase::stopping : Phase::stopped;
}

void Supervisor::replace(Entry& entry, Launch launch, TimePoint now) {
  entry.wanted = true;
  if (entry.phase == Phase::stopping) {
    entry.replacement = std::move(launch);
  } else if (entry.launch != launch) {
    entry.replacement = std::move(launch);
    begin_stop(entry, now);
  }
}

void Supervisor::want(std::vector<Launch> launches, TimePoint now) {
  const auto named = [](std::string_view name) { return [name](const Launch& l) { return l.name == name; }; };
  for (Entry& entry : entries_) {
    if (std::ranges::any_of(launches, named(entry.launch.name))) continue;
    entry.wanted = false;
    entry.replacement.reset();
    begin_stop(entry, now);
  }
  for (Launch& launch : launches) {
    if (Entry* entry = find_entry(launch.name))
      replace(*entry, std::move(launch), now);
    else
      entries_.push_back(Entry{.launch = std::move(launch)});
  }
  set_order();
}

void Supervisor::stop(TimePoint now) {
  want({}, now);
}

// Depth first, so that what a service calls has a lower order than the service, circles apart.
void Supervisor::visit(std::size_t index, std::vector<int>& seen, std::size_t& order) {
  if (seen[index]++ != 0) return;
  const Entry& entry = entries_[index];
  for (const std::string& called : (entry.replacement ? *entry.replacement : entry.launch).calls)
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].launch.name == called) visit(i, seen, order);
  entries_[index].order = order++;
}

void Supervisor::set_order() {
  std::vector<int> seen(entries_.size());
  std::size_t order = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) visit(i, seen, order);
}

bool Supervisor::may_start(const Entry& entry) const {
  return std::ranges::all_of(entries_, [&](const Entry& other) {
    const bool called = std::ranges::find(entry.launch.calls, other.launch.name) != entry.launch.calls.end();
    return !called || other.order >= entry.order || other.phase == Phase::healthy || other.phase == Phase::late;
  });
}

Milliseconds Supervisor::pause_after(unsigned failures) const {
  Milliseconds pause = options_.first_pause;
  for (unsigned i = 1; i < failures && pause < options_.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, options_.longest_pause);
  return std::chrono::duration_cast<Milliseconds>(pause * (0.75 + 0.5 * options_.jitter()));
}

void Supervisor::exited(std::string_view service, ExitStatus status, TimePoint now) {
  Entry* entry = find_entry(service);
  if (!entry) return;
  entry->probing = false;
  if (entry->phase == Phase::stopping) {
    entry->phase = Phase::stopped;
    return;
  }
  const bool was_healthy = entry->phase == Phase::healthy;
  if (was_healthy && now - entry->healthy_since >= options_.settled) entry->failures = 0;
  const Milliseconds pause = pause_after(++entry->failures);
  entry->phase = Phase::resting;
  entry->due = now + pause;
  notes_.push_back({was_healthy ? Note::Kind::exited : Note::Kind::died_early, entry->launch.name, status, pause});
}

void Supervisor::probed(std::string_view service, bool good, TimePoint now) {
  Entry* entry = find_entry(service);
  if (!entry || !entry->probing) return;
  entry->probing = false;
  if (entry->phase != Phase::starting && entry->phase != Phase::late) return;
  if (good) {
    entry->phase = Phase::healthy;
    entry->healthy_since = now;
    notes_.push_back({Note::Kind::healthy, entry->launch.name});
    return;
  }
  entry->probe_pause = std::min(entry->probe_pause * 3 / 2, longest_probe);
  entry->probe_at = now + entry->probe_pause;
}

void Supervisor::step_entry(Entry& entry, TimePoint now, std::vector<Action>& actions) {
  const std::string& name = entry.launch.name;
  if (entry.phase == Phase::stopping) {
    if (!entry.told) actions.push_back({Action::Kind::terminate, name});
    entry.told = true;
    if (!entry.killed && now >= entry.due) {
      actions.push_back({Action::Kind::kill, name});
      entry.killed = true;
    }
  }
  if (entry.phase == Phase::resting && now >= entry.due) {
    entry.phase = Phase::waiting;
    ++entry.restarts;
  }
  if (entry.phase == Phase::waiting && may_start(entry)) {
    actions.push_back({Action::Kind::start, name});
    notes_.push_back({Note::Kind::started, name});
    entry.phase = Phase::starting;
    entry.due = now + options_.healthy_within;
    entry.probe_pause = first_probe;
    entry.probe_at = now + first_probe;
    entry.probing = false;
    return;
  }
  if (entry.phase == Phase::starting && now >= entry.due) {
    entry.phase = Phase::late;
    notes_.push_back({Note::Kind::late, name});
  }
  if ((entry.phase == Phase::starting || entry.phase == Phase::late) && !entry.probing && now >= entry.probe_at) {
    entry.probing = true;
    actions.push_back({Action::Kind::probe, name});
  }
}

std::vector<Action> Supervisor::step(TimePoint now) {
  for (Entry& entry : entries_) {
    if (entry.phase != Phase::stopped) continue;
    notes_.push_back({Note::Kind::stopped, entry.launch.name});
    if (entry.replacement) entry = Entry{.launch = std::move(*entry.replacement), .order = entry.order};
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.phase == Phase::stopped; });
  std::vector<Action> actions;
  for (Entry& entry : entries_) step_entry(entry, now, actions);
  return actions;
}

std::optional<TimePoint> Supervisor::next() const {
  std::optional<TimePoint> soonest;
  const auto at = [&](TimePoint time) { soonest = soonest ? std::min(*soonest, time) : time; };
  for (const Entry& entry : entries_) {
    const bool starts = entry.phase == Phase::starting || entry.phase == Phase::late;
    if (starts && !entry.probing) at(entry.probe_at);
    if (entry.phase == Phase::starting || entry.phase == Phase::resting) at(entry.due);
    if (entry.phase == Phase::stopping && !entry.killed) at(entry.due);
    if (entry.phase == Phase::stopped || (entry.phase == Phase::stopping && !entry.told)) at(TimePoint::min());
    if (entry.phase == Phase::waiting && may_start(entry)) at(TimePoint::min());
  }
  return soonest;
}

std::vector<Note> Supervisor::take_notes() {
  return std::exchange(notes_, {});
}

std::vector<Status> Supervisor::status() const {
  std::vector<Status> result;
  for (const Entry& entry : entries_)
    result.push_back({entry.launch.name, entry.phase, entry.launch.port, entry.restarts});
  return result;
}

bool Supervisor::settled() const {
  return std::ranges::all_of(entries_, [](const Entry& entry) {
    return entry.phase == Phase::healthy || entry.phase == Phase::late || entry.phase == Phase::resting;
  });
}

}  // namespace apigw::run
