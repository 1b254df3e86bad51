// A program that is asked one thing: started without a shell and without stdin, and read to its end.
#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace apigw::run {

struct Question {
  std::vector<std::string> arguments;                            // the first is looked up in PATH; never empty
  std::vector<std::pair<std::string, std::string>> environment;  // over this process's own
  std::size_t limit = 16u << 20;                                 // bytes of its stdout
  std::chrono::milliseconds time{30'000};
};

struct Answer {
  int status = 0;  // of its exit; 128 and the signal where one ended it
  std::string out;
  std::string err;  // the first 64 KiB
};

// Errors: not_found (no such program), too_large, timeout, io. The program is killed where it is not waited for.
[[nodiscard]] Result<Answer> ask(const Question& question);

}  // namespace apigw::run
