// Counters that one thread writes and any thread reads, without a lock and without a locked instruction.
//
// Every series has one cell a worker, made at its first use: a route that nobody calls costs a pointer a worker. A
// reader adds the cells up; it may see a request half counted, never a torn number.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace apigw::gateway {

class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Upper bounds, inclusive, of the buckets that a Histogram counts into; one more counts what is above them all.
inline constexpr std::array<double, 14> seconds_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   60};
inline constexpr std::array<double, 14> token_bounds{1,     4,     16,     64,      256,     1024,     4096,
                                                     16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

template <const std::array<double, 14>& bounds>
class Histogram {
 public:
  static constexpr std::size_t buckets = bounds.size() + 1;
  // `raw` is the exact amount to add to the sum, in the unit that the reader divides out (microseconds, tokens).
  void observe(double value, std::uint64_t raw) {
    std::size_t i = 0;
    while (i < bounds.size() && value > bounds[i]) ++i;
    counts_[i].add();
    sum_.add(raw);
  }
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].read(); }
  [[nodiscard]] std::uint64_t sum() const { return sum_.read(); }

 private:
  std::array<Counter, buckets> counts_;
  Counter sum_;
};
using SecondsHistogram = Histogram<seconds_bounds>;
using TokenHistogram = Histogram<token_bounds>;

template <class Cell>
class PerWorker {
 public:
  explicit PerWorker(unsigned workers) : cells_(workers) {}
  PerWorker(const PerWorker&) = delete;
  PerWorker& operator=(const PerWorker&) = delete;
  ~PerWorker() {
    for (auto& cell : cells_) delete cell.load();
  }

  // The cell of `worker`; only its own thread calls this.
  [[nodiscard]] Cell& at(unsigned worker) {
    Cell* cell = cells_[worker].load(std::memory_order_relaxed);
    if (!cell) {
      cell = std::make_unique<Cell>().release();
      cells_[worker].store(cell, std::memory_order_release);
    }
    return *cell;
  }
  // The sum of `read(cell)` over the cells that exist.
  template <class Read>
  [[nodiscard]] std::uint64_t sum(Read read) const {
    std::uint64_t total = 0;
    for (const auto& cell : cells_) {
      if (const Cell* one = cell.load(std::memory_order_acquire)) total += read(*one);
    }
    return total;
  }
  [[nodiscard]] bool touched() const {
    for (const auto& cell : cells_) {
      if (cell.load(std::memory_order_acquire)) return true;
    }
    return false;
  }

 private:
  std::vector<std::atomic<Cell*>> cells_;
};

}  // namespace apigw::gateway
