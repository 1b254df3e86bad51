// The control plane: the admin listener and the health listener of a Plan, moved and closed as the Plan says.
//
// On the admin listener every path needs the key; /healthz, /readyz and /metrics are there too. With `health:` those
// three, and nothing else, answer without a key on a listener of their own. Called from one thread; what the pages
// ask comes through Facts.
#pragma once
#include <memory>
#include <mutex>
#include <optional>

#include "base/secret.h"
#include "control/pages.h"
#include "control/server.h"

namespace apigw::control {

class Control {
 public:
  // `may_move`: a default admin port that is busy moves on to the next free one.
  Control(Facts facts, bool may_move);
  // Opens, keeps, moves and closes listeners: all or nothing. A new key counts from the next request.
  Result<void> apply(const model::Plan& plan);
  [[nodiscard]] std::optional<Bound> admin() const;
  [[nodiscard]] std::optional<Bound> health() const;

 private:
  struct Open {
    Where where;  // as asked for
    std::unique_ptr<Server> server;
  };
  Result<void> prepare(const Open& current, const Where& where, Handle handle, bool may_move, Open& next);
  [[nodiscard]] std::shared_ptr<const Secret> key() const;
  Reply admit(const Request& request) const;

  Facts facts_;
  bool may_move_;
  mutable std::mutex mutex_;           // over key_
  std::shared_ptr<const Secret> key_;  // never null
  Open admin_, health_;                // last: their threads read all of the above
};

}  // namespace apigw::control
