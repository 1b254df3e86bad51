#include "gateway/access_log.h"

#include <atomic>

#include <doctest/doctest.h>

#include "base/json.h"
#include "gateway/request_ids.h"
#include "support/manual_clock.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

gateway::Outcome outcome_of(std::string_view path) {
  gateway::Outcome outcome;
  outcome.request_id = "r1";
  outcome.started = std::chrono::system_clock::time_point(1'700'000'000'123ms);
  outcome.took = 12'345us;
  outcome.method = "POST";
  outcome.path = path;
  outcome.route = "POST /v1/chat/completions";
  outcome.model = "chat";
  outcome.status = 200;
  outcome.usage = {.input = 7, .output = 3, .known = true};
  outcome.attempts.push_back(
      {.to = "openai", .model = "gpt-5-mini", .address = "https://api:443", .status = 200, .took = 9ms});
  return outcome;
}

}  // namespace

TEST_CASE("a line is one JSON object with what happened in it") {
  std::string line;
  gateway::append_json_line(outcome_of("/v1/chat/completions"), line);
  CHECK(line ==
        R"({"time":"2023-11-14T22:13:20.123Z","request_id":"r1","method":"POST","path":"/v1/chat/completions",)"
        R"("route":"POST /v1/chat/completions","model":"chat","status":200,"end":"done","ms":12.345,"bytes_in":0,)"
        R"("bytes_out":0,"attempts":[{"to":"openai","model":"gpt-5-mini","address":"https://api:443","status":200,)"
        R"("ms":9.000}],"usage":{"input":7,"output":3}})"
        "\n");
}

TEST_CASE("a call's cost is told in dollars, null where it is not known, and not at all where no model answered") {
  auto outcome = outcome_of("/v1/chat/completions");
  const auto line_of = [&] {
    std::string line;
    gateway::append_json_line(outcome, line);
    return line;
  };
  outcome.charged = true;
  CHECK(line_of().ends_with("\"usage\":{\"input\":7,\"output\":3},\"cost\":null}\n"));
  outcome.cost = 7'750;
  CHECK(line_of().ends_with(",\"cost\":0.00000775}\n"));
  std::string readable;
  gateway::append_readable_line(outcome, readable);
  CHECK(readable.ends_with("  10 tokens  0.00000775 USD\n"));
  outcome.cost = 0;
  CHECK(line_of().ends_with(",\"cost\":0}\n"));
  readable.clear();
  gateway::append_readable_line(outcome, readable);
  CHECK(readable.ends_with("  10 tokens\n"));
}

TEST_CASE("whatever a client sends, a line stays one line of valid JSON of bounded length") {
  const std::string control = std::string("/a\n\r\t\x01\x1b[31m\"\\ \x7f") + '\0';
  const std::string broken("/\xff\xc3"), wide = "/" + std::string(9'000, '"');
  for (const std::string& path : {control, broken, wide}) {
    std::string line;
    gateway::append_json_line(outcome_of(path), line);
    REQUIRE(line.ends_with("}\n"));
    line.pop_back();
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.size() < 1'500);
    CHECK(json::scan(line));
    std::string readable;
    gateway::append_readable_line(outcome_of(path), readable);
    CHECK(readable.find('\x1b') == std::string::npos);
    CHECK(readable.find('\n') == readable.size() - 1);
  }
}

TEST_CASE("a client that left without a reply is logged as 499") {
  auto outcome = outcome_of("/a");
  outcome.status = 0;
  outcome.end = gateway::End::client_left;
  std::string line;
  gateway::append_json_line(outcome, line);
  CHECK(line.contains(R"("status":499,"end":"client_left")"));
}

TEST_CASE("the line for people names time, status, route, target and tokens") {
  std::string line;
  gateway::append_readable_line(outcome_of("/v1/chat/completions"), line);
  CHECK(line ==
        "22:13:20.123  200  POST /v1/chat/completions            chat → openai/gpt-5-mini  12.345 ms  10 tokens\n");
}

TEST_CASE("every line of every worker arrives whole, and a writer that is too slow costs lines that are counted") {
  test::ManualClock clock;
  gateway::State state(2, clock);
  std::atomic<bool> stuck = true;
  std::size_t lines = 0;
  constexpr std::size_t each = 20'000;
  {
    gateway::AccessLog log(
        2, state,
        [&](std::string_view batch) {
          stuck.wait(true);
          CHECK(batch.ends_with('\n'));
          lines += static_cast<std::size_t>(std::ranges::count(batch, '\n'));
        },
        false);
    const auto settle = [&](unsigned worker) {
      for (std::size_t i = 0; i < each; ++i) log.of(worker).settle(outcome_of("/a"));
    };
    std::thread other([&] { settle(1); });
    settle(0);
    other.join();
    stuck = false;
    stuck.notify_all();
  }
  const auto dropped = state.view().log_dropped;
  CHECK(dropped > 0);
  CHECK(lines + dropped == 2 * each);
}

TEST_CASE("a client's request id is taken over only in the form that logs can carry") {
  struct Row {
    std::string_view name, id;
    bool usable;
  };
  const std::string longest(128, 'a'), longer(129, 'a');
  for (const Row& row : {Row{"plain", "aB9._-", true},
                         {"empty", "", false},
                         {"longest", longest, true},
                         {"longer", longer, false},
                         {"blank", "a b", false},
                         {"line feed", "a\nb", false},
                         {"quote", "a\"b", false}}) {
    CAPTURE(row.name);
    CHECK(gateway::usable_request_id(row.id) == row.usable);
  }
}

TEST_CASE("a trace context is taken over when it is well formed, and made otherwise") {
  constexpr std::string_view good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  CHECK(gateway::usable_traceparent(good));
  for (const std::size_t at : {0U, 2U, 10U, 35U, 40U, 52U, 54U}) {
    std::string bad(good);
    bad[at] = 'G';
    CHECK_FALSE(gateway::usable_traceparent(bad));
  }
  CHECK_FALSE(gateway::usable_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  gateway::IdSource ids(1);
  const auto a = ids.traceparent(), b = ids.traceparent();
  CHECK(gateway::usable_traceparent({a.data(), a.size()}));
  CHECK(a != b);
}

TEST_CASE("of the outcomes the last ones are kept, each as its line of the log") {
  gateway::Recent recent;
  CHECK(recent.lines().empty());
  for (std::size_t i = 0; i < gateway::Recent::most + 3; ++i) recent.settle(outcome_of("/" + std::to_string(i)));
  const auto lines = recent.lines();
  REQUIRE(lines.size() == gateway::Recent::most);
  std::string line;
  gateway::append_json_line(outcome_of("/3"), line);
  CHECK(lines.front() + "\n" == line);
  CHECK(lines.back().find("\"path\":\"/66\"") != std::string::npos);
}

TEST_CASE("losses of a translation are counted, and the first of them are named in bounds") {
  chat::Losses losses;
  losses.add(chat::Loss::Kind::dropped, "logit_bias", "no such thing");
  losses.add(chat::Loss::Kind::changed, "a\"\n", "why");
  auto outcome = outcome_of("/v1/chat/completions");
  outcome.losses = &losses;
  std::string line, readable;
  gateway::append_json_line(outcome, line);
  CHECK(line.contains(R"(,"losses":{"count":2,"first":["dropped logit_bias","changed a\")"));
  CHECK(json::scan(line));
  gateway::append_readable_line(outcome, readable);
  CHECK(readable.contains("10 tokens  2 losses"));
  for (int i = 0; i < 1'000; ++i) losses.add(chat::Loss::Kind::dropped, std::string(5'000, 'x'), "");
  line.clear();
  gateway::append_json_line(outcome, line);
  CHECK(line.contains(R"("losses":{"count":1002,)"));
  CHECK(line.size() < 2'500);
}
