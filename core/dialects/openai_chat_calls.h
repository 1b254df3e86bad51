// Which call a fragment of a stream in the OpenAI dialect belongs to.
//
// Calls are told apart by their index, and where servers leave that out or give all calls the same one, by their ids,
// else by their names.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::dialects::openai {

// Sees where the object of a call's arguments ends, without keeping them. Checks nothing else.
class Arguments {
 public:
  void feed(std::string_view text) {
    for (const char c : text) feed(c);
  }
  [[nodiscard]] bool blank() const { return blank_; }
  [[nodiscard]] bool whole() const { return closed_ && depth_ == 0; }

 private:
  void feed(char c) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return;
    blank_ = false;
    if (quoted_) {
      quoted_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      quoted_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      closed_ = --depth_ == 0;
    }
  }

  std::size_t depth_ = 0;
  bool blank_ = true, quoted_ = false, escaped_ = false, closed_ = false;
};

struct Call {
  std::optional<std::uint64_t> index;
  std::string id;  // as given; empty: not
  std::string name;
  std::string early;  // arguments from before the name
  Arguments arguments;
  unsigned part = 0;
  bool begun = false;
  bool ended = false;
};

// What a fragment of a call says.
struct Fragment {
  std::optional<std::uint64_t> index;
  std::string id, name, arguments;
};

// The call that a fragment goes on with; null: it begins one.
[[nodiscard]] Call* known(std::vector<Call>& calls, const Fragment& fragment);

}  // namespace apigw::dialects::openai
