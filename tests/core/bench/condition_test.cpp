#include "bench/condition.h"

#include <doctest/doctest.h>

using namespace apigw;
using namespace std::chrono_literals;

namespace {

// 99 good calls of 1 to 99 ms, half as long to their beginning, and one that failed; 1,000 tokens in 2 s.
bench::Outcome run() {
  bench::Outcome outcome;
  for (int i = 1; i < 100; ++i) {
    outcome.whole.add(std::chrono::milliseconds(i));
    outcome.first.add(std::chrono::microseconds(500 * i));
  }
  outcome.calls = 100;
  outcome.failed = 1;
  outcome.tokens = 1'000;
  outcome.told = 99;
  outcome.took = 2s;
  return outcome;
}

}  // namespace

TEST_CASE("a condition is met where the figure is beyond its limit") {
  struct Row {
    std::string_view text;
    bool met;
  };
  for (const Row& row :
       {Row{"p50>40ms", true}, Row{"p50>60ms", false}, Row{"p99>0.05s", true}, Row{" p99 > 1m ", false},
        Row{"max<100000us", true}, Row{"mean>=50ms", true}, Row{"mean>50ms", false}, Row{"ttft-p50>20ms", true},
        Row{"ttft-p50>30ms", false}, Row{"ttft-p99<=50ms", true}, Row{"rps<50", true}, Row{"rps<49.5", false},
        Row{"rps<=49.5", true}, Row{"tokens/s<500", false}, Row{"tokens/s<501", true}, Row{"errors>0%", true},
        Row{"errors>1%", false}, Row{"errors>=1%", true}}) {
    CAPTURE(row.text);
    const auto condition = bench::parse_condition(row.text);
    REQUIRE(condition);
    CHECK(condition->met(run()) == row.met);
  }
}

TEST_CASE("what cannot be held fails") {
  const bench::Outcome nothing{.failed = 3, .took = 1s};
  for (const std::string_view text : {"p99>1m", "ttft-p50>1m", "tokens/s<0", "errors>99%"}) {
    CAPTURE(text);
    CHECK(bench::parse_condition(text)->met(nothing));
  }
}

TEST_CASE("a condition that cannot be read says what may stand there") {
  struct Row {
    std::string_view text, says;
  };
  for (const Row& row : {Row{"p99", "'p99' holds neither > nor <; write it as in 'p99>200ms'"},
                         Row{"", "'' holds neither > nor <; write it as in 'p99>200ms'"},
                         Row{"p98>1ms", "there is no figure 'p98'; write one of p50, p90,"},
                         Row{"p99>200", "'200' is no limit of p99; write 200ms or 1.5s"},
                         Row{"p99>-1ms", "'-1ms' is no limit of p99; write 200ms or 1.5s"},
                         Row{"p99>nanms", "'nanms' is no limit of p99; write 200ms or 1.5s"},
                         Row{"errors>1", "'1' is no limit of errors; write 1%"},
                         Row{"rps<1k", "'1k' is no limit of rps; write a number"},
                         Row{"rps<", "'' is no limit of rps; write a number"}}) {
    CAPTURE(row.text);
    const auto condition = bench::parse_condition(row.text);
    REQUIRE(!condition);
    CHECK(condition.error().kind == ErrorKind::invalid);
    CHECK(condition.error().what.starts_with(row.says));
  }
}
