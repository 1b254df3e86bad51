#include "support/serving.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace support {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

bool long_tests() {
  const char* asked = std::getenv("APIGW_LONG");
  return asked != nullptr && std::string_view(asked) == "1";
}

LoadUpstream::LoadUpstream() : process_({APIGW_TEST_UPSTREAM}) {
  const std::string line = process_.wait_for("port ");
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.find("port ") + 5)));
}

std::uint64_t LoadUpstream::stat(std::string_view name) const {
  const std::string body = request(port_, "GET", "/stats").body;
  const std::string key = "\"" + std::string(name) + "\":";
  const auto at = body.find(key);
  if (at == std::string::npos) throw std::runtime_error("no " + std::string(name) + " in " + body);
  return std::stoull(body.substr(at + key.size()));
}

std::string run_load(std::vector<std::string> arguments, std::chrono::seconds limit) {
  arguments.insert(arguments.begin(), APIGW_TEST_LOAD);
  Process load(std::move(arguments));
  (void)load.wait(limit);
  return load.out() + load.err();
}

Serving::Serving(std::string config, const std::string& upstream_url)
    : upstream_url_(upstream_url), port_(free_port()) {
  directory_.write("apigw.yaml", filled(std::move(config)));
  Process::Options options;
  options.directory = directory_.path();
  options.environment = {{"GATEWAY_KEY", std::string(test_key)}, {"UPSTREAM_KEY", "test-upstream-key"}};
  process_ = std::make_unique<Process>(std::vector<std::string>{apigw_binary(), "serve"}, options);
  if (!eventually([&] { return listening(port_) || !process_->running(); }) || !process_->running())
    throw std::runtime_error("apigw serve did not start: " + process_->out() + process_->err());
}

std::string Serving::filled(std::string config) const {
  replace_all(config, "{port}", std::to_string(port_));
  replace_all(config, "{up}", upstream_url_);
  return config;
}

void Serving::reload(std::string config) {
  directory_.save("apigw.yaml", filled(std::move(config)));
  process_->signal(SIGHUP);
}

std::uint64_t Serving::status_line(std::string_view name) const {
  std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  return 0;
}

std::uint64_t Serving::resident() const {
  return status_line("VmRSS:");
}
std::uint64_t Serving::peak() const {
  return status_line("VmHWM:");
}

void Serving::forget_peak() const {
  std::ofstream("/proc/" + std::to_string(process_->pid()) + "/clear_refs") << "5";
}

}  // namespace support
