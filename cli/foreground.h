// The life of `apigw run` and `apigw serve`, from reading the config to the last connection.
//
// One thread polls signals, services and watched files and is the only one that starts, swaps and stops; draining
// alone blocks, so it has a thread of its own while this one goes on pumping the services' logs. `run` mints keys,
// reads .env, starts services, reloads on save; `serve` does none of that and reloads on SIGHUP.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "catalogue/models.h"
#include "command.h"
#include "console.h"
#include "live_gateway.h"
#include "project_watch.h"
#include "refused_keys.h"
#include "run/services.h"
#include "run/signals.h"

namespace apigw::cli {

enum class Mode { run, serve };

class Foreground {
 public:
  Foreground(Env& env, const Globals& globals, Mode mode);
  ~Foreground();
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  Exit live();

 private:
  // What one reading of the project gave.
  struct Project {
    config::Loaded loaded;
    config::Environment environment;  // with .env
    std::string dotenv;               // path of the .env, there or not; empty in serve
  };
  enum class Stage { serving, draining, stopping, over };

  std::expected<void, Exit> prepare();
  std::expected<std::string, Exit> read_config();
  std::expected<Project, Exit> read_project();
  std::expected<void, Exit> start(Project project);
  std::expected<run::Ports, Complaint> ports_for(const model::Plan& plan);
  [[nodiscard]] control::Snapshot snapshot_of(const Project& project, const run::Ports& ports) const;
  void reload(const std::string& cause);
  void take_over(const Project& project, run::Ports ports);
  void watch_files();
  void write_runtime();

  void turn();
  void on_signal(int number);
  void on_files();
  void on_note(const run::Note& note);
  void begin_drain();
  void begin_stop();
  void show_start();
  void say(std::string_view text) { console_.err(text); }
  [[nodiscard]] Exit unless_stopped(Exit exit);
  [[nodiscard]] Exit ending() const;
  [[nodiscard]] int poll_timeout() const;

  Env& env_;
  const Globals& globals_;
  const Mode mode_;
  run::Signals signals_;  // before every thread
  Console console_;
  config::Request request_;
  RefusedKeys refused_keys_;
  std::shared_ptr<const catalogue::Models> models_;  // as they were at the start
  std::unique_ptr<LiveGateway> gateway_;
  std::unique_ptr<run::Services> services_;
  ProjectWatch watch_;
  ProjectWatch::Reading reading_;
  run::PortChooser choose_;
  run::Ports ports_;
  std::string address_;  // of the gateway, as services were told
  config::Environment environment_;
  std::string dotenv_, runtime_file_;
  std::size_t warnings_ = 0;
  std::size_t name_width_ = 0;

  Stage stage_ = Stage::serving;
  bool shown_ = false;
  std::optional<Exit> failed_;  // why it stops by itself
  int last_signal_ = 0;
  bool forced_ = false;  // a second signal came
  run::Fd drained_event_;
  std::thread drainer_;
  bool drained_ = false;  // nothing was cut; the drainer's until it is joined
};

}  // namespace apigw::cli
