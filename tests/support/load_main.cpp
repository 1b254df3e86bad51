// test_load: a client that asks much at once and checks every byte; its own process, one thread, epoll.
//
//   test_load streams PORT N COUNT MS KEY      N chat streams of COUNT tokens MS apart, all open together
//   test_load messages PORT N COUNT MS KEY     the same in Anthropic's dialect
//   test_load aborts PORT N COUNT MS KEY       chat streams, each left after its third token
//   test_load rate PORT RPS SECONDS PATH KEY [CONNECTIONS]   GETs at a fixed rate, each answer compared with `ok
//   PATH` test_load chat PORT RPS SECONDS MODEL KEY [CONNECTIONS]  the same with plain chat calls
//   test_load pull PORT PATH BYTES RATE KEY    one GET whose reply must be BYTES of the pattern, read at RATE bytes a
//   second test_load push PORT PATH BYTES RATE KEY    one POST of BYTES of the pattern, sent at RATE; the answer must
//   count them
//                                              (RATE 0: as fast as it goes)
// One JSON line on stdout: {"ok":…,"failed":…,…,"why":{…}}. A failure is anything but the whole right answer; a
// connection that the server closed between two calls is opened again and counted in `reopened`, not failed.
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "support/load.h"

namespace {

using namespace apigw::load;

int dial(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
    ::close(fd);
    return -1;
  }
  return fd;
}

// A reply read incrementally: head, then a body by length or chunks.
struct Reply {
  std::string in, body;
  bool head_done = false, chunked = false, done = false, closes = false, broken = false;
  std::uint64_t length = 0;
  int status = 0;

  void feed(std::string_view bytes) {
    in += bytes;
    if (!head_done) {
      const auto end = in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      const std::string head = in.substr(0, end + 4);
      in.erase(0, end + 4);
      status = std::atoi(head.c_str() + 9);
      chunked = field(head, "transfer-encoding") == "chunked";
      length = std::strtoull(std::string(field(head, "content-length")).c_str(), nullptr, 10);
      closes = field(head, "connection") == "close";
      head_done = true;
    }
    if (!chunked) {
      body += in;
      in.clear();
      broken = body.size() > length;
      done = body.size() >= length;
      return;
    }
    for (;;) {
      const auto line = in.find("\r\n");
      if (line == std::string::npos) return;
      char* stop = nullptr;
      const auto size = std::strtoull(in.c_str(), &stop, 16);
      if (stop == in.c_str()) {
        broken = true;
        return;
      }
      if (in.size() < line + 2 + size + 2) return;
      body.append(in, line + 2, size);
      in.erase(0, line + 2 + size + 2);
      if (size == 0) {
        done = true;
        return;
      }
    }
  }
};

struct Client {
  int fd = -1;
  bool writing = false, busy = false, fresh = true;
  std::string out, tag;
  std::size_t sent = 0;
  Reply reply;
  std::uint64_t started = 0;
  unsigned tries = 0;
};

struct Tally {
  std::uint64_t ok = 0, failed = 0, reopened = 0, worst_ms = 0;
  std::map<std::string, std::uint64_t> why;
  void fail(const std::string& reason) {
    ++failed;
    ++why[reason];
  }
  void print() const {
    std::string reasons;
    for (const auto& [reason, n] : why) reasons += fmt::format("{}\"{}\":{}", reasons.empty() ? "" : ",", reason, n);
    fmt::print("{{\"ok\":{},\"failed\":{},\"reopened\":{},\"worst_ms\":{},\"why\":{{{}}}}}\n", ok, failed, reopened,
               worst_ms, reasons);
  }
};

// How a dialect asks for a stream and what its frames look like.
struct Form {
  std::string_view path, more, token, end;
};
constexpr Form openai{"/v1/chat/completions", "", "\"content\":\"", "data: [DONE]\n\n"};
constexpr Form anthropic{"/v1/messages", R"("max_tokens":4096,)", "\"text\":\"", "\"type\":\"message_stop\"}\n\n"};

std::string chat_request(const Form& form, std::string_view model, std::string_view tag, std::string_view key,
                         bool stream) {
  const std::string body =
      fmt::format(R"({{"model":"{}",{}"stream":{},"messages":[{{"role":"user","content":"{}"}}]}})", model, form.more,
                  stream ? "true" : "false", tag);
  return fmt::format(
      "POST {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n"
      "content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
      form.path, key, body.size(), body);
}

// What is wrong with a finished or broken stream of `count` tokens of `tag`; empty when nothing is.
std::string stream_fault(const Form& form, const Reply& reply, const std::string& tag, unsigned count) {
  if (!reply.head_done) return "no head";
  if (reply.status != 200) return fmt::format("status {}", reply.status);
  std::size_t at = 0;
  for (unsigned i = 0; i < count; ++i) {
    const std::string token = fmt::format("{}{}:{} \"", form.token, tag, i);
    const auto found = reply.body.find(token, at);
    if (found == std::string::npos) return "token lost";
    at = found + token.size();
  }
  std::size_t contents = 0;
  for (auto p = reply.body.find(form.token); p != std::string::npos; p = reply.body.find(form.token, p + 1))
    contents += reply.body[p + form.token.size()] != '"';  // a part may begin empty
  if (contents != count) return "foreign token";
  if (!reply.body.ends_with(form.end)) return "no end mark";
  return reply.done ? "" : "no end";
}

class Load {
 public:
  Load() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), events_(4096) {}

  int streams(const Form& form, std::uint16_t port, unsigned n, unsigned count, unsigned ms, const std::string& key,
              bool leave) {
    clients_.resize(n);
    const std::string model = fmt::format("tok-{}-{}", count, ms);
    unsigned next = 0, ended = 0;
    const std::uint64_t limit = now_ms() + 60'000 + std::uint64_t{count} * ms;
    while (ended < n && now_ms() < limit) {
      for (unsigned burst = 0; burst < 50 && next < n; ++burst, ++next) {
        Client& c = clients_[next];
        c.tag = fmt::format("s{}", next);
        open(c, port, next);
        c.out = chat_request(form, model, c.tag, key, true);
      }
      poll(next < n ? 5 : 200, [&](Client& c) {
        bool over = c.reply.done || c.reply.broken || c.fd < 0;
        if (leave && c.fd >= 0 && c.reply.body.find(fmt::format("{}:2 ", c.tag)) != std::string::npos) {
          const linger hard{1, 0};
          if ((&c - clients_.data()) % 2 == 0) ::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
          close(c);
          ++tally_.ok;
          ++ended;
          c.busy = false;
          return;
        }
        if (!over || !c.busy) return;
        c.busy = false;
        ++ended;
        const std::string fault = stream_fault(form, c.reply, c.tag, count);
        fault.empty() && !leave ? void(++tally_.ok) : tally_.fail(fault.empty() ? "ended early" : fault);
        close(c);
      });
    }
    for (; ended < n; ++ended) tally_.fail("never ended");
    tally_.print();
    return tally_.failed == 0 ? 0 : 1;
  }

  int rate(std::uint16_t port, unsigned rps, unsigned seconds, const std::string& what, const std::string& key,
           unsigned connections, bool chat) {
    clients_.resize(connections);
    for (unsigned i = 0; i < connections; ++i) clients_[i].tag = fmt::format("c{}", i);
    const std::uint64_t start = now_ms(), end = start + std::uint64_t{seconds} * 1000;
    std::uint64_t launched = 0;
    std::size_t turn = 0, busy = 0;
    while (now_ms() < end || busy > 0) {
      const std::uint64_t now = now_ms();
      if (now > end + 30'000) break;
      const std::uint64_t due = now >= end ? launched : (now - start) * rps / 1000;
      for (std::size_t looked = 0; launched < due && looked < clients_.size(); ++looked) {
        Client& c = clients_[turn++ % clients_.size()];
        if (c.busy) continue;
        c.tries = 0;
        ask(c, port, static_cast<unsigned>(&c - clients_.data()), what, key, chat);
        ++launched;
        ++busy;
      }
      poll(1, [&](Client& c) {
        if (!c.busy || !(c.reply.done || c.reply.broken || c.fd < 0)) return;
        // A connection that was closed before any byte of an answer to a call that reused it: the server had closed
        // it in between.
        if (c.fd < 0 && !c.reply.head_done && c.reply.in.empty() && !c.fresh && c.tries++ == 0) {
          ++tally_.reopened;
          ask(c, port, static_cast<unsigned>(&c - clients_.data()), what, key, chat);
          return;
        }
        c.busy = false;
        --busy;
        tally_.worst_ms = std::max(tally_.worst_ms, now_ms() - c.started);
        const std::string want = chat ? fmt::format("\"content\":\"{}\"", c.tag) : fmt::format("ok {}", what);
        if (!c.reply.done)
          tally_.fail(c.reply.head_done ? "cut" : "no answer");
        else if (c.reply.status != 200)
          tally_.fail(fmt::format("status {}", c.reply.status));
        else if (c.reply.body.find(want) == std::string::npos)
          tally_.fail("wrong answer");
        else
          ++tally_.ok;
        if (c.reply.closes || !c.reply.done) close(c);
      });
    }
    for (; busy > 0; --busy) tally_.fail("never answered");
    tally_.print();
    return tally_.failed == 0 ? 0 : 1;
  }

 private:
  void open(Client& c, std::uint16_t port, unsigned index) {
    c.fd = dial(port);
    c.fresh = true;
    c.busy = true;
    c.reply = {};
    c.sent = 0;
    c.writing = true;
    if (c.fd < 0) return;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
    event.data.u32 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
  }

  void ask(Client& c, std::uint16_t port, unsigned index, const std::string& what, const std::string& key,
           bool chat) {
    const bool reuse = c.fd >= 0;
    if (!reuse) open(c, port, index);
    c.fresh = !reuse;
    c.busy = true;
    c.reply = {};
    c.sent = 0;
    c.started = now_ms();
    c.out = chat ? chat_request(openai, what, c.tag, key, false)
                 : fmt::format("GET {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", what, key);
    if (reuse) write(c, index);
  }

  void write(Client& c, unsigned index) {
    while (c.fd >= 0 && c.sent < c.out.size()) {
      const ssize_t n = ::send(c.fd, c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL);
      if (n < 0) {
        if (errno != EAGAIN) close(c);
        break;
      }
      c.sent += static_cast<std::size_t>(n);
    }
    const bool wanted = c.fd >= 0 && c.sent < c.out.size();
    if (c.fd >= 0 && wanted != c.writing) {
      c.writing = wanted;
      epoll_event event{};
      event.events = EPOLLIN | EPOLLRDHUP | (wanted ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
      event.data.u32 = index;
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, c.fd, &event);
    }
  }

  void close(Client& c) {
    if (c.fd >= 0) ::close(c.fd);
    c.fd = -1;
  }

  template <class Each>
  void poll(int wait_ms, const Each& each) {
    const int n = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), wait_ms);
    for (int i = 0; i < n; ++i) {
      const epoll_event& event = events_[static_cast<std::size_t>(i)];
      Client& c = clients_[event.data.u32];
      if (c.fd >= 0 && (event.events & EPOLLOUT)) write(c, event.data.u32);
      char buffer[65536];
      while (c.fd >= 0 && (event.events & ~static_cast<std::uint32_t>(EPOLLOUT))) {
        const ssize_t got = ::recv(c.fd, buffer, sizeof buffer, 0);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) {
          close(c);
          break;
        }
        c.reply.feed({buffer, static_cast<std::size_t>(got)});
      }
      each(c);
    }
    for (Client& c : clients_)
      if (c.busy && c.fd < 0) each(c);
  }

  int epoll_;
  std::vector<epoll_event> events_;
  std::vector<Client> clients_;
  Tally tally_;
};

// One blocking connection, for bodies too big to hold.
class Big {
 public:
  Big(std::uint16_t port, std::uint64_t rate) : fd_(dial(port)), rate_(rate) {
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
    const timeval limit{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  int pull(const std::string& path, std::uint64_t bytes, const std::string& key) {
    if (!send(fmt::format("GET {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", path, key)))
      return verdict("not sent");
    std::string head;
    std::vector<char> buffer(256 * 1024);
    std::uint64_t got = 0;
    bool in_body = false;
    while (!in_body || got < bytes) {
      const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return verdict(fmt::format("cut after {} bytes", got));
      std::string_view piece(buffer.data(), static_cast<std::size_t>(n));
      if (!in_body) {
        head += piece;
        const auto end = head.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        if (!head.starts_with("HTTP/1.1 200")) return verdict(head.substr(0, head.find("\r\n")));
        in_body = true;
        piece.remove_prefix(piece.size() - (head.size() - end - 4));
      }
      if (!is_pattern(got, piece)) return verdict(fmt::format("wrong byte near {}", got));
      got += piece.size();
      pace(got);
    }
    return verdict("");
  }

  int push(const std::string& path, std::uint64_t bytes, const std::string& key) {
    if (!send(fmt::format(
            "POST {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n", path,
            key, bytes)))
      return verdict("not sent");
    for (std::uint64_t sent = 0; sent < bytes;) {
      const std::string_view piece = pattern_at(sent, std::min<std::uint64_t>(bytes - sent, 256 * 1024));
      if (!send(piece)) return verdict(fmt::format("cut after {} bytes", sent));
      sent += piece.size();
      pace(sent);
    }
    Reply reply;
    char buffer[4096];
    while (!reply.done) {
      const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) return verdict("no answer");
      reply.feed({buffer, static_cast<std::size_t>(n)});
    }
    const bool right = reply.body == fmt::format(R"({{"bytes":{},"whole":true}})", bytes);
    return verdict(right ? "" : reply.body.substr(0, 200));
  }

 private:
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void pace(std::uint64_t done) const {
    if (rate_ == 0) return;
    const std::uint64_t due = started_ + done * 1000 / rate_;
    const std::uint64_t now = now_ms();
    if (due > now) ::usleep(static_cast<useconds_t>((due - now) * 1000));
  }
  [[nodiscard]] int verdict(const std::string& fault) const {
    fmt::print("{{\"ok\":{},\"ms\":{},\"why\":\"{}\"}}\n", fault.empty(), now_ms() - started_, fault);
    return fault.empty() ? 0 : 1;
  }

  int fd_;
  std::uint64_t rate_, started_ = now_ms();
};

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> w(words, words + count);
  const auto number = [&](std::size_t i) { return static_cast<unsigned>(std::atoi(w[i].c_str())); };
  if (count >= 7 && (w[1] == "pull" || w[1] == "push")) {
    Big big(static_cast<std::uint16_t>(number(2)), std::strtoull(w[5].c_str(), nullptr, 10));
    const std::uint64_t bytes = std::strtoull(w[4].c_str(), nullptr, 10);
    return w[1] == "pull" ? big.pull(w[3], bytes, w[6]) : big.push(w[3], bytes, w[6]);
  }
  Load load;
  if (count >= 7 && (w[1] == "streams" || w[1] == "messages" || w[1] == "aborts"))
    return load.streams(w[1] == "messages" ? anthropic : openai, static_cast<std::uint16_t>(number(2)), number(3),
                        number(4), number(5), w[6], w[1] == "aborts");
  if (count >= 7 && (w[1] == "rate" || w[1] == "chat"))
    return load.rate(static_cast<std::uint16_t>(number(2)), number(3), number(4), w[5], w[6],
                     count > 7 ? number(7) : 64, w[1] == "chat");
  std::fprintf(stderr,
               "usage: test_load streams|messages|aborts PORT N COUNT MS KEY | rate|chat PORT RPS SECONDS WHAT KEY "
               "[CONNECTIONS] | "
               "pull|push PORT PATH BYTES RATE KEY\n");
  return 2;
}
