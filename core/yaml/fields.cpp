#include "yaml/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::yaml {

std::string Reading::beside(Span, std::string path) const {
  return path;
}

diag::Diagnostic& Reading::wrong(int code, const Node& node, std::string message, std::string label) {
  return report_.add(code, node.span, std::move(message), std::move(label));
}

std::string_view kind_word(const Node& node) {
  switch (node.kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a single value";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
  }
  return "nothing";
}

// --- mappings

namespace {

const Row* find_row(const Table& table, std::string_view key) {
  for (const Row& row : table.rows)
    if (row.key == key) return &row;
  return nullptr;
}

std::string keys_of(const Table& table) {
  std::string keys;
  for (const Row& row : table.rows) {
    if (row.use == Use::later) continue;
    if (!keys.empty()) keys += ", ";
    keys += row.key;
  }
  return keys;
}

void report_unknown_key(const Table& table, const Node& key, Reading& reading) {
  auto& finding = reading.wrong(
      201, key, fmt::format("{} has no field '{}'", table.name, text::printable(key.value, 60)), "unknown field");
  std::vector<std::string_view> keys;
  for (const Row& row : table.rows) keys.push_back(row.key);
  if (const auto meant = text::closest(key.value, keys)) {
    finding.helps.push_back(fmt::format("replace with '{}'", *meant));
    finding.fixes.push_back({key.span, std::string(*meant)});
  } else {
    finding.helps.push_back(fmt::format("fields of {}: {}", table.name, keys_of(table)));
  }
}

void report_use(const Row& row, const Table& table, const Node& key, Reading& reading) {
  if (row.use == Use::later) {
    reading
        .wrong(207, key, fmt::format("'{}' of {} is not enforced by this version yet", row.key, table.name),
               "would have no effect")
        .helps.push_back("remove it: a field without effect would promise what nobody keeps");
  }
}

}  // namespace

bool decode(const Table& table, const Node& node, Reading& reading, void* owner) {
  if (node.kind != Kind::mapping) {
    auto& finding =
        reading.wrong(202, node, fmt::format("{} must be a mapping, not {}", table.name, kind_word(node)));
    if (node.is_null()) finding.helps.push_back("write '{}' when there is nothing more to say");
    return false;
  }
  std::unordered_set<std::string_view> seen;
  for (const Entry& entry : node.entries) {
    const std::string_view key = entry.key->value;
    if (!seen.insert(key).second) continue;
    const Row* row = find_row(table, key);
    if (row == nullptr) {
      report_unknown_key(table, *entry.key, reading);
      continue;
    }
    const bool readable = row->read == nullptr || row->read(*entry.value, reading, owner);
    if (readable) report_use(*row, table, *entry.key, reading);
  }
  return true;
}

bool check_list(const Node& node, Reading& reading) {
  if (!node.items.empty()) return true;
  reading.wrong(211, node, "this list is empty").helps.push_back("name at least one, or remove the field");
  return false;
}

std::optional<std::vector<const Entry*>> map_entries(const Node& node, Reading& reading, const KeyRule& rule) {
  if (node.kind != Kind::mapping) {
    auto& finding =
        reading.wrong(202, node, fmt::format("this must be a mapping of {}, not {}", rule.noun, kind_word(node)));
    if (node.is_null()) finding.helps.push_back("write '{}' when there is nothing more to say");
    return std::nullopt;
  }
  std::vector<const Entry*> entries;
  entries.reserve(node.entries.size());
  std::unordered_set<std::string_view> seen;
  for (const Entry& entry : node.entries) {
    if (!seen.insert(entry.key->value).second) continue;
    if (rule.ok(entry.key->value)) {
      entries.push_back(&entry);
      continue;
    }
    reading
        .wrong(rule.code, *entry.key, fmt::format("'{}' is not {}", text::printable(entry.key->value, 60), rule.noun))
        .helps.push_back(fmt::format("{}: {}", rule.noun, rule.rule));
  }
  return entries;
}

// --- leaves

std::optional<std::string> scalar(const Node& node, Reading& reading, std::string_view wants) {
  if (node.kind == Kind::scalar) return reading.text(node);
  auto& finding = reading.wrong(202, node,
                                node.is_null() ? fmt::format("this has no value; {} is wanted", wants)
                                               : fmt::format("this must be {}, not {}", wants, kind_word(node)));
  if (node.is_null()) finding.helps.push_back("write it behind the ':', or remove the line");
  return std::nullopt;
}

namespace {

constexpr std::string_view boolean_schema = R"s("type":["boolean","string"],"pattern":"^.*\\$\\{.*$")s";
constexpr std::string_view duration_schema = R"s("type":"string","pattern":"^([0-9]+(ms|s|m|h|d)|.*\\$\\{.*)$")s";
constexpr std::string_view size_schema =
    R"s("type":["integer","string"],"minimum":1,"pattern":"^([0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?|.*\\$\\{.*)$")s";

struct Unit {
  std::string_view word;
  std::uint64_t factor;
};
constexpr Unit time_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit size_units[] = {{"", 1},
                               {"B", 1},
                               {"kB", 1'000},
                               {"MB", 1'000'000},
                               {"GB", 1'000'000'000},
                               {"TB", 1'000'000'000'000},
                               {"KiB", 1ull << 10},
                               {"MiB", 1ull << 20},
                               {"GiB", 1ull << 30},
                               {"TiB", 1ull << 40}};
constexpr Unit count_units[] = {{"", 1}, {"k", 1'000}, {"M", 1'000'000}};

// Digits and one of `units`, without anything between; nothing on overflow.
std::optional<std::uint64_t> measured(std::string_view s, std::span<const Unit> units) {
  const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
  const auto number = text::parse_number(s.substr(0, end));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.word != s.substr(end)) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

// A number with one of `units` that is only too large to be held.
bool too_large(std::string_view s, std::span<const Unit> units) {
  const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
  return end > 0 && !measured(s, units) && std::ranges::find(units, s.substr(end), &Unit::word) != units.end();
}

// The same text with a unit that differs in case or by a blank, for "did you mean": `8mib`, `10 s`.
std::optional<std::string> near_miss(std::string_view s, std::span<const Unit> units) {
  const auto end = std::min(s.find_first_not_of("0123456789"), s.size());
  if (end == 0) return std::nullopt;
  std::string_view rest = text::trim(s.substr(end));
  if (rest.starts_with("sec")) rest = "s";
  if (rest.starts_with("min")) rest = "m";
  for (const Unit& unit : units)
    if (text::iequals(unit.word, rest) && (unit.word != rest || rest.data() != s.data() + end))
      return fmt::format("{}{}", s.substr(0, end), unit.word);
  return std::nullopt;
}

void out_of_range(const Node& node, Reading& reading, std::string_view value, std::string_view least,
                  std::string_view most) {
  reading.wrong(204, node, fmt::format("'{}' is out of range", text::printable(value, 60)))
      .helps.push_back(fmt::format("from {} to {}", least, most));
}

// What one of the three grammars takes: how it is said, and its ends.
struct Measure {
  std::string_view wants, form;
  std::span<const Unit> units;
  std::string least, most;
};

// Why `measured` gave nothing.
void malformed(const Node& node, Reading& reading, std::string_view value, const Measure& measure) {
  if (too_large(value, measure.units)) return out_of_range(node, reading, value, measure.least, measure.most);
  if (reading.already_reported(value)) return;
  auto& finding = reading.wrong(203, node, fmt::format("'{}' is not {}", text::printable(value, 60), measure.wants));
  const auto meant = near_miss(value, measure.units);
  finding.helps.push_back(meant ? fmt::format("replace with '{}'", *meant) : std::string(measure.form));
  if (meant) finding.fixes.push_back({node.span, *meant});
}

}  // namespace

const Type Text::type{Type::Shape::leaf, "text", R"("type":["string","number","boolean"])", {}};
const Type Path::type{Type::Shape::leaf, "path", R"("type":"string","minLength":1)", {}};
const Type Boolean::type{Type::Shape::leaf, "true or false", boolean_schema, {}};
const Type Duration::type{Type::Shape::leaf, "duration", duration_schema, {}};
const Type Size::type{Type::Shape::leaf, "size", size_schema, {}};
const Type Anything::type{Type::Shape::leaf, "reserved", "", {}};
const Type MappingNode::type{Type::Shape::leaf, "mapping", R"("type":"object")", {}};

std::optional<const Node*> MappingNode::read(const Node& node, Reading& reading) {
  if (node.kind == Kind::mapping) return &node;
  reading.wrong(202, node, fmt::format("this must be a mapping, not {}", kind_word(node)));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view s) {
  const auto n = measured(s, time_units);
  return n ? std::optional(std::chrono::milliseconds(*n)) : std::nullopt;
}
std::optional<std::uint64_t> parse_size(std::string_view s) {
  return measured(s, size_units);
}
std::optional<std::uint64_t> parse_count(std::string_view s) {
  return measured(s, count_units);
}

std::optional<std::string> Text::read(const Node& node, Reading& reading) {
  return scalar(node, reading, "a text");
}

std::optional<std::string> Path::read(const Node& node, Reading& reading) {
  auto path = scalar(node, reading, "a path");
  if (!path) return std::nullopt;
  if (path->empty()) {
    reading.wrong(203, node, "a path cannot be empty");
    return std::nullopt;
  }
  return reading.beside(node.span, std::move(*path));
}

std::optional<bool> Boolean::read(const Node& node, Reading& reading) {
  const auto value = scalar(node, reading, "true or false");
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  constexpr std::string_view yes[] = {"yes", "on", "true", "y", "1"};
  constexpr std::string_view no[] = {"no", "off", "false", "n", "0"};
  const auto says = [&](std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text::iequals(word, *value); });
  };
  auto& finding = reading.wrong(206, node, fmt::format("'{}' is not true or false", text::printable(*value, 60)));
  if (!says(yes) && !says(no)) {
    finding.helps.push_back("write true or false");
    return std::nullopt;
  }
  const std::string meant = says(yes) ? "true" : "false";
  finding.helps.push_back(fmt::format("replace with '{}'", meant));
  finding.fixes.push_back({node.span, meant});
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Duration::read(const Node& node, Reading& reading) {
  const auto value = scalar(node, reading, "a duration such as 10s");
  if (!value) return std::nullopt;
  const Measure measure{"a duration", "a whole number and ms, s, m, h or d: 250ms, 10s, 2m", time_units, "1ms",
                        "30d"};
  const auto duration = parse_duration(*value);
  if (!duration) {
    malformed(node, reading, *value, measure);
    return std::nullopt;
  }
  if (*duration >= std::chrono::milliseconds(1) && *duration <= std::chrono::hours(24 * 30)) return duration;
  out_of_range(node, reading, *value, measure.least, measure.most);
  return std::nullopt;
}

std::optional<std::uint64_t> Size::read(const Node& node, Reading& reading) {
  const auto value = scalar(node, reading, "a size such as 8MiB");
  if (!value) return std::nullopt;
  const Measure measure{"a size", "bytes, or a whole number and KiB, MiB, GiB, kB or MB: 8MiB", size_units, "1",
                        "1TiB"};
  const auto size = parse_size(*value);
  if (!size) {
    malformed(node, reading, *value, measure);
    return std::nullopt;
  }
  if (*size >= 1 && *size <= 1ull << 40) return size;
  out_of_range(node, reading, *value, measure.least, measure.most);
  return std::nullopt;
}

std::optional<std::uint64_t> read_count(const Node& node, Reading& reading, std::uint64_t least, std::uint64_t most) {
  const auto value = scalar(node, reading, "a whole number");
  if (!value) return std::nullopt;
  const Measure measure{"a whole number", "digits, with k or M for thousands and millions: 20k", count_units,
                        fmt::format("{}", least), fmt::format("{}", most)};
  const auto count = parse_count(*value);
  if (!count) {
    malformed(node, reading, *value, measure);
    return std::nullopt;
  }
  if (*count >= least && *count <= most) return count;
  out_of_range(node, reading, *value, measure.least, measure.most);
  return std::nullopt;
}

}  // namespace apigw::yaml
