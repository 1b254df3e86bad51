// The job, the loop around it, and what is told about it.

#include <fstream>
#include <future>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "job.h"
#include "runtime/app.h"
#include "runtime/worker.h"

using namespace std::chrono_literals;

TEST_CASE("the job") {
  std::string out;
  runtime::Log log(runtime::Level::info, [&out](const std::string& line) { out += line; });
{{#if calls}}
  Job(log, {}).run();
  CHECK(out.empty());
  Job job(log, { {"other", runtime::Client("http://127.0.0.1:1")} });
  CHECK_THROWS_AS(job.run(), runtime::Problem);
{{else}}
  Job(log).run();
  CHECK(out.find("\"message\":\"nothing to do\"") != std::string::npos);
{{/if}}
}

TEST_CASE("it repeats, counts, and ends behind the job that runs") {
  std::promise<void> begun, go_on;
  int runs = 0;
  runtime::Log quiet(runtime::Level::error, [](const std::string&) {});
  runtime::Metrics metrics;
  const auto job = [&] {
    if (++runs == 1) throw std::runtime_error("planted");
    begun.set_value();
    go_on.get_future().wait_for(10s);
  };
  runtime::Worker worker(job, 0s, metrics, quiet);
  worker.start();
  REQUIRE(begun.get_future().wait_for(10s) == std::future_status::ready);
  worker.stop();
  CHECK_FALSE(worker.wait_for(50ms));
  go_on.set_value();
  REQUIRE(worker.wait_for(10s));
  const std::string text = metrics.render();
  CHECK(text.find("worker_jobs_total{outcome=\"failure\"} 1\n") != std::string::npos);
  CHECK(text.find("worker_jobs_total{outcome=\"success\"} 1\n") != std::string::npos);
  CHECK(runs == 2);
}

TEST_CASE("probes") {
  runtime::Log quiet(runtime::Level::error, [](const std::string&) {});
  runtime::App app(quiet);
  const auto status = [&app](const char* path) { return app.answer({"GET", path, {}, "", {}}).status; };
  CHECK(status("/healthz") == 200);
  CHECK(status("/readyz") == 200);
  CHECK(status("/metrics") == 200);
  CHECK(status("/") == 404);
  app.drain();
  CHECK(status("/readyz") == 503);
  CHECK(status("/healthz") == 200);
}

TEST_CASE("openapi.json names exactly the paths that the worker answers") {
  std::ifstream file("openapi.json");
  const auto document = nlohmann::json::parse(file);
  std::set<std::string> described;
  for (const auto& [path, operations] : document["paths"].items())
    for (const auto& [method, operation] : operations.items()) described.insert((method == "get" ? "GET " : method) + path);
  runtime::Log quiet(runtime::Level::error, [](const std::string&) {});
  CHECK(described == runtime::App(quiet).router.routes());
}
