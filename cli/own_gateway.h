// A gateway of this project in a process of its own, for as long as this lives: `apigw run` on ports of its own.
//
// The same -c, --profile and --set go along; its services start as under `run`, and what it needs to be found stands
// in its runtime file. It is told to end when this process dies, and with it its services: nothing is left behind.
#pragma once
#include <expected>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "command.h"
#include "model/plan.h"
#include "run/child.h"
#include "run/signals.h"
#include "runtime_file.h"

namespace apigw::cli {

class OwnGateway {
 public:
  // Listens, and every service that it starts is healthy, when this returns. Complains when that does not come about
  // within `limit`, or it ends before, with the last lines that it wrote; `signals` end the wait.
  static std::expected<std::unique_ptr<OwnGateway>, Exit> start(Env& env, const Globals& globals,
                                                                const model::Plan& plan,
                                                                std::chrono::milliseconds limit,
                                                                run::Signals& signals);
  ~OwnGateway();
  OwnGateway(const OwnGateway&) = delete;
  OwnGateway& operator=(const OwnGateway&) = delete;

  [[nodiscard]] const RuntimeFile& place() const { return place_; }
  // Ends it: calls in flight are awaited unless `at_once`. Killed after ten seconds.
  void stop(bool at_once);

 private:
  explicit OwnGateway(run::Child child);
  void follow_output(const std::stop_token& stop);
  [[nodiscard]] std::string tail();
  // Whether it can be called; its end or the world's `no` ends the wait.
  std::expected<bool, Exit> look(Env& env);
  Exit ended(Env& env, const run::ExitStatus& status);

  run::Child child_;
  bool gone_ = false;
  std::size_t services_ = 0;  // that it starts
  RuntimeFile place_;
  std::mutex mutex_;  // over output_
  std::string output_;
  std::jthread reader_;
};

}  // namespace apigw::cli
