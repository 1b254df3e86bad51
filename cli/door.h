// The gateway that a command asks: the project's own when it runs, else one that lives in this process for as long.
//
// One in this process is the same Engine on a loopback port of its own, with every prompt served (drafts too) and a
// key that nobody else has. `ask` may be called from several threads at once.
#pragma once
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "assembly/engine.h"
#include "command.h"
#include "outbound/client.h"
#include "refused_keys.h"

namespace apigw::cli {

struct DoorWish {
  bool running = true;                            // take the project's running gateway where there is one
  bool mock = false;                              // prompts are answered by the mock, whatever models they name
  std::optional<std::vector<std::string>> tests;  // wanted, as config::Request::judge_tests
};

class Door {
 public:
  // Complains when the project cannot be read or nothing can be started.
  static std::expected<std::unique_ptr<Door>, Exit> open(Env& env, const Globals& globals, const DoorWish& wish);

  struct Reply {
    int status = 0;
    std::string body;            // of a reply that was not listened to
    std::optional<double> cost;  // in US dollars, where the gateway told it
  };
  using Listen = std::function<bool(std::string_view piece)>;
  // `listen` gets the body of a 2xx as it comes. Where a gateway of this process had its key refused by a provider,
  // stderr says which key that is.
  [[nodiscard]] Result<Reply> ask(const std::string& path, std::string body, std::chrono::milliseconds timeout,
                                  const Listen& listen = {}) const;
  // A request to it, with its key.
  [[nodiscard]] outbound::Request request(std::string method, std::string path) const;
  [[nodiscard]] bool in_process() const { return engine_ != nullptr; }  // it lives here: no service is started
  [[nodiscard]] const model::Plan& plan() const { return *plan_; }      // of the project as it is on disk

 private:
  explicit Door(Env& env) : env_(env) {}
  void on_key_refused(std::string_view provider);
  void tell(std::string_view line);  // from any thread; behind the next reply that says so
  void tell_refused_keys() const;

  Env& env_;
  model::PlanPtr plan_;
  std::string origin_;
  Secret key_;
  RefusedKeys refused_keys_;
  mutable std::mutex told_mutex_;
  mutable std::condition_variable told_;
  bool any_refused_ = false;
  mutable std::string to_tell_;               // lines for stderr
  std::unique_ptr<assembly::Engine> engine_;  // last: its threads use what stands above
};

// The `code` of an answer that the model refused to give.
inline constexpr std::string_view refused_code = "refused";
// What a reply that is none says of itself, and the exit code of it.
[[nodiscard]] std::string refusal_text(const Door::Reply& reply);
[[nodiscard]] Exit exit_of_reply(const Door::Reply& reply);

}  // namespace apigw::cli
