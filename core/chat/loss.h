// What a translation could not carry: each thing once, with its place in what came in.
#pragma once
#include <cstddef>
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
  [[nodiscard]] const std::vector<Loss>& list() const { return list_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  std::vector<Loss> list_;
  std::size_t count_ = 0;
};

}  // namespace apigw::chat
