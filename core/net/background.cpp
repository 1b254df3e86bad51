#include "net/background.h"

#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/waiter.h"

namespace apigw::net {

namespace {

constexpr unsigned threads = 2;
constexpr std::size_t queue_limit = 4096;
constexpr std::chrono::milliseconds farewell{200};

}  // namespace

struct Errand {
  explicit Errand(Desk& the_desk)
      : desk(the_desk), deadline(the_desk.loop.timers, this, [](void* self) {
          static_cast<Errand*>(self)->end(Background::Ended::timeout);
        }) {}
  void end(Background::Ended how) {
    if (!waiter.waiting()) return;
    ended = how;
    desk.errands.remove(this);
    waiter.wake();
  }
  void stop() {
    if (!waiter.waiting()) return;
    ended = Background::Ended::stopped;
    desk.errands.remove(this);
    waiter.wake_later(desk.loop.io);
  }
  Desk& desk;
  Waiter waiter;
  Deadline deadline;
  Background::Ended ended = Background::Ended::done;
};

void Desk::give_up() {
  while (!errands.empty()) errands.front()->end(Background::Ended::timeout);
}

void Mailbox::post(std::function<void()> letter) {
  const std::lock_guard lock(mutex_);
  if (io_) boost::asio::post(*io_, std::move(letter));
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  io_ = nullptr;
}

Task<void> visit(Desk& desk, std::shared_ptr<Mailbox> there, std::function<void()> work,
                 std::chrono::milliseconds limit) {
  auto errand = std::make_shared<Errand>(desk);
  errand->deadline.set(limit);
  desk.errands.push_back(errand.get());
  there->post([work = std::move(work), home = desk.mailbox, back = std::weak_ptr(errand)]() mutable {
    work();
    home->post([back = std::move(back)] {
      if (const auto errand = back.lock()) errand->end(Background::Ended::done);
    });
  });
  co_await errand->waiter.wait();
}

struct Background::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  unsigned running = 0;
  bool stopping = false;

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return stopping || !jobs.empty(); });
      if (stopping) break;
      std::function<void()> job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
    --running;
    changed.notify_all();
  }
};

Background::Background() : queue_(std::make_shared<Queue>()) {}

Background::~Background() {
  std::unique_lock lock(queue_->mutex);
  queue_->stopping = true;
  queue_->jobs.clear();
  queue_->changed.notify_all();
  queue_->changed.wait_for(lock, farewell, [this] { return queue_->running == 0; });
}

Task<Background::Ended> Background::errand(Desk& desk, std::function<void()> work, std::chrono::milliseconds limit,
                                           gateway::Opening& opening) {
  if (opening.stopped()) co_return Ended::stopped;
  auto errand = std::make_shared<Errand>(desk);
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->jobs.size() >= queue_limit) co_return Ended::full;
    for (; queue_->running < threads; ++queue_->running) {
      std::thread([queue = queue_] { queue->work(); }).detach();
    }
    // The errand itself travels as a weak pointer: it may only die on its own thread.
    queue_->jobs.push_back([work = std::move(work), mailbox = desk.mailbox, back = std::weak_ptr(errand)]() mutable {
      work();
      mailbox->post([back = std::move(back)] {
        if (const auto errand = back.lock()) errand->end(Ended::done);
      });
    });
    queue_->changed.notify_one();
  }
  errand->deadline.set(limit);
  desk.errands.push_back(errand.get());
  const gateway::Opening::Wait wait(opening, [&errand] { errand->stop(); });
  co_await errand->waiter.wait();
  co_return errand->ended;
}

}  // namespace apigw::net
