#include "support/process.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace support {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void broken(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_in address_of(std::uint16_t port, std::string_view host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, std::string(host).c_str(), &address.sin_addr) != 1) throw std::runtime_error("bad host");
  return address;
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left < 0 ? 0 : static_cast<int>(left);
}

// The child's side between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* argv, char* const* envp, const char* directory, int in, int out, int err) {
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  close_range(3, ~0U, 0);
  if (*directory && chdir(directory) != 0) _exit(126);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(argv[0], argv, envp);
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_of(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> all;
  for (const char* name : {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) all[name] = value;
  for (const auto& [name, value] : extra) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
  return lines;
}

std::string lower(std::string_view s) {
  std::string result(s);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Joins chunks; false when the last chunk is missing.
bool dechunk(std::string_view raw, std::string& body) {
  while (true) {
    const std::size_t end = raw.find("\r\n");
    if (end == std::string_view::npos) return false;
    const std::size_t size = std::strtoul(std::string(raw.substr(0, end)).c_str(), nullptr, 16);
    raw.remove_prefix(end + 2);
    if (size == 0) return true;
    if (raw.size() < size + 2) {
      body += raw.substr(0, size);
      return false;
    }
    body += raw.substr(0, size);
    raw.remove_prefix(size + 2);
  }
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "apigw-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) broken("mkdtemp");
  path_ = std::filesystem::canonical(pattern).string();
}
TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
void TempDir::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path path = *this / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}
void TempDir::save(std::string_view name, std::string_view content) const {
  const std::string beside = std::string(name) + ".new~";
  write(beside, content);
  std::filesystem::rename(*this / beside, *this / name);
}
std::string TempDir::read(std::string_view name) const {
  std::ostringstream text;
  text << std::ifstream(*this / name, std::ios::binary).rdbuf();
  return text.str();
}
bool TempDir::has(std::string_view name) const {
  return std::filesystem::exists(*this / name);
}

Process::Process(std::vector<std::string> arguments, Options options) : buggy_(options.buggy) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) broken("pipe");
  std::vector<std::string> environment = environment_of(options.environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  // A signal that reaches the child before exec must not run the test's handlers there.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_ = fork();
  if (pid_ == 0) become(argv.data(), envp.data(), options.directory.c_str(), in[0], out[1], err[1]);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid_ < 0) broken("fork");
  for (int fd : {in[0], out[1], err[1]}) ::close(fd);
  // A test's input fits the pipe, so nobody has to pump it.
  if (!options.input.empty() && ::write(in[1], options.input.data(), options.input.size()) < 0) broken("write");
  ::close(in[1]);
  out_.fd = out[0];
  err_.fd = err[0];
  out_.reader = std::thread([this] { pump(out_); });
  err_.reader = std::thread([this] { pump(err_); });
}

Process::~Process() {
  if (!ended_) {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  for (Stream* stream : {&out_, &err_})
    if (stream->reader.joinable()) stream->reader.join();
  if (const std::string found = report(); !found.empty() && !buggy_) FAIL_CHECK(found);
}

void Process::pump(Stream& stream) {
  char buffer[16384];
  while (true) {
    const ssize_t n = ::read(stream.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const std::lock_guard lock(mutex_);
    stream.text.append(buffer, static_cast<std::size_t>(n));
    grew_.notify_all();
  }
  ::close(stream.fd);
}

std::string Process::out() const {
  const std::lock_guard lock(mutex_);
  return out_.text;
}
std::string Process::err() const {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

std::string Process::report() const {
  const std::lock_guard lock(mutex_);
  for (const std::string* text : {&out_.text, &err_.text}) {
    // The kinds of report differ in which of the two comes first.
    const std::size_t at = std::min(text->find("Sanitizer: "), text->find(": runtime error: "));
    if (at != std::string::npos) return text->substr(text->rfind('\n', at) + 1);  // npos + 1 is 0
  }
  return {};
}

std::optional<std::string> Process::find_line(Stream& stream, std::string_view text) {
  const std::size_t at = stream.text.find(text, stream.seen);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t end = stream.text.find('\n', at);
  if (end == std::string::npos) return std::nullopt;
  stream.seen = at + text.size();
  const std::size_t begin = stream.text.rfind('\n', at) + 1;  // npos + 1 is 0
  return stream.text.substr(begin, end - begin);
}

std::string Process::wait_for(std::string_view text, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> line;
  const auto found = [&] {
    line = find_line(out_, text);
    if (!line) line = find_line(err_, text);
    return line.has_value();
  };
  if (!grew_.wait_for(lock, limit, found)) {
    throw std::runtime_error("never printed '" + std::string(text) + "'\n--- stdout\n" + out_.text + "--- stderr\n" +
                             err_.text);
  }
  return *line;
}

void Process::signal(int number) const {
  kill(pid_, number);
}

bool Process::running() {
  if (ended_) return false;
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

Ended Process::wait(std::chrono::milliseconds limit) {
  if (!ended_) {
    if (!eventually([&] { return !running(); }, limit))
      throw std::runtime_error("still running\n--- stdout\n" + out() + "--- stderr\n" + err());
    int status = 0;
    waitpid(pid_, &status, 0);
    ended_ = Ended{WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    for (Stream* stream : {&out_, &err_}) stream->reader.join();
  }
  return *ended_;
}

std::string apigw_binary() {
  return std::string(APIGW_BINARY_DIR) + "/apigw";
}

Connection::Connection(std::uint16_t port, std::string_view host)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = address_of(port, host);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    broken("connect to port " + std::to_string(port));
  }
}
Connection::Connection(const std::string& unix_path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    broken("connect to " + unix_path);
  }
}
Connection::~Connection() {
  close();
}
Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ahead_(std::move(other.ahead_)) {}

bool Connection::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}
void Connection::send(std::string_view bytes) {
  if (!try_send(bytes)) broken("send");
}

std::string Connection::read_until(std::string_view text, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::string got = std::exchange(ahead_, {});
  while (true) {
    if (const std::size_t at = text.empty() ? std::string::npos : got.find(text); at != std::string::npos) {
      ahead_ = got.substr(at + text.size());
      got.resize(at + text.size());
      return got;
    }
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, milliseconds_until(deadline)) == 0)
      throw std::runtime_error("nothing more came; so far: " + got);
    char buffer[16384];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return got;
    got.append(buffer, static_cast<std::size_t>(n));
  }
}
std::string Connection::read_all(std::chrono::milliseconds limit) {
  return read_until({}, limit);
}
void Connection::finish_sending() {
  shutdown(fd_, SHUT_WR);
}
void Connection::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Reply parse_reply(std::string_view raw) {
  Reply reply;
  const std::size_t end = raw.find("\r\n\r\n");
  if (end == std::string_view::npos || raw.size() < 12) return reply;
  reply.status = std::atoi(std::string(raw.substr(9, 3)).c_str());
  std::string_view head = raw.substr(0, end);
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    reply.headers[lower(line.substr(0, colon))] = value == std::string_view::npos ? "" : line.substr(value);
  }
  const std::string_view rest = raw.substr(end + 4);
  if (reply.headers["transfer-encoding"] == "chunked") {
    reply.whole = dechunk(rest, reply.body);
  } else {
    reply.body = rest;
    const auto length = reply.headers.find("content-length");
    reply.whole = length == reply.headers.end() || rest.size() == std::strtoull(length->second.c_str(), nullptr, 10);
  }
  return reply;
}

Reply request(std::uint16_t port, std::string_view method, std::string_view target, std::vector<std::string> headers,
              std::string_view body, std::string_view host) {
  Connection connection(port, host);
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nconnection: close\r\n";
  bool named = false;
  for (const std::string& line : headers) {
    text += line + "\r\n";
    named = named || lower(line).starts_with("host:");
  }
  if (!named) text += "host: " + std::string(host) + ":" + std::to_string(port) + "\r\n";
  if (!body.empty()) text += "content-length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  (void)connection.try_send(text);
  return parse_reply(connection.read_all());
}

bool listening(std::uint16_t port) {
  try {
    const Connection probe(port);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  for (int draw = 0;; ++draw) {
    try {
      return BusyPort(static_cast<std::uint16_t>(10'000 + random() % 10'000)).port();
    } catch (const std::runtime_error&) {
      if (draw == 1000) throw;
    }
  }
}

BusyPort::BusyPort(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;  // connections of the past may linger on the port
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = address_of(port, "127.0.0.1");
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd_, 1) != 0) {
    ::close(fd_);
    broken("bind");
  }
  socklen_t size = sizeof address;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}
BusyPort::~BusyPort() {
  ::close(fd_);
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!holds()) {
    if (Clock::now() >= deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

FakeUpstream::FakeUpstream(std::vector<std::string> arguments)
    : process_([&] {
        arguments.insert(arguments.begin(), std::string(APIGW_FAKE_UPSTREAM));
        return arguments;
      }()),
      port_(port_in(process_.wait_for("http://"))) {}

std::uint16_t port_in(std::string_view line) {
  const std::size_t scheme = line.find("://");
  if (scheme == std::string_view::npos) throw std::runtime_error("no address in: " + std::string(line));
  const std::size_t colon = line.find(':', scheme + 3);
  return static_cast<std::uint16_t>(std::strtoul(std::string(line.substr(colon + 1, 5)).c_str(), nullptr, 10));
}

}  // namespace support
