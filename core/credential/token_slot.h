// The access token of one provider, between the thread that fetches it and those that use it.
//
// Whoever finds none leaves a callback, which is called once: with the next token, or with the next failure to get
// one. Nothing here waits; the lock is held for a copy at most.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "credential/service_account.h"

namespace apigw::credential {

class TokenSlot {
 public:
  using TimePoint = std::chrono::system_clock::time_point;

  // A token that is good at `now`; nothing: there is none.
  [[nodiscard]] std::optional<Secret> good(TimePoint now) const {
    const std::lock_guard lock(mutex_);
    if (!token_ || now >= token_->until) return std::nullopt;
    return token_->value;
  }
  // The same; where there is none and a fetch is under way or due, `ready` is called when it is over, from its
  // thread, and `waits` becomes true. With neither, the last fetch failed and the next one is not due yet, or nobody
  // fetches.
  [[nodiscard]] std::optional<Secret> good_or(TimePoint now, std::function<void()> ready, bool& waits) {
    const std::lock_guard lock(mutex_);
    waits = false;
    if (token_ && now < token_->until) return token_->value;
    if (!kept_ || (failed_ && now < again_)) return std::nullopt;
    waiting_.push_back(std::move(ready));
    waits = true;
    return std::nullopt;
  }

  /* ------------------------------ who fetches ----------------------------- */

  void give(Token token) { settle(std::move(token), {}); }
  // The last token stays as long as it is good; `again`: when the next fetch is due.
  void give_up(TimePoint again) { settle(std::nullopt, again); }
  // Somebody fetches from now on, for another account than before; or nobody does any more, and who waits is told.
  void keep(bool kept) {
    {
      const std::lock_guard lock(mutex_);
      kept_ = kept;
      failed_ = false;
      token_.reset();
    }
    if (!kept) give_up({});
  }

 private:
  void settle(std::optional<Token> token, TimePoint again) {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      failed_ = !token;
      again_ = again;
      if (token) token_ = std::move(token);
      waiting.swap(waiting_);
    }
    for (const auto& ready : waiting) ready();
  }

  mutable std::mutex mutex_;
  std::optional<Token> token_;
  bool failed_ = false;  // the last fetch did
  TimePoint again_{};
  std::vector<std::function<void()>> waiting_;
  bool kept_ = false;
};

}  // namespace apigw::credential
