// A program with one bug of each kind that a sanitizer build must find: `planted_bug heap|undefined|race`.
//
// Only sanitizer builds have it. Each bug is invisible without them: the program goes on and exits with 0.
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>

namespace {

volatile int sink = 0;

void read_behind_the_heap() {
  const auto numbers = std::make_unique<int[]>(4);
  const volatile int* first = numbers.get();
  sink = first[4];
}

void overflow(int least) {
  sink = 2147483647 + least;
}

void race() {
  int count = 0;
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  sink = count;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view bug = count == 2 ? words[1] : "";
  if (bug == "heap") read_behind_the_heap();
  if (bug == "undefined") overflow(count);
  if (bug == "race") race();
  std::puts("went on");
  return 0;
}
