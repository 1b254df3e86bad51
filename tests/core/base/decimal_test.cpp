#include "base/decimal.h"

#include <string>

#include <doctest/doctest.h>

namespace decimal = apigw::decimal;

TEST_CASE("numbers as JSON writes them become whole units, what is left below rounds up") {
  struct Row {
    const char* text;
    std::uint64_t value;  // with 9 places
  } constexpr rows[] = {
      {"0", 0},
      {"1", 1'000'000'000},
      {"0.0015", 1'500'000},
      {"12.345678901", 12'345'678'901},
      {"0.0000000001", 1},
      {"0.0000000010", 1},
      {"0.00000000100000001", 2},
      {"1.5e-5", 15'000},
      {"1.25E-05", 12'500},
      {"1e-10", 1},
      {"1e-99", 1},
      {"1e-1000000000000000000000", 1},
      {"0e999999999999999999999", 0},
      {"0.0e5", 0},
      {"2e3", 2'000'000'000'000},
      {"1.5e+2", 150'000'000'000},
      {"18446744073.709551615", UINT64_MAX},
      {"0.00018446744073709551615e14", UINT64_MAX},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(decimal::parse(row.text, 9) == row.value);
  }
  CHECK(decimal::parse("7", 0) == 7u);
}

TEST_CASE("what is no number of 64 bits is none") {
  for (const char* text : {"",
                           "-1",
                           "-0",
                           "+1",
                           ".5",
                           "5.",
                           "01",
                           "0x1",
                           "1e",
                           "1e+",
                           "1e1.5",
                           " 1",
                           "1 ",
                           "1,5",
                           "NaN",
                           "1.5.5",
                           "e5",
                           "18446744073.709551616",
                           "18446744073.7095516151",
                           "1e11",
                           "1e100",
                           "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK(!decimal::parse(text, 9));
  }
}

TEST_CASE("units become the shortest fraction, and come back the same") {
  struct Row {
    std::uint64_t value;
    unsigned places;
    const char* text;
  } constexpr rows[] = {
      {0, 9, "0"},
      {1, 9, "0.000000001"},
      {1'000'000'000, 9, "1"},
      {1'500'000'000, 9, "1.5"},
      {123'456, 9, "0.000123456"},
      {10, 0, "10"},
      {100, 1, "10"},
      {105, 2, "1.05"},
      {UINT64_MAX, 9, "18446744073.709551615"},
      {999'999'999, 9, "0.999999999"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(decimal::text(row.value, row.places) == row.text);
    CHECK(decimal::parse(row.text, row.places) == row.value);
  }
}
