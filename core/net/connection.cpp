// The life of a connection: waiting, heads, handing exchanges to the service, the end. Bodies and replies are in the
// neighbouring files.
#include "net/connection.h"

#include <algorithm>
#include <exception>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "http/problem.h"
#include "net/heads.h"
#include "net/tls.h"

namespace apigw::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds linger_limit{2'000};
constexpr std::uint64_t linger_bytes = 1 << 20;
constexpr milliseconds arrival{100};  // of bytes that the kernel has already, until the poller tells of them

std::size_t waiting_bytes(int fd) {
  int n = 0;
  return ::ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? static_cast<std::size_t>(n) : 0;
}

struct FirstWords {
  std::string_view method, target;
};

// Of a request line, unjudged; empty where the line is not there yet.
FirstWords first_words(std::string_view input) {
  const std::string_view line = input.substr(0, input.find_first_of("\r\n"));
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view rest = line.substr(blank + 1);
  return {line.substr(0, blank), rest.substr(0, rest.find(' '))};
}

}  // namespace

Connection::Connection(ClientSide& side, Accepted accepted)
    : side_(side),
      place_(side.connections.insert(side.connections.end(), this)),
      channel_(side.loop, *this),
      tls_(std::move(accepted.tls)),
      door_(accepted.door),
      body_(channel_.input(), parser_),
      over_cap_(accepted.over_cap) {
  head_.client = std::move(accepted.client);
  head_.secure = tls_ != nullptr;
  if (!channel_.attach(std::move(accepted.fd))) channel_.close();
}

Connection::~Connection() {
  side_.connections.erase(place_);
  side_.load.fetch_sub(1, std::memory_order_relaxed);
  side_.tally.left();
}

Task<void> Connection::run() {
  bool going = co_await shake_hands();
  if (going && over_cap_) {
    begin_message();
    constexpr std::string_view detail = "the gateway has no connection to spare, try again shortly";
    send_problem({{503, "too_many_connections", detail, {}}, head_.client, {}, {}});
    going = false;
  }
  while (going) {
    begin_message();
    going = co_await read_head();
    if (!going) break;
    co_await serve();
    going = finished_ && !broken_ && !closing_;
    if (going && !body_.done()) going = co_await skip_body();
  }
  if (lingering_) co_await linger();
  channel_.close();
}

Task<bool> Connection::shake_hands() {
  if (!tls_) co_return channel_.open();
  if (!channel_.open()) co_return false;
  channel_.put_tls(server_session(*tls_));
  const Io io = co_await channel_.secure(side_.settings->timeouts.tls);
  co_return io == Io::ok;
}

void Connection::begin_message() {
  const model::Caps& caps = side_.settings->caps;
  scanner_ = http::HeaderScanner(http::HeaderScanner::Side::request,
                                 {.section = caps.header, .fields = caps.fields, .start_line = caps.request_line});
  body_.begin(http::BodyKind::none, 0);
  in_base_ = channel_.bytes_in - channel_.input().size();
  out_base_ = channel_.bytes_out;
  body_cap_ = caps.body;
  body_rate_ = caps.body_rate;
  body_waited_ = {};
  head_due_ = {};
  body_error_.reset();
  on_left_ = nullptr;
  expects_invitation_ = serving_ = started_ = finished_ = broken_ = false;
  head_held_ = chunked_ = length_known_ = bodiless_ = closing_ = client_left_ = false;
}

Task<bool> Connection::read_head() {
  for (;;) {
    const auto fed = scanner_.feed(channel_.input().view());
    if (!fed) {
      refuse(fed.error());
      co_return false;
    }
    if (const std::optional<std::size_t> size = *fed) {
      const auto taken = take_head(channel_.input().view().substr(0, *size));
      if (!taken) {
        refuse(taken.error());
        co_return false;
      }
      channel_.input().consume(*size);
      channel_.input().rest();
      co_return true;
    }
    const Io io = co_await wait_for_head();
    if (io == Io::ok) continue;
    if (io == Io::timeout && !channel_.input().empty()) refuse({408, "header_timeout"});
    co_return false;
  }
}

// More bytes of a head. Between requests the patience is longer; a drain ends it, but for a request that has reached
// this machine.
Task<Io> Connection::wait_for_head() {
  for (;;) {
    const Io io = channel_.fill();
    if (io != Io::wait) co_return io;
    const model::Timeouts& timeouts = side_.settings->timeouts;
    milliseconds limit = timeouts.keep_alive;
    if (!channel_.input().empty()) {
      const auto now = side_.loop.timers.now();
      if (head_due_ == TimerWheel::TimePoint{}) head_due_ = now + timeouts.header;
      if (head_due_ <= now) co_return Io::timeout;
      limit = std::chrono::ceil<milliseconds>(head_due_ - now);
    } else if (side_.draining) {
      limit = side_.loop.timers.until(side_.idle_due);
      if (limit == milliseconds::zero()) {
        if (waiting_bytes(channel_.number()) == 0) co_return Io::cancelled;
        limit = arrival;
      }
    }
    const Io woke = co_await channel_.readable(limit);
    const bool due = woke == Io::timeout && side_.draining && channel_.input().empty();
    if (woke != Io::ok && !due) co_return woke;
  }
}

http::Framed<void> Connection::take_head(std::string_view section) {
  StartLine line;
  head_.headers.clear();
  if (!parser_.section(section, head_.headers, line)) return std::unexpected(http::Malformed{400, "fields"});
  auto target = http::parse_target(line.method, line.target);
  if (!target) return std::unexpected(http::Malformed{400, "target", std::move(target.error().what)});
  head_.method.assign(line.method);
  head_.target = std::move(target->target);
  http_1_0_ = line.minor == 0;
  const auto framing = http::check_framing(head_, target->authority, line.minor);
  if (!framing) return std::unexpected(framing.error());
  // Two opinions on where the body ends are one too many.
  if (parser_.chunked() != (framing->body == http::BodyKind::chunked)) {
    return std::unexpected(http::Malformed{400, "transfer_encoding"});
  }
  body_.begin(framing->body, head_.content_length.value_or(0));
  keep_alive_ = framing->keep_alive;
  expects_invitation_ = framing->expect_continue;
  return {};
}

// The head is still in the input: its first line says whose rules the answer is written by.
void Connection::refuse(const http::Malformed& why) {
  side_.tally.malformed.fetch_add(1, std::memory_order_relaxed);
  std::string detail = "the request took too long to arrive";
  if (why.status != 408) {
    std::string reason(why.reason);
    std::ranges::replace(reason, '_', ' ');
    detail = fmt::format("the request is refused: {}", why.detail.empty() ? reason : std::string(why.detail));
    if (why.reason == "fields") detail += " that break a rule of HTTP or contradict each other";
  }
  const auto [method, target] = first_words(channel_.input().view());
  send_problem({{why.status, why.reason, detail, {}}, head_.client, method, target});
}

// Our last words on this connection: as much as the kernel takes at once.
void Connection::send_problem(const http::RefusedRequest& refused) {
  http::ResponseHead head{.status = refused.problem.status, .headers = {}, .content_length = {}};
  if (head.status == 503) head.headers.add("retry-after", "1");
  const std::string body = side_.refuse(refused, head);
  keep_alive_ = false;
  write_head(head, body.size());
  Gather parts;
  parts.add(out_);
  parts.add(body);
  head_held_ = false;
  lingering_ = channel_.write_now(parts) == Io::ok;
  finished_ = true;
}

Task<void> Connection::serve() {
  serving_ = served_any_ = true;
  // The end of what the client sends may have come together with the head, when nothing was served yet.
  if (channel_.peer_gone()) peer_left(false);
  head_.listener = side_.settings->listener_of(door_);
  bool threw = false;
  try {
    Task<void> served = side_.serve(*this);
    co_await std::move(served);
  } catch (...) {
    threw = true;  // a bug of the service's: the client is told, the connection ends
  }
  on_left_ = nullptr;
  if (!started_ && channel_.open() && !client_left_) {
    closing_ = true;
    const std::string_view detail = threw ? "the gateway failed on this request" : "the gateway gave no reply";
    send_problem({{500, "internal", detail, {}}, head_.client, head_.method, head_.target.path, true});
    closing_ = true;
  }
  if (!finished_) abort();
  serving_ = false;
}

bool Connection::peer_left(bool broken) {
  if (!serving_ || finished_) return true;
  if (!body_.done() && !broken) {
    // The FIN may stand behind the rest of the body; whoever reads the body will meet it.
    if (body_.kind() != http::BodyKind::length) return true;
    if (waiting_bytes(channel_.number()) + channel_.input().size() >= body_.remaining()) return true;
  }
  left();
  return true;
}

void Connection::left() {
  client_left_ = true;
  const std::function<void()> call = std::exchange(on_left_, nullptr);
  if (call) call();
}

void Connection::when_client_leaves(std::function<void()> call) {
  if (client_left_ && call) return call();
  on_left_ = std::move(call);
}

void Connection::end_idle() {
  if (serving_ || !channel_.waiting() || !channel_.input().empty()) return;
  channel_.shorten_read(side_.loop.timers.until(side_.idle_due));
}

void Connection::close_now() {
  channel_.close();
  if (serving_) left();
}

// Closing at once with bytes unread would reset the connection under an answer that is still on its way.
Task<void> Connection::linger() {
  channel_.end_output();
  std::uint64_t discarded = 0;
  const auto end = side_.loop.timers.now() + linger_limit;
  while (discarded < linger_bytes && side_.loop.timers.now() < end) {
    channel_.input().consume(channel_.input().size());
    Io io = channel_.fill();
    if (io == Io::wait) io = co_await channel_.readable(linger_limit);
    if (io != Io::ok) co_return;
    discarded += channel_.input().size();
  }
}

std::uint64_t Connection::bytes_in() const {
  return channel_.bytes_in - const_cast<Channel&>(channel_).input().size() - in_base_;
}

}  // namespace apigw::net
