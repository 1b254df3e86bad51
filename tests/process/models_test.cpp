// `apigw models update` of the real binary on a real disk, and what a call costs before and after it.
#include <chrono>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "process/gateway.h"
#include "support/process.h"
#include "support/serving.h"

using namespace support;

namespace {

// 3 tokens in, 1 out: 3 × 1 + 1 × 2 USD/M = 0.000005.
constexpr std::string_view table = "house tok-5-0 8192 2048 1000000,-,-,2000000 -\n";
constexpr double cost = 0.000005;

struct Ran {
  int code = -1;
  std::string out, err;
  [[nodiscard]] nlohmann::json told(const char* member) const { return nlohmann::json::parse(out).at(member); }
};

struct Project {
  LoadUpstream upstream;
  TempDir dir;
  Project() {
    dir.write("apigw.yaml", "apigw: 1\nproviders: { house: { dialect: openai, url: \"" + upstream.url() +
                                "/v1\" } }\nmodels: { chat: house/tok-5-0 }\n");
    dir.write("prompts/say.prompt", "---\nmodel: chat\n---\nSay {{what}}\n");
    dir.write("table.txt", table);
    dir.write("bad.txt", std::string(table) + "\nhouse tok-5-0 - - 1,-,-,2 -\nhouse other 8k - 1,-,-,2 -\n");
  }
  [[nodiscard]] Ran run(std::vector<std::string> arguments, std::string input = "") const {
    arguments.insert(arguments.begin(), apigw_binary());
    Process process(std::move(arguments),
                    {.directory = dir.path(),
                     .environment = {{"XDG_RUNTIME_DIR", dir.path()}, {"XDG_DATA_HOME", dir / "data"}},
                     .input = std::move(input)});
    const Ended ended = process.wait();
    CHECK(ended.signal == 0);
    return {ended.code, process.out(), process.err()};
  }
  [[nodiscard]] nlohmann::json chat_cost() const { return run({"chat", "chat", "Hi", "-o", "json"}).told("cost"); }
};

}  // namespace

TEST_CASE("a table is taken whole or not at all, and prices every call from then on") {
  const Project project;
  CHECK(project.chat_cost().is_null());

  const Ran refused = project.run({"models", "update", "bad.txt"});
  CHECK(refused.code == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err ==
        "bad.txt:3: house/tok-5-0 is there twice, first on line 1\n"
        "bad.txt:4: the context cannot be '8k': a number of tokens above 0, or - where it is not known\n"
        "error: this is no table of models; nothing was changed\n"
        " help: 'apigw models --help' says how one is written\n");
  CHECK_FALSE(project.dir.has("data/apigw/models.txt"));
  CHECK(project.run({"models", "update", "missing.txt"}).code == 2);

  const Ran taken = project.run({"models", "update", "table.txt"});
  CHECK(taken.code == 0);
  CHECK(taken.out == "wrote " + (project.dir / "data/apigw/models.txt") +
                         ": 1 model, 1 of them new, 0 with other figures than before\n");
  CHECK(project.dir.read("data/apigw/models.txt") == table);
  CHECK(project.chat_cost() == cost);
  const Ran prompt = project.run({"prompt", "run", "say", "--var", "what=x", "-o", "json"});
  CHECK(prompt.told("cost") == cost);
  CHECK(prompt.told("usage").at("output_tokens") == 1);
  CHECK(project.run({"models", "show", "chat"}).out.contains("1 USD in, 2 out a million tokens"));
  CHECK(project.run({"models", "show", "house/tok-5-0"}).out.contains("context 8192 tokens, longest answer 2048 "));

  // A refused one leaves the table that is there.
  CHECK(project.run({"models", "update", "bad.txt"}).code == 2);
  CHECK(project.run({"models", "update", "-"}, "nonsense\n").code == 2);
  CHECK(project.dir.read("data/apigw/models.txt") == table);

  // One that was damaged by other hands stops what needs it, with its line and the way out.
  project.dir.write("data/apigw/models.txt", "house\n");
  const Ran damaged = project.run({"chat", "chat", "Hi", "-o", "json"});
  CHECK(damaged.code == 2);
  CHECK(damaged.err.starts_with((project.dir / "data/apigw/models.txt") + ":1: a row has 6 words"));
  CHECK(damaged.err.contains("apigw models update --reset"));
  for (const char* command : {"run", "serve"}) CHECK(project.run({command, "--set", "listen=127.0.0.1:0"}).code == 2);
  CHECK(project.run({"models", "list"}).code == 0);

  CHECK(project.run({"models", "update", "--reset"}).code == 0);
  CHECK_FALSE(project.dir.has("data/apigw/models.txt"));
  CHECK(project.chat_cost().is_null());
}

TEST_CASE("a running gateway logs what its calls cost, and goes on with the figures that it began with") {
  const Project project;
  REQUIRE(project.run({"models", "update", "table.txt"}).code == 0);
  Process gateway(
      {apigw_binary(), "run", "--set", "listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"},
      {.directory = project.dir.path(),
       .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}, {"XDG_DATA_HOME", project.dir / "data"}}});
  gateway.wait_for("export OPENAI_BASE_URL");
  REQUIRE(project.run({"models", "update", "--reset"}).code == 0);
  CHECK(project.chat_cost() == cost);
  CHECK(gateway.wait_for("\"cost\":").contains("\"usage\":{\"input\":3,\"output\":1},\"cost\":0.000005}"));
  const Ran called = project.run({"call", "POST", "/v1/chat/completions", "-v", "-d",
                                  R"({"model":"chat","messages":[{"role":"user","content":"Hi"}]})"});
  CHECK(called.err.contains(", tokens: input 3, output 1, 0.000005 USD\n"));
}

TEST_CASE("a bench that is interrupted prints the figures so far and waits for no call") {
  FakeUpstream upstream;
  Gateway gateway(one_service(
      upstream.url(), "models: { chat: mock/chat }\nlisten: 127.0.0.1:" + std::to_string(free_port()) + "\n"));
  gateway.start();
  const Process::Options here{.directory = gateway.dir.path(),
                              .environment = {{"XDG_RUNTIME_DIR", gateway.dir.path()}}};
  const auto interrupted = [&](std::vector<std::string> words, int signal) {
    words.insert(words.begin(), {apigw_binary(), "bench"});
    const auto began = std::chrono::steady_clock::now();
    Process bench(std::move(words), here);
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    bench.signal(signal);
    const int code = bench.wait().code;
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
    return "exit " + std::to_string(code) + ": " + bench.out() + bench.err();
  };
  const std::string quick = interrupted({"chat", "-d", "60s", "-c", "2"}, SIGINT);
  CHECK(quick.starts_with("exit 130: model 'chat', streamed, 2 connections for "));
  CHECK(quick.contains(" s, interrupted\n"));
  CHECK(quick.contains("whole       p50 "));
  CHECK(quick.contains("; 0 failed\n"));
  const std::string held = interrupted({"/up/hold", "-n", "5", "--timeout", "60s"}, SIGTERM);
  CHECK(held.starts_with("exit 143: GET /up/hold, 10 connections for "));
  CHECK(held.contains("calls       0 good, 0.0 a second; 0 failed\n"));
}

TEST_CASE("a bench ends before its calls cost more than they may, and says so") {
  const Project project;
  const auto bench = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"bench", "chat"});
    return project.run(std::move(more));
  };
  const Ran refused = bench({"-n", "5", "--max-cost", "1 USD"});
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "error: what house/tok-5-0 costs is not known, and --max-cost needs to\n"
        " help: give its prices with 'apigw models update FILE', or leave --max-cost out\n");
  const auto unpriced = bench({"-n", "5", "-o", "json"});
  CHECK(unpriced.code == 0);
  CHECK(unpriced.told("cost").is_null());
  CHECK(project.upstream.stat("requests") == 6);  // and the question for them

  // A streamed answer has 5 tokens: 3 × 1 + 5 × 2 USD/M = 0.000013. Seven of them are 0.000091.
  REQUIRE(project.run({"models", "update", "table.txt"}).code == 0);
  for (const char* connections : {"1", "4"}) {
    CAPTURE(connections);
    const std::uint64_t before = project.upstream.stat("requests");
    const Ran ended = bench({"-n", "1000", "-c", connections, "--max-cost", "0.0001 USD", "-o", "json"});
    CHECK(ended.code == 1);
    CHECK(ended.err ==
          "error: --max-cost ended the run: 0.000091 USD of 0.0001 USD are spent, and one more call may pass it\n"
          " help: the figures are those of the calls until then\n");
    CHECK(ended.told("good") == 7);
    CHECK(ended.told("cost") ==
          nlohmann::json{{"usd", 0.000091}, {"answers", 7}, {"max_usd", 0.0001}, {"ended_by_max", true}});
    CHECK(project.upstream.stat("requests") == before + 8);
  }
  const Ran timed = bench({"-d", "1m", "--max-cost", "0.0001USD"});
  CHECK(timed.code == 1);
  CHECK(timed.out.contains("cost        0.000091 USD; 0.000013 USD an answer\n"));
  const Ran enough = bench({"-n", "7", "--max-cost", "0.000091 USD", "-o", "json"});
  CHECK(enough.code == 0);
  CHECK(enough.told("cost").at("ended_by_max") == false);
  const Ran prompt = project.run({"bench", "say", "--var", "what=x", "-n", "9", "--max-cost", "0.000011 USD"});
  CHECK(prompt.code == 1);
  CHECK(prompt.out.contains("cost        0.00001 USD; 0.000005 USD an answer\n"));
}
