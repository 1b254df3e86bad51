// The example resource: items with a name and a quantity, kept in memory. Replace it with yours.
//
// openapi.json describes what this file does; tests/openapi_test.cpp compares the two.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/http.h"

constexpr std::size_t most_name = 100;  // characters
constexpr std::int64_t most_quantity = 1'000'000;

struct NewItem {
  std::string name;
  std::int64_t quantity = 0;
  bool operator==(const NewItem&) const = default;
};

struct Item {
  std::int64_t id = 0;
  std::string name;
  std::int64_t quantity = 0;
  bool operator==(const Item&) const = default;
};

// Safe for many threads.
class Items {
 public:
  std::vector<Item> all() const;
  std::optional<Item> get(std::int64_t id) const;
  Item add(NewItem made);
  bool remove(std::int64_t id);

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, Item> items_;
  std::int64_t last_ = 0;
};

// Throws a Problem with every fault at once, each with a JSON pointer to its place.
NewItem parse_item(const runtime::Json& value);

void add_items(runtime::Router& router, std::shared_ptr<Items> items);
