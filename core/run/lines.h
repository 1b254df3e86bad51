// From the bytes that a service writes to whole lines that are safe to show.
//
// A line ends at LF, CR LF or CR (progress bars). Any cut of the same bytes gives the same lines. A line longer than
// the limit comes in pieces, so nothing grows without bound; the last, unended line comes with finish().
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace apigw::run {

class Lines {
 public:
  using Take = std::function<void(std::string_view line)>;
  explicit Lines(std::size_t limit = 8192) : limit_(limit) {}
  void feed(std::string_view bytes, const Take& take);
  void finish(const Take& take);

 private:
  void end(const Take& take);
  std::size_t limit_;
  std::string line_;
  bool after_cr_ = false;   // an LF now belongs to the CR before it
  bool continued_ = false;  // a piece of this line has been taken already
};

// `line` without what could move the cursor or change the terminal: colours (ESC [ … m) stay where `colour` is set
// and are dropped where not; other control characters are written as \x1b; bytes that are no UTF-8 as \xff.
[[nodiscard]] std::string showable(std::string_view line, bool colour);

}  // namespace apigw::run
