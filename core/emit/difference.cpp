#include "emit/difference.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::emit {
namespace {

void add_operations(const Value& from, const Value& to, const std::string& path, Value& out) {
  if (equal(from, to)) return;
  const bool lists = from.kind == Value::Kind::list && to.kind == from.kind && from.items.size() == to.items.size();
  for (std::size_t i = 0; lists && i < to.items.size(); ++i)
    add_operations(from.items[i], to.items[i], fmt::format("{}/{}", path, i), out);
  if (lists) return;
  if (from.kind != Value::Kind::object || to.kind != Value::Kind::object) {
    out.items.push_back(object({{"op", "replace"}, {"path", path}, {"value", to}}));
    return;
  }
  for (const render::Member& member : from.members)
    if (to.find(member.name) == nullptr)
      out.items.push_back(object({{"op", "remove"}, {"path", path + "/" + pointer_step(member.name)}}));
  for (const render::Member& member : to.members) {
    const std::string below = path + "/" + pointer_step(member.name);
    if (const Value* before = from.find(member.name))
      add_operations(*before, member.value, below, out);
    else
      out.items.push_back(object({{"op", "add"}, {"path", below}, {"value", member.value}}));
  }
}

}  // namespace

std::string pointer_step(std::string_view name) {
  std::string step;
  for (const char c : name) step += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return step;
}

bool equal(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() ||
      a.members.size() != b.members.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!equal(a.items[i], b.items[i])) return false;
  return std::ranges::all_of(a.members, [&](const render::Member& member) {
    const Value* other = b.find(member.name);
    return other != nullptr && equal(member.value, *other);
  });
}

Value difference(const Value& from, const Value& to) {
  Value out = list();
  add_operations(from, to, "", out);
  return out;
}

Value merge_difference(const Value& from, const Value& to) {
  Value out = object();
  for (const render::Member& member : from.members)
    if (to.find(member.name) == nullptr) put(out, member.name, Value{});
  for (const render::Member& member : to.members) {
    const Value* before = from.find(member.name);
    if (before != nullptr && equal(*before, member.value)) continue;
    const bool objects =
        before != nullptr && before->kind == Value::Kind::object && member.value.kind == Value::Kind::object;
    put(out, member.name, objects ? merge_difference(*before, member.value) : member.value);
  }
  return out;
}

}  // namespace apigw::emit
