// What an answer must be, as test files say it below `expect:`: each word one expectation, all of which must hold.
//
//   equals: { mood: good }      # or contains, regex, json-schema, json-path, max-latency
//
// Pure: judges an output that somebody else got. Prompts' tests and routes' tests say these words alike.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "schema/schema.h"
#include "yaml/fields.h"

namespace apigw::prompt {

struct Expectation {
  enum class Kind : std::uint8_t { equals, contains, regex, json_schema, json_path, max_latency } kind = Kind::equals;
  std::string text;                      // contains, regex, json_path: as written
  std::string value;                     // equals, json_path: JSON
  std::optional<schema::Schema> schema;  // regex, json_schema
  std::chrono::milliseconds latency{0};  // max_latency
  Span where;
};
[[nodiscard]] std::string_view word(Expectation::Kind kind);  // as the file says it: "json-path"

// Appends what `entry` expects; what is wrong with it goes to the report (AGW632). False, with nothing said, for a
// word that is none of these.
[[nodiscard]] bool read_expectation(const yaml::Entry& entry, yaml::Reading& reading, std::vector<Expectation>& out);
// Says that `key` is no expectation (AGW201), and which one was meant. `more`: words that hold beside these.
void unknown_expectation(const yaml::Node& key, yaml::Reading& reading, std::span<const std::string_view> more = {});
// Says that the case at `where` expects nothing (AGW631), unless something wrong was said of it already.
void expects_nothing(std::string_view name, Span where, yaml::Reading& reading,
                     std::span<const std::string_view> more = {});

// The text of a node as JSON, "null" for one that is too large.
[[nodiscard]] std::string json_of(const yaml::Node& node);

// Empty when `output` (JSON) is what is expected; else what it is instead.
[[nodiscard]] std::string mismatch(const Expectation& expectation, std::string_view output,
                                   std::chrono::milliseconds latency);

// A reader of any value, for fields whose form depends on another's.
struct NodeReader {
  using Value = const yaml::Node*;
  static constexpr yaml::Type type{yaml::Type::Shape::leaf, "any value", "", {}};
  static std::optional<Value> read(const yaml::Node& node, yaml::Reading&) { return &node; }
};

}  // namespace apigw::prompt
