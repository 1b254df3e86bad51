#include "foreground.h"

#include <algorithm>
#include <random>
#include <set>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "dotenv.h"
#include "model/diff.h"
#include "policy/key.h"
#include "project.h"
#include "runtime_file.h"
#include "service_log.h"
#include "start_screen.h"

namespace apigw::cli {
namespace {

// Files whose new content is taken without reading the config again.
std::set<std::string> certificates(const model::Plan& plan) {
  std::set<std::string> files;
  for (const model::Listener& listener : plan.listeners)
    if (listener.tls) files.insert({listener.tls->cert_file, listener.tls->key_file});
  return files;
}

// Files that hold a secret of the plan.
std::set<std::string> secret_files(const model::Plan& plan) {
  std::set<std::string> files;
  const auto add = [&](const model::SecretRef& secret) {
    if (secret.kind == model::SecretRef::Kind::file) files.insert(secret.name);
  };
  add(plan.pepper);
  add(plan.admin.key);
  for (const model::Provider& provider : plan.providers) add(provider.key);
  for (const model::Consumer& consumer : plan.consumers) add(consumer.key);
  return files;
}

std::vector<control::ServiceLine> service_lines(const run::Services& services) {
  std::vector<control::ServiceLine> lines;
  for (const run::Status& status : services.status())
    lines.push_back({status.service, std::string(word(status.phase)), status.port, status.restarts});
  return lines;
}

// Where the config asks for the address that `what` is about; not known() for none and for a default.
Span asked_for(const model::Plan& plan, std::string_view what) {
  const auto about = [&](const std::string& host, std::uint16_t port) {
    return what.contains(fmt::format("on {}:{}: ", host.contains(':') ? "[" + host + "]" : host, port));
  };
  for (const model::Listener& listener : plan.listeners)
    if (about(listener.host, listener.port)) return listener.where;
  if (plan.health.on && about(plan.health.host, plan.health.port)) return plan.health.where;
  if (plan.admin.on && about(plan.admin.host, plan.admin.port)) return plan.admin.where;
  return {};
}

// "apigw.yaml:2:9: error: listen on 127.0.0.1:8080: Address already in use", and what to do about it.
std::string start_failure(const model::Plan& plan, const diag::Sources& sources, const std::string& what) {
  std::string out;
  if (const Span where = asked_for(plan, what); where.known()) {
    const auto at = sources.position(where.source, where.begin);
    out = fmt::format("{}:{}:{}: ", text::printable(sources.name(where.source), 200), at.line, at.column);
  }
  out += fmt::format("error: {}\n", what);
  if (what.ends_with(std::generic_category().message(EADDRINUSE)))
    out += " help: find what holds the port with 'ss -ltnp' and stop it, or choose another port\n";
  return out;
}

double jitter() {
  thread_local std::mt19937 random{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(random);
}

}  // namespace

Foreground::Foreground(Env& env, const Globals& globals, Mode mode)
    : env_(env),
      globals_(globals),
      mode_(mode),
      signals_({SIGINT, SIGTERM, SIGHUP}),
      console_(env.out, env.err),
      watch_(env.clock.now()),
      choose_(static_cast<std::uint32_t>(::getpid()) * 37),
      drained_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Foreground::~Foreground() {
  if (gateway_) gateway_->stop_now();
  if (drainer_.joinable()) drainer_.join();
  if (!runtime_file_.empty()) (void)env_.files.remove(runtime_file_);
}

Exit Foreground::live() {
  if (auto prepared = prepare(); !prepared) return prepared.error();
  auto project = read_project();
  if (!project) return project.error();
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

std::expected<void, Exit> Foreground::prepare() {
  auto request = project_request(env_, globals_);
  if (!request) return std::unexpected(request.error());
  request_ = std::move(*request);
  // A pipe, such as bash's <(…), gives its text once.
  if (!request_.path.empty() && !request_.text && env_.files.stream(request_.path)) {
    auto text = read_config();
    if (!text) return std::unexpected(text.error());
    request_.text = std::move(*text);
  }
  request_.secrets = mode_ == Mode::run ? config::Secrets::optional : config::Secrets::required;
  if (mode_ == Mode::serve) {
    if (request_.path.empty())
      return std::unexpected(complain(env_, Exit::input, "there is no apigw.yaml here",
                                      "serve needs a config: name one with -c, or try 'apigw run' without"));
    return {};
  }
  request_.development = true;
  for (Secret* key : {&request_.dev_key, &request_.admin_key}) {
    auto minted = policy::mint_key();
    if (!minted) return std::unexpected(complain(env_, Exit::world, minted.error().what));
    *key = std::move(*minted);
  }
  return {};
}

std::expected<std::string, Exit> Foreground::read_config() {
  auto text = env_.files.read(request_.path, config_limit);
  if (text) return std::move(*text);
  say(fmt::format("error: {}\n help: name a config with -c, or make one: apigw init\n", text.error().what));
  return std::unexpected(exit_of_file(text.error()));
}

// Prints what is wrong; with an Exit nothing was changed.
std::expected<Foreground::Project, Exit> Foreground::read_project() {
  Project project{.environment = env_.environment};
  read_at_ = env_.clock.wall();
  if (mode_ == Mode::run) {
    const auto tracked = [this](const std::string& directory, const std::string& file) {
      return tracked_by_git(directory, file, env_.environment);
    };
    auto dotenv = read_dotenv(env_.files, request_.path, env_.environment, tracked);
    if (!dotenv) {
      say(fmt::format("error: {}\n help: {}\n", dotenv.error().message, dotenv.error().help));
      return std::unexpected(Exit::input);
    }
    project.environment = std::move(dotenv->environment);
    project.dotenv = std::move(dotenv->path);
  }
  config::Request request = request_;
  if (!request.path.empty() && !request.text) {
    auto text = read_config();
    if (!text) return std::unexpected(text.error());
    request.text = std::move(*text);
  }
  project.loaded = config::load(request, env_.files, project.environment, assembly::vocabulary());
  warnings_ = project.loaded.report.warnings();
  files_ = project.loaded.files;
  globs_ = project.loaded.globs;
  // In a journal or a container's log too: the help is what the reader needs there.
  say(diag::render(project.loaded.report, project.loaded.sources, diag::Format::full, env_.terminal.color_err));
  if (project.loaded.plan) return project;
  return std::unexpected(Exit::input);
}

std::expected<run::Ports, Complaint> Foreground::ports_for(const model::Plan& plan) {
  if (mode_ == Mode::serve) return run::Ports{};
  run::Ports ports = run::assign_ports(plan, ports_, choose_);
  for (const auto& [name, port] : ports) {
    const auto before = ports_.find(name);
    const bool kept = before != ports_.end() && before->second == port;
    if (port == 0)
      return std::unexpected(Complaint{"no port is free between 20000 and 32767", "stop what holds them"});
    if (!kept && !run::port_is_free(port))
      return std::unexpected(Complaint{fmt::format("port {} of service '{}' is busy", port, name),
                                       "stop what listens there, or leave 'port:' out to have one chosen"});
  }
  return ports;
}

control::Snapshot Foreground::snapshot_of(const Project& project, const run::Ports& ports) const {
  return {.plan = run::with_ports(*project.loaded.plan, ports),
          .sources = std::make_shared<const diag::Sources>(project.loaded.sources)};
}

std::expected<void, Exit> Foreground::start(Project project) {
  auto ports = ports_for(*project.loaded.plan);
  if (!ports) {
    say(fmt::format("error: {}\n help: {}\n", ports.error().message, ports.error().help));
    return std::unexpected(Exit::world);
  }
  refused_keys_.know(*project.loaded.plan, env_.environment, project.dotenv);
  auto gateway = LiveGateway::start(snapshot_of(project, *ports),
                                    {.may_move = mode_ == Mode::run,
                                     .log = [this](std::string_view lines) { console_.out(lines); },
                                     .log_for_people = env_.terminal.out,
                                     .environment = {project.environment.begin(), project.environment.end()},
                                     .key_refused =
                                         [this](std::string_view provider) {
                                           if (const auto line = refused_keys_.refused(provider, env_.clock.now()))
                                             console_.err(*line);
                                         }},
                                    env_.clock);
  if (!gateway) {
    say(start_failure(*project.loaded.plan, project.loaded.sources, gateway.error().what));
    return std::unexpected(exit_of_world(gateway.error()));
  }
  gateway_ = std::move(*gateway);
  services_ = std::make_unique<run::Services>(
      run::Services::Options{.supervisor = {.jitter = jitter},
                             .line =
                                 [this](std::string_view service, std::string_view line) {
                                   const auto place = ports_.find(service);
                                   const auto index = static_cast<std::size_t>(std::distance(ports_.begin(), place));
                                   console_.out(prefixed(service, line, name_width_, index, env_.terminal.color_out));
                                 },
                             .note = [this](const run::Note& note) { on_note(note); }},
      env_.clock);
  if (mode_ == Mode::run) write_runtime();
  take_over(project, std::move(*ports));
  return {};
}

// The gateway serves the project's plan already: the rest follows it.
void Foreground::take_over(const Project& project, run::Ports ports) {
  ports_ = std::move(ports);
  environment_ = project.environment;
  dotenv_ = project.dotenv;
  refused_keys_.know(*project.loaded.plan, env_.environment, dotenv_);
  for (const auto& [name, port] : ports_) name_width_ = std::max(name_width_, name.size());
  const std::string address = gateway_->addresses().empty() ? "" : gateway_->addresses().front().text;
  if (const std::string before = std::exchange(address_, address);
      !before.empty() && before != address && !ports_.empty())
    say(fmt::format("services start again: their APIGW_URL is {} now\n", address));
  if (mode_ == Mode::run) services_->want(run::launches(*gateway_->plan(), ports_, environment_, address));
  watch_files();
}

std::vector<std::string> Foreground::included() const {
  std::vector<std::string> matches;
  for (const std::string& glob : globs_)
    for (std::string& path : env_.files.glob(glob)) matches.push_back(std::move(path));
  return matches;
}

void Foreground::watch_files() {
  std::vector<std::string> files;
  for (const std::string& file : certificates(*gateway_->plan())) files.push_back(file);
  if (mode_ == Mode::run) {
    files.insert(files.end(), files_.begin(), files_.end());
    for (const std::string& file : secret_files(*gateway_->plan())) files.push_back(file);
    files.push_back(dotenv_);
    included_ = included();
  }
  watch_.watch(std::move(files), env_.clock.now(), read_at_);
}

void Foreground::write_runtime() {
  const auto admin = gateway_->admin();
  RuntimeFile file{.address = gateway_->addresses().empty() ? "" : gateway_->addresses().front().text,
                   .admin_address = admin ? admin->text : "",
                   .dev_key = request_.dev_key,
                   .admin_key = gateway_->plan()->admin.key.value,
                   .pid = ::getpid(),
                   .config = project_path(env_, globals_)};
  const auto written = write_runtime_file(file, env_.files, env_.environment);
  if (written)
    runtime_file_ = *written;
  else
    say(fmt::format("warning: {}: 'apigw call' will not find this gateway\n", written.error().what));
}

// A fault of this program in the new config is no reason to end the one that runs.
void Foreground::reload(const std::string& cause) try {
  if (request_.text || request_.path.empty()) {
    say("nothing to reload: the config did not come from a file\n");
    return;
  }
  const auto refused = [&](const std::string& why) {
    gateway_->reloaded(false, why);
    say("the running config stays\n");
    watch_files();
  };
  auto project = read_project();
  if (!project) return refused("the new config has errors");
  auto ports = ports_for(*project->loaded.plan);
  if (!ports) {
    say(fmt::format("error: {}\n help: {}\n", ports.error().message, ports.error().help));
    return refused(ports.error().message);
  }
  const control::Snapshot next = snapshot_of(*project, *ports);
  const std::string changes = model::diff(*gateway_->plan(), *next.plan).text();
  if (auto swapped = gateway_->swap(next); !swapped) {
    say(start_failure(*project->loaded.plan, project->loaded.sources, swapped.error().what));
    return refused(swapped.error().what);
  }
  gateway_->reloaded(true, changes);
  if (mode_ == Mode::run) write_runtime();
  const bool silent = changes == "nothing" && mode_ == Mode::run && globals_.verbose == 0;  // a touch is no news
  if (!silent) say(fmt::format("reloaded {}: {}\n", cause, changes == "nothing" ? "nothing changed" : changes));
  take_over(*project, std::move(*ports));
} catch (const std::exception& problem) {
  say(fmt::format("internal error: {}\nthe running config stays\n", problem.what()));
  gateway_->reloaded(false, fmt::format("internal error: {}", problem.what()));
  watch_files();
}

void Foreground::on_files() {
  const auto now = env_.clock.now();
  std::vector<std::string> changed = watch_.advance(now);
  if (stage_ != Stage::serving) return;
  if (mode_ == Mode::run && now >= look_at_) {
    look_at_ = now + run::FileWatch::look_every;
    if (included() != included_) changed.push_back(request_.path);
  }
  if (changed.empty()) return;
  const std::set<std::string> certificate_files = certificates(*gateway_->plan());
  const auto other =
      std::ranges::find_if(changed, [&](const auto& file) { return !certificate_files.contains(file); });
  if (other != changed.end()) return reload(*other);
  const auto swapped = gateway_->swap({gateway_->plan(), gateway_->sources()});
  gateway_->reloaded(swapped.has_value(), swapped ? "certificates" : swapped.error().what);
  say(swapped ? fmt::format("reloaded {}: certificates\n", changed.front())
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

Exit Foreground::ending() const {
  if (failed_) return *failed_;
  if (drained_ && !forced_) return Exit::done;
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
  StartFacts facts{.warnings = warnings_, .dev_key = request_.dev_key};
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
