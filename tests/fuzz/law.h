// A law that a fuzz target asserts: broken, it ends the process with its text, which libFuzzer reports with the
// input.
#pragma once
#include <cstdio>
#include <cstdlib>

#define LAW(condition)                                      \
  do {                                                      \
    if (!(condition)) {                                     \
      std::fprintf(stderr, "law broken: %s\n", #condition); \
      std::abort();                                         \
    }                                                       \
  } while (false)
