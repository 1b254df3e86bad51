// The JSON Schema (draft-07) and the reference pages of field tables.
//
// Both walk the rows that decode() reads, so that editors complete and explain exactly what is accepted. Knows
// nothing of the words themselves.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/fields.h"

namespace apigw::yaml {

// One schema object of a table: descriptions, defaults, patterns, nothing beside its rows.
[[nodiscard]] std::string table_schema(const Table& table, const std::vector<std::string_view>& required = {},
                                       const std::vector<std::string_view>& leave_out = {});

struct Page {
  std::string path;  // "routes.*.timeout"; `*` stands for a name that the user chooses
  std::string type;
  const Row* row = nullptr;
};
// Every field below a table, in the order of its rows.
[[nodiscard]] std::vector<Page> pages_of(const Table& table);
// A type in words: "duration", "one or a list of: URL".
[[nodiscard]] std::string type_words(const Type& type);

}  // namespace apigw::yaml
