#include "net/poller.h"

#include <system_error>

#include <sys/epoll.h>

namespace apigw::net {
namespace {

int new_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

Poller::Poller(boost::asio::io_context& io) : epoll_(io.get_executor(), new_epoll()) {
  arm();
}

bool Poller::watch(int fd, Watch& watch, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watch;
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::unwatch(int fd, Watch& watch) {
  epoll_event event{};
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, &event);
  for (int i = next_; i < count_; ++i) {
    if (events_[i].data.ptr == &watch) events_[i].data.ptr = nullptr;
  }
}

void Poller::stop() {
  boost::system::error_code ignored;
  epoll_.close(ignored);
}

void Poller::arm() {
  epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    collect();
    if (epoll_.is_open()) arm();
  });
}

void Poller::collect() {
  count_ = ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  next_ = 0;
  while (next_ < count_) {
    const epoll_event& event = events_[next_++];
    if (event.data.ptr) static_cast<Watch*>(event.data.ptr)->ready(event.events);
  }
  next_ = count_ = 0;
}

}  // namespace apigw::net
