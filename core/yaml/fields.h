// Field tables: what a mapping may hold, one row a key, and the readers that turn one node into one typed value.
//
// decode() walks a mapping by its table: an unknown key, a value of the wrong shape and a field that is not enforced
// yet become findings with a place, and everything readable lands in the draft all the same, so that one run reports
// all. The same rows are the JSON Schema (schema.h) and the reference pages: nothing about a field is said twice. A
// reader knows one value; rules over two values live elsewhere.
#pragma once
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/span.h"
#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::yaml {

// A field of a draft. Given without a value: it stood there but could not be read, and the report says why.
template <class T>
struct Given {
  Span where;  // of the value; unknown when the field is absent
  std::optional<T> value;

  [[nodiscard]] bool given() const { return where.known(); }
  [[nodiscard]] explicit operator bool() const { return value.has_value(); }
  [[nodiscard]] const T& operator*() const { return *value; }
  [[nodiscard]] const T* operator->() const { return &*value; }
  [[nodiscard]] T value_or(T other) const { return value ? *value : std::move(other); }
};

// An entry of a mapping whose keys the user chooses.
template <class T>
struct Named {
  std::string name;
  Span where;  // of the key
  Given<T> body;
};

// What a reader may use beside its node. config derives from it to expand ${NAME} and to place relative paths.
class Reading {
 public:
  Reading(const diag::Sources& sources, diag::Report& report) : sources_(sources), report_(report) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  virtual ~Reading() = default;

  // The text of a scalar; nothing when it has none and the report says so.
  [[nodiscard]] virtual std::optional<std::string> text(const Node& scalar) { return scalar.value; }
  // A path that the file of `where` names, seen from the working directory.
  [[nodiscard]] virtual std::string beside(Span where, std::string path) const;
  // Whether a text that is no valid value was already reported for another reason (it looks like a key).
  [[nodiscard]] virtual bool already_reported(std::string_view) const { return false; }

  [[nodiscard]] diag::Report& report() { return report_; }
  [[nodiscard]] const diag::Sources& sources() const { return sources_; }
  // Adds a finding whose one fix replaces the node.
  diag::Diagnostic& wrong(int code, const Node& node, std::string message, std::string label = {});

 private:
  const diag::Sources& sources_;
  diag::Report& report_;
};

// --- types: what schema and pages say of a value

struct Table;

struct Type {
  enum class Shape : std::uint8_t { leaf, list, map, table, any } shape = Shape::leaf;
  std::string_view word;               // "duration", "list of names"
  std::string_view schema;             // leaf: members of its JSON Schema object, without the braces
  std::span<const Type* const> parts;  // list and map: the one of its values; any: the alternatives
  const Table& (*table)() = nullptr;   // table
  std::string_view key_pattern = {};   // map: what its keys match (ECMA 262, also RE2)
};

enum class Use : std::uint8_t {
  enforced,
  later,  // a known word that this version does not enforce: an error that says so
};

struct Row {
  std::string_view key;
  const Type* type = nullptr;
  bool (*read)(const Node&, Reading&, void* owner) = nullptr;  // null: the value is passed over
  std::string_view doc;
  std::string_view fallback = {};  // what holds without it; empty: nothing
  std::string_view example = {};
  Use use = Use::enforced;
};

struct Table {
  std::string_view name;  // "a route"
  std::string_view doc;
  std::span<const Row> rows;
};

// Reads every entry of `node` into `owner`, which is of the type that the rows' members belong to. False when the
// node is no mapping.
bool decode(const Table& table, const Node& node, Reading& reading, void* owner);

// --- building rows

template <class>
struct MemberOf;
template <class Owner, class Value>
struct MemberOf<Value Owner::*> {
  using owner = Owner;
};

// A reader R has `Value`, `type` and `read(node, reading) → optional<Value>`; the member is a Given<Value>.
template <auto Member, class R>
constexpr Row field(std::string_view key, std::string_view doc, std::string_view fallback = {},
                    std::string_view example = {}) {
  constexpr auto read = [](const Node& node, Reading& reading, void* owner) {
    auto& slot = static_cast<typename MemberOf<decltype(Member)>::owner*>(owner)->*Member;
    slot.where = node.span;
    slot.value = R::read(node, reading);
    return slot.value.has_value();
  };
  return Row{key, &R::type, read, doc, fallback, example, Use::enforced};
}

// The same for a member of a member: fields that several owners share.
template <auto Part, auto Member, class R>
constexpr Row part_field(std::string_view key, std::string_view doc, std::string_view fallback = {},
                         std::string_view example = {}) {
  constexpr auto read = [](const Node& node, Reading& reading, void* owner) {
    auto& slot = static_cast<typename MemberOf<decltype(Part)>::owner*>(owner)->*Part.*Member;
    slot.where = node.span;
    slot.value = R::read(node, reading);
    return slot.value.has_value();
  };
  return Row{key, &R::type, read, doc, fallback, example, Use::enforced};
}

// A field known by name and form; its reader R still judges the form.
template <class R>
constexpr Row known(std::string_view key, Use use, std::string_view doc, std::string_view example = {}) {
  constexpr auto read = [](const Node& node, Reading& reading, void*) { return R::read(node, reading).has_value(); };
  return Row{key, &R::type, read, doc, {}, example, use};
}

// --- readers

// The text of a node that must be a scalar; a finding (AGW202) that says what was wanted otherwise.
[[nodiscard]] std::optional<std::string> scalar(const Node& node, Reading& reading, std::string_view wants);
[[nodiscard]] std::string_view kind_word(const Node& node);  // "a mapping", "nothing"

struct Text {
  using Value = std::string;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

// A path of a file or folder; relative ones start at the file that names them.
struct Path {
  using Value = std::string;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

struct Boolean {
  using Value = bool;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

// `10s`: a whole number and ms, s, m, h or d; 1 ms to 30 days.
struct Duration {
  using Value = std::chrono::milliseconds;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

// `8MiB`, `1kB`, or plain bytes; 1 B to 1 TiB.
struct Size {
  using Value = std::uint64_t;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

// Anything at all: for fields of later versions whose form is not judged.
struct Anything {
  using Value = bool;
  static const Type type;
  static std::optional<Value> read(const Node&, Reading&) { return true; }
};

// A mapping as it stands, read later by whoever knows its form.
struct MappingNode {
  using Value = const Node*;
  static const Type type;
  static std::optional<Value> read(const Node& node, Reading& reading);
};

// The grammars alone, for command lines and tests.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view s);
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view s);
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view s);  // decimal k and M

[[nodiscard]] std::optional<std::uint64_t> read_count(const Node& node, Reading& reading, std::uint64_t least,
                                                      std::uint64_t most);
template <class T, std::uint64_t Least, std::uint64_t Most>
struct Count {
  using Value = T;
  static constexpr Type type{Type::Shape::leaf,
                             "whole number",
                             R"("type":["integer","string"],"minimum":0,"pattern":"^([0-9]+[kM]?|.*\\$\\{.*)$")",
                             {}};
  static std::optional<T> read(const Node& node, Reading& reading) {
    const auto n = read_count(node, reading, Least, Most);
    return n ? std::optional<T>(static_cast<T>(*n)) : std::nullopt;
  }
};

// A mapping read by its table into a draft of type D.
template <class D, const Table& (*TableOf)()>
struct Mapping {
  using Value = D;
  static constexpr Type type{Type::Shape::table, "mapping", {}, {}, TableOf};
  static std::optional<D> read(const Node& node, Reading& reading) {
    D draft;
    if (!decode(TableOf(), node, reading, &draft)) return std::nullopt;
    return draft;
  }
};

// One value or a list of them; an item that could not be read stays in the list without a value.
template <class R>
struct OneOrMore {
  using Value = std::vector<Given<typename R::Value>>;
  static constexpr const Type* parts[] = {&R::type};
  static constexpr Type list{Type::Shape::list, "list", {}, parts};
  static constexpr const Type* both[] = {&R::type, &list};
  static constexpr Type type{Type::Shape::any, "one or a list", {}, both};
  static std::optional<Value> read(const Node& node, Reading& reading);
};

[[nodiscard]] bool check_list(const Node& node, Reading& reading);  // not empty, else AGW211

template <class R>
struct List {
  using Value = std::vector<Given<typename R::Value>>;
  static constexpr const Type* parts[] = {&R::type};
  static constexpr Type type{Type::Shape::list, "list", {}, parts};
  static std::optional<Value> read(const Node& node, Reading& reading) {
    if (node.kind != Kind::sequence) {
      reading.wrong(202, node, "this must be a list, not " + std::string(kind_word(node)));
      return std::nullopt;
    }
    return OneOrMore<R>::read(node, reading);
  }
};

template <class R>
std::optional<typename OneOrMore<R>::Value> OneOrMore<R>::read(const Node& node, Reading& reading) {
  Value values;
  if (node.kind != Kind::sequence) {
    values.push_back({node.span, R::read(node, reading)});
    return values[0].value ? std::optional(std::move(values)) : std::nullopt;
  }
  if (!check_list(node, reading)) return std::nullopt;
  values.reserve(node.items.size());
  for (const Node* item : node.items) values.push_back({item->span, R::read(*item, reading)});
  return values;
}

// A mapping read by R, or its short form: anything else is read by Short into the one Member of an empty draft.
template <class Short, auto Member, class R>
struct ShortOr {
  using Value = typename R::Value;
  static constexpr const Type* parts[] = {&Short::type, &R::type};
  static constexpr Type type{Type::Shape::any, "short form or mapping", {}, parts};
  static std::optional<Value> read(const Node& node, Reading& reading) {
    if (node.kind == Kind::mapping) return R::read(node, reading);
    Value draft;
    auto value = Short::read(node, reading);
    if (!value) return std::nullopt;
    draft.*Member = {node.span, std::move(value)};
    return draft;
  }
};

// What the keys of a map must be: a noun for messages, the rule in words, the pattern, the check and its finding.
struct KeyRule {
  std::string_view noun;  // "a service name"
  std::string_view rule;  // "letters, digits, '.', '_' and '-'"
  std::string_view pattern;
  bool (*ok)(std::string_view key);
  int code = 215;
};

// Entries of a mapping with their keys checked, the first of duplicates only (the tree reports those).
[[nodiscard]] std::optional<std::vector<const Entry*>> map_entries(const Node& node, Reading& reading,
                                                                   const KeyRule& rule);

template <class R, const KeyRule& Rule>
struct Map {
  using Value = std::vector<Named<typename R::Value>>;
  static constexpr const Type* parts[] = {&R::type};
  static constexpr Type type{Type::Shape::map, "mapping", {}, parts, nullptr, Rule.pattern};
  static std::optional<Value> read(const Node& node, Reading& reading) {
    const auto entries = map_entries(node, reading, Rule);
    if (!entries) return std::nullopt;
    Value values;
    values.reserve(entries->size());
    for (const Entry* entry : *entries)
      values.push_back({entry->key->value, entry->key->span, {entry->value->span, R::read(*entry->value, reading)}});
    return values;
  }
};

}  // namespace apigw::yaml
