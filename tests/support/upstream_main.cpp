// test_upstream: an HTTP/1.1 upstream with scripted behaviour, its own process, one thread, epoll.
//
// Prints `port N` once it listens. Behaviour comes from the request alone, so that equal requests get equal replies:
//   GET  /bytes?n=N[&rate=B]       N bytes of a known pattern, at B bytes a second when given
//   POST /sink[?rate=B]            reads the body, at B bytes a second when given, and answers
//   {"bytes":N,"whole":true}
//                                  (whole: it was the known pattern from its start)
//   POST /echo                     streams the body back as it comes
//   GET  /slow?ms=N                answers "slow" after N ms
//   GET  /die?after=N              head and N bytes of a longer body, then a reset
//   GET  /head                     answers the request head as it arrived
//   GET  /stats                    {"open":…,"requests":…,"left":…}: `left` counts clients that went away mid-reply
//   POST /v1/chat/completions      model tok-COUNT-MS: COUNT tokens "TAG:i ", MS apart, TAG from the last "content";
//                                  model die-COUNT: COUNT tokens, then a reset
//   POST /v1/messages              the same in Anthropic's dialect, streamed only
//   anything else                  200 "ok PATH"
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/load.h"

namespace {

using namespace apigw::load;

constexpr std::string_view message_begin =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"type\":\"message\",\"role\":"
    "\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
    "\"text\",\"text\":\"\"}}\n\n";

std::string message_token(std::string_view tag, unsigned token) {
  return fmt::format(
      "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":"
      "\"text_delta\",\"text\":\"{}:{} \"}}}}\n\n",
      tag, token);
}

std::string message_end(unsigned tokens) {
  return fmt::format(
      "event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":0}}\n\n"
      "event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\","
      "\"stop_sequence\":null}},\"usage\":{{\"output_tokens\":{}}}}}\n\n"
      "event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n",
      tokens);
}

std::string completion_token(std::string_view tag, unsigned token) {
  return fmt::format(
      R"(data: {{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{}:{} "}},"finish_reason":null}}]}})"
      "\n\n",
      tag, token);
}

struct Connection {
  int fd = -1;
  std::uint64_t serial = 0;
  std::string in, out;
  std::size_t sent = 0;
  bool close_after = false, reset_after = false, dead = false, writing = false, reading = true;
  // the request under way
  bool head_done = false, chunked = false, expects_more = false;
  std::uint64_t length = 0, body_read = 0;
  bool whole = true, paused = false;
  std::string method, target, head, body;
  bool echo = false, sink = false;
  // the reply under way
  enum class Reply { none, bytes, tokens } reply = Reply::none;
  std::uint64_t left = 0, made = 0, rate = 0;
  unsigned tokens = 0, token = 0, gap_ms = 0;
  bool die = false, messages = false;
  std::string tag;
};

struct Timer {
  std::uint64_t due;
  int fd;
  std::uint64_t serial;
  friend bool operator<(const Timer& a, const Timer& b) { return a.due > b.due; }
};

class Upstream {
 public:
  int run(std::uint16_t port);

 private:
  void accept_all();
  void readable(Connection& c);
  void parse(Connection& c);
  bool take_body(Connection& c);
  void answer(Connection& c);
  void chat(Connection& c);
  void step(Connection& c);
  void flush(Connection& c);
  void reply(Connection& c, std::string_view body, std::string_view type = "text/plain");
  void later(Connection& c, unsigned ms) { timers_.push({now_ms() + ms, c.fd, c.serial}); }
  void next(Connection& c);
  void interest(Connection& c, bool write) {
    if (c.writing == write && c.reading == !c.paused) return;
    c.writing = write;
    c.reading = !c.paused;
    watch(epoll_, c.fd, c.writing, c.reading);
  }
  void drop(Connection& c);

  int epoll_ = -1, listener_ = -1;
  std::uint64_t serial_ = 0, requests_ = 0, left_ = 0;
  std::map<int, std::unique_ptr<Connection>> open_;
  std::priority_queue<Timer> timers_;
};

void Upstream::reply(Connection& c, std::string_view body, std::string_view type) {
  c.out +=
      fmt::format("HTTP/1.1 200 OK\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n{}", type, body.size(), body);
  next(c);
}

// The reply is in `out`: forget the request, and serve what was pipelined behind it.
void Upstream::next(Connection& c) {
  c.head_done = c.chunked = c.echo = c.sink = c.die = false;
  c.reply = Connection::Reply::none;
  c.body.clear();
}

void Upstream::chat(Connection& c) {
  const std::string model = json_text(c.body, "model");
  c.tag = json_text(c.body, "content");
  if (c.tag.empty()) c.tag = json_text(c.body, "text");  // a content in parts
  const bool stream = c.body.find("\"stream\":true") != std::string::npos;
  if (!stream) {
    reply(c,
          fmt::format(
              R"({{"id":"c1","object":"chat.completion","created":1,"model":"{}","choices":[{{"index":0,"message":)"
              R"({{"role":"assistant","content":"{}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,)"
              R"("completion_tokens":1,"total_tokens":4}}}})",
              model, c.tag),
          "application/json");
    return;
  }
  c.out += "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  c.die = model.starts_with("die-");
  const auto dash = model.find('-');
  c.tokens =
      static_cast<unsigned>(std::strtoul(model.c_str() + (dash == std::string::npos ? 0 : dash + 1), nullptr, 10));
  const auto last = model.rfind('-');
  c.gap_ms = last != dash ? static_cast<unsigned>(std::strtoul(model.c_str() + last + 1, nullptr, 10)) : 0;
  c.token = 0;
  c.reply = Connection::Reply::tokens;
  c.messages = c.target.starts_with("/v1/messages");
  if (c.messages) chunk(c.out, std::string(message_begin));
  step(c);
}

void Upstream::answer(Connection& c) {
  ++requests_;
  const std::string_view target = c.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/v1/chat/completions" || path == "/v1/messages") return chat(c);
  if (path == "/sink")
    return reply(c, fmt::format(R"({{"bytes":{},"whole":{}}})", c.body_read, c.whole), "application/json");
  if (path == "/head") return reply(c, c.head);
  if (path == "/stats")
    return reply(c, fmt::format(R"({{"open":{},"requests":{},"left":{}}})", open_.size(), requests_, left_),
                 "application/json");
  if (path == "/slow") {
    c.reply = Connection::Reply::bytes;
    c.left = 0;
    c.out.clear();
    later(c, static_cast<unsigned>(query_number(target, "ms")));
    return;
  }
  if (path == "/bytes" || path == "/die") {
    const bool die = path == "/die";
    c.die = die;
    c.left = die ? query_number(target, "after") : query_number(target, "n");
    c.rate = query_number(target, "rate");
    c.made = 0;
    c.reply = Connection::Reply::bytes;
    c.out += fmt::format("HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
                         die ? c.left + 1000 : c.left);
    return step(c);
  }
  reply(c, fmt::format("ok {}", path));
}

// Makes the next part of a long reply: bounded, and only when the last part is with the kernel.
void Upstream::step(Connection& c) {
  if (c.paused) {
    c.paused = false;
    return;
  }
  if (c.reply == Connection::Reply::bytes) {
    if (c.target.starts_with("/slow")) return reply(c, "slow");
    const std::uint64_t most = c.rate > 0 ? std::max<std::uint64_t>(1, c.rate / 20) : 256 * 1024;
    const std::uint64_t n = std::min(c.left, most);
    pattern(c.out, c.made, n);
    c.made += n;
    c.left -= n;
    if (c.left == 0) {
      c.reset_after = c.die;
      return next(c);
    }
    if (c.rate > 0) later(c, 50);
    return;
  }
  if (c.reply != Connection::Reply::tokens) return;
  do {
    if (c.token == c.tokens) {
      if (c.die) {
        c.reset_after = true;
      } else if (c.messages) {
        chunk(c.out, message_end(c.tokens));
        c.out += "0\r\n\r\n";
      } else {
        chunk(
            c.out,
            R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
            "\n\n");
        chunk(
            c.out,
            R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":)" +
                std::to_string(c.tokens) + R"(,"total_tokens":)" + std::to_string(c.tokens + 3) + "}}\n\n");
        chunk(c.out, "data: [DONE]\n\n");
        c.out += "0\r\n\r\n";
      }
      return next(c);
    }
    chunk(c.out, c.messages ? message_token(c.tag, c.token) : completion_token(c.tag, c.token));
    ++c.token;
  } while (c.gap_ms == 0 && c.out.size() < 64 * 1024);
  if (c.gap_ms > 0) later(c, c.gap_ms);
}

// Consumes what is there of the request body. True once it is complete.
bool Upstream::take_body(Connection& c) {
  const auto data = [&](std::string_view piece) {
    c.body_read += piece.size();
    if (c.sink)
      c.whole = c.whole && is_pattern(c.body_read - piece.size(), piece);
    else if (c.echo)
      chunk(c.out, piece);
    else
      c.body += piece;
  };
  if (!c.chunked) {
    const auto n = std::min<std::uint64_t>(c.length - c.body_read, c.in.size());
    data(std::string_view(c.in).substr(0, n));
    c.in.erase(0, n);
    return c.body_read == c.length;
  }
  for (;;) {
    const auto line = c.in.find("\r\n");
    if (line == std::string::npos) return false;
    const auto size = std::strtoull(c.in.c_str(), nullptr, 16);
    if (c.in.size() < line + 2 + size + 2) return false;
    if (size > 0) data(std::string_view(c.in).substr(line + 2, size));
    c.in.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

void Upstream::parse(Connection& c) {
  while (!c.dead && c.reply == Connection::Reply::none) {
    if (!c.head_done) {
      const auto end = c.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      c.head = c.in.substr(0, end + 4);
      c.in.erase(0, end + 4);
      const auto space = c.head.find(' ');
      c.method = c.head.substr(0, space);
      c.target = c.head.substr(space + 1, c.head.find(' ', space + 1) - space - 1);
      c.chunked = field(c.head, "transfer-encoding") == "chunked";
      c.length = std::strtoull(std::string(field(c.head, "content-length")).c_str(), nullptr, 10);
      c.body_read = 0;
      c.whole = true;
      c.rate = query_number(c.target, "rate");
      c.close_after = field(c.head, "connection") == "close";
      c.sink = c.target.starts_with("/sink");
      c.echo = c.target.starts_with("/echo");
      c.head_done = true;
      if (c.echo)
        c.out += "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n";
      if (field(c.head, "expect") == "100-continue") c.out += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    if (!take_body(c)) return;
    if (c.echo) {
      ++requests_;
      c.out += "0\r\n\r\n";
      next(c);
    } else {
      answer(c);
    }
  }
}

void Upstream::drop(Connection& c) {
  if (c.dead) return;
  c.dead = true;
  if (c.reply != Connection::Reply::none || c.head_done) ++left_;
  ::close(c.fd);
}

void Upstream::flush(Connection& c) {
  while (!c.dead) {
    while (c.sent < c.out.size()) {
      const ssize_t n = ::send(c.fd, c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return interest(c, true);
      if (n < 0) return drop(c);
      c.sent += static_cast<std::size_t>(n);
    }
    c.out.clear();
    c.sent = 0;
    if (c.close_after && c.reply == Connection::Reply::none && !c.head_done) {
      c.dead = true;
      ::close(c.fd);
      return;
    }
    if (c.reset_after) {
      const linger hard{1, 0};
      ::setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      c.dead = true;
      ::close(c.fd);
      return;
    }
    // A reply that waits for a timer steps there; the others go on as fast as the socket takes them.
    const bool paced =
        c.reply == Connection::Reply::tokens ? c.gap_ms > 0 : c.rate > 0 || c.target.starts_with("/slow");
    if (c.reply == Connection::Reply::none || paced) break;
    step(c);
  }
  if (!c.dead) interest(c, false);
}

void Upstream::readable(Connection& c) {
  char buffer[65536];
  // A few reads a turn, so that one connection starves no other; a paced sink takes a twentieth of a second's worth.
  std::uint64_t budget = 16 * sizeof buffer;
  while (budget > 0) {
    const bool paced = c.sink && c.rate > 0;
    if (paced) budget = std::min(budget, c.rate / 20 + 1);
    const ssize_t n = ::recv(c.fd, buffer, std::min<std::uint64_t>(sizeof buffer, budget), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return drop(c);
    if (n < 0) break;
    budget -= static_cast<std::uint64_t>(n);
    c.in.append(buffer, static_cast<std::size_t>(n));
    parse(c);
    flush(c);
    if (c.dead) return;
    if (c.sink && c.rate > 0 && budget == 0) {
      c.paused = true;
      later(c, 50);
      return interest(c, c.writing);
    }
  }
}

void Upstream::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto c = std::make_unique<Connection>();
    c->fd = fd;
    c->serial = ++serial_;
    epoll_event event{EPOLLIN | EPOLLRDHUP, {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    open_[fd] = std::move(c);
  }
}

int Upstream::run(std::uint16_t port) {
  listener_ = listen_on(port);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN, {.fd = listener_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  fmt::print("port {}\n", bound_port(listener_));
  std::fflush(stdout);
  std::vector<epoll_event> events(1024);
  for (;;) {
    const std::uint64_t now = now_ms();
    int wait = 1000;
    if (!timers_.empty())
      wait = timers_.top().due <= now ? 0 : static_cast<int>(std::min<std::uint64_t>(1000, timers_.top().due - now));
    const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_) {
        accept_all();
        continue;
      }
      const auto found = open_.find(fd);
      if (found == open_.end()) continue;
      Connection& c = *found->second;
      if (events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable(c);
      if (!c.dead && (events[static_cast<std::size_t>(i)].events & EPOLLOUT)) flush(c);
      if (!c.dead) {
        parse(c);
        flush(c);
      }
      if (c.dead) open_.erase(fd);
    }
    while (!timers_.empty() && timers_.top().due <= now_ms()) {
      const Timer timer = timers_.top();
      timers_.pop();
      const auto found = open_.find(timer.fd);
      if (found == open_.end() || found->second->serial != timer.serial) continue;
      Connection& c = *found->second;
      step(c);
      flush(c);
      if (!c.dead) parse(c), flush(c);
      if (c.dead) open_.erase(timer.fd);
    }
  }
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  return Upstream().run(static_cast<std::uint16_t>(count > 1 ? std::atoi(words[1]) : 0));
}
