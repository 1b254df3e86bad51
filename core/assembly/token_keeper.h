// Keeps the access tokens of all providers whose key is that of a service account: fetched at the start, renewed
// before they end, on a thread of its own that is the only one to wait for a token endpoint.
//
// One fetch at a time. One that fails is tried again after a second, then after twice as long, a minute at most; the
// token that there is goes on being used as long as it is good.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "credential/token_slot.h"
#include "gateway/state.h"
#include "model/plan.h"
#include "outbound/client.h"

namespace apigw::assembly {

// Called on the keeper's thread when a token cannot be had, once for each reason in a row. It must not wait long.
using TokenFailed = std::function<void(std::string_view provider, std::string_view why)>;

class TokenKeeper {
 public:
  // `environment` is read for `outbound: { proxy: env }`; `failed` may be null.
  TokenKeeper(const Clock& clock, std::map<std::string, std::string, std::less<>> environment, TokenFailed failed);
  // Nobody is called back any more once it returns; a fetch under way is cut.
  ~TokenKeeper();
  TokenKeeper(const TokenKeeper&) = delete;
  TokenKeeper& operator=(const TokenKeeper&) = delete;

  // From now on those of `plan`, whose providers are bound to `bindings`. The token of an account that was kept
  // before stays.
  void follow(const model::Plan& plan, const gateway::Bindings& bindings);

 private:
  struct Kept;
  void run();
  void fetch(Kept& kept);

  const Clock& clock_;
  const std::map<std::string, std::string, std::less<>> environment_;
  const TokenFailed failed_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<std::shared_ptr<Kept>> kept_;
  std::shared_ptr<outbound::Line> line_;  // of the fetch under way
  bool over_ = false;
  std::thread thread_;  // started with the first account
};

}  // namespace apigw::assembly
