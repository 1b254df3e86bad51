#include "yaml/keys.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::yaml {
namespace {

using Seen = std::unordered_map<std::string_view, const Node*>;

void duplicate(const Node& first, const Node& again, diag::Report& report) {
  auto& d = report.add(103, again.span, fmt::format("duplicate key '{}'", text::printable(again.value, 60)),
                       "set again here");
  d.labels.push_back({first.span, "first set here"});
  d.helps.push_back("keep one of the two");
}

void merge_into(std::vector<Entry>& kept, Seen& seen, const Entry& merge, diag::Report& report) {
  const Node& value = *merge.value;
  const auto take = [&](const Node& from) {
    for (const Entry& entry : from.entries) {
      if (seen.try_emplace(entry.key->value, entry.key).second) kept.push_back(entry);
    }
  };
  const bool list = value.kind == Kind::sequence &&
                    std::ranges::all_of(value.items, [](const Node* n) { return n->kind == Kind::mapping; });
  if (value.kind == Kind::mapping) {
    take(value);
  } else if (list) {
    for (const Node* from : value.items) take(*from);
  } else {
    auto& d = report.add(112, value.span, "'<<' merges mappings only", "this is no mapping");
    d.labels.push_back({merge.key->span, "the merge"});
    d.helps.push_back("write '<<: *name' with the anchor of a mapping, or quote the key: '\"<<\"'");
  }
}

}  // namespace

bool usable_key(const Node& key, diag::Report& report) {
  if (key.kind == Kind::scalar) return true;
  const bool absent = key.is_null();
  report
      .add(111, key.span, absent ? "a key is missing" : "a key is a word, not a list or a mapping",
           absent ? "nothing stands in front of the ':'" : "this stands where a key belongs")
      .helps.push_back(absent ? "write 'key: value'" : "if this is text, put it in quotes");
  return false;
}

void no_colon(const Node& key, diag::Report& report) {
  const auto colon = key.style == Style::plain ? key.value.find(':') : std::string::npos;
  if (colon == std::string::npos) {
    report
        .add(101, key.span, fmt::format("'{}' has no value", text::printable(key.value, 60)),
             "a ':' is missing behind this")
        .helps.push_back("write 'key: value'");
    return;
  }
  auto& d = report.add(120, key.span,
                       fmt::format("'{}' is one word, not a key and its value", text::printable(key.value, 60)),
                       "no space behind the ':'");
  const auto at = key.span.begin + static_cast<std::uint32_t>(colon) + 1;
  d.helps.push_back("write a space behind the ':'");
  d.fixes.push_back({Span{key.span.source, at, at}, " "});
}

void settle_mapping(Node& node, diag::Report& report) {
  Seen seen;
  std::vector<Entry> merges;
  for (const Entry& entry : node.entries) {
    if (entry.key->value == "<<" && entry.key->style == Style::plain) {
      merges.push_back(entry);
      continue;
    }
    const auto [first, added] = seen.try_emplace(entry.key->value, entry.key);
    if (!added) duplicate(*first->second, *entry.key, report);
  }
  if (merges.empty()) return;
  std::erase_if(node.entries,
                [&](const Entry& e) { return std::ranges::find(merges, e.key, &Entry::key) != merges.end(); });
  for (const Entry& merge : merges) merge_into(node.entries, seen, merge, report);
}

}  // namespace apigw::yaml
