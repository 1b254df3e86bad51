#include "runtime/server.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <optional>
#include <set>
#include <thread>

#include <httplib.h>
#include <poll.h>

namespace runtime {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int backlog = 512;
constexpr std::size_t most_head = 64u << 10;      // bytes of a request line with its headers
constexpr std::size_t most_chunk_line = 256;      // bytes of a chunk's size with its extensions
constexpr std::size_t most_trailers = 8u << 10;   // bytes
constexpr std::size_t most_rest = 4u << 20;       // bytes that are read and dropped behind a refusal
constexpr std::chrono::milliseconds glance{100};  // how long an idle connection sleeps before it looks around

bool ready(int socket, short events, Clock::duration wait) {
  pollfd entry{socket, events, 0};
  const auto limit = std::max(Clock::duration::zero(), wait);
  return ::poll(&entry, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(limit).count())) > 0;
}

// A connection as httplib reads and writes it: buffered, with one deadline for a whole request and one for a whole
// answer, and a bound on the bytes of a head. Reads return 0 at the end, -1 behind a deadline or bound.
class Connection : public httplib::Stream {
 public:
  Connection(int socket, const Config& config) : socket_(socket), config_(config) {}

  bool holds_bytes() const { return begin_ < end_; }
  void begin_request() {
    deadline_ = Clock::now() + config_.read_timeout;
    allowed_ = most_head;
  }
  void allow(std::size_t bytes) { allowed_ = bytes; }
  void begin_answer() { deadline_ = Clock::now() + config_.write_timeout; }

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override {
    if (allowed_ == 0) return -1;
    if (!holds_bytes() && !fill()) return -1;
    const std::size_t taken = std::min({size, end_ - begin_, allowed_});
    std::copy_n(buffer_.data() + begin_, taken, out);
    begin_ += taken;
    allowed_ -= taken;
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* bytes, size_t size) override {
    while (ready(socket_, POLLOUT, deadline_ - Clock::now())) {
      const ssize_t sent = ::send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) return sent;
      if (errno != EAGAIN && errno != EINTR) return -1;
    }
    return -1;
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  int socket() const override { return socket_; }

 private:
  bool fill() {
    while (ready(socket_, POLLIN, deadline_ - Clock::now())) {
      const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got > 0) {
        begin_ = 0;
        end_ = static_cast<std::size_t>(got);
        return true;
      }
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    }
    return false;
  }

  int socket_;
  const Config& config_;
  Clock::time_point deadline_{};
  std::size_t allowed_ = 0;
  std::array<char, 16384> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

std::string exactly(Connection& connection, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = connection.read(bytes.data() + at, size - at);
    if (got <= 0) throw Problem(400, "the body ends early");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string line_of(Connection& connection, std::size_t most) {
  std::string line;
  while (!line.ends_with("\r\n")) {
    if (line.size() >= most) throw Problem(400, "a line of the body is too long");
    line += exactly(connection, 1);
  }
  line.resize(line.size() - 2);
  return line;
}

std::string read_chunks(Connection& connection, std::size_t limit, const Problem& too_large) {
  std::string body;
  while (true) {
    std::string digits = line_of(connection, most_chunk_line);
    digits = digits.substr(0, digits.find_first_of("; \t"));
    if (digits.empty() || digits.size() > 8 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      throw Problem(400, "a chunk's size is no number");
    const std::size_t size = std::stoul(digits, nullptr, 16);
    if (body.size() + size > limit) throw too_large;
    if (size == 0) break;
    body += exactly(connection, size);
    if (exactly(connection, 2) != "\r\n") throw Problem(400, "a chunk does not end where it says");
  }
  for (std::size_t rest = most_trailers; rest > 0;) {
    const std::string trailer = line_of(connection, rest);
    if (trailer.empty()) return body;
    rest -= trailer.size();
  }
  throw Problem(400, "too many trailers");
}

// The body, whole and bounded. httplib would bound neither chunks nor what it unpacks. Framing that could be read in
// two ways is refused (RFC 9112, 6.3).
std::string read_body(Connection& connection, const httplib::Request& head, std::size_t limit) {
  const Problem too_large(413, "a body has at most " + std::to_string(limit) + " bytes");
  const std::size_t lengths = head.headers.count("content-length"), codings = head.headers.count("transfer-encoding");
  if (lengths + codings > 1) throw Problem(400, "the request's header section is malformed");
  connection.allow(2 * limit + most_trailers);  // chunks of one byte are refused too
  if (codings == 1) {
    std::string coding = head.get_header_value("transfer-encoding");
    std::ranges::transform(coding, coding.begin(), [](unsigned char c) { return std::tolower(c); });
    if (coding != "chunked") throw Problem(501, "of transfer codings only chunked is taken");
    return read_chunks(connection, limit, too_large);
  }
  if (lengths == 0) return "";
  const std::string length = head.get_header_value("content-length");
  if (length.empty() || length.find_first_not_of("0123456789") != std::string::npos)
    throw Problem(400, "content-length is no number");
  if (length.size() > 18 || std::stoull(length) > limit) throw too_large;
  return exactly(connection, std::stoull(length));
}

// What the request that this thread answers is about.
struct Exchange {
  Connection& connection;
  bool parsed = false;   // its head was understood
  bool closing = false;  // its connection ends behind it
  bool rest = false;     // its client may still be sending
};
thread_local Exchange* exchange = nullptr;

}  // namespace

class Server::Listener : public httplib::Server {
 public:
  Listener(App& app, const Config& config) : app_(app), config_(config) {
    new_task_queue = [this] { return new Threads(*this); };
    set_tcp_nodelay(true);
    // Not httplib's own options: with SO_REUSEPORT two processes would share a port in silence.
    set_socket_options([](int socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    set_pre_routing_handler([this](const httplib::Request& head, httplib::Response& out) {
      answer(head, out);
      return HandlerResponse::Handled;
    });
    set_error_handler(httplib::Server::HandlerWithResponse([](const httplib::Request&, httplib::Response& out) {
      if (!out.body.empty()) return HandlerResponse::Unhandled;
      exchange->closing = exchange->rest = true;
      const Response refusal = Response::of_problem(Problem(out.status, "the request is malformed"));
      out.set_content(refusal.body, refusal.headers.at("content-type"));
      return HandlerResponse::Handled;
    }));
    set_post_routing_handler([](const httplib::Request&, httplib::Response& out) {
      for (const char* name : {"Connection", "Keep-Alive", "Accept-Ranges"}) out.headers.erase(name);
      if (out.status == 204) out.headers.erase("Content-Length");
      if (exchange->closing) out.set_header("Connection", "close");
      exchange->connection.begin_answer();
    });
    port_ = config.port == 0 ? bind_to_any_port(config.host) : bind_to_port(config.host, config.port) ? config.port : -1;
    // httplib's backlog of 5 loses connections as soon as some come at once.
    if (port_ < 0 || ::listen(svr_sock_, backlog) != 0)
      throw ConfigError(config.host + ":" + std::to_string(config.port) + " cannot be listened on; is the port taken?");
    accepting_ = std::thread([this] { accept(); });
  }

  ~Listener() override {
    stop_accepting();
    accepting_.join();
    wait_until_none(Clock::time_point::max());
  }

  int port() const { return port_; }

  // No connection is taken any more, and those that are idle are closed.
  void stop_accepting() {
    if (!stopping_.exchange(true)) stop();
  }

  // Whether all connections have ended in time.
  bool wait_until_none(Clock::time_point limit) {
    std::unique_lock lock(mutex_);
    const auto none = [this] { return threads_ == 0; };
    if (limit == Clock::time_point::max()) return ended_.wait(lock, none), true;
    return ended_.wait_until(lock, limit, none);
  }

  std::size_t cut() {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    return sockets_.size();
  }

 private:
  // A thread for each connection; beyond the bound they queue until one ends.
  class Threads : public httplib::TaskQueue {
   public:
    explicit Threads(Listener& listener) : listener_(listener) {}
    void enqueue(std::function<void()> serve) override { listener_.enqueue(std::move(serve)); }
    void shutdown() override {}

   private:
    Listener& listener_;
  };

  void accept() {
    while (!stopping_ && !listen_after_bind())
      if (!stopping_) {
        // The listener is gone, which no request can cause: end like at a signal, but tell it.
        app_.log.error("the listener failed");
        std::raise(SIGTERM);
        return;
      }
  }

  void enqueue(std::function<void()> serve) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(serve));
    if (threads_ >= config_.max_connections) return;
    ++threads_;
    std::thread([this] { work(); }).detach();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!queue_.empty()) {
      const std::function<void()> serve = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      serve();
      lock.lock();
    }
    --threads_;
    ended_.notify_all();
  }

  bool crowded() {
    const std::lock_guard lock(mutex_);
    return !queue_.empty();
  }

  bool process_and_close_socket(int socket) override {
    {
      const std::lock_guard lock(mutex_);
      sockets_.insert(socket);
    }
    bool rest = false;
    try {
      rest = serve(socket);
    } catch (const std::exception& error) {  // no memory for a request: the connection ends, the others go on
      app_.log.error("a connection failed", { {"error", error.what()} });
    }
    if (rest) discard_rest(socket);
    const std::lock_guard lock(mutex_);
    sockets_.erase(socket);
    ::close(socket);
    return true;
  }

  // Answers one request after the other. True: the client may still be sending.
  bool serve(int socket) {
    Connection connection(socket, config_);
    for (bool first = true; await_request(connection, first); first = false) {
      Exchange now{connection};
      exchange = &now;
      connection.begin_request();
      bool closed = false;
      const bool answered = process_request(connection, false, closed, [](httplib::Request& head) {
        exchange->parsed = true;
        // What httplib would do by itself with the answer.
        head.ranges.clear();
        head.headers.erase("Accept-Encoding");
      });
      exchange = nullptr;
      if (!answered || closed || !now.parsed || now.closing) return now.rest;
    }
    return false;
  }

  // Whether one comes. An idle connection is closed when its time is over, when others wait for a thread, and at the
  // end.
  bool await_request(Connection& connection, bool first) {
    const auto began = Clock::now();
    while (!connection.holds_bytes()) {
      if (ready(connection.socket(), POLLIN, glance)) return true;
      const auto idle = Clock::now() - began;
      if (stopping_ || idle >= config_.keep_alive || (crowded() && idle >= (first ? 1s : 0s))) return false;
    }
    return true;
  }

  // A client that is still sending would lose the answer if its connection were closed at once.
  void discard_rest(int socket) {
    ::shutdown(socket, SHUT_WR);
    char buffer[16384];
    const auto limit = Clock::now() + config_.read_timeout;
    for (std::size_t rest = most_rest; rest > 0 && Clock::now() < limit && ready(socket, POLLIN, 1s);) {
      const ssize_t got = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got <= 0) return;
      rest -= std::min(rest, static_cast<std::size_t>(got));
    }
  }

  void answer(const httplib::Request& head, httplib::Response& out) {
    Request request{.method = head.method, .target = head.target, .headers = {}, .body = "", .parameters = {}};
    for (const auto& [name, text] : head.headers) {
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
      std::string& value = request.headers[lower];
      value += (value.empty() ? "" : ", ") + text;
    }
    std::optional<Problem> refused;
    try {
      request.body = read_body(exchange->connection, head, config_.max_body_bytes);
    } catch (const Problem& problem) {
      refused = problem;
      exchange->closing = exchange->rest = true;
    }
    const Response response = app_.answer(std::move(request), refused ? &*refused : nullptr);
    if (app_.draining() || crowded()) exchange->closing = true;
    out.status = response.status;
    out.body = response.body;
    for (const auto& [name, text] : response.headers) out.set_header(name, text);
  }

  App& app_;
  const Config config_;
  int port_ = -1;
  std::thread accepting_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // of all below
  std::condition_variable ended_;
  std::deque<std::function<void()>> queue_;
  std::set<int> sockets_;
  std::size_t threads_ = 0;
};

Server::Server(App& app, const Config& config) : app_(app), config_(config) {
  listener_ = std::make_unique<Listener>(app, config);
  app.log.info("listening on " + config.host + ":" + std::to_string(port()));
}

Server::~Server() = default;

int Server::port() const {
  return listener_->port();
}

int Server::drain() {
  app_.log.info("draining");
  app_.drain();
  std::this_thread::sleep_for(config_.drain_delay);
  listener_->stop_accepting();
  int status = 0;
  if (!listener_->wait_until_none(Clock::now() + config_.drain_timeout)) {
    status = 1;
    app_.log.error("cut what still ran", { {"busy", static_cast<std::int64_t>(listener_->cut())} });
  }
  app_.log.info("stopped", { {"status", status} });
  return status;
}

namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void wait_for_stop() {
  const sigset_t set = stop_signals();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
}

}  // namespace runtime
