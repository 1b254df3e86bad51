// A Gateway over fakes, for tests of the line of rooms: serve an exchange, look at what went up, down and into the
// log.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include "gateway/gateway.h"
#include "support/fake_exchange.h"
#include "support/fake_transport.h"
#include "support/manual_clock.h"
#include "support/plan_builder.h"

namespace apigw::test {

// Outcomes copied where they outlive the exchange.
struct Settled final : gateway::OutcomeSink {
  struct Copy {
    gateway::End end{};
    int status = 0;
    std::string reason, route, consumer, model, request_id;
    chat::Usage usage;
    std::size_t losses = 0;
    bool charged = false;
    std::optional<catalogue::Nanodollars> cost;
    std::vector<std::string> attempts;  // "openai/gpt-5-mini 200", "orders connect"
  };
  std::deque<Copy> outcomes;  // serve() hands out references, which hold when more come

  void settle(const gateway::Outcome& outcome) override {
    Copy copy{outcome.end,
              outcome.status,
              std::string(outcome.reason),
              std::string(outcome.route),
              std::string(outcome.consumer),
              std::string(outcome.model),
              std::string(outcome.request_id),
              outcome.usage,
              outcome.losses ? outcome.losses->count() : 0,
              outcome.charged,
              outcome.cost,
              {}};
    for (const auto& attempt : outcome.attempts) {
      std::string text(attempt.to);
      if (!attempt.model.empty()) text.append("/").append(attempt.model);
      text += " ";
      text += attempt.error ? std::string(word(*attempt.error)) : std::to_string(attempt.status);
      copy.attempts.push_back(std::move(text));
    }
    outcomes.push_back(std::move(copy));
  }
};

struct House {
  boost::asio::io_context io;
  ManualClock clock;
  gateway::State state{1, clock};
  FakeTransport upstream{io}, mock{io};
  Settled settled;
  const catalogue::Models& models;
  std::unique_ptr<gateway::Gateway> gateway;

  explicit House(const PlanBuilder& plan, const catalogue::Models& known = catalogue::Models::built_in())
      : models(known) {
    gateway = std::make_unique<gateway::Gateway>(
        gateway::Gateway::Parts{0, state, upstream, mock, clock, &settled, io, "apigw-test"}, compiled(plan));
  }
  std::shared_ptr<const gateway::Compiled> compiled(const PlanBuilder& plan) {
    auto made = gateway::compile(plan.build(), state, clock, models);
    REQUIRE(made);
    state.publish((*made)->bindings);
    return *made;
  }
  void begin(FakeExchange& exchange) {
    done_ = false;
    io.restart();
    boost::asio::co_spawn(io, gateway->serve(exchange), [this](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(std::move(thrown));
      done_ = true;
    });
    io.poll();
  }
  [[nodiscard]] bool done() const { return done_; }
  // Serves to the end; whatever happens there is exactly one outcome more.
  const Settled::Copy& serve(FakeExchange& exchange) {
    const std::size_t before = settled.outcomes.size();
    begin(exchange);
    return end(before);
  }
  const Settled::Copy& end(std::size_t before = 0) {
    io.restart();
    io.poll();
    REQUIRE(done_);
    REQUIRE(settled.outcomes.size() == before + 1);
    CHECK(state.in_flight() == 0);
    return settled.outcomes.back();
  }
  // Time passes for deadlines and heartbeats.
  void pass(std::chrono::milliseconds time) {
    clock.advance(time);
    gateway->advance();
    io.restart();
    io.poll();
  }

 private:
  bool done_ = false;
};

}  // namespace apigw::test
