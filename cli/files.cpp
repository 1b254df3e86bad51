#include "files.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace apigw::cli {
namespace {

namespace fs = std::filesystem;

// Closes a descriptor at the end of its block.
struct Descriptor {
  int fd;
  explicit Descriptor(int opened) : fd(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

// Keeps the signals of a terminal and of a supervisor from this thread to the end of its block.
class Undisturbed {
 public:
  Undisturbed() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&signals, one);
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;
  ~Undisturbed() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

ErrorKind kind_of(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::denied;
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return ErrorKind::invalid;
    default:
      return ErrorKind::io;
  }
}

std::string reason(int code) {
  switch (code) {
    case ENOENT:
      return "no such file or directory";
    case EACCES:
      return "permission denied";
    case EISDIR:
      return "it is a directory";
    default:
      return text::lower(std::error_code(code, std::generic_category()).message());
  }
}

std::unexpected<Error> refuse(std::string_view operation, const std::string& path, int code) {
  return fail(kind_of(code), fmt::format("{} '{}': {}", operation, text::printable(path), reason(code)));
}

// A temporary name in the same folder, so that the rename stays within one file system.
std::string beside(const fs::path& path) {
  return (path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid())).string();
}

std::string in_words(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? fmt::format("{} s", time.count() / 1000) : fmt::format("{} ms", time.count());
}

// Waits until `fd` has something or is at its end. A terminal may take its time: who types there sees what waits.
class Wait {
 public:
  Wait(int fd, const Patience& patience)
      : fd_(fd), patience_(patience), endless_(::isatty(fd) == 1), due_(Clock::now() + span()) {}

  Result<void> for_more(const std::string& shown) {
    if (!patience_.whole) due_ = Clock::now() + span();
    while (true) {
      const auto left = std::max(Clock::duration{0}, due_ - Clock::now());
      const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      pollfd ready[] = {{fd_, POLLIN, 0}, {patience_.interrupt, POLLIN, 0}};
      const int n = ::poll(ready, std::size(ready), endless_ ? -1 : static_cast<int>(std::min<long>(ms, 1 << 30)));
      if (n < 0 && errno != EINTR) return fail(ErrorKind::io, fmt::format("read {}: {}", shown, reason(errno)));
      if (n > 0 && ready[0].revents != 0) return {};
      if (n > 0) return fail(ErrorKind::cancelled, fmt::format("read {}: stopped", shown));
      if (n == 0) return fail(ErrorKind::timeout, too_slow(shown));
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::chrono::milliseconds span() const { return patience_.whole.value_or(Patience::silence); }
  [[nodiscard]] std::string too_slow(const std::string& shown) const {
    return patience_.whole
               ? fmt::format("read {}: it did not end within the {} of --timeout", shown, in_words(*patience_.whole))
               : fmt::format("read {}: nothing came for {}; --timeout 2m would wait longer", shown,
                             in_words(Patience::silence));
  }
  int fd_;
  const Patience& patience_;
  bool endless_;
  Clock::time_point due_;
};

// Everything until the end; `shown` is what errors call it.
Result<std::string> take(int fd, const std::string& shown, std::size_t limit, const Patience& patience) {
  std::string content;
  std::array<char, 64 << 10> block;
  Wait wait(fd, patience);
  while (true) {
    if (auto more = wait.for_more(shown); !more) return std::unexpected(more.error());
    const ssize_t n = ::read(fd, block.data(), block.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return fail(kind_of(errno), fmt::format("read {}: {}", shown, reason(errno)));
    if (n == 0) return content;
    if (content.size() + static_cast<std::size_t>(n) > limit)
      return fail(ErrorKind::too_large, fmt::format("read {}: larger than {} bytes", shown, limit));
    content.append(block.data(), static_cast<std::size_t>(n));
  }
}

std::string quoted(const std::string& path) {
  return fmt::format("'{}'", text::printable(path));
}

// Owner, group and mode of the file that is replaced. Whose it was it stays only where this user may say so.
bool succeed(int fd, const struct stat& before) {
  const bool others = before.st_uid != ::geteuid() || before.st_gid != ::getegid();
  if (others && ::fchown(fd, before.st_uid, before.st_gid) != 0 && errno != EPERM) return false;
  return ::fchmod(fd, before.st_mode & 07777u) == 0;
}

// `replaced`: what a new file takes over; null: nothing, and the umask holds.
Result<void> put(const std::string& shown, const std::string& path, int flags, std::string_view content,
                 unsigned mode, const struct stat* replaced = nullptr) {
  const Descriptor file{::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, mode)};
  if (file.fd < 0) return refuse("write", shown, errno);
  if (replaced != nullptr && !succeed(file.fd, *replaced)) return refuse("write", shown, errno);
  while (!content.empty()) {
    const ssize_t n = ::write(file.fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refuse("write", shown, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

bool writable(const fs::path& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// /dev/stdout, pipes: there, and neither a file nor a folder.
bool is_device(const fs::path& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// Where the file of that name is written, once it is known that it can be: a link is followed, not replaced.
Result<fs::path> place_of(const std::string& path) {
  std::error_code code;
  fs::path real = fs::weakly_canonical(fs::absolute(path, code), code);
  if (code) return refuse("write", path, code.value());
  if (is_device(real)) return real;
  if (fs::is_directory(real, code)) return refuse("write", path, EISDIR);
  if (fs::exists(real, code) && !writable(real)) return refuse("write", path, errno);  // its folder may allow more
  fs::path folder = real.parent_path();
  for (fs::path part = real; !part.empty() && part != part.root_path() && !fs::exists(part, code);
       part = part.parent_path()) {
    if (fs::is_symlink(fs::symlink_status(part, code)))
      return fail(ErrorKind::invalid, fmt::format("write '{}': '{}' is a link that leads nowhere",
                                                  text::printable(path), text::printable(part.string())));
    folder = part.parent_path();
  }
  if (!writable(folder)) return refuse("write", path, errno);
  return real;
}

}  // namespace

Result<std::string> DiskFiles::read(const std::string& path, std::size_t limit) const {
  // Without O_NONBLOCK, to open a pipe waits for who writes it.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  const bool socket = file.fd < 0 && errno == ENXIO;
  if (file.fd < 0 && !socket) return refuse("read", path, errno);
  struct stat about{};
  if (!socket && ::fstat(file.fd, &about) != 0) return refuse("read", path, errno);
  if (S_ISDIR(about.st_mode)) return refuse("read", path, EISDIR);
  if (!S_ISREG(about.st_mode))
    return fail(ErrorKind::invalid, fmt::format("read '{}': it is not a regular file", text::printable(path)));
  return take(file.fd, quoted(path), limit, patience);
}

Result<std::string> DiskFiles::read_named(const std::string& path, std::size_t limit) const {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return refuse("read", path, errno);
  return take(file.fd, quoted(path), limit, patience);
}

Result<std::string> DiskFiles::read_stdin(std::size_t limit) const {
  return take(STDIN_FILENO, "stdin", limit, patience);
}

std::vector<std::string> DiskFiles::glob(const std::string& pattern) const {
  std::string literal;  // only `*` is special here, glob(3) knows more
  for (const char c : pattern) {
    if (c == '?' || c == '[' || c == '\\') literal += '\\';
    literal += c;
  }
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(literal.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

bool DiskFiles::exists(const std::string& path) const {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0;
}

unsigned DiskFiles::mode(const std::string& path) const {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 07777u : 0;
}

bool DiskFiles::stream(const std::string& path) const {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

bool DiskFiles::directory(const std::string& path) const {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

bool DiskFiles::link(const std::string& path) const {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0 && S_ISLNK(about.st_mode);
}

Result<void> DiskFiles::write(const std::string& path, std::string_view content, unsigned mode) {
  const auto place = place_of(path);
  if (!place) return std::unexpected(place.error());
  const fs::path& real = *place;
  std::error_code code;
  if (is_device(real)) return put(path, path, 0, content, mode);
  if (fs::create_directories(real.parent_path(), code); code) return refuse("write", path, code.value());
  struct stat before{};
  const bool there = ::stat(real.c_str(), &before) == 0;
  if ((before.st_mode & 07777u) != mode) {  // another mode is asked for, as of a new file
    const mode_t mask = ::umask(0);
    ::umask(mask);
    before.st_mode = mode & ~mask;
  }
  const Undisturbed held;  // a signal that ends the process would leave the temporary file behind
  const std::string temporary = beside(real);
  ::unlink(temporary.c_str());  // what a process of this number left behind
  auto done = put(path, temporary, O_CREAT | O_EXCL | O_NOFOLLOW, content, mode, there ? &before : nullptr);
  if (done && ::rename(temporary.c_str(), real.c_str()) != 0) done = refuse("write", path, errno);
  if (!done) ::unlink(temporary.c_str());
  return done;
}

Result<void> DiskFiles::may_write(const std::string& path) const {
  if (const auto place = place_of(path); !place) return std::unexpected(place.error());
  return {};
}

Result<void> DiskFiles::enter(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return refuse("enter", path, errno);
  return {};
}

std::string DiskFiles::absolute(const std::string& path) const {
  std::error_code code;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, code), code);
  return code ? path : whole.string();
}

Result<void> DiskFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refuse("remove", path, errno);
  return {};
}

Result<std::shared_ptr<void>> DiskFiles::lock(const std::string& path, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds look_every{10};
  std::error_code code;
  fs::path folder = fs::weakly_canonical(fs::absolute(path, code), code).parent_path();  // where a link leads
  if (code) return refuse("lock", path, code.value());
  while (!fs::is_directory(folder, code) && folder.has_relative_path()) folder = folder.parent_path();
  auto held = std::make_shared<Descriptor>(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (held->fd < 0) return refuse("lock", path, errno);
  for (const auto due = std::chrono::steady_clock::now() + wait; ::flock(held->fd, LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EBADF || errno == ENOLCK || errno == EOPNOTSUPP || errno == EINVAL) break;  // no locks here
    if (errno != EWOULDBLOCK && errno != EINTR) return refuse("lock", path, errno);
    if (std::chrono::steady_clock::now() >= due)
      return fail(ErrorKind::timeout, fmt::format("write '{}': another command writes it since {}",
                                                  text::printable(path), in_words(wait)));
    std::this_thread::sleep_for(look_every);
  }
  return held;
}

Result<void> DiskFiles::private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return refuse("make", path, errno);
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return refuse("use", path, errno);
  if (!S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & 077u) != 0)
    return fail(ErrorKind::denied,
                fmt::format("use '{}': it must be a directory of yours alone (mode 0700), keys stand in it", path));
  return {};
}

}  // namespace apigw::cli
