// Readiness of every socket of a worker through one epoll of its own, nested into the worker's io_context.
//
// Why not Asio's sockets: their operations need a buffer while they wait and a system call to find that there is
// nothing to read. Here a socket is registered once, edge-triggered for both directions and for the other side's FIN,
// and an idle stream holds no buffer. The io_context waits on the epoll descriptor itself, so posts, timers and
// coroutines of the same thread stay what they are. One thread owns a Poller and everything that it watches.
#pragma once
#include <array>
#include <cstdint>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <sys/epoll.h>

namespace apigw::net {

class Poller {
 public:
  // What is told about its descriptor. `ready` may destroy this or any other watch, after unwatch().
  class Watch {
   public:
    Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    virtual void ready(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR

   protected:
    ~Watch() = default;
  };

  explicit Poller(boost::asio::io_context& io);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // False, with errno, when the kernel has no room.
  bool watch(int fd, Watch& watch, std::uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  // Before the descriptor is closed: what was already reported for it is dropped.
  void unwatch(int fd, Watch& watch);
  // Lets the io_context run out of work.
  void stop();

 private:
  void arm();
  void collect();

  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> epoll_;
  std::array<epoll_event, 128> events_;
  int next_ = 0;  // of the batch in hand, the first that was not told yet
  int count_ = 0;
};

}  // namespace apigw::net
