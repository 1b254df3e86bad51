// The config in the making: sections of entries, each with the place that it came from, and its text.
//
// Knows the order of the sections and how a line looks, not what a field means: whether the text is a config,
// settle.h asks the reader of configs.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "render/value.h"

namespace apigw::import {

using render::Value;

[[nodiscard]] Value text(std::string_view s);
[[nodiscard]] Value number(std::uint64_t n);
[[nodiscard]] Value boolean(bool b);
[[nodiscard]] Value texts(const std::vector<std::string>& items);
[[nodiscard]] Value object();
// Adds a member, or replaces the one of that name.
void put(Value& object, std::string_view name, Value value);

// A text of the source as a value: `${` there is no reference to a variable here.
[[nodiscard]] std::string literal(std::string_view s);

struct Entry {
  std::string key;
  Span from;                  // in the source
  std::string comment;        // behind the line's number; may be empty
  std::vector<Value> values;  // one, or the alternatives of a route; none is an empty mapping
};

// Where an entry, one of its alternatives or a section's single value stands in the text.
struct Place {
  std::size_t begin = 0, end = 0;
  std::string_view section;
  std::string_view key;                    // empty: the section's single value
  std::optional<std::size_t> alternative;  // its index
};

struct ConfigText {
  std::string text;
  std::vector<Place> places;  // in order
};

class ConfigDraft {
 public:
  // The entry of that key, made when it is not there. Sections: listen, defaults, timeouts, caps, outbound,
  // providers, models, services, routes, consumers.
  Entry& entry(std::string_view section, std::string_view key, Span from, std::string comment = {});
  [[nodiscard]] Entry* find(std::string_view section, std::string_view key);
  [[nodiscard]] std::vector<Entry>& entries(std::string_view section);
  // The section is one value and has no entries.
  void set(std::string_view section, Value value, Span from);
  // `name`, made a name of the config, with a number behind it where the section has it already.
  [[nodiscard]] std::string free_name(std::string_view section, std::string_view name);
  // The place in the source of what stands there.
  [[nodiscard]] Span from(const Place& place) const;
  void remove(const std::vector<Place>& places);
  void clear() { sections_.clear(); }

  [[nodiscard]] ConfigText write(const diag::Sources& sources, std::string_view head) const;

 private:
  struct Section {
    std::vector<Entry> entries;
    std::map<std::string, std::size_t, std::less<>> index;
    std::optional<Value> value;
    Span from;
  };
  [[nodiscard]] Section& section(std::string_view name);

  std::map<std::string, Section, std::less<>> sections_;
  std::map<std::string, std::size_t> numbers_;  // given by free_name, so that many of one name cost no search each
};

}  // namespace apigw::import
