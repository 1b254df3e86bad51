// `deploy.patches`: RFC 7396 and RFC 6902 on the objects that are about to be written.
//
// A patch that fits no object, or whose operation finds nothing where it points, is an error: a silent one would be
// found in production.
#include "emit/patches.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/difference.h"

namespace apigw::emit {
namespace {

void merge(Value& target, const Value& patch) {
  if (patch.kind != Value::Kind::object) {
    target = patch;
    return;
  }
  if (target.kind != Value::Kind::object) target = object();
  for (const render::Member& member : patch.members) {
    if (member.value.kind == Value::Kind::none) {
      std::erase_if(target.members, [&](const render::Member& have) { return have.name == member.name; });
      continue;
    }
    if (find(target, member.name) == nullptr) put(target, member.name, Value{});
    merge(*find(target, member.name), member.value);
  }
}

// RFC 6901.
std::optional<std::vector<std::string>> steps_of(std::string_view pointer) {
  std::vector<std::string> steps;
  if (pointer.empty()) return steps;
  if (pointer.front() != '/') return std::nullopt;
  for (const std::string_view part : text::split(pointer.substr(1), '/')) {
    std::string step;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '~') {
        step += part[i];
        continue;
      }
      if (i + 1 == part.size() || (part[i + 1] != '0' && part[i + 1] != '1')) return std::nullopt;
      step += part[++i] == '0' ? '~' : '/';
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

std::optional<std::size_t> index_of(const std::string& step, std::size_t size) {
  if (step.size() > 1 && step.front() == '0') return std::nullopt;
  const auto index = text::parse_number(step);
  return index && *index < size ? std::optional<std::size_t>(*index) : std::nullopt;
}

Value* child(Value& parent, const std::string& step) {
  if (parent.kind == Value::Kind::object) return find(parent, step);
  if (parent.kind != Value::Kind::list) return nullptr;
  const auto index = index_of(step, parent.items.size());
  return index ? &parent.items[*index] : nullptr;
}

Value* at(Value& root, std::span<const std::string> steps) {
  Value* value = &root;
  for (const std::string& step : steps)
    if (value != nullptr) value = child(*value, step);
  return value;
}

bool add(Value& root, std::span<const std::string> steps, Value value) {
  if (steps.empty()) {
    root = std::move(value);
    return true;
  }
  Value* parent = at(root, steps.first(steps.size() - 1));
  const std::string& last = steps.back();
  if (parent == nullptr) return false;
  if (parent->kind == Value::Kind::object) {
    put(*parent, last, std::move(value));
    return true;
  }
  if (parent->kind != Value::Kind::list) return false;
  const auto index = last == "-" ? std::optional(parent->items.size()) : index_of(last, parent->items.size() + 1);
  if (!index) return false;
  parent->items.insert(parent->items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return true;
}

bool remove(Value& root, std::span<const std::string> steps) {
  if (steps.empty() || at(root, steps) == nullptr) return false;
  Value* parent = at(root, steps.first(steps.size() - 1));
  if (parent->kind == Value::Kind::object)
    std::erase_if(parent->members, [&](const render::Member& member) { return member.name == steps.back(); });
  else
    parent->items.erase(parent->items.begin() +
                        static_cast<std::ptrdiff_t>(*index_of(steps.back(), parent->items.size())));
  return true;
}

std::string text_member(const Value& operation, std::string_view name) {
  const Value* value = operation.find(name);
  return value != nullptr && value->kind == Value::Kind::text ? value->text : "";
}

// What is wrong with an operation, or nothing.
std::string operate(Value& root, const Value& operation) {
  const std::string op = text_member(operation, "op"), path = text_member(operation, "path");
  const auto steps = steps_of(path);
  if (operation.find("path") == nullptr || !steps) return fmt::format("'{}' is no JSON pointer", path);
  Value* there = at(root, *steps);
  const std::string missing = fmt::format("there is nothing at '{}'", path);
  if (op == "remove") return remove(root, *steps) ? "" : missing;
  if (op == "move" || op == "copy") {
    const std::string from = text_member(operation, "from");
    const auto source = steps_of(from);
    if (operation.find("from") == nullptr || !source) return fmt::format("'{}' is no JSON pointer", from);
    const Value* value = at(root, *source);
    if (value == nullptr) return fmt::format("there is nothing at '{}'", from);
    Value moved = *value;
    if (op == "move" && (path.starts_with(from + "/") || !remove(root, *source)))
      return fmt::format("'{}' cannot be moved into itself", from);
    return add(root, *steps, std::move(moved)) ? "" : missing;
  }
  const Value* value = operation.find("value");
  if (op != "add" && op != "replace" && op != "test") return fmt::format("'{}' is no operation", op);
  if (value == nullptr) return fmt::format("'{}' has no value", op);
  if (op == "add") return add(root, *steps, *value) ? "" : missing;
  if (there == nullptr) return missing;
  if (op == "test") return equal(*there, *value) ? "" : fmt::format("the value at '{}' is another one", path);
  *there = *value;
  return "";
}

std::string operate_all(Value& root, const Value& operations) {
  if (operations.kind != Value::Kind::list) return "json must be a list of operations";
  for (const Value& operation : operations.items)
    if (std::string fault = operate(root, operation); !fault.empty()) return fault;
  return "";
}

}  // namespace

void apply_patches(const model::Plan& plan, std::string_view target, bool all, const std::vector<NamedTree>& trees,
                   diag::Report& report) {
  for (const model::Patch& patch : plan.deploy.patches) {
    const std::string_view kind = std::string_view(patch.to).substr(0, patch.to.find('/'));
    const bool kubernetes = kind.front() >= 'A' && kind.front() <= 'Z';
    if (target.empty() ? !kubernetes : kind != target) continue;
    const auto value = render::read_value(patch.json);
    if (!value) continue;  // written by our own reader
    bool fits = false;
    for (const NamedTree& tree : trees) {
      if (!text::glob(patch.to, tree.name)) continue;
      fits = true;
      if (patch.merge) {
        merge(*tree.value, *value);
      } else if (const std::string fault = operate_all(*tree.value, *value); !fault.empty()) {
        report.add(703, patch.where, fmt::format("patch of '{}' does not apply: {}", tree.name, fault))
            .helps.push_back("`apigw emit` without this patch prints the object");
        break;
      }
    }
    if (fits || !all) continue;  // with --only the others are not there
    auto& finding =
        report.add(703, patch.where, fmt::format("patch of '{}' fits no object", text::printable(patch.to, 60)));
    std::vector<std::string_view> words;
    for (const NamedTree& tree : trees) words.push_back(tree.name);
    if (const auto meant = text::closest(patch.to, words)) {
      finding.helps.push_back(fmt::format("replace with '{}'", *meant));
      finding.fixes.push_back({patch.where, std::string(*meant)});
    } else {
      std::string names;
      for (const std::string_view word : std::span(words).first(std::min<std::size_t>(words.size(), 8)))
        names += fmt::format("{}{}", names.empty() ? "" : ", ", word);
      finding.helps.push_back("objects: " + names);
    }
  }
}

}  // namespace apigw::emit
