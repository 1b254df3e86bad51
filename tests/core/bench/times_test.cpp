#include "bench/times.h"

#include <doctest/doctest.h>

using apigw::bench::Times;
using Us = Times::Duration;

TEST_CASE("a time is told within one percent, however long it was") {
  for (std::int64_t us = 1; us < 1'000'000'000'000; us = us * 5 / 4 + 1) {
    CAPTURE(us);
    Times times;
    times.add(Us(us));
    times.add(Us(us + 1));
    const double told = double(times.within(0.5).count());
    CHECK(told >= double(us));
    CHECK(told <= double(us) * 1.01 + 1);
  }
}

TEST_CASE("shares, mean and the longest are those of what was added, in whatever parts") {
  Times odd, even;
  for (int i = 1; i <= 100; ++i) (i % 2 == 1 ? odd : even).add(Us(i));
  odd.add(even);
  CHECK(odd.count() == 100);
  CHECK(odd.within(0.5) == Us(50));
  CHECK(odd.within(0.99) == Us(99));
  CHECK(odd.within(0.999) == Us(100));
  CHECK(odd.within(1) == Us(100));
  CHECK(odd.within(0) == Us(1));
  CHECK(odd.mean() == Us(50));
  CHECK(odd.longest() == Us(100));
}

TEST_CASE("no share is longer than the longest, and nothing is told of nothing") {
  Times times;
  CHECK(times.within(0.5) == Us(0));
  CHECK(times.mean() == Us(0));
  times.add(Us(-5));
  CHECK(times.longest() == Us(0));
  times.add(Us(1'000'001));
  CHECK(times.within(0.99) == Us(1'000'001));
  times.add(std::chrono::hours(24 * 30));
  CHECK(times.longest() == Us((std::int64_t{1} << 40) - 1));
  CHECK(times.within(1) == times.longest());
}
