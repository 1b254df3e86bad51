#include "bench/times.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace apigw::bench {

namespace {

constexpr std::uint64_t most = (std::uint64_t{1} << 40) - 1;

}  // namespace

void Times::add(Duration time) {
  const auto value = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)), most);
  std::size_t bucket = value;
  if (value >= small) {
    const auto doubling = static_cast<std::size_t>(std::bit_width(value)) - 8;
    bucket = small + (doubling - 1) * a_doubling + ((value >> doubling) - a_doubling);
  }
  ++buckets_[bucket];
  ++count_;
  sum_ += Duration(value);
  longest_ = std::max(longest_, Duration(value));
}

void Times::add(const Times& others) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += others.buckets_[i];
  count_ += others.count_;
  sum_ += others.sum_;
  longest_ = std::max(longest_, others.longest_);
}

Times::Duration Times::within(double share) const {
  if (count_ == 0) return {};
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * double(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen < wanted) continue;
    if (bucket < small) return std::min(Duration(bucket), longest_);
    const std::size_t doubling = (bucket - small) / a_doubling + 1, inside = (bucket - small) % a_doubling;
    const std::uint64_t end = (std::uint64_t{inside + a_doubling + 1} << doubling) - 1;  // the longest in the bucket
    return std::min(Duration(end), longest_);
  }
  return longest_;
}

Times::Duration Times::mean() const {
  return count_ == 0 ? Duration{} : sum_ / static_cast<std::int64_t>(count_);
}

}  // namespace apigw::bench
