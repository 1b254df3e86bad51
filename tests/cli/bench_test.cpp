#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "runtime_file.h"
#include "support/cli.h"
#include "support/process.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view config =
    "apigw: 1\n"
    "models:\n"
    "  chat: mock/chat\n"
    "services:\n"
    "  orders: http://127.0.0.1:9001\n"
    "routes:\n"
    "  GET /status/{code}: orders\n"
    "  POST /echo: orders\n";
constexpr std::string_view prompt =
    "---\n"
    "model: chat\n"
    "input:\n"
    "  schema:\n"
    "    text: string\n"
    "---\n"
    "{{text}}\n";

testing::MemoryFiles project() {
  return {{"apigw.yaml", std::string{config}}, {"prompts/mood.prompt", std::string{prompt}}};
}

// The same, its gateway "running": the runtime file names an address of the test's.
testing::MemoryFiles running(const std::string& address) {
  testing::MemoryFiles files = project();
  const auto written = cli::write_runtime_file(
      {.address = address, .dev_key = Secret{"dev-key"}, .pid = ::getpid(), .config = "/project/apigw.yaml"}, files,
      {});
  REQUIRE(written);
  return files;
}

nlohmann::json document(const testing::Ran& ran) {
  const auto parsed = nlohmann::json::parse(ran.out, nullptr, false);
  REQUIRE(parsed.is_object());
  return parsed;
}

}  // namespace

TEST_CASE("bench calls the running gateway as often as it is told and counts what came back") {
  support::FakeUpstream gateway;
  auto files = running(gateway.url());
  const auto ran = run({"bench", "POST", "/echo", "--data", "{}", "-n", "40", "-c", "4", "-o", "json"}, files);
  CHECK(ran.exit == 0);
  const auto told = document(ran);
  CHECK(told["called"] == "POST /echo");
  CHECK(told["good"] == 40);
  CHECK(told["failed"] == 0);
  CHECK(told["figures"]["errors"] == 0.0);
  CHECK(told["figures"]["p50"] > 0.0);
  CHECK(told["figures"]["tokens/s"].is_null());
}

TEST_CASE("bench tells the calls that failed, by their status") {
  support::FakeUpstream gateway;
  struct Row {
    std::string_view status;
    int exit;
  };
  for (const Row& row : {Row{"404", 1}, Row{"401", 4}, Row{"503", 3}}) {
    CAPTURE(row.status);
    auto files = running(gateway.url());
    const auto ran = run({"bench", fmt::format("/status/{}", row.status), "-n", "6", "-o", "json"}, files);
    CHECK(ran.exit == row.exit);
    CHECK(document(ran)["failures"] == nlohmann::json{{row.status, 6}});
    CHECK(ran.err.contains(fmt::format("no call was good: 6 of 6 were '{}'", row.status)));
  }
}

TEST_CASE("bench gives up where nobody answers") {
  auto files = running("http://127.0.0.1:1");
  const auto ran = run({"bench", "GET", "/", "-c", "2", "-d", "1m"}, files);
  CHECK(ran.exit == 3);
  CHECK(ran.err == "error: GET http://127.0.0.1:1/: connection refused\n");
}

TEST_CASE("the last calls of a bench end at the latest when its time and theirs are over") {
  support::FakeUpstream gateway;
  auto files = running(gateway.url());
  const auto began = std::chrono::steady_clock::now();
  const auto ran = run({"bench", "/hold", "-c", "3", "-d", "200ms", "--timeout", "400ms", "-o", "json"}, files);
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(ran.exit == 3);
  CHECK(took >= std::chrono::milliseconds{400});
  CHECK(took < std::chrono::seconds{3});  // 600 ms, and a busy machine
}

TEST_CASE("bench fails by its conditions") {
  auto files = project();
  const auto kept = run({"bench", "mood", "--var", "text=hi", "-n", "5", "--fail-if", "p99>1m"}, files);
  CHECK(kept.exit == 0);
  CHECK(kept.out.contains("fail-if     p99>1m: kept ("));
  const auto failed =
      run({"bench", "mood", "--var", "text=hi", "-n", "5", "--fail-if", "p99>1m", "--fail-if", "max>0us"}, files);
  CHECK(failed.exit == 1);
  CHECK(failed.out.contains("fail-if     max>0us: FAILED ("));
}

TEST_CASE("bench serves prompts and models itself where no gateway runs, and streams a model's answer") {
  auto files = project();
  const auto mood = document(run({"bench", "mood", "--var", "text=hi", "-n", "3", "-o", "json"}, files));
  CHECK(mood["called"] == "POST /prompts/mood");
  CHECK(mood["good"] == 3);
  CHECK(mood["figures"]["tokens/s"] > 0.0);
  for (const std::string_view model : {"chat", "prompt/mood", "mock/small"}) {
    CAPTURE(model);
    const auto told =
        document(run({"bench", std::string(model), "--data", "good day", "-n", "2", "-o", "json"}, files));
    CHECK(told["called"] == fmt::format("model '{}', streamed", model));
    CHECK(told["good"] == 2);
    CHECK(told["figures"]["ttft-p50"] < told["figures"]["p50"]);
    CHECK(told["figures"]["tokens/s"] > 0.0);
  }
}

TEST_CASE("a ceiling is dollars above nothing, for what has a price") {
  auto files = project();
  for (const char* value : {"1", "1 EUR", "USD", "0 USD", "-1 USD", "1,5 USD", "1e40 USD", "10000000001 USD"}) {
    CAPTURE(value);
    const auto ran = run({"bench", "chat", "-n", "1", "--max-cost", value}, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err ==
          fmt::format(
              "error: --max-cost cannot be '{}'\n help: write US dollars above 0, at most 10 billion: '0.50 USD'\n",
              value));
  }
  support::FakeUpstream gateway;
  auto asked = running(gateway.url());
  CHECK(run({"bench", "GET", "/status/200", "-n", "1", "--max-cost", "1 USD"}, asked).err ==
        "error: --max-cost is for models and prompts\n help: leave it out\n");
  // The mock is free: any ceiling will do.
  const auto told = document(
      run({"bench", "prompt/mood", "--data", "hi", "-n", "3", "--max-cost", "0.000000001 USD", "-o", "json"}, files));
  CHECK(told["good"] == 3);
  CHECK(told["cost"]["usd"] == 0.0);
  CHECK(told["cost"]["ended_by_max"] == false);
}

TEST_CASE("of a model that may fall back the dearest target counts, and each must have a price") {
  testing::MemoryFiles files;
  files.content["/data/apigw/models.txt"] = "house cheap - - 1,-,-,2 -\nhouse half - - 5,-,-,- -\n";
  files.content["/project/apigw.yaml"] =
      "apigw: 1\nproviders: { house: { dialect: openai, url: http://127.0.0.1:1 } }\n"
      "models: { one: [mock/a, house/cheap, house/half], two: [mock/a, house/cheap] }\n";
  const testing::Setting data{.environment = {{"XDG_DATA_HOME", "/data"}}};
  const auto refused = [&](const char* model) {
    return run({"bench", model, "-n", "1", "--max-cost", "1 USD"}, files, data).err;
  };
  CHECK(refused("one").starts_with("error: what house/half costs is not known"));
  CHECK(refused("house/none").starts_with("error: what house/none costs is not known"));
  const auto told = document(run({"bench", "two", "-n", "1", "--max-cost", "1 USD", "-o", "json"}, files, data));
  // The mock answered, and house/cheap would have cost something.
  CHECK(told["cost"]["usd"] > 0.0);
}

TEST_CASE("bench says what it cannot do") {
  auto files = project();
  struct Row {
    std::vector<std::string> line;
    int exit;
    std::string_view says;
  };
  for (const Row& row : {Row{{"bench"}, 2, "nothing to call"},
                         Row{{"bench", "nope"}, 2, "no route, service or prompt is called 'nope'"},
                         Row{{"bench", "GET", "chat"},
                             2,
                             "error: 'chat' is a model, and those are called without a method\n"
                             " help: write: apigw bench chat\n"},
                         Row{{"bench", "POST", "mock/x"}, 2, " help: write: apigw bench mock/x\n"},
                         Row{{"bench", "/echo"}, 3, "no gateway runs for this project"},
                         Row{{"bench", "mood", "-c", "0"}, 2, "--connections cannot be '0'"},
                         Row{{"bench", "mood", "-c", "1001"}, 2, "write a whole number from 1 to 1000"},
                         Row{{"bench", "mood", "-d", "10"}, 2, "--duration cannot be '10'"},
                         Row{{"bench", "mood", "-d", "25h"}, 2, "at most 24h"},
                         Row{{"bench", "mood", "-d", "99999999h"}, 2, "at most 24h"},
                         Row{{"bench", "mood", "-n", "1", "-d", "1s"}, 2, "cannot stand together"},
                         Row{{"bench", "chat", "--var", "a=b"}, 2, "--var is for prompts"},
                         Row{{"bench", "mood", "--var", "text=a", "-H", "x"}, 2, "--header cannot be 'x'"},
                         Row{{"bench", "mood", "--fail-if", "p99"}, 2, "--fail-if: 'p99' holds neither > nor <"}}) {
    CAPTURE(row.says);
    const auto ran = run(row.line, files);
    CHECK(ran.exit == row.exit);
    CHECK(ran.err.contains(row.says));
    CHECK(ran.out.empty());
  }
}

TEST_CASE("bench's own -c leaves the config its long name") {
  testing::MemoryFiles files{{"other.yaml", "apigw: 1\nmodels: { talk: mock/chat }\n"}};
  const auto ran = run({"bench", "talk", "--config", "other.yaml", "-c", "1", "-n", "1"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("model 'talk', streamed, 1 connection for"));
}
