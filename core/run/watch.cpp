#include "run/watch.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace apigw::run {
namespace {

constexpr std::uint32_t all_changes = IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
                                      IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// The nearest directory above `path` that is there.
std::filesystem::path existing_directory(std::filesystem::path path) {
  std::error_code ignored;
  do {
    path = path.has_parent_path() ? path.parent_path() : ".";
  } while (!std::filesystem::is_directory(path, ignored) && path.has_relative_path() && path != ".");
  return path;
}

}  // namespace

void Burst::note(TimePoint now) {
  if (!first_) first_ = now;
  due_ = std::min(now + quiet, *first_ + longest);
}

bool Burst::over(TimePoint now) {
  if (!due_ || now < *due_) return false;
  first_.reset();
  due_.reset();
  return true;
}

FileWatch::FileWatch(TimePoint now) : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), look_at_(now + look_every) {}

FileWatch::Stamp FileWatch::stamp(const std::string& path) {
  struct stat is{};
  if (stat(path.c_str(), &is) != 0) return {};
  return {is.st_dev, is.st_ino, is.st_size, is.st_mtim.tv_sec * 1'000'000'000 + is.st_mtim.tv_nsec};
}

void FileWatch::watch(std::vector<std::string> files, TimePoint now, std::chrono::system_clock::time_point read_at) {
  // The kernel stamps files with a clock that is up to a tick behind.
  const auto limit =
      std::chrono::duration_cast<std::chrono::nanoseconds>(read_at.time_since_epoch() - Milliseconds{10}).count();
  std::map<std::string, Stamp> stamps;
  for (std::string& file : files) {
    const auto before = files_.find(file);
    Stamp compared = before != files_.end() ? before->second : stamp(file);
    if (before == files_.end() && compared.modified_ns >= limit) {
      compared = {.modified_ns = -1};
      burst_.note(now);
    }
    stamps.emplace(std::move(file), compared);
  }
  files_ = std::move(stamps);
  arm();
  look_at_ = now + look_every;
}

// Adding a directory that is watched already changes nothing; one that went and came back is watched anew.
void FileWatch::arm() {
  if (!inotify_) return;
  for (const auto& [file, ignored] : files_) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(file, error);
    inotify_add_watch(inotify_.get(), existing_directory(file).c_str(), all_changes);
    if (!error) inotify_add_watch(inotify_.get(), real.parent_path().c_str(), all_changes);
  }
}

bool FileWatch::read_events() {
  bool any = false;
  alignas(inotify_event) std::array<char, 16384> events;
  while (inotify_ && read(inotify_.get(), events.data(), events.size()) > 0) any = true;
  return any;
}

TimePoint FileWatch::next() const {
  return burst_.due() ? std::min(*burst_.due(), look_at_) : look_at_;
}

std::vector<std::string> FileWatch::advance(TimePoint now) {
  if (read_events()) burst_.note(now);
  const bool over = burst_.over(now);
  const bool look = now >= look_at_ && !burst_.due();
  if (now >= look_at_) look_at_ = now + look_every;
  if (!over && !look) return {};
  arm();
  std::vector<std::string> changed;
  for (auto& [file, before] : files_) {
    const Stamp current = stamp(file);
    if (current == before) continue;
    before = current;
    changed.push_back(file);
  }
  return changed;
}

}  // namespace apigw::run
