#include "compare/values.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace apigw::compare {
namespace {

constexpr std::string_view naming[] = {"name", "mountPath", "containerPort", "port", "key", "path",
                                       "id",   "ip",        "host"};

// The member that tells the items of both lists apart; empty: none does.
std::string_view name_of_items(const Json& before, const Json& after) {
  for (const std::string_view member : naming) {
    const auto tells = [&](const Json& list) {
      std::set<std::string> seen;
      return std::ranges::all_of(list, [&](const Json& item) {
        return item.is_object() && item.contains(member) && item[member].is_primitive() &&
               seen.insert(item[member].dump()).second;
      });
    };
    if (tells(before) && tells(after)) return member;
  }
  return {};
}

std::string below(const std::string& path, std::string_view member) {
  if (member.contains('.') || member.contains('/') || member.empty()) return fmt::format("{}[{}]", path, member);
  return path.empty() ? std::string(member) : fmt::format("{}.{}", path, member);
}

class Walk {
 public:
  std::vector<Difference> found;

  void compare(const Json* before, const Json* after, const std::string& path) {
    if (before != nullptr && before->is_null()) before = nullptr;
    if (after != nullptr && after->is_null()) after = nullptr;
    if (before == nullptr && after == nullptr) return;
    if (before != nullptr && after != nullptr) {
      if (before->is_object() && after->is_object()) return objects(*before, *after, path);
      if (before->is_array() && after->is_array() && lists(*before, *after, path)) return;
      if (*before == *after) return;
    }
    found.push_back({path, before, after});
  }

 private:
  void objects(const Json& before, const Json& after, const std::string& path) {
    for (const auto& [name, value] : before.items())
      compare(&value, after.contains(name) ? &after[name] : nullptr, below(path, name));
    for (const auto& [name, value] : after.items())
      if (!before.contains(name)) compare(nullptr, &value, below(path, name));
  }

  // False: they are one place.
  bool lists(const Json& before, const Json& after, const std::string& path) {
    if (before.empty() || after.empty()) return false;
    if (const auto member = name_of_items(before, after); !member.empty()) {
      by_name(before, after, member, path);
      return true;
    }
    const bool structured = std::ranges::all_of(before, [](const Json& item) { return item.is_structured(); });
    if (before.size() != after.size() || !structured) return false;
    for (std::size_t i = 0; i < before.size(); ++i) compare(&before[i], &after[i], fmt::format("{}[{}]", path, i));
    return true;
  }

  void by_name(const Json& before, const Json& after, std::string_view member, const std::string& path) {
    const auto find = [&](const Json& list, const Json& name) -> const Json* {
      const auto at = std::ranges::find_if(list, [&](const Json& item) { return item[member] == name; });
      return at == list.end() ? nullptr : &*at;
    };
    const auto at = [&](const Json& item) { return fmt::format("{}[{}]", path, shown(&item[member])); };
    for (const Json& item : before) compare(&item, find(after, item[member]), at(item));
    for (const Json& item : after)
      if (find(before, item[member]) == nullptr) compare(nullptr, &item, at(item));
  }
};

}  // namespace

std::vector<Difference> differences(const Json& before, const Json& after) {
  Walk walk;
  walk.compare(&before, &after, {});
  return std::move(walk.found);
}

namespace {

constexpr std::size_t most_shown = 120;  // bytes

std::string line_of(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string shown(const Json* value) {
  return text::printable(line_of(value), most_shown);
}

Shown shown(std::string_view before, std::string_view after) {
  Shown out{text::printable(before, most_shown), text::printable(after, most_shown)};
  if (out.first != out.second || before == after) return out;
  constexpr std::size_t known = 30;  // bytes of what is the same
  const auto place = std::ranges::mismatch(before, after).in1 - before.begin();
  std::size_t from = static_cast<std::size_t>(place) - std::min<std::size_t>(static_cast<std::size_t>(place), known);
  while (from > 0 && (static_cast<unsigned char>(before[from]) & 0xc0u) == 0x80) --from;  // whole characters
  return {"…" + text::printable(before.substr(from), most_shown),
          "…" + text::printable(after.substr(from), most_shown)};
}

Shown shown(const Json* before, const Json* after) {
  return shown(line_of(before), line_of(after));
}

bool covers(std::string_view pattern, std::string_view path) {
  if (text::glob(pattern, path)) return true;
  const std::string inside(pattern);
  return text::glob(inside + ".*", path) || text::glob(inside + "[*", path);
}

}  // namespace apigw::compare
