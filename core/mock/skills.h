// What the mock says in plain words: a small set of canned skills, and an honest sentence where none fits.
//
// Deterministic in its input; the time is a parameter. Never just repeats what it was told.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace apigw::mock {

struct Asked {
  std::string_view system;  // all system messages
  std::string_view user;    // the last message of the user
  std::uint64_t seed = 0;   // picks among equal wordings
  std::chrono::system_clock::time_point now;
};

[[nodiscard]] std::string plain_answer(const Asked& asked);

}  // namespace apigw::mock
