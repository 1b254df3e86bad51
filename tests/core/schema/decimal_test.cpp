#include "schema/decimal.h"

#include <doctest/doctest.h>

using namespace apigw::schema;

TEST_CASE("numbers compare by their exact value") {
  struct Row {
    std::string_view name, a, b;
    int order;
  };
  const Row rows[] = {
      {"a fraction of zero", "1", "1.0", 0},
      {"an exponent", "10e-1", "1", 0},
      {"a negative zero", "-0", "0.0e5", 0},
      {"beyond a double's digits", "9007199254740993", "9007199254740992", 1},
      {"beyond 64 bits", "18446744073709551616", "18446744073709551615.9", 1},
      {"a tenth is exact", "0.3", "0.30000000000000001", -1},
      {"a shared beginning", "123", "12", 1},
      {"across zero", "-1", "0.5", -1},
      {"both negative", "-2", "-10", 1},
      {"beyond a double's range", "1e400", "1e399", 1},
      {"an exponent without end", "1e99999999999999999999", "2", 1},
      {"a tiny number", "1e-99999999999999999999", "0", 1},
      {"a zero with an exponent without end", "0e99999999999999999999", "0", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto order = compare(decimal(row.a), decimal(row.b));
    CHECK((order > 0) - (order < 0) == row.order);
    const auto back = compare(decimal(row.b), decimal(row.a));
    CHECK((back > 0) - (back < 0) == -row.order);
    CHECK(same_number(row.a, row.b) == (row.order == 0));
  }
}

TEST_CASE("a whole number may be written with a fraction or an exponent") {
  for (const char* number : {"0", "-7", "1.0", "1.50e1", "1e400", "123456789012345678901234567890"}) {
    CAPTURE(number);
    CHECK(whole_number(number));
  }
  for (const char* number : {"0.5", "1.05e1", "1e-1", "-1e-400"}) {
    CAPTURE(number);
    CHECK_FALSE(whole_number(number));
  }
}

TEST_CASE("a count is whole, not negative, and as large as it can be") {
  CHECK(count_of(decimal("2.0")) == 2);
  CHECK(count_of(decimal("-0")) == 0);
  CHECK(count_of(decimal("1200e-2")) == 12);
  CHECK(count_of(decimal("1e18")) == 1'000'000'000'000'000'000);
  CHECK(count_of(decimal("1e300")) == ~std::uint64_t{0});
  CHECK_FALSE(count_of(decimal("-1")));
  CHECK_FALSE(count_of(decimal("1.5")));
}

TEST_CASE("multiples are exact") {
  struct Row {
    std::string_view number, by;
    bool multiple;
  };
  const Row rows[] = {
      {"0", "7", true},
      {"4.5", "1.5", true},
      {"0.0075", "0.0001", true},
      {"0.00751", "0.0001", false},
      {"19.99", "0.01", true},
      {"0.3", "0.1", true},
      {"-9", "3", true},
      {"1e308", "0.123456789", false},
      {"1e308", "0.5", true},
      {"12391239123", "1e-8", true},
      {"30", "20", false},
      {"40", "20", true},
      {"5", "10", false},
      {"9007199254740993", "2", false},
      {"999999999999999999999999999999", "999999999999999", true},
      {"1e1000000000000000", "7", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    CAPTURE(row.by);
    const auto by = divisor(decimal(row.by));
    REQUIRE(by);
    CHECK(multiple_of(decimal(row.number), *by) == row.multiple);
  }
}

TEST_CASE("a divisor is above zero and has at most 18 digits") {
  CHECK(divisor(decimal("1e30")));
  CHECK(divisor(decimal("123456789012345678")));
  CHECK_FALSE(divisor(decimal("0")));
  CHECK_FALSE(divisor(decimal("-1")));
  CHECK_FALSE(divisor(decimal("1234567890123456789")));
}
