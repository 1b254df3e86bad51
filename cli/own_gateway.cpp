#include "own_gateway.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "admin_client.h"
#include "base/text.h"
#include "run/lines.h"

namespace apigw::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto look_every = 20ms;
constexpr auto grace = 10s;
constexpr std::size_t kept_output = 16 << 10;  // bytes
constexpr std::size_t shown_lines = 20;

std::string own_binary() {
  std::error_code code;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
  // Of a binary that was replaced since it started the link still leads to the file.
  const bool there = !code && std::filesystem::exists(path, code);
  return there ? path.string() : fmt::format("/proc/{}/exe", ::getpid());
}

std::string command_line(const Globals& globals, const model::Plan& plan) {
  std::string line = fmt::format("exec {} run -q", text::shell_quoted(own_binary()));
  if (!globals.config.empty()) line += " -c " + text::shell_quoted(globals.config);
  if (!globals.profile.empty()) line += " --profile " + text::shell_quoted(globals.profile);
  for (const auto& [field, value] : globals.sets) line += " --set " + text::shell_quoted(field + "=" + value);
  line += " --set listen=127.0.0.1:0 --set admin.listen=127.0.0.1:0";
  return plan.health.on ? line + " --set health=127.0.0.1:0" : line;
}

// What mirrors the flags of this command is no flag of the other.
run::Environment environment_of(const Env& env) {
  static constexpr std::string_view mirrors[] = {"APIGW_DIRECTORY", "APIGW_CONFIG", "APIGW_OUTPUT",  "APIGW_SET",
                                                 "APIGW_PROFILE",   "APIGW_QUIET",  "APIGW_VERBOSE", "APIGW_COLOR",
                                                 "APIGW_NO_INPUT",  "APIGW_TIMEOUT"};
  run::Environment out(env.environment.begin(), env.environment.end());
  for (const std::string_view name : mirrors)
    if (const auto at = out.find(name); at != out.end()) out.erase(at);
  return out;
}

}  // namespace

OwnGateway::OwnGateway(run::Child child)
    : child_(std::move(child)), reader_([this](const std::stop_token& stop) { follow_output(stop); }) {}

OwnGateway::~OwnGateway() {
  stop(false);
}

// Until every process that writes to the pipe has ended, so it never fills up; told to stop, until it is empty.
void OwnGateway::follow_output(const std::stop_token& stop) {
  std::array<char, 4096> block;
  while (true) {
    pollfd ready{child_.output.get(), POLLIN, 0};
    const int found = ::poll(&ready, 1, 100);
    if ((found < 0 && errno != EINTR) || (found == 0 && stop.stop_requested())) return;
    if (found <= 0) continue;
    const ssize_t n = ::read(child_.output.get(), block.data(), block.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return;
    const std::lock_guard lock(mutex_);
    output_.append(block.data(), static_cast<std::size_t>(n));
    if (output_.size() > kept_output) output_.erase(0, output_.size() - kept_output);
  }
}

std::string OwnGateway::tail() {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = output_;
  }
  while (text.ends_with('\n')) text.pop_back();
  std::vector<std::string_view> lines = text::split(text, '\n');
  if (lines.size() > shown_lines) lines.erase(lines.begin(), lines.end() - shown_lines);
  std::string out;
  for (const std::string_view line : lines)
    if (!line.empty()) out += fmt::format("  | {}\n", run::showable(line, false));
  return out;
}

void OwnGateway::stop(bool at_once) {
  if (gone_) return;
  gone_ = true;
  run::signal_group(child_.pid, SIGTERM);
  const auto until = Clock::now() + grace;
  std::optional<run::ExitStatus> status;
  while (!(status = run::reap(child_)) && Clock::now() < until) {
    pollfd ready{child_.exit.get(), POLLIN, 0};
    // A second signal ends what is in flight; two of one kind that come at once would be one.
    if (::poll(&ready, 1, 100) == 0 && at_once) run::signal_group(child_.pid, SIGTERM);
  }
  if (!status) run::signal_group(child_.pid, SIGKILL);
  while (!status && !(status = run::reap(child_))) {
    pollfd ready{child_.exit.get(), POLLIN, 0};
    ::poll(&ready, 1, 100);
  }
}

Exit OwnGateway::ended(Env& env, const run::ExitStatus& status) {
  gone_ = true;
  reader_.request_stop();
  reader_.join();  // it has written all that it will
  env.err << tail();
  const bool credentials = status.signal == 0 && status.code == static_cast<int>(Exit::credentials);
  return complain(env, credentials ? Exit::credentials : Exit::world,
                  fmt::format("the gateway for the tests did not start: it ended with {}", status.text()),
                  "`apigw run` shows the same; or leave one running, and the tests ask that");
}

std::expected<bool, Exit> OwnGateway::look(Env& env) {
  if (const auto status = run::reap(child_)) return std::unexpected(ended(env, *status));
  if (place_.pid == 0) {
    auto gateways = running_gateways(env.files, env.environment);
    if (!gateways) return std::unexpected(complain(env, exit_of_file(gateways.error()), gateways.error().what));
    const auto own = std::ranges::find(*gateways, child_.pid, &RuntimeFile::pid);
    if (own == gateways->end()) return false;
    place_ = std::move(*own);
  }
  const auto state = ask_admin(place_, "/admin/state");
  const auto services = state ? state->find("services") : nlohmann::ordered_json::const_iterator{};
  if (!state || services == state->end()) return false;
  const auto healthy = [](const auto& service) { return service.value("phase", "") == "healthy"; };
  return services->size() >= services_ && std::ranges::all_of(*services, healthy);
}

std::expected<std::unique_ptr<OwnGateway>, Exit> OwnGateway::start(Env& env, const Globals& globals,
                                                                   const model::Plan& plan,
                                                                   std::chrono::milliseconds limit,
                                                                   run::Signals& signals) {
  if (globals.config == "-")
    return std::unexpected(complain(env, Exit::input, "a gateway for tests cannot be started from a config on stdin",
                                    "name a file with -c, or start one first: apigw run"));
  auto child = run::start_child({.name = "gateway",
                                 .command = command_line(globals, plan),
                                 .directory = {},
                                 .environment = environment_of(env),
                                 .health_path = {},
                                 .calls = {}});
  if (!child) return std::unexpected(complain(env, Exit::world, child.error().what));
  std::unique_ptr<OwnGateway> gateway(new OwnGateway(std::move(*child)));
  const auto starts = [](const model::Service& service) { return service.run.has_value(); };
  gateway->services_ = static_cast<std::size_t>(std::ranges::count_if(plan.services, starts));
  const auto until = Clock::now() + limit;
  while (true) {
    const auto ready = gateway->look(env);
    if (!ready) return std::unexpected(ready.error());
    if (*ready) return gateway;
    if (const auto number = signals.take()) {
      gateway->stop(true);
      return std::unexpected(*number == SIGINT ? Exit::interrupted : Exit::terminated);
    }
    if (Clock::now() >= until) break;
    pollfd wait[] = {{gateway->child_.exit.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    ::poll(wait, std::size(wait), static_cast<int>(look_every.count()));
  }
  gateway->stop(true);
  gateway->reader_.request_stop();
  gateway->reader_.join();
  env.err << gateway->tail();
  return std::unexpected(
      complain(env, Exit::world,
               fmt::format("the gateway for the tests and its services were not ready within {} ms", limit.count()),
               "give it longer with --timeout, or leave one running: apigw run"));
}

}  // namespace apigw::cli
