#include "foreground.h"

#include <algorithm>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service_log.h"
#include "start_screen.h"

namespace apigw::cli {
namespace {

std::vector<control::ServiceLine> service_lines(const run::Services& services) {
  std::vector<control::ServiceLine> lines;
  for (const run::Status& status : services.status())
    lines.push_back({status.service, std::string(word(status.phase)), status.port, status.restarts});
  return lines;
}

}  // namespace

Foreground::Foreground(Env& env, const Globals& globals, Mode mode)
    : env_(env),
      globals_(globals),
      mode_(mode),
      signals_({SIGINT, SIGTERM, SIGHUP}),
      console_(env.out, env.err),
      watch_(mode == Mode::run ? ProjectWatch::Scope::project : ProjectWatch::Scope::certificates, env.files,
             env.clock.now()),
      choose_(static_cast<std::uint32_t>(::getpid()) * 37),
      drained_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  env.files.patience.interrupt = signals_.fd();
}

Foreground::~Foreground() {
  if (gateway_) gateway_->stop_now();
  if (drainer_.joinable()) drainer_.join();
  if (!runtime_file_.empty()) (void)env_.files.remove(runtime_file_);
  env_.files.patience.interrupt = -1;
}

Exit Foreground::live() {
  if (auto prepared = prepare(); !prepared) return unless_stopped(prepared.error());
  auto project = read_project();
  if (!project) return unless_stopped(project.error());
  if (auto started = start(std::move(*project)); !started) return started.error();
  while (stage_ != Stage::over) turn();
  services_.reset();
  const Exit exit = ending();
  // A terminal that takes nothing must not keep the process from ending; nothing may touch its streams then.
  if (!console_.close(std::chrono::seconds{2})) {
    if (!runtime_file_.empty()) (void)env_.files.remove(runtime_file_);
    std::_Exit(static_cast<int>(exit));
  }
  return exit;
}

void Foreground::on_files() {
  const auto change = watch_.changed(env_.clock.now());
  if (!change || stage_ != Stage::serving) return;
  if (!change->certificates) return reload(change->file.empty() ? request_.path : change->file);
  const auto swapped = gateway_->swap({gateway_->plan(), gateway_->sources()});
  gateway_->reloaded(swapped.has_value(), swapped ? "certificates" : swapped.error().what);
  say(swapped ? fmt::format("reloaded {}: certificates\n", change->file)
              : fmt::format("error: {}\nthe running certificate stays\n", swapped.error().what));
}

int Foreground::poll_timeout() const {
  auto soonest = watch_.next();
  if (const auto next = services_->next()) soonest = std::min(soonest, *next);
  const auto now = env_.clock.now();
  if (soonest <= now) return 0;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(soonest - now).count());
}

void Foreground::turn() {
  if (stage_ == Stage::serving && !shown_ && services_->settled()) show_start();
  pollfd ready[] = {{signals_.fd(), POLLIN, 0},
                    {services_->fd(), POLLIN, 0},
                    {watch_.fd(), POLLIN, 0},
                    {drained_event_.get(), POLLIN, 0}};
  ::poll(ready, std::size(ready), poll_timeout());
  while (const auto number = signals_.take()) on_signal(*number);
  services_->advance();
  gateway_->show_services(service_lines(*services_));
  on_files();
  std::uint64_t count = 0;
  if (stage_ == Stage::draining && ::read(drained_event_.get(), &count, sizeof count) == sizeof count) begin_stop();
  if (stage_ == Stage::stopping && services_->empty()) stage_ = Stage::over;
}

void Foreground::on_signal(int number) {
  if (number == SIGHUP && mode_ == Mode::serve) {
    if (stage_ == Stage::serving) reload(request_.path);
    return;
  }
  last_signal_ = number;
  if (stage_ == Stage::serving) return begin_drain();
  forced_ = true;
  gateway_->stop_now();
  stage_ = Stage::over;
}

void Foreground::begin_drain() {
  stage_ = Stage::draining;
  gateway_->begin_drain();
  if (!globals_.quiet)
    say(fmt::format("stopping: {} in flight{}\n", gateway_->in_flight(),
                    gateway_->in_flight() == 0 ? "" : "; another signal stops at once"));
  drainer_ = std::thread([this] {
    drained_ = gateway_->drain();
    const std::uint64_t one = 1;
    (void)!::write(drained_event_.get(), &one, sizeof one);
  });
}

void Foreground::begin_stop() {
  drainer_.join();
  stage_ = Stage::stopping;
  services_->stop();
}

// What ends a start that waited for a pipe: the signal that ended the waiting, if one did.
Exit Foreground::unless_stopped(Exit exit) {
  while (const auto number = signals_.take())
    if (number != SIGHUP) last_signal_ = *number;
  return last_signal_ == 0 ? exit : ending();
}

Exit Foreground::ending() const {
  if (failed_) return *failed_;
  if (!forced_ && drained_) return Exit::done;  // forced, the drainer may still write
  return last_signal_ == SIGINT ? Exit::interrupted : Exit::terminated;
}

void Foreground::on_note(const run::Note& note) {
  const std::vector<std::string> tail = services_ ? services_->tail(note.service) : std::vector<std::string>{};
  const run::Launch* launch = services_ ? services_->find(note.service) : nullptr;
  const bool stopping = stage_ != Stage::serving;
  const bool worth_saying = note.kind == run::Note::Kind::died_early || note.kind == run::Note::Kind::late ||
                            (shown_ && !stopping && !globals_.quiet);
  if (worth_saying) say(sentence(note, launch, tail));
  if (note.kind != run::Note::Kind::died_early || stopping) return;
  if (shown_) {
    say(fmt::format("service '{}' starts again in {:.1f} s\n", note.service,
                    static_cast<double>(note.pause.count()) / 1000));
    return;
  }
  failed_ = Exit::world;
  begin_drain();
}

void Foreground::show_start() {
  shown_ = true;
  if (globals_.quiet) return;
  StartFacts facts{.warnings = warnings_, .dev_key = request_.dev_key, .models = *models_};
  for (const assembly::Address& address : gateway_->addresses())
    facts.addresses.push_back({"gateway", address.text, address.moved});
  if (const auto admin = gateway_->admin()) facts.addresses.push_back({"admin", admin->text, admin->moved});
  if (const auto health = gateway_->health()) facts.addresses.push_back({"health", health->text, health->moved});
  for (const run::Status& status : services_->status())
    facts.services.push_back({status.service, std::string(word(status.phase)), status.port});
  if (!dotenv_.empty() && env_.files.exists(dotenv_)) facts.dotenv = dotenv_;
  if (mode_ == Mode::run) return console_.out(start_screen(*gateway_->plan(), facts, env_.terminal.color_out));
  for (const auto& address : facts.addresses) say(fmt::format("{} {}\n", address.what, address.text));
}

}  // namespace apigw::cli
