#include "policy/wrong_keys.h"

#include <string>

#include <doctest/doctest.h>

using namespace apigw;
using namespace std::chrono_literals;

namespace {

const policy::WrongKeys::TimePoint start{std::chrono::hours{1}};

}  // namespace

TEST_CASE("an address must wait after its limit of wrong keys and may try again after the window") {
  policy::WrongKeys table;
  for (unsigned i = 1; i <= policy::WrongKeys::limit; ++i) {
    CHECK(table.wait("192.0.2.1", start) == 0s);
    CHECK(table.count("192.0.2.1", start) == i);
  }
  CHECK(table.wait("192.0.2.1", start + 1s) == 59s);
  CHECK(table.wait("192.0.2.2", start + 1s) == 0s);
  CHECK(table.wait("192.0.2.1", start + 60s) == 0s);
  CHECK(table.count("192.0.2.1", start + 60s) == 1);
}

TEST_CASE("one client's IPv6 addresses count together by their /64") {
  struct Row {
    std::string_view name, address, group;
  };
  for (const Row& row : {Row{"v4", "192.0.2.1", "192.0.2.1"}, Row{"v6", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
                         Row{"v6 neighbour", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"},
                         Row{"v4 in v6", "::ffff:192.0.2.1", "192.0.2.1"}, Row{"no address", "unix", "unix"}}) {
    CAPTURE(row.name);
    CHECK(policy::throttle_group(row.address) == row.group);
  }
}

TEST_CASE("the table stays within its capacity and forgets the oldest window first") {
  policy::WrongKeys table;
  for (std::size_t i = 0; i < policy::WrongKeys::capacity + 10; ++i) {
    table.count("a" + std::to_string(i), start + std::chrono::milliseconds(i));
  }
  CHECK(table.size() == policy::WrongKeys::capacity);
  CHECK(table.count("a0", start + 10s) == 1);
  CHECK(table.count("a" + std::to_string(policy::WrongKeys::capacity), start + 10s) == 2);
}
