#include "run/child.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

// glibc 2.36's header forgets to say that these are C functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace apigw::run {
namespace {

std::unexpected<Error> failed(const std::string& operation) {
  return fail(ErrorKind::io, fmt::format("{}: {}", operation, std::strerror(errno)));
}

// Everything that the child needs, made before fork: behind it only async-signal-safe calls are allowed.
struct Prepared {
  explicit Prepared(const Launch& launch)
      : directory(launch.directory),
        command(launch.command),
        no_directory(
            fmt::format("apigw: cannot enter '{}', the directory that dir: names\n", text::printable(directory))) {
    for (const auto& [name, value] : launch.environment) lines.push_back(name + "=" + value);
    for (std::string& line : lines) envp.push_back(line.data());
    envp.push_back(nullptr);
  }
  std::string directory, command, no_directory;
  std::vector<std::string> lines;
  std::vector<char*> envp;
};

void default_signals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(Prepared& prepared, pid_t parent, int null, int output) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(125);  // it died before the line above
  dup2(null, 0);
  dup2(output, 1);
  dup2(output, 2);
  close_range(3, ~0U, 0);
  default_signals();
  if (!prepared.directory.empty() && chdir(prepared.directory.c_str()) != 0) {
    (void)!write(2, prepared.no_directory.data(), prepared.no_directory.size());
    _exit(126);
  }
  char shell[] = "sh", flag[] = "-c";
  char* const argv[] = {shell, flag, prepared.command.data(), nullptr};
  execve("/bin/sh", argv, prepared.envp.data());
  _exit(127);
}

// A signal that reaches the child between fork and exec must not run our handlers there, so all are blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

constexpr std::size_t guarded = 1024;

void pause_milliseconds(long n) {
  const timespec time{n / 1000, n % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

// Ends what is left: TERM, three seconds, KILL.
void end_groups(const pid_t* groups, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) kill(-groups[i], SIGTERM);
  for (int waited = 0; waited < 3000; waited += 20) {
    bool alive = false;
    for (std::size_t i = 0; i < count; ++i) alive = alive || kill(-groups[i], 0) == 0;
    if (!alive) return;
    pause_milliseconds(20);
  }
  for (std::size_t i = 0; i < count; ++i) kill(-groups[i], SIGKILL);
}

// The guardian's whole life. A message is a group's id to watch, or its negative to forget.
[[noreturn]] void guard(int pipe) {
  setsid();
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  dup2(pipe, 3);
  close_range(4, ~0U, 0);
  for (const int number : {SIGINT, SIGHUP, SIGTERM, SIGPIPE}) signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "apigw-guardian");
  pid_t groups[guarded];
  std::size_t count = 0;
  pid_t message = 0;
  while (true) {
    const ssize_t n = read(3, &message, sizeof message);
    if (n < 0 && errno == EINTR) continue;
    if (n != sizeof message) break;
    if (message > 0 && count < guarded) groups[count++] = message;
    for (std::size_t i = 0; message < 0 && i < count; ++i)
      if (groups[i] == -message) groups[i--] = groups[--count];
  }
  end_groups(groups, count);
  _exit(0);
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Result<Child> start_child(const Launch& launch) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) != 0) return failed("make a pipe");
  Child child;
  child.output = Fd(pipe[0]);
  const Fd writing(pipe[1]);
  const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return failed("open /dev/null");
  fcntl(child.output.get(), F_SETFL, O_NONBLOCK);
  Prepared prepared(launch);
  const pid_t parent = getpid();
  {
    const SignalsBlocked blocked;
    child.pid = fork();
    if (child.pid == 0) become(prepared, parent, null.get(), writing.get());
  }
  if (child.pid < 0) return failed("start a process");
  child.exit = Fd(pidfd_open(child.pid, 0));
  if (!child.exit) {
    const auto error = failed("watch the process of '" + launch.name + "'");
    kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    return error;
  }
  return child;
}

void signal_group(pid_t group, int signal) {
  // Just after fork the child may not lead its group yet; then it is all there is.
  if (kill(-group, signal) != 0 && errno == ESRCH) kill(group, signal);
}

bool group_lives(pid_t group) {
  return kill(-group, 0) == 0 || errno == EPERM;
}

void reap_group(pid_t group) {
  while (waitpid(-group, nullptr, WNOHANG) > 0) {
  }
}

std::optional<ExitStatus> reap(Child& child) {
  int status = 0;
  if (child.pid < 0 || waitpid(child.pid, &status, WNOHANG) != child.pid) return std::nullopt;
  child.exit.reset();
  if (WIFSIGNALED(status)) return ExitStatus{.signal = WTERMSIG(status)};
  return ExitStatus{.code = WEXITSTATUS(status)};
}

Result<void> Guardian::start() {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) != 0) return failed("make a pipe");
  const Fd reading(pipe[0]);
  pipe_ = Fd(pipe[1]);
  fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  const SignalsBlocked blocked;
  pid_ = fork();
  if (pid_ == 0) guard(reading.get());
  if (pid_ < 0) return failed("start the guardian process");
  return {};
}

Result<void> Guardian::watch(pid_t group) {
  if (!pipe_)
    if (auto started = start(); !started) return started;
  if (write(pipe_.get(), &group, sizeof group) != sizeof group) return failed("tell the guardian process");
  return {};
}

void Guardian::forget(pid_t group) {
  const pid_t message = -group;
  if (pipe_) (void)!write(pipe_.get(), &message, sizeof message);
}

Guardian::~Guardian() {
  pipe_.reset();
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

}  // namespace apigw::run
