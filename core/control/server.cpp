#include "control/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/listen.h"

namespace apigw::control {
namespace {

using Clock = std::chrono::steady_clock;

// Owns the socket of one client and where its exchange stands.
struct Client {
  enum class Stage { reading, writing, lingering, over };
  explicit Client(int socket, Clock::time_point until) : fd(socket), deadline(until) {}
  Client(Client&& other) noexcept
      : fd(std::exchange(other.fd, -1)),
        deadline(other.deadline),
        stage(other.stage),
        in(std::move(other.in)),
        out(std::move(other.out)),
        written(other.written) {}
  Client& operator=(Client&& other) noexcept {
    std::swap(fd, other.fd);
    deadline = other.deadline;
    stage = other.stage;
    in.swap(other.in);
    out.swap(other.out);
    written = other.written;
    return *this;
  }
  ~Client() {
    if (fd >= 0) close(fd);
  }
  int fd;
  Clock::time_point deadline;
  Stage stage = Stage::reading;
  std::string in, out;
  std::size_t written = 0;
};

}  // namespace

struct Server::Loop {
  Loop(Listening from, Handle handle, Limits how)
      : listener(from.fd), bound(std::move(from.bound)), limits(how), parser(std::move(handle)) {}
  ~Loop() {
    const std::uint64_t one = 1;
    (void)!write(wake, &one, sizeof one);
    if (thread.joinable()) thread.join();
    if (bound.text.starts_with("unix:")) unlink(bound.text.c_str() + 5);
    close(listener);
    close(wake);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();
  void wait(std::vector<pollfd>& ready) const;
  void take_clients();
  void make_room();
  void advance(Client& client) const;
  void read_head(Client& client) const;
  void write_reply(Client& client) const;
  void linger(Client& client) const;
  void answer(Client& client) const;

  const int listener;
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const Bound bound;
  const Limits limits;
  mutable Parser parser;  // of the loop's thread
  std::vector<Client> clients;
  std::thread thread;
};

// Ready are the wake-up, the listener and then the clients in their order.
void Server::Loop::wait(std::vector<pollfd>& ready) const {
  ready.assign({{wake, POLLIN, 0}, {listener, POLLIN, 0}});
  auto soonest = Clock::time_point::max();
  for (const Client& client : clients) {
    ready.push_back({client.fd, static_cast<short>(client.stage == Client::Stage::writing ? POLLOUT : POLLIN), 0});
    soonest = std::min(soonest, client.deadline);
  }
  int timeout = -1;
  if (!clients.empty()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(soonest - Clock::now()).count();
    timeout = static_cast<int>(std::max<long>(left, 0));
  }
  poll(ready.data(), ready.size(), timeout);
}

void Server::Loop::run() {
  std::vector<pollfd> ready;
  while (true) {
    wait(ready);
    if (ready[0].revents != 0) return;
    const auto now = Clock::now();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (ready[i + 2].revents != 0) advance(clients[i]);
      if (now >= clients[i].deadline) clients[i].stage = Client::Stage::over;
    }
    std::erase_if(clients, [](const Client& client) { return client.stage == Client::Stage::over; });
    if (ready[1].revents != 0) take_clients();
  }
}

// Whoever has kept us waiting longest goes first; a reply that is being written stays unless there is nothing else.
void Server::Loop::make_room() {
  const auto longest = std::ranges::min_element(clients, {}, [](const Client& client) {
    return std::pair{client.stage == Client::Stage::writing, client.deadline};
  });
  clients.erase(longest);
}

void Server::Loop::take_clients() {
  for (std::size_t taken = 0; taken < limits.connections; ++taken) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      // Out of descriptors: the connection stays in the backlog; give the data plane a moment instead of spinning.
      if (errno == EMFILE || errno == ENFILE) poll(nullptr, 0, 10);
      return;
    }
    if (clients.size() >= limits.connections) make_room();
    clients.emplace_back(fd, Clock::now() + limits.exchange);
  }
}

void Server::Loop::advance(Client& client) const {
  if (client.stage == Client::Stage::reading) return read_head(client);
  if (client.stage == Client::Stage::writing) return write_reply(client);
  linger(client);
}

void Server::Loop::read_head(Client& client) const {
  std::array<char, 4096> bytes;
  const ssize_t n = recv(client.fd, bytes.data(), bytes.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    client.stage = Client::Stage::over;
    return;
  }
  client.in.append(bytes.data(), static_cast<std::size_t>(n));
  if (client.in.find("\r\n\r\n") != std::string::npos || client.in.size() > limits.head) answer(client);
}

void Server::Loop::answer(Client& client) const {
  const std::size_t end = client.in.find("\r\n\r\n");
  if (end == std::string::npos || end > limits.head) {
    client.out = "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  } else {
    const auto [host, port] = local_address(client.fd);
    client.out = parser.answer(std::string_view(client.in).substr(0, end + 4), host, port);
  }
  client.in = {};
  client.stage = client.out.empty() ? Client::Stage::over : Client::Stage::writing;
  if (!client.out.empty()) write_reply(client);
}

void Server::Loop::write_reply(Client& client) const {
  while (client.written < client.out.size()) {
    const ssize_t n =
        send(client.fd, client.out.data() + client.written, client.out.size() - client.written, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) {
      client.stage = Client::Stage::over;
      return;
    }
    client.written += static_cast<std::size_t>(n);
  }
  // Closing with unread bytes would reset the connection and could take the reply from the client.
  shutdown(client.fd, SHUT_WR);
  client.stage = Client::Stage::lingering;
  client.deadline = std::min(client.deadline, Clock::now() + std::chrono::seconds{1});
}

void Server::Loop::linger(Client& client) const {
  std::array<char, 4096> bytes;
  const ssize_t n = recv(client.fd, bytes.data(), bytes.size(), 0);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) client.stage = Client::Stage::over;
}

Result<std::unique_ptr<Server>> Server::start(const Where& where, Handle handle, Limits limits) {
  auto listening = listen_on(where, limits.ports_to_try);
  if (!listening) return std::unexpected(listening.error());
  auto loop = std::make_unique<Loop>(std::move(*listening), std::move(handle), limits);
  loop->thread = std::thread([raw = loop.get()] { raw->run(); });
  return std::unique_ptr<Server>(new Server(std::move(loop)));
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::~Server() = default;
const Bound& Server::bound() const {
  return loop_->bound;
}

}  // namespace apigw::control
