#include "bench/purse.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace apigw;
using namespace std::chrono_literals;

TEST_CASE("a purse lets calls begin while what the dearest cost still fits") {
  bench::Purse purse(100);
  REQUIRE(purse.take({}));
  purse.settle(40);  // 60 left
  REQUIRE(purse.take({}));
  purse.settle(10);  // 50 left, the dearest is 40
  REQUIRE(purse.take({}));
  purse.settle(40);  // 10 left
  CHECK_FALSE(purse.take({}));
  CHECK(purse.spent().cost == 90);
  CHECK(purse.spent().at_ceiling);
  CHECK_FALSE(purse.spent().cost_unknown);
  CHECK_FALSE(purse.take({}));
}

TEST_CASE("what fits to the last is taken") {
  bench::Purse purse(100);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(purse.take({}));
    purse.settle(25);
  }
  CHECK_FALSE(purse.take({}));
  CHECK(purse.spent().cost == 100);
}

TEST_CASE("nothing begins beside the first call, and no longer than a run lasts is waited") {
  bench::Purse purse(100);
  REQUIRE(purse.take({}));
  CHECK_FALSE(purse.take(std::chrono::steady_clock::now() + 5ms));
  CHECK_FALSE(purse.spent().at_ceiling);
  std::atomic<bool> asks = false, began = false;
  std::thread other([&] {
    asks = true;
    began = purse.take(std::chrono::steady_clock::now() + 5s);
    if (began) purse.settle(30);
  });
  while (!asks) std::this_thread::yield();
  std::this_thread::sleep_for(20ms);  // so that it waits by now, and is woken
  purse.settle(30);
  other.join();
  CHECK(began);
  CHECK(purse.spent().cost == 60);
}

TEST_CASE("calls under way are reserved for, and a cheap one makes room") {
  bench::Purse purse(100);
  REQUIRE(purse.take({}));
  purse.settle(30);
  REQUIRE(purse.take({}));
  REQUIRE(purse.take({}));  // 30 spent, 60 reserved
  CHECK_FALSE(purse.take(std::chrono::steady_clock::now() + 5ms));
  purse.settle(5);  // 35 spent, 30 reserved
  REQUIRE(purse.take({}));
  purse.settle(30);
  purse.settle(30);
  CHECK(purse.spent().cost == 95);
  CHECK_FALSE(purse.take({}));
}

TEST_CASE("a call of unknown cost is taken for the dearest, and ends the run where there is none") {
  bench::Purse known(100);
  REQUIRE(known.take({}));
  known.settle(40);
  REQUIRE(known.take({}));
  known.settle({});
  CHECK(known.spent().cost == 80);
  CHECK_FALSE(known.spent().cost_unknown);
  bench::Purse unknown(100);
  REQUIRE(unknown.take({}));
  unknown.settle({});
  CHECK(unknown.spent().cost_unknown);
  CHECK_FALSE(unknown.take({}));
  CHECK_FALSE(unknown.spent().at_ceiling);
}

TEST_CASE("without a ceiling it only counts") {
  bench::Purse purse({});
  for (const std::uint64_t cost : {1ULL, 2ULL, 3ULL}) {
    REQUIRE(purse.take({}));
    REQUIRE(purse.take({}));
    purse.settle(cost);
    purse.settle({});
  }
  CHECK(purse.spent().cost == 6);
  REQUIRE(purse.take({}));
  purse.settle(UINT64_MAX);
  CHECK(purse.spent().cost == UINT64_MAX);
}

TEST_CASE("many connections never pass the ceiling where calls cost no more than one did before") {
  for (unsigned round = 0; round < 20; ++round) {
    constexpr std::uint64_t ceiling = 10'000;
    bench::Purse purse(ceiling);
    REQUIRE(purse.take({}));
    purse.settle(100);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < 8; ++i)
      threads.emplace_back([&purse, seed = round * 8 + i] {
        std::minstd_rand random(seed + 1);
        while (purse.take({})) purse.settle(random() % 101);
      });
    threads.clear();
    CHECK(purse.spent().at_ceiling);
    CHECK(purse.spent().cost <= ceiling);
    CHECK(purse.spent().cost > ceiling - 100);
  }
}

TEST_CASE("a call that was refused tells nothing of what others cost: the next goes alone too") {
  bench::Purse purse(100);
  CHECK(purse.take({}));
  purse.refused();
  CHECK(purse.take({}));
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  CHECK_FALSE(purse.take(soon));  // while the first that may tell is under way
  purse.settle(40);
  CHECK(purse.take({}));
}
