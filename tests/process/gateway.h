// `apigw run` or `apigw serve` in a directory of its own, with what it printed read back.
#pragma once
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"

namespace support {

class Gateway {
 public:
  explicit Gateway(std::string_view config, std::map<std::string, std::string> environment = {}) {
    environment_ = std::move(environment);
    environment_["XDG_RUNTIME_DIR"] = dir.path();
    if (!config.empty()) dir.write("apigw.yaml", config);
  }
  // Returns once the addresses are printed.
  Gateway& start(std::string_view command = "run", std::vector<std::string> more = {}) {
    launch(command, std::move(more));
    port = port_in(process->wait_for("gateway "));
    return *this;
  }
  Process& launch(std::string_view command = "run", std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {apigw_binary(), std::string(command)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    process = std::make_unique<Process>(std::move(arguments),
                                        Process::Options{.directory = dir.path(), .environment = environment_});
    return *process;
  }
  [[nodiscard]] Reply get(std::string_view target, std::vector<std::string> headers = {}) const {
    return request(port, "GET", target, std::move(headers));
  }
  // The admin listener's port, once the start screen is there.
  [[nodiscard]] std::uint16_t admin() const {
    const std::string text = process->out() + process->err();
    return port_in(text.substr(text.find("admin ")));
  }
  // A member of the runtime file; the text is flat, and keys hold no quotes.
  [[nodiscard]] std::string runtime(std::string_view member) const {
    const std::string text = dir.read(runtime_file());
    const std::size_t at = text.find("\"" + std::string(member) + "\": \"") + member.size() + 5;
    return text.substr(at, text.find('"', at) - at);
  }
  [[nodiscard]] std::string runtime_file() const { return "apigw/" + std::to_string(process->pid()) + ".json"; }
  [[nodiscard]] std::string bearer() const { return "authorization: Bearer " + runtime("admin_key"); }
  [[nodiscard]] Reply ask_admin(std::string_view target) const { return request(admin(), "GET", target, {bearer()}); }
  Ended stop(int number = SIGTERM) {
    process->signal(number);
    return process->wait();
  }

  TempDir dir;
  std::unique_ptr<Process> process;
  std::uint16_t port = 0;

 private:
  std::map<std::string, std::string> environment_;
};

// A config with one route to an upstream.
inline std::string one_service(const std::string& url, std::string_view more = "") {
  return "apigw: 1\nservices:\n  up: " + url + "\nroutes:\n  /up/**: { to: up, strip: /up }\n" + std::string(more);
}

// The command line of a service: a fake upstream on the port that PORT names.
inline std::string fake_service(std::string_view name) {
  return std::string(APIGW_FAKE_UPSTREAM) + " $PORT " + std::string(name);
}

}  // namespace support
