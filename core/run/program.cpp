#include "run/program.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/child.h"

extern char** environ;

namespace apigw::run {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_err = 64u << 10;

struct Pipe {
  Fd read, write;
};

Result<Pipe> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::io, fmt::format("make a pipe: {}", std::strerror(errno)));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// What exec needs, made before fork: behind it only async-signal-safe calls are allowed.
struct Prepared {
  explicit Prepared(const Question& question) : arguments(question.arguments) {
    for (char** at = environ; *at != nullptr; ++at) {
      const std::string_view line = *at;
      const auto replaced = [&](const auto& variable) { return line.starts_with(variable.first + "="); };
      if (std::ranges::none_of(question.environment, replaced)) lines.emplace_back(line);
    }
    for (const auto& [name, value] : question.environment) lines.push_back(fmt::format("{}={}", name, value));
    for (std::string& argument : arguments) argv.push_back(argument.data());
    for (std::string& line : lines) envp.push_back(line.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
  std::vector<std::string> arguments, lines;
  std::vector<char*> argv, envp;
};

[[noreturn]] void become(Prepared& prepared, int null, int out, int err, int failed) {
  ::dup2(null, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::execvpe(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
  const int code = errno;
  (void)!::write(failed, &code, sizeof code);
  ::_exit(127);
}

// The program while it runs; killed and reaped by whoever leaves before its end.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    static_cast<void>(wait());
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

// Appends what is there; false at the end.
bool take(int fd, std::string& to, std::size_t limit) {
  std::array<char, 16 << 10> block;
  const ssize_t n = ::read(fd, block.data(), block.size());
  if (n < 0) return errno == EINTR;
  to.append(block.data(), std::min(static_cast<std::size_t>(n), limit - std::min(limit, to.size())));
  return n > 0;
}

Result<void> read_both(const Question& question, Pipe& out, Pipe& err, Answer& answer) {
  const auto due = Clock::now() + question.time;
  const std::string& name = question.arguments.front();
  while (out.read || err.read) {
    std::array<pollfd, 2> ready{pollfd{out.read ? out.read.get() : -1, POLLIN, 0},
                                pollfd{err.read ? err.read.get() : -1, POLLIN, 0}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
    if (left <= 0) return fail(ErrorKind::timeout, fmt::format("'{}' did not end in time", name));
    const int n = ::poll(ready.data(), ready.size(), static_cast<int>(std::min<long>(left, 1 << 30)));
    if (n < 0 && errno != EINTR) return fail(ErrorKind::io, fmt::format("read '{}': {}", name, std::strerror(errno)));
    if (n <= 0) continue;
    if (ready[0].revents != 0 && !take(out.read.get(), answer.out, question.limit + 1)) out.read.reset();
    if (ready[1].revents != 0 && !take(err.read.get(), answer.err, most_err)) err.read.reset();
    if (answer.out.size() > question.limit)
      return fail(ErrorKind::too_large, fmt::format("'{}' gave more than {} bytes", name, question.limit));
  }
  return {};
}

}  // namespace

Result<Answer> ask(const Question& question) {
  auto out = open_pipe(), err = open_pipe(), failed = open_pipe();
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!out || !err || !failed || !null) return fail(ErrorKind::io, "no more descriptors");
  Prepared prepared(question);
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorKind::io, fmt::format("start '{}': {}", question.arguments.front(), std::strerror(errno)));
  if (pid == 0) become(prepared, null.get(), out->write.get(), err->write.get(), failed->write.get());
  Running running(pid);
  out->write.reset();
  err->write.reset();
  failed->write.reset();
  int code = 0;
  ssize_t n = 0;
  while ((n = ::read(failed->read.get(), &code, sizeof code)) < 0 && errno == EINTR) {
  }
  if (n == sizeof code)
    return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::io,
                fmt::format("start '{}': {}", question.arguments.front(), std::strerror(code)));
  Answer answer;
  if (auto done = read_both(question, *out, *err, answer); !done) return std::unexpected(done.error());
  answer.status = running.wait();
  return answer;
}

}  // namespace apigw::run
