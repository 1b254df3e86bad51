// The operations that look at the members of an object or the items of an array.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "schema/evaluation.h"

namespace apigw::schema {

namespace {

std::string quoted(std::string_view name) {
  return "'" + text::printable(name, 60) + "'";
}

constexpr auto name_of = &std::pair<std::string, SubId>::first;

}  // namespace

const Value* Evaluation::find(const Value& object, std::string_view name) {
  return steps_.spend(1 + object.count / 16) ? document_.find(object, name) : nullptr;
}

bool Evaluation::has_all(const Value& object, const std::vector<std::string>& names, const Where& where,
                         std::string_view needed_by) {
  bool ok = true;
  for (const std::string& name : names) {
    if (find(object, name) != nullptr) continue;
    ok = false;
    if (!unheard()) {
      const std::string needed = needed_by.empty() ? "" : fmt::format(", which {} needs", quoted(needed_by));
      failed(object, where, where.keyword, quoted(name) + " is missing" + needed);
      failures_.back().missing = name;
    }
    if (!goes_on()) return false;
  }
  return ok;
}

bool Evaluation::run(const op::Required& op, const Value& value, const Where& where) {
  return has_all(value, op.names, where, "");
}

bool Evaluation::run(const op::DependentRequired& op, const Value& value, const Where& where) {
  bool ok = true;
  for (const auto& [name, required] : op.rows) {
    if (find(value, name) == nullptr) continue;
    ok = has_all(value, required, where, name) && ok;
    if (!ok && !goes_on()) return false;
  }
  return ok;
}

bool Evaluation::run(const op::DependentSchemas& op, const Value& value, const Where& where) {
  bool ok = true;
  for (const auto& [name, schema] : op.rows) {
    if (find(value, name) == nullptr) continue;
    ok = matches(schema, value, where.marks) && ok;
    if (!ok && !goes_on()) return false;
  }
  return ok;
}

bool Evaluation::member(const op::Members& op, const Value& member, const Where& where, bool& looked_at) {
  bool ok = true;
  const auto named = std::ranges::lower_bound(op.named, member.key, {}, name_of);
  if (named != op.named.end() && named->first == member.key) {
    looked_at = true;
    ok = child(named->second, member, where, "properties");
  }
  for (const auto& [id, schema] : op.matching) {
    const Pattern& pattern = program_.patterns[id];
    if (!steps_.spend(pattern.cost(member.key.size()))) return false;
    if (!pattern.found_in(member.key)) continue;
    looked_at = true;
    ok = child(schema, member, where, "patternProperties") && ok;
  }
  if (looked_at || !op.others) return ok;
  looked_at = true;
  if (!program_.subschemas[*op.others].never) return matches(*op.others, member, nullptr);
  if (unheard()) return false;
  std::vector<std::string_view> known;
  for (const auto& [name, schema] : op.named) known.push_back(name);
  const auto meant = known.size() <= 200 ? text::closest(member.key.substr(0, 100), known) : std::nullopt;
  return failed(member, where, "additionalProperties",
                meant ? fmt::format("is not allowed; did you mean {}?", quoted(*meant)) : "is not allowed");
}

bool Evaluation::run(const op::Members& op, const Value& value, const Where& where) {
  bool ok = true;
  std::size_t ordinal = 0;
  for (Index i = document_.first(value); i != value.after; i = document_[i].after, ++ordinal) {
    if (!steps_.spend(1)) return false;
    bool looked_at = false;
    ok = member(op, document_[i], where, looked_at) && ok;
    if (!ok && !goes_on()) return false;
    if (looked_at && where.marks != nullptr) (*where.marks)[ordinal] = true;
  }
  return ok;
}

bool Evaluation::run(const op::MemberNames& op, const Value& value, const Where& where) {
  bool ok = true;
  for (Index i = document_.first(value); i != value.after; i = document_[i].after) {
    const std::string_view key = document_[i].key;
    // A name is no value of the document: it stands behind none.
    const Value name{
        .text = key, .key = key, .parent = document_.index(value), .after = 0, .type = json::Type::string};
    ok = child(op.schema, name, where, where.keyword) && ok;
    if (!ok && !goes_on()) return false;
  }
  return ok;
}

bool Evaluation::run(const op::Items& op, const Value& value, const Where& where) {
  bool ok = true;
  std::size_t ordinal = 0;
  for (Index i = document_.first(value); i != value.after; i = document_[i].after, ++ordinal) {
    const bool first = ordinal < op.first.size();
    if (!first && !op.rest) break;
    const std::string_view keyword = first ? op.first_keyword : op.rest_keyword;
    ok = child(first ? op.first[ordinal] : *op.rest, document_[i], where, keyword) && ok;
    if (!ok && !goes_on()) return false;
    if (where.marks != nullptr) (*where.marks)[ordinal] = true;
  }
  return ok;
}

bool Evaluation::run(const op::Contains& op, const Value& value, const Where& where) {
  std::uint64_t found = 0;
  std::size_t ordinal = 0;
  for (Index i = document_.first(value); i != value.after; i = document_[i].after, ++ordinal) {
    if (!quietly(op.schema, document_[i], nullptr)) continue;
    ++found;
    if (where.marks != nullptr) (*where.marks)[ordinal] = true;
  }
  if (found >= op.least && found <= op.most) return true;
  if (unheard()) return false;
  const bool few = found < op.least;
  const std::string_view keyword = few ? (op.least == 1 ? "contains" : "minContains") : "maxContains";
  return failed(value, where, keyword,
                fmt::format("must contain at {} {} of the items that 'contains' describes, not {}",
                            few ? "least" : "most", few ? op.least : op.most, found));
}

bool Evaluation::run(const op::UniqueItems&, const Value& value, const Where& where) {
  struct Item {
    std::uint64_t hash;
    std::size_t ordinal;
    Index at;
  };
  std::vector<Item> items;
  for (const Index i : document_.children(value))
    items.push_back({hash(document_, document_[i], steps_), items.size(), i});
  std::ranges::sort(items, {}, [](const Item& item) { return std::pair(item.hash, item.ordinal); });
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = i + 1; j < items.size() && items[j].hash == items[i].hash; ++j) {
      if (!steps_.spend(1)) return false;
      if (!equal(document_, document_[items[i].at], document_, document_[items[j].at], steps_)) continue;
      return failed(
          value, where, where.keyword,
          fmt::format("must have no item twice, but {} and {} are equal", items[i].ordinal, items[j].ordinal));
    }
  }
  return true;
}

bool Evaluation::run(const op::Unevaluated& op, const Value& value, const Where& where) {
  if (where.marks == nullptr) return true;  // there are no children
  bool ok = true;
  std::size_t ordinal = 0;
  for (Index i = document_.first(value); i != value.after; i = document_[i].after, ++ordinal) {
    if ((*where.marks)[ordinal]) continue;
    ok = child(op.schema, document_[i], where, where.keyword) && ok;
    if (!ok && !goes_on()) return false;
    (*where.marks)[ordinal] = true;
  }
  return ok;
}

}  // namespace apigw::schema
