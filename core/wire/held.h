// The bytes of a stream that no whole frame has taken yet: a view of the chunk that came, or, where a frame began in
// an earlier one, a copy with the chunk behind it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace apigw::wire {

class Held {
 public:
  // The chunk's bytes must live until keep().
  void feed(std::string_view chunk) {
    if (held_.empty()) {
      input_ = chunk;
    } else {
      held_.append(chunk);
      input_ = held_;
    }
  }
  [[nodiscard]] std::string_view input() const { return input_; }
  // Keeps a copy of what stands from `begin` on, which is where input() begins then.
  void keep(std::size_t begin) {
    if (held_.empty())
      held_.assign(input_.substr(begin));
    else
      held_.erase(0, begin);
    input_ = held_;
  }
  // What was kept last; input() is empty after it.
  [[nodiscard]] std::string_view rest() {
    input_ = {};
    return held_;
  }

 private:
  std::string held_;
  std::string_view input_;
};

}  // namespace apigw::wire
