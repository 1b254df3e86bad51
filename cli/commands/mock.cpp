// apigw mock: the built-in provider alone, for programs that want a server of models without keys or a network.
//
// It is a gateway over a config of a few lines, so whatever holds for the gateway (limits, framing, streams) holds
// here. Any model name is taken and answered under, and no key is asked for: nothing stands behind it.
#include <ostream>

#include <poll.h>
#include <signal.h>

#include "assembly/engine.h"
#include "assembly/vocabulary.h"
#include "base/json.h"
#include "command.h"
#include "mock/faults.h"
#include "run/signals.h"

namespace apigw::cli {
namespace {

constexpr std::chrono::milliseconds grace{2'000};  // for streams in flight when it is told to stop

std::expected<config::Loaded, Exit> mock_config(Env& env, const std::string& listen) {
  // The names before the pattern are what /v1/models lists; each is passed on as the client wrote it.
  const std::string text = fmt::format(
      "apigw: 1\nlisten: {}\ndefaults: {{ auth: none }}\n"
      "models: {{ chat: mock/chat, embed: mock/embed, \"*\": mock/* }}\n",
      json::quote(listen));
  config::Loaded loaded = config::load({.path = "mock", .text = text}, env.files, {}, assembly::vocabulary());
  if (loaded.plan != nullptr) return loaded;
  return std::unexpected(complain(env, Exit::input, "--listen: " + loaded.report.all().front().message,
                                  "write it as in 127.0.0.1:8090"));
}

std::string copy_lines(const std::string& address) {
  return fmt::format(
      "mock provider at {0}/v1\n\n"
      "curl {0}/v1/chat/completions -H 'content-type: application/json' "
      "-d '{{\"model\":\"chat\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'\n"
      "export OPENAI_BASE_URL={0}/v1 OPENAI_API_KEY=none   # for any OpenAI SDK\n"
      "providers: {{ openai: {{ url: \"{0}/v1\" }} }}   # in another apigw.yaml\n\n"
      "Any model name works; some misbehave on purpose, such as fail-429: apigw mock --help\n",
      address);
}

void wait_for_signal(run::Signals& signals) {
  pollfd waiting{.fd = signals.fd(), .events = POLLIN, .revents = 0};
  while (!signals.take()) (void)::poll(&waiting, 1, -1);
}

Exit mock(Env& env, const Globals& globals, const std::string& listen) {
  auto loaded = mock_config(env, listen);
  if (!loaded) return loaded.error();
  run::Signals signals{SIGINT, SIGTERM};  // before the engine's threads
  auto engine = assembly::Engine::start(loaded->plan, {.workers = 1}, env.clock);
  if (!engine)
    return complain(env, exit_of_world(engine.error()), engine.error().what, "give another address with --listen");
  const std::string address = (*engine)->addresses().front().text;
  if (!loaded->plan->listeners.front().loopback())
    env.err << fmt::format(
                   "warning: {} takes calls from other machines, and no key is asked for\n"
                   " help: listen on 127.0.0.1, or put a gateway with 'auth: key' in front\n",
                   address)
            << std::flush;
  env.out << (globals.quiet ? address + "/v1\n" : copy_lines(address)) << std::flush;
  wait_for_signal(signals);
  (*engine)->drain(grace);
  return Exit::done;
}

std::string table_of_faults() {
  std::string out = "Models that misbehave on purpose (in an apigw.yaml and under `apigw run` as mock/NAME)\n";
  for (const mock::FaultRow& row : mock::faults())
    out += fmt::format("  {:<12}  {}\n", fmt::format("{}{}", row.name, row.number), row.what);
  return out +
         "\nThey stand behind a gateway here: what never answers, breaks or makes no sense reaches the client as its "
         "504 or\n502, 401 and 403 as 502, and 529 as 503. Once a stream has begun it ends with an error event.\n";
}

}  // namespace

extern const Command command_mock;
const Command command_mock = {
    .name = "mock",
    .summary = "run the built-in provider alone, as a server of every dialect",
    .details =
        "Takes any model name, answers under it, and asks for no key: keep it on loopback. Runs until SIGINT or\n"
        "SIGTERM.\n\n"
        "Examples:\n"
        "  apigw mock\n"
        "  apigw mock --listen 127.0.0.1:0 -q",
    .job = Job::run,
    .table = table_of_faults,
    .prints = "mock prints its address and no more with -q",
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto listen = std::make_shared<std::string>("127.0.0.1:8090");
      options.add(
          {.names = "--listen", .doc = "where (default 127.0.0.1:8090; port 0: a free one)", .value = "ADDRESS"},
          listen.get());
      return [listen](Env& env, const Globals& globals) { return mock(env, globals, *listen); };
    },
};

}  // namespace apigw::cli
