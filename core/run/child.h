// One service as a process group of the operating system: started, signalled, reaped.
//
// The child leads a session of its own, so a signal to the group reaches everything that it starts and a Ctrl-C at
// the terminal reaches none of it. It is told to end (TERM) when the thread that started it dies: start children from
// a thread that lives as long as the process. Its stdin is empty; stdout and stderr are one pipe, in their order.
#pragma once
#include <optional>

#include <sys/types.h>

#include "base/error.h"
#include "run/launch.h"
#include "run/supervisor.h"

namespace apigw::run {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  void reset();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Child {
  pid_t pid = -1;  // also the group's id
  Fd exit;         // readable once the leader has ended (pidfd)
  Fd output;       // nonblocking
};

[[nodiscard]] Result<Child> start_child(const Launch& launch);
// To the whole group; whoever is gone already is passed over.
void signal_group(pid_t group, int signal);
[[nodiscard]] bool group_lives(pid_t group);
// Reaps those of the group that have ended, the leader apart from its own reap(): call it once the leader is reaped.
void reap_group(pid_t group);
// The leader's status, once; nothing while it runs.
[[nodiscard]] std::optional<ExitStatus> reap(Child& child);

// Ends the services when this process dies without having done so (SIGKILL, crash): a small process of its own that
// holds the other end of a pipe and the list of groups. Started with the first group.
class Guardian {
 public:
  Guardian() = default;
  ~Guardian();
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;
  [[nodiscard]] Result<void> watch(pid_t group);
  void forget(pid_t group);

 private:
  [[nodiscard]] Result<void> start();
  Fd pipe_;
  pid_t pid_ = -1;
};

}  // namespace apigw::run
