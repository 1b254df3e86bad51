// What a translation could not carry: each thing once, with its place in what came in.
#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::chat {

struct Loss {
  enum class Kind : unsigned char {
    dropped,    // not said at all
    changed,    // said in another way, or with another value
    defaulted,  // the target demands a value that the client left out
  } kind = Kind::dropped;
  std::string path;  // in the dialect it came in: "messages[2].name"
  std::string why;   // for people: "Anthropic has no name of a speaker"
};
[[nodiscard]] std::string_view word(Loss::Kind kind);

// Bounded: from the 65th on only the number grows, because a hostile request can hold thousands.
class Losses {
 public:
  static constexpr std::size_t kept = 64;

  void add(Loss::Kind kind, std::string path, std::string why);
  // Paths that are the word `hub`, or go on below it, begin with `own` from now on.
  void rename(std::string_view hub, std::string_view own);
  [[nodiscard]] const std::vector<Loss>& list() const { return list_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  std::vector<Loss> list_;
  std::size_t count_ = 0;
};
// The first that was dropped or changed; null: none. A default stands in for what nobody said, so nothing is lost by
// it.
[[nodiscard]] const Loss* first_lost(const Losses& losses);
// At most `most` of them, the first ones.
[[nodiscard]] inline std::span<const Loss> first_of(const Losses& losses, std::size_t most) {
  return std::span(losses.list()).first(std::min(most, losses.list().size()));
}

}  // namespace apigw::chat
