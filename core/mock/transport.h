// The built-in provider as a Transport: calls are answered in the process, with no socket, at a pace like a model's.
//
// The rooms do not know it: a provider with `url: mock:` is dialled here instead of in net. One object belongs to one
// thread and its io_context, which outlives it.
#pragma once
#include <chrono>

#include "base/clock.h"
#include "gateway/transport.h"
#include "mock/canned.h"

namespace apigw::mock {

struct Pace {
  std::chrono::milliseconds per_token{15};  // between two frames of a stream; 0: as fast as they are read
};

class MockTransport final : public gateway::Transport {
 public:
  MockTransport(boost::asio::io_context& io, const Clock& clock, Pace pace = {})
      : io_(io), clock_(clock), pace_(pace) {}
  // From here on; calls that are open keep what they began with. On the thread of the io_context.
  void know(CannedPtr canned) { canned_ = std::move(canned); }
  Task<Result<gateway::OpenCall>> open(const gateway::Destination& destination, const model::Timeouts& timeouts,
                                       bool fresh, gateway::Opening& opening) override;

 private:
  boost::asio::io_context& io_;
  const Clock& clock_;
  Pace pace_;
  CannedPtr canned_;
};

}  // namespace apigw::mock
