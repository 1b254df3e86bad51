// What tests of the real binary need: start it, read what it prints, speak raw HTTP to it, stop it; a fake upstream
// in a process of its own.
//
// Every wait has a deadline (`patience`, generous because sanitizers are slow) and ends at the event, never after a
// fixed nap. A failed wait throws std::runtime_error with what the process had printed, which doctest shows.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace support {

inline constexpr std::chrono::seconds patience{20};

// A directory of its own below the system's temporary one, removed with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  // Writes in place, making parent directories.
  void write(std::string_view name, std::string_view content) const;
  // The way of most editors: a temporary file beside it, then a rename over it.
  void save(std::string_view name, std::string_view content) const;
  [[nodiscard]] std::string read(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;

 private:
  std::string path_;
};

struct Ended {
  int code = -1;   // exit status, -1 when a signal ended it
  int signal = 0;  // the signal, 0 when it exited
};

// A child process whose stdout and stderr are collected. Killed and reaped by the destructor, which fails the running
// test when a sanitizer reported anything: a report alone ends no process, and a killed one has no exit status to
// show.
class Process {
 public:
  struct Options {
    std::string directory;                           // empty: this one
    std::map<std::string, std::string> environment;  // added to a bare PATH, HOME and TMPDIR
    std::string input;                               // its whole stdin
    bool buggy = false;                              // a sanitizer's report is what the test wants
  };
  explicit Process(std::vector<std::string> arguments) : Process(std::move(arguments), Options{}) {}
  Process(std::vector<std::string> arguments, Options options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string out() const;  // so far
  [[nodiscard]] std::string err() const;
  // Waits until stdout or stderr holds `text` at or behind what earlier calls found; returns the whole line it is in.
  std::string wait_for(std::string_view text, std::chrono::milliseconds limit = patience);
  void signal(int number) const;
  // Waits for the end; the output is complete then.
  Ended wait(std::chrono::milliseconds limit = patience);
  [[nodiscard]] bool running();
  // What a sanitizer in it, or in a process that it started, printed so far; empty when nothing was found.
  [[nodiscard]] std::string report() const;

 private:
  struct Stream {
    int fd = -1;
    std::string text;
    std::size_t seen = 0;
    std::thread reader;
  };
  void pump(Stream& stream);
  std::optional<std::string> find_line(Stream& stream, std::string_view text);

  pid_t pid_ = -1;
  bool buggy_ = false;
  std::optional<Ended> ended_;
  mutable std::mutex mutex_;
  std::condition_variable grew_;
  Stream out_, err_;
};

// The binary under test, built beside the tests.
[[nodiscard]] std::string apigw_binary();

// A TCP or Unix connection to `host:port` or `unix:/path`, for tests that care about single bytes.
class Connection {
 public:
  explicit Connection(std::uint16_t port, std::string_view host = "127.0.0.1");
  explicit Connection(const std::string& unix_path);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  void send(std::string_view bytes);  // throws when the other side is gone
  [[nodiscard]] bool try_send(std::string_view bytes);
  // What comes until `text` was seen, the end, or the deadline (then it throws).
  std::string read_until(std::string_view text, std::chrono::milliseconds limit = patience);
  // Everything until the other side closes.
  std::string read_all(std::chrono::milliseconds limit = patience);
  void close();
  void finish_sending();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::string ahead_;  // read behind what read_until was asked for
};

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case, the last of equal names
  std::string body;                            // de-chunked
  bool whole = false;                          // framing says that nothing is missing
};

// One request on a connection of its own (`connection: close` is added). `headers` are whole lines without CRLF.
Reply request(std::uint16_t port, std::string_view method, std::string_view target,
              std::vector<std::string> headers = {}, std::string_view body = {}, std::string_view host = "127.0.0.1");
// Takes a raw response apart.
Reply parse_reply(std::string_view raw);

// True while something accepts on the port.
[[nodiscard]] bool listening(std::uint16_t port);
// A port of 10000-19999 that was free a moment ago: below those that the kernel gives to outgoing connections, one of
// which could take it before its listener does, and below those that `run` gives to services.
[[nodiscard]] std::uint16_t free_port();
// Holds a port busy while it lives.
class BusyPort {
 public:
  explicit BusyPort(std::uint16_t port = 0);
  ~BusyPort();
  BusyPort(const BusyPort&) = delete;
  BusyPort& operator=(const BusyPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

// Asks again at short intervals until it holds; false at the deadline. For what has no event to wait on.
[[nodiscard]] bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = patience);

// tests/support/fake_upstream.cpp in a process of its own; see there for what its paths do.
class FakeUpstream {
 public:
  explicit FakeUpstream(std::vector<std::string> arguments = {});
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  Process& process() { return process_; }

 private:
  Process process_;
  std::uint16_t port_ = 0;
};

// The port of the first `http://HOST:PORT` in a line.
[[nodiscard]] std::uint16_t port_in(std::string_view line);

}  // namespace support
