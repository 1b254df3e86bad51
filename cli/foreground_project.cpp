// What `run` and `serve` do with the project: read it, start the gateway and the services with it, and swap in what a
// later reading gives; see foreground.h. A reading that fails changes nothing that runs.
#include <algorithm>
#include <random>
#include <system_error>

#include <unistd.h>

#include "assembly/vocabulary.h"
#include "dotenv.h"
#include "foreground.h"
#include "model/diff.h"
#include "own_models.h"
#include "policy/key.h"
#include "project.h"
#include "runtime_file.h"
#include "service_log.h"
#include "start_failure.h"

namespace apigw::cli {
namespace {

double jitter() {
  thread_local std::mt19937 random{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(random);
}

// A config whose one fault is that secrets are not there is right, and waits for them.
Exit exit_of_findings(const diag::Report& report) {
  constexpr int unreadable_secret = 405;
  const auto secret = [](const diag::Diagnostic& finding) {
    return finding.severity != diag::Severity::error || finding.code == unreadable_secret;
  };
  return report.dropped() == 0 && std::ranges::all_of(report.all(), secret) ? Exit::credentials : Exit::input;
}

}  // namespace

std::expected<void, Exit> Foreground::prepare() {
  auto models = known_models(env_);
  if (!models) return std::unexpected(models.error());
  models_ = std::move(*models);
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
  auto text = env_.files.read_named(request_.path, config_limit);
  if (text) return std::move(*text);
  if (text.error().kind != ErrorKind::cancelled)
    say(fmt::format("error: {}\n help: name a config with -c, or make one: apigw init\n", text.error().what));
  return std::unexpected(exit_of_file(text.error()));
}

// Prints what is wrong; with an Exit nothing was changed.
std::expected<Foreground::Project, Exit> Foreground::read_project() {
  Project project{.environment = env_.environment};
  reading_.at = env_.clock.wall();
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
  reading_.files = project.loaded.files;
  reading_.globs = project.loaded.globs;
  // In a journal or a container's log too: the help is what the reader needs there.
  say(diag::render(project.loaded.report, project.loaded.sources, diag::Format::full, env_.terminal.color_err));
  if (project.loaded.plan) return project;
  return std::unexpected(exit_of_findings(project.loaded.report));
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
  auto gateway =
      LiveGateway::start(snapshot_of(project, *ports),
                         {.may_move = mode_ == Mode::run,
                          .log = [this](std::string_view lines) { console_.out(lines); },
                          .log_for_people = env_.terminal.out,
                          .environment = {project.environment.begin(), project.environment.end()},
                          .models = models_,
                          .key_refused =
                              [this](std::string_view provider) {
                                if (const auto line = refused_keys_.refused(provider, env_.clock.now()))
                                  console_.err(*line);
                              },
                          .token_failed = [this](std::string_view provider,
                                                 std::string_view why) { console_.err(token_line(provider, why)); }},
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

void Foreground::watch_files() {
  watch_.follow(reading_, *gateway_->plan(), dotenv_, env_.clock.now());
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

}  // namespace apigw::cli
