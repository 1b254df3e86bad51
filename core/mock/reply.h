// What the mock answers to one request, decided before a byte of it is sent: pure, so tests and benches read it
// directly.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::mock {

class Canned;

struct Request {
  std::string_view method;
  std::string_view target;  // "/chat/completions"; a base path before it is not looked at
  std::string_view body;
};

struct Reply {
  enum class End : std::uint8_t {
    whole,
    cut,    // the connection breaks behind the last piece
    stall,  // nothing more comes, and the connection stays open
  };
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  // besides content-type and x-apigw-mock
  std::vector<std::string> pieces;                           // of the body; of a stream: one frame each
  bool streamed = false;                                     // no length is announced, and pieces are paced
  End end = End::whole;
  bool headless = false;  // `end` comes before a head
  std::chrono::milliseconds before_head{0};
  std::optional<std::chrono::milliseconds> per_piece;  // instead of the mock's own pace
};

// `now` is for `created` members and for questions about the time.
[[nodiscard]] Reply reply_to(const Request& request, std::chrono::system_clock::time_point now,
                             const Canned* canned = nullptr);

// An error in the shape of OpenAI's.
[[nodiscard]] Reply error_reply(int status, std::string_view message, std::string_view code,
                                std::string_view param = {});

}  // namespace apigw::mock
