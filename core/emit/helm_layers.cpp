#include "emit/helm_layers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/difference.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

using Path = Layering::Path;

std::string access(const std::string& from, const Path& path) {
  const auto plain = [](const std::string& step) {
    return std::ranges::all_of(step, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  };
  std::string out = from;
  for (const std::string& step : path)
    out = plain(step) ? out + "." + step : fmt::format("(index {} {})", out, json::quote(step));
  return out;
}

void put_at(Value& root, const Path& path, Value value) {
  Value* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (find(*at, path[i]) == nullptr) put(*at, path[i], object());
    at = find(*at, path[i]);
  }
  put(*at, path.back(), std::move(value));
}

// A member of an object that has a name of its own among the values.
struct Known {
  std::string_view group, member;
  Path path;
};

const std::vector<Known>& known_members() {
  static const std::vector<Known> known = {
      {"deployment", "replicas", {"replicas"}},
      {"container", "resources", {"resources"}},
      {"container", "args", {"arguments"}},
      {"container", "env", {"env"}},
      {"horizontalPodAutoscaler", "minReplicas", {"autoscaling", "minReplicas"}},
      {"horizontalPodAutoscaler", "maxReplicas", {"autoscaling", "maxReplicas"}},
      {"configMap", "data", {"variables"}},
      {"secret", "stringData", {"secrets"}},
  };
  return known;
}

// What stands in the objects is no template.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool opens = text.substr(i).starts_with("{{");
    out += opens ? std::string("{{ \"{{\" }}") : std::string(1, text[i]);
    if (opens) ++i;
  }
  return out;
}

bool all_are(const std::vector<const Value*>& same, const std::vector<const Value*>& below, auto fits) {
  for (std::size_t i = 0; i < same.size(); ++i)
    if (same[i] != nullptr && (below[i] == nullptr || !fits(*below[i]))) return false;
  return true;
}

Value resolved(Value value, const Side& side) {
  const auto literal = side.literals.find(value.text);
  if (value.kind == Value::Kind::text && literal != side.literals.end()) return text(literal->second);
  for (Value& item : value.items) item = resolved(std::move(item), side);
  for (render::Member& member : value.members) member.value = resolved(std::move(member.value), side);
  return value;
}

}  // namespace

Value Slots::make(const std::string& expression, const std::string& only_with) {
  const auto found = std::ranges::find_if(
      made_, [&](const Slot& slot) { return slot.expression == expression && slot.only_with == only_with; });
  const auto index = static_cast<std::size_t>(found - made_.begin());
  if (found == made_.end()) made_.push_back({expression, only_with});
  return text(fmt::format("{}{}x", prefix_, index));
}

bool Slots::is_slot(const Value& value) const {
  return value.kind == Value::Kind::text && value.text.starts_with(prefix_);
}

std::string Slots::write(const Value& tree) const {
  std::string out;
  for (const std::string_view line : text::split(render::write_yaml(tree), '\n')) {
    if (!line.empty()) out += this->line(line);
  }
  return out;
}

std::string Slots::line(std::string_view line) const {
  const auto at = line.find(prefix_);
  const std::string before = escaped(line.substr(0, at));
  if (at == std::string_view::npos) return before + "\n";
  const std::string_view digits = line.substr(at + prefix_.size());
  const Slot& slot = made_[*text::parse_number(digits.substr(0, digits.find('x')))];
  const std::string whole = fmt::format("{}{{{{ {} }}}}\n", before, slot.expression);
  if (slot.only_with.empty()) return whole;
  return fmt::format("{{{{- if not (kindIs \"invalid\" {}) }}}}\n{}{{{{- end }}}}\n", slot.only_with, whole);
}

const Workload* find_workload(const Side& side, const std::string& name) {
  const auto found = std::ranges::find(side.bundle.workloads, name, &Workload::name);
  return found == side.bundle.workloads.end() ? nullptr : &*found;
}

std::string group_of(std::string kind) {
  kind.front() = text::lower(kind.substr(0, 1)).front();
  return kind;
}

Value Layering::merge(const std::vector<const Value*>& same, const std::string& kind) {
  kind_ = kind;
  return merge_members(same, "", group_of(kind));
}

void Layering::set(std::size_t side, const Path& path, Value value) {
  Path whole{workload_};
  whole.insert(whole.end(), path.begin(), path.end());
  put_at(sides_[side].values, whole, std::move(value));
}

// Where the members of an object are looked at one by one; all else is taken or set whole.
bool Layering::opens(const std::string& path) const {
  return path == "/metadata" || path == "/spec" ||
         (kind_ == "Deployment" &&
          (path == "/spec/template" || path == "/spec/template/metadata" || path == "/spec/template/spec"));
}

Value Layering::merge_members(const std::vector<const Value*>& same, const std::string& path,
                              const std::string& group) {
  std::vector<std::string> names;
  for (const Value* one : same)
    if (one != nullptr)
      for (const render::Member& member : one->members)
        if (std::ranges::find(names, member.name) == names.end()) names.push_back(member.name);
  Value out = object();
  for (const std::string& name : names) {
    std::vector<const Value*> below;
    for (const Value* one : same) below.push_back(one == nullptr ? nullptr : one->find(name));
    put(out, name, merge_member(same, below, path + "/" + name, group, name));
  }
  return out;
}

Value Layering::merge_member(const std::vector<const Value*>& same, const std::vector<const Value*>& below,
                             const std::string& path, const std::string& group, const std::string& name) {
  if (opens(path) && all_are(same, below, [](const Value& v) { return v.kind == Value::Kind::object; }))
    return merge_members(below, path, path.starts_with("/spec/template/") ? "pod" : group);
  if (kind_ == "Deployment" && path == "/spec/template/spec/containers") {
    const Value* first = *std::ranges::find_if(below, [](const Value* v) { return v != nullptr; });
    const auto alike = [&](const Value& v) {
      if (v.items.empty() || v.items.size() != first->items.size()) return false;
      return std::equal(v.items.begin() + 1, v.items.end(), first->items.begin() + 1, equal);
    };
    if (all_are(same, below, alike)) {
      std::vector<const Value*> containers;
      for (const Value* one : below) containers.push_back(one == nullptr ? nullptr : one->items.data());
      Value out = *first;
      out.items.front() = merge_members(containers, path, "container");
      return out;
    }
  }
  const auto known =
      std::ranges::find_if(known_members(), [&](const Known& k) { return k.group == group && k.member == name; });
  const Value* first = *std::ranges::find_if(below, [](const Value* v) { return v != nullptr; });
  const bool equal_all = all_are(same, below, [&](const Value& v) { return equal(v, *first); });
  if (equal_all && (known == known_members().end() || slots_.is_slot(*first))) return *first;
  return slot(same, below, known == known_members().end() ? Path{group, name} : known->path);
}

Value Layering::slot(const std::vector<const Value*>& same, const std::vector<const Value*>& below,
                     const Path& path) {
  bool optional = false;
  for (std::size_t i = 0; i < same.size(); ++i) {
    if (same[i] == nullptr) continue;
    optional = optional || below[i] == nullptr;
    if (below[i] != nullptr)
      set(i, path, resolved(*below[i], sides_[i]));
    else if (path.size() > 1)  // the group is there, so that its members can be asked for
      touch(i, path.front());
  }
  const std::string value = access("$w", path);
  return slots_.make("toJson " + value, optional ? value : "");
}

void Layering::touch(std::size_t side, const std::string& group) {
  Value* mine = find(sides_[side].values, workload_);
  if (mine != nullptr && find(*mine, group) == nullptr) put(*mine, group, object());
}

}  // namespace apigw::emit
