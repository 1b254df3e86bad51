#include "net/workshop.h"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace apigw::net {
namespace {

Task<void> run_to_end(std::unique_ptr<Connection> connection) {
  Task<void> running = connection->run();
  co_await std::move(running);
}

}  // namespace

Workshop::Workshop(unsigned index, const Clock& clock, Outside& outside, OriginCounts& counts, Tally& tally)
    : index_(index),
      loop_(clock),
      desk_{.loop = loop_, .mailbox = std::make_shared<Mailbox>(loop_.io)},
      pool_(desk_, outside, counts, tally),
      side_{.loop = loop_,
            .tally = tally,
            .settings = {},
            .serve = {},
            .draining = false,
            .idle_due = {},
            .connections = {},
            .load = 0} {}

Workshop::~Workshop() {
  stop();
}

void Workshop::start() {
  thread_ = std::thread([this] {
    const auto work = boost::asio::make_work_guard(loop_.io);
    loop_.io.run();
  });
}

void Workshop::do_here(const std::function<void()>& task) {
  if (!thread_.joinable()) return task();
  std::promise<void> done;
  boost::asio::post(loop_.io, [&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void Workshop::stop() {
  desk_.mailbox->close();
  if (!thread_.joinable()) return;
  loop_.io.stop();
  thread_.join();
}

void Workshop::adopt(Accepted accepted) {
  auto connection = std::make_unique<Connection>(side_, std::move(accepted));
  boost::asio::co_spawn(loop_.io, run_to_end(std::move(connection)), boost::asio::detached);
}

void Workshop::drain(std::chrono::milliseconds idle) {
  side_.draining = true;
  side_.idle_due = loop_.timers.now() + idle;
  for (auto each = side_.connections.begin(); each != side_.connections.end();) {
    Connection* connection = *each++;
    connection->end_idle();
  }
}

void Workshop::close_all() {
  side_.draining = true;
  for (auto each = side_.connections.begin(); each != side_.connections.end();) {
    Connection* connection = *each++;
    connection->close_now();
  }
  pool_.close_all();
  desk_.give_up();
}

}  // namespace apigw::net
