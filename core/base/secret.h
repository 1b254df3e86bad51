// A string that cannot be printed by accident: it has no formatter and no stream operator, and is wiped when freed.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace apigw {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::move(other.value_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  [[nodiscard]] bool empty() const { return value_.empty(); }
  // The value itself: only for the wire, a hash or a comparison. Grep for this word to review where secrets go.
  [[nodiscard]] std::string_view expose() const { return value_; }

  friend bool operator==(const Secret&, const Secret&) = delete;  // compare in constant time: equal_constant_time()

 private:
  void wipe() noexcept {
    volatile char* bytes = value_.data();
    for (std::size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
    value_.clear();
  }
  std::string value_;
};

// Compares without leaking through time where two texts differ; their lengths may show.
[[nodiscard]] inline bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

}  // namespace apigw
